package demo

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
)

// An answer is what the tools answer, as far as the conversation looks at it. Tools leave out
// what does not apply, so one type fits all of them.
type answer struct {
	table
	Direction  string      `json:"direction"`
	Verdict    string      `json:"verdict"`
	LastStep   json.Number `json:"last_step"`
	LastLogged string      `json:"last_logged"`
	NonFinite  []string    `json:"non_finite"`
	Points     []struct {
		Name   string `json:"name"`
		Values []any  `json:"values"`
	} `json:"points"`
	CreatedBy string   `json:"created_by"`
	UsedBy    []string `json:"used_by"`
	Inputs    []string `json:"inputs"`
	Runs      table    `json:"runs"`
}

// A table is rows under named columns, as tools answer it.
type table struct {
	Columns []string `json:"columns"`
	Rows    [][]any  `json:"rows"`
}

// cell is what a row has in the named column, as text; "" when there is no such column or value.
func (t table) cell(row []any, column string) string {
	i := slices.Index(t.Columns, column)
	if i < 0 || i >= len(row) || row[i] == nil {
		return ""
	}
	if list, ok := row[i].([]any); ok {
		return strings.Trim(fmt.Sprint(list), "[]")
	}
	return fmt.Sprint(row[i])
}

// pick are the named columns of the table, for showing.
func (t table) pick(columns ...string) [][]string {
	lines := [][]string{columns}
	for _, row := range t.Rows {
		var line []string
		for _, c := range columns {
			line = append(line, t.cell(row, c))
		}
		lines = append(lines, line)
	}
	return lines
}

// show prints lines of cells in columns, the first line as their heads.
func (t *talk) show(lines [][]string) {
	widths := make([]int, len(lines[0]))
	for _, line := range lines {
		for i, cell := range line {
			widths[i] = max(widths[i], columns(cell))
		}
	}
	for i, line := range lines {
		var b strings.Builder
		for c, cell := range line {
			b.WriteString(cell + strings.Repeat(" ", widths[c]-columns(cell)+2))
		}
		text := strings.TrimRight(b.String(), " ")
		if i == 0 {
			text = t.faint(text)
		}
		t.printf("     %s\n", text)
	}
}

// columns is how wide a terminal shows text: Chinese characters take two columns.
func columns(text string) int {
	n := 0
	for _, r := range text {
		n++
		if unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) ||
			0x3000 <= r && r < 0x3040 || 0xff00 <= r && r < 0xff61 {
			n++
		}
	}
	return n
}

// number is a cell's text as a number; NaN when it is none.
func number(text string) float64 {
	v, err := json.Number(text).Float64()
	if err != nil {
		return math.NaN()
	}
	return v
}

// sparkline draws values in one line, NaN as a cross.
func sparkline(values []any) string {
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if f := number(fmt.Sprint(v)); !math.IsNaN(f) {
			low, high = min(low, f), max(high, f)
		}
	}
	bars := []rune("▁▂▃▄▅▆▇█")
	var b strings.Builder
	for _, v := range values {
		f := number(fmt.Sprint(v))
		if math.IsNaN(f) {
			b.WriteRune('×')
			continue
		}
		level := 0
		if high > low {
			level = int((f - low) / (high - low) * float64(len(bars)-1))
		}
		b.WriteRune(bars[level])
	}
	return b.String()
}
