package tools

import (
	"github.com/runicorn-mcp/runicorn-mcp/analysis"
	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// join is the joined table of a comparison in at most limit rows, values to 4 digits. Where there
// is room, rows are steps at which one of the curves has an end or an extreme of a stretch; with
// fewer than eight rows a run, they are evenly spread over those at which most runs have a value.
func join(comparison client.Comparison, refs []string, limit int) joined {
	j := joined{Metric: name(comparison.Metric), table: newTable(append([]string{"step"}, refs...)...)}
	most, full := 0, 0 // values in a row, and rows that have so many
	for _, values := range comparison.Rows() {
		j.Of++
		switch n := count(values); {
		case n > most:
			most, full = n, 1
		case n == most:
			full++
		}
	}
	keep := func(int64, []any) bool { return true }
	if each := limit / len(comparison.Series); j.Of > limit && each >= 8 {
		keep = atExtremes(comparison.Series, each)
	} else if j.Of > limit {
		keep = evenly(most, full, limit)
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
func atExtremes(series []client.MetricSeries, each int) func(int64, []any) bool {
	wanted := make(map[int64]bool)
	for _, s := range series {
		for _, i := range analysis.Thin(s.Values, each) {
			wanted[s.Steps[i]] = true
		}
	}
	return func(step int64, _ []any) bool { return wanted[step] }
}

// evenly keeps n of the rows that have the most values, of which there are so many: evenly spread,
// first and last among them.
func evenly(most, full, n int) func(int64, []any) bool {
	seen, kept := 0, 0
	return func(_ int64, values []any) bool {
		if count(values) != most {
			return false
		}
		at := seen
		seen++
		if full > n && n > 1 && at != kept*(full-1)/(n-1) || kept == n {
			return false
		}
		kept++
		return true
	}
}
