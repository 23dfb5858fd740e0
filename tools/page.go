package tools

import (
	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/schema"
)

// defaultRows is how many rows a list shows unless told otherwise.
const defaultRows = 20

// A page is a part of a list, as a table: the answer of list_experiments and list_artifacts.
type page struct {
	Source   string `json:"source"`
	Total    int    `json:"total"`
	Returned int    `json:"returned"`
	// NextOffset is the offset of the next rows; 0: there are none.
	NextOffset int `json:"next_offset,omitempty"`
	// Cursor is for since: of list_experiments, whose rows change.
	Cursor string `json:"cursor,omitempty"`
	table
	Notes []string `json:"notes,omitempty"`

	offset int
}

func newPage(c *client.Client, total, offset int, columns ...string) page {
	return page{Source: c.Source().String(), Total: total, offset: offset,
		table: newTable(columns...)}
}

// count says how many rows there are, and where the next ones begin.
func (p *page) count() {
	p.Returned, p.NextOffset = len(p.Rows), 0
	if next := p.offset + p.Returned; next < p.Total && p.Returned > 0 {
		p.NextOffset = next
	}
}

// pageBytes is how long the rows of a page may be unless its length was asked for: some 1,100
// tokens, of English as of Chinese names.
const pageBytes = 2800

// fit drops the last rows until the others are short enough.
func (p *page) fit(most int) {
	for i, row := range p.Rows {
		if most -= len(schema.Encode(row)) + 1; most < 0 && i > 0 {
			p.Rows = p.Rows[:i]
			return
		}
	}
}

func (p *page) shrink() bool {
	if !p.halve() {
		return false
	}
	p.count()
	return true
}

// window is the part of a list from an offset on, at most limit of it.
func window[E any](list []E, offset, limit int) []E {
	from := min(offset, len(list))
	return list[from:min(from+limit, len(list))]
}
