package tools

import (
	"fmt"
	"math"
	"strconv"

	"github.com/runicorn-mcp/runicorn-mcp/analysis"
	"github.com/runicorn-mcp/runicorn-mcp/client"
)

func statsTable(first ...string) table {
	return newTable(append(first, "count", "first", "last", "min", "min_step", "max", "max_step",
		"tail_mean", "tail_std", "tail_slope")...)
}

// statsRow are the statistics of one series, in the columns of statsTable. Last, min and max
// are exact, the others rounded; tail is as in [analysis.DescribeTail].
func statsRow(label string, s client.MetricSeries, tail int) []any {
	d := analysis.DescribeTail(s.Steps, s.Values, tail)
	if d.Count == 0 {
		return []any{label, 0, nil, nil, nil, nil, nil, nil, nil, nil, nil}
	}
	row := []any{label, d.Count, brief(d.First), d.Last, nil, nil, nil, nil, nil, nil, nil}
	if d.NonFinite < d.Count { // else there is no least and greatest
		row[4], row[5], row[6], row[7] = d.Min, d.MinStep, d.Max, d.MaxStep
	}
	if !math.IsNaN(d.TailMean) {
		row[8], row[10] = brief(d.TailMean), tailSlope(d)
		if d.TailCount > 1 {
			row[9] = digits(d.TailDeviation, 3)
		}
	}
	return row
}

// tailSlope is the change per step over the tail, "noise" where it is no more than that, or nil
// where there are too few points to tell.
func tailSlope(d analysis.Stats) any {
	switch {
	case math.IsNaN(d.TailSlope):
		return nil
	case d.TailTrend() == 0:
		return "noise"
	}
	return digits(d.TailSlope, 3)
}

// digits rounds v to n significant digits.
func digits(v float64, n int) float64 {
	short, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', n, 64), 64)
	if err != nil {
		return v
	}
	return short
}

// nonFinite says how many values of the series are NaN or infinite, and where.
func nonFinite(s client.MetricSeries) string {
	d := analysis.Describe(s.Steps, s.Values)
	switch {
	case d.NonFinite == 0:
		return ""
	case d.NonFinite == 1:
		return fmt.Sprintf("%s: 1 value at step %d", name(s.Name), d.FirstNonFiniteStep)
	}
	return fmt.Sprintf("%s: %d of %d values, from step %d to step %d", name(s.Name), d.NonFinite,
		d.Count, d.FirstNonFiniteStep, d.NonFiniteStep)
}
