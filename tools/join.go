package tools

import (
	"slices"

	"github.com/runicorn-mcp/runicorn-mcp/analysis"
	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// join is the joined table of a comparison in at most limit rows, values to 4 digits. Where rows have
// to be left out, those go first that runs do not share: of curves logged at steps of their own most
// cells would be empty. Where there is room, rows are steps at which one of the curves has an end or
// an extreme of a stretch; with fewer than eight rows a run they are evenly spread over those that
// all runs have.
func join(comparison client.Comparison, refs []string, limit int) joined {
	j := joined{Metric: name(comparison.Metric), table: newTable(append([]string{"step"}, refs...)...)}
	for range comparison.Rows() {
		j.Of++
	}
	keep := func(int64, []any) bool { return true }
	if each := limit / len(comparison.Series); j.Of > limit && each >= 8 {
		fits, n := sharing(comparison, 1)
		keep = atExtremes(only(comparison, fits, n < j.Of), each)
	} else if j.Of > limit {
		fits, n := sharing(comparison, far(comparison))
		keep = evenly(fits, n, limit)
	}
	for step, values := range comparison.Rows() {
		if !keep(step, values) {
			continue
		}
		row := []any{step}
		for _, v := range values {
			if f, ok := v.(float64); ok {
				v = digits(f, 4)
			}
			row = append(row, v)
		}
		j.add(row...)
	}
	return j
}

// sharedRows is how many rows are enough to show curves by.
const sharedRows = 3

// A filter tells whether a row may be shown.
type filter func(step int64, values []any) bool

// sharing are the rows, and their number, in which no run lacks a value between its first and its
// last step, and at least so many runs have one. Failing that, they are those in which the most runs
// have values, as long as such rows are enough.
func sharing(comparison client.Comparison, least int) (fits filter, n int) {
	fits = func(step int64, values []any) bool {
		for i, s := range comparison.Series {
			last := len(s.Steps) - 1
			if values[i] == nil && last >= 0 && s.Steps[0] <= step && step <= s.Steps[last] {
				return false
			}
		}
		return count(values) >= least
	}
	having := make([]int, len(comparison.Series)+1) // rows by how many values they have
	for step, values := range comparison.Rows() {
		having[count(values)]++
		if fits(step, values) {
			n++
		}
	}
	if n >= sharedRows {
		return fits, n
	}
	most := len(comparison.Series)
	for n = having[most]; n < sharedRows && most > 1; n += having[most] {
		most--
	}
	return func(_ int64, values []any) bool { return count(values) >= most }, n
}

// far is how many of the runs got far enough for the others to be compared with them, at least two
// where there are two.
func far(comparison client.Comparison) (runs int) {
	var ends []float64
	for _, s := range comparison.Series {
		if n := len(s.Steps); n > 0 {
			ends = append(ends, float64(s.Steps[n-1]))
		}
	}
	for _, end := range ends {
		if end >= startedOnly*slices.Max(ends) {
			runs++
		}
	}
	return max(runs, min(2, len(ends)))
}

// only are the series of a comparison at the rows that fit; as they are where none is left out.
func only(comparison client.Comparison, fits filter, some bool) []client.MetricSeries {
	if !some {
		return comparison.Series
	}
	kept := make([]client.MetricSeries, len(comparison.Series))
	for step, values := range comparison.Rows() {
		if !fits(step, values) {
			continue
		}
		for i, v := range values {
			if f, ok := v.(float64); ok {
				kept[i].Steps, kept[i].Values = append(kept[i].Steps, step), append(kept[i].Values, f)
			}
		}
	}
	return kept
}

// count is how many of the values are there.
func count(values []any) int {
	n := 0
	for _, v := range values {
		if v != nil {
			n++
		}
	}
	return n
}

// atExtremes keeps the steps that [analysis.Thin] keeps of each series.
func atExtremes(series []client.MetricSeries, each int) filter {
	wanted := make(map[int64]bool)
	for _, s := range series {
		for _, i := range analysis.Thin(s.Values, each) {
			wanted[s.Steps[i]] = true
		}
	}
	return func(step int64, _ []any) bool { return wanted[step] }
}

// evenly keeps n of the rows that fit, of which there are so many: evenly spread, first and last
// among them.
func evenly(fits filter, all, n int) filter {
	seen, kept := 0, 0
	return func(step int64, values []any) bool {
		if !fits(step, values) {
			return false
		}
		at := seen
		seen++
		if all > n && n > 1 && at != kept*(all-1)/(n-1) || kept == n {
			return false
		}
		kept++
		return true
	}
}
