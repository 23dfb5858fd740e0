package tools

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/runicorn-mcp/runicorn-mcp/schema"
)

// artifactBytes is how long an answer about one artifact may be, its metadata aside, and 20 rows of
// its versions: some 1,100 tokens, as most of it is ids of runs.
const artifactBytes = 2500

// A part is a list in an answer that may be shown in part.
type part struct {
	field       string
	order       string // which stay: "newest" or "first"
	left, total int
	bytes       int
	keep        func(n int)
}

// partOf is a list; total is how many it had before it was cut.
func partOf[E any](field, order string, list *[]E, total int) part {
	return part{field, order, len(*list), total, len(schema.Encode(*list)),
		func(n int) { *list = (*list)[:n] }}
}

// shorten takes a quarter off the longest of the parts that have more than three elements, and
// reports whether there is one.
func shorten(parts []part) bool {
	parts = slices.DeleteFunc(parts, func(p part) bool { return p.left <= 3 })
	if len(parts) == 0 {
		return false
	}
	longest := slices.MaxFunc(parts, func(a, b part) int { return cmp.Compare(a.bytes, b.bytes) })
	longest.keep(longest.left - (longest.left+3)/4)
	return true
}

// shownNotes say which parts are not whole.
func shownNotes(parts []part) []string {
	var notes []string
	for _, p := range parts {
		if p.left < p.total {
			notes = append(notes, fmt.Sprintf("%s: the %s %d of %d", p.field, p.order, p.left, p.total))
		}
	}
	return notes
}
