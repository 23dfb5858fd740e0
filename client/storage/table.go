package storage

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// A kind is what a metric's value is at a step.
type kind uint8

const (
	kindNumber kind = iota
	kindNull        // an explicit null, which takes back what the step had before
	kindBool
	kindString
)

// A value is one value of an event.
type value struct {
	kind   kind
	number float64 // of kindNumber
	text   string  // of kindBool and kindString
}

// An eventTable collects events into columns. Events of one step that follow each other share
// a row; steps that go back are put in order at the end.
type eventTable struct {
	steps   []int64
	times   []float64 // NaN where not recorded
	ordered bool      // steps ascend strictly so far
	columns []*column
	epochs  *column
	byName  map[string]int
	wanted  map[string]bool // nil: all
}

// A column is one metric: its numbers and its other values, each by row, ascending.
type column struct {
	name string
	// rows are the rows of numbers; nil while there is one in every row from the first on.
	rows    []int32
	numbers []float64
	others  []otherValue
}

type otherValue struct {
	row  int32
	kind kind
	text string
}

func newEventTable(names []string) *eventTable {
	t := &eventTable{ordered: true, epochs: &column{name: "epoch"}, byName: make(map[string]int)}
	if names != nil {
		t.wanted = make(map[string]bool, len(names))
		for _, n := range names {
			t.wanted[n] = true
		}
	}
	return t
}

// row begins an event of a step, merging it with the last one of the same step, and returns
// the row to put its values in.
func (t *eventTable) row(step int64, time float64) int32 {
	last := len(t.steps) - 1
	if last >= 0 && t.steps[last] == step {
		if !math.IsNaN(time) {
			t.times[last] = time
		}
		return int32(last)
	}
	if last >= 0 && step < t.steps[last] {
		t.ordered = false
	}
	t.steps = append(t.steps, step)
	t.times = append(t.times, time)
	return int32(last + 1)
}

// inEpoch keeps the epoch of a row where it is a number; the last one of a step counts.
func (t *eventTable) inEpoch(row int32, epoch float64) {
	if !math.IsNaN(epoch) {
		t.epochs.put(row, value{number: epoch})
	}
}

// column returns the index of a column, made on first use; -1 for one that is not wanted.
func (t *eventTable) column(name []byte) int {
	if i, ok := t.byName[string(name)]; ok {
		return i
	}
	own := string(name)
	i := -1
	if t.wanted == nil || t.wanted[own] {
		i = len(t.columns)
		t.columns = append(t.columns, &column{name: own})
	}
	t.byName[own] = i
	return i
}

// put stores a value in a row, in place of what the row had.
func (c *column) put(row int32, v value) {
	if n := len(c.numbers); n > 0 && c.rowOf(n-1) == row {
		c.numbers = c.numbers[:n-1]
		if c.rows != nil {
			c.rows = c.rows[:n-1]
		}
	}
	if n := len(c.others); n > 0 && c.others[n-1].row == row {
		c.others = c.others[:n-1]
	}
	if v.kind != kindNumber {
		c.others = append(c.others, otherValue{row, v.kind, v.text})
		return
	}
	if c.rows == nil && int(row) != len(c.numbers) { // the first gap
		c.rows = make([]int32, len(c.numbers), len(c.numbers)+16)
		for i := range c.rows {
			c.rows[i] = int32(i)
		}
	}
	if c.rows != nil {
		c.rows = append(c.rows, row)
	}
	c.numbers = append(c.numbers, v.number)
}

// rowOf is the row of the i-th number.
func (c *column) rowOf(i int) int32 {
	if c.rows == nil {
		return int32(i)
	}
	return c.rows[i]
}

