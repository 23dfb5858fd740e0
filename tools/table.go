package tools

import (
	"fmt"
	"slices"

	"github.com/runicorn-mcp/runicorn-mcp/schema"
)

// A table is rows under named columns: half the tokens of a list of objects.
type table struct {
	Columns []string       `json:"columns"`
	Rows    [][]schema.Any `json:"rows"`
}

func newTable(columns ...string) table { return table{Columns: columns, Rows: [][]schema.Any{}} }

func (t *table) add(cells ...any) {
	row := make([]schema.Any, len(cells))
	for i, c := range cells {
		row[i] = schema.Any{Value: c}
	}
	t.Rows = append(t.Rows, row)
}

// dropEmpty removes those of the named columns in which no row has a value.
func (t *table) dropEmpty(columns ...string) {
	for _, column := range columns {
		i := slices.Index(t.Columns, column)
		if i < 0 || slices.ContainsFunc(t.Rows, func(row []schema.Any) bool { return !empty(row[i]) }) {
			continue
		}
		t.drop(column)
	}
}

// drop removes columns.
func (t *table) drop(columns ...string) {
	for _, column := range columns {
		i := slices.Index(t.Columns, column)
		if i < 0 {
			continue
		}
		t.Columns = slices.Delete(t.Columns, i, i+1)
		for r, row := range t.Rows {
			t.Rows[r] = slices.Delete(row, i, i+1)
		}
	}
}

func empty(cell schema.Any) bool {
	switch v := cell.Value.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case []string:
		return len(v) == 0
	case int:
		return v == 0
	}
	return false
}

// halve keeps the first half of the rows, and reports whether there was more than one.
func (t *table) halve() bool {
	if len(t.Rows) < 2 {
		return false
	}
	t.Rows = t.Rows[:len(t.Rows)/2]
	return true
}

// maybe is v as a cell, or no value where there is none.
func maybe[T any](v *T) any {
	if v == nil {
		return nil
	}
	return *v
}

// problemNotes are at most five sentences about damaged files, and one that counts the rest.
func problemNotes(problems []string) []string {
	var notes []string
	for _, p := range problems[:min(5, len(problems))] {
		notes = append(notes, said(p, 200))
	}
	if more := len(problems) - 5; more > 0 {
		notes = append(notes, fmt.Sprintf("and %d more files that could not be read", more))
	}
	return notes
}