// metrics is the table as the client has it.
func (t *eventTable) metrics() client.Metrics {
	if !t.ordered {
		t.order()
	}
	m := client.Metrics{Rows: len(t.steps)}
	if len(t.steps) > 0 {
		m.LastStep = t.steps[len(t.steps)-1]
	}
	for _, time := range t.times {
		if time > m.LastTime { // false for NaN
			m.LastTime = time
		}
	}
	for _, c := range t.columns {
		if len(c.numbers) > 0 {
			m.Series = append(m.Series, t.series(c))
		}
		if other, any := t.other(c); any {
			m.Other = append(m.Other, other)
		}
	}
	if len(t.epochs.numbers) > 0 {
		m.Epochs = t.series(t.epochs)
	}
	slices.SortFunc(m.Series, func(a, b client.MetricSeries) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(m.Other, func(a, b client.OtherSeries) int { return cmp.Compare(a.Name, b.Name) })
	return m
}

// series is a column's numbers. One in every row shares the steps and times of the table.
func (t *eventTable) series(c *column) client.MetricSeries {
	s := client.MetricSeries{Name: c.name, Values: c.numbers}
	if len(c.numbers) == len(t.steps) {
		s.Steps, s.Times = t.steps, t.times
		return s
	}
	s.Steps, s.Times = make([]int64, len(c.numbers)), make([]float64, len(c.numbers))
	for i := range c.numbers {
		s.Steps[i], s.Times[i] = t.steps[c.rowOf(i)], t.times[c.rowOf(i)]
	}
	return s
}

// other sums up what a column has of text and booleans; false without any.
func (t *eventTable) other(c *column) (client.OtherSeries, bool) {
	o := client.OtherSeries{Name: c.name}
	kinds := [...]string{kindBool: "boolean", kindString: "string"}
	for _, v := range c.others {
		if v.kind == kindNull {
			continue
		}
		switch {
		case o.Count == 0:
			o.Kind = kinds[v.kind]
		case o.Kind != kinds[v.kind]:
			o.Kind = "mixed"
		}
		if o.Count > 0 && v.text != o.Last {
			o.Changes++
		}
		o.Count++
		o.Last, o.LastStep = v.text, t.steps[v.row]
	}
	return o, o.Count > 0
}

// order sorts the rows by step, once, and merges those of one step: the last write of each
// metric wins.
func (t *eventTable) order() {
	perm := make([]int32, len(t.steps))
	for i := range perm {
		perm[i] = int32(i)
	}
	slices.SortStableFunc(perm, func(a, b int32) int { return cmp.Compare(t.steps[a], t.steps[b]) })
	newRow := make([]int32, len(t.steps)) // old row -> row in the sorted table
	var steps []int64
	var times []float64
	for _, old := range perm {
		last := len(steps) - 1
		if last < 0 || steps[last] != t.steps[old] {
			steps, times = append(steps, t.steps[old]), append(times, t.times[old])
			last++
		} else if !math.IsNaN(t.times[old]) {
			times[last] = t.times[old]
		}
		newRow[old] = int32(last)
	}
	for i, c := range t.columns {
		t.columns[i] = c.ordered(newRow)
	}
	t.epochs = t.epochs.ordered(newRow)
	t.steps, t.times, t.ordered = steps, times, true
}

// ordered is the column with every value in its new row.
func (c *column) ordered(newRow []int32) *column {
	type placed struct {
		row, old int32
		value
	}
	all := make([]placed, 0, len(c.numbers)+len(c.others))
	for i, n := range c.numbers {
		old := c.rowOf(i)
		all = append(all, placed{newRow[old], old, value{number: n}})
	}
	for _, o := range c.others {
		all = append(all, placed{newRow[o.row], o.row, value{kind: o.kind, text: o.text}})
	}
	slices.SortFunc(all, func(a, b placed) int {
		return cmp.Or(cmp.Compare(a.row, b.row), cmp.Compare(a.old, b.old))
	})
	sorted := &column{name: c.name}
	for _, p := range all {
		sorted.put(p.row, p.value)
	}
	return sorted
}

// textValue is a string or boolean as a value, cut to what an answer can show.
func textValue(v any) value {
	switch v := v.(type) {
	case bool:
		return value{kind: kindBool, text: strconv.FormatBool(v)}
	case string:
		if len(v) > 500 {
			v = v[:500]
			for !utf8.ValidString(v) && len(v) > 496 { // do not cut a character in two
				v = v[:len(v)-1]
			}
		}
		return value{kind: kindString, text: v}
	}
	return value{kind: kindNull}
}
