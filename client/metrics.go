package client

import (
	"cmp"
	"context"
	"slices"

	"github.com/runicorn-mcp/runicorn-mcp/analysis"
)

// Metrics are the metric series of one run, held as columns.
//
// One row per step: several events of one step are merged, and the last write of a metric wins,
// as in the Viewer's /api/runs/{id}/metrics (0.4 to 0.7).
type Metrics struct {
	Series []MetricSeries // by name, ascending; only series with at least one number
	// Other are names that were logged with something else than numbers, by name ascending.
	Other []OtherSeries
	// Epochs are the numbers logged under the key "epoch", which is no metric to any Viewer (0.4 to
	// 0.7); empty without any, and from a Viewer up to 0.5, which drops them.
	Epochs MetricSeries
	// Rows is the number of distinct steps, LastStep the greatest, LastTime when the newest row
	// was logged (seconds since 1970; 0 without rows).
	Rows     int
	LastStep int64
	LastTime float64
	// NonFiniteUnknown is true where the source turns NaN and infinities into "not logged".
	NonFiniteUnknown bool
	// Problems says which lines could not be read, one sentence each. The unfinished last line
	// of a live run is no problem: it is left out until it is complete.
	Problems []string
}

// A MetricSeries is one metric over its steps, ascending: the documented model MetricSeries.
// The three columns have the same length. They may be shared between series: do not modify.
type MetricSeries struct {
	Name   string
	Steps  []int64
	Values []float64 // NaN and infinities as logged
	Times  []float64 // seconds since 1970 of the step's last event; NaN where not recorded
}

// An OtherSeries is a name logged with strings or booleans (lists and objects are not kept by
// any Viewer either).
type OtherSeries struct {
	Name     string `json:"name"`
	Kind     string `json:"kind"`  // "string", "boolean" or "mixed"
	Count    int    `json:"count"` // steps at which it has such a value
	Last     string `json:"last"`  // last value as text
	LastStep int64  `json:"last_step"`
	Changes  int    `json:"changes"` // how often the value differs from the one before
}

// MetricsOptions narrows [Client.GetMetrics]. The zero value reads everything.
type MetricsOptions struct {
	Names []string // only these; nil: all. Names that the run lacks are left out
	Limit int      // at most this many points per series, thinned by [analysis.Thin]; 0: all
}

// GetMetrics reads the metrics of a run: documented get_metrics(run_id, metric_names, limit),
// GET /api/metrics/{run_id} on paper and /api/runs/{id}/metrics on every real Viewer. ref is
// any form that [Client.Resolve] takes. A run that logged nothing has no series.
func (c *Client) GetMetrics(ctx context.Context, ref string, opts MetricsOptions) (Metrics, error) {
	_, m, err := c.RunMetrics(ctx, ref, opts)
	return m, err
}

// RunMetrics is [Client.GetMetrics] which also returns the run that ref meant, as a list shows
// it at least.
func (c *Client) RunMetrics(
	ctx context.Context, ref string, opts MetricsOptions,
) (Experiment, Metrics, error) {
	const op = "get_metrics"
	if opts.Limit < 0 {
		return Experiment{}, Metrics{}, c.named(op, badRequest("limit must not be negative",
			"Leave it out to get everything."))
	}
	run, _, err := c.resolve(ctx, ref)
	if err != nil {
		return Experiment{}, Metrics{}, c.named(op, err)
	}
	m, err := c.source.Metrics(ctx, run, opts.Names)
	if err != nil {
		return run, Metrics{}, c.named(op, err)
	}
	if opts.Limit > 0 {
		for i, s := range m.Series {
			m.Series[i] = s.At(analysis.Thin(s.Values, opts.Limit))
		}
	}
	return run, m, nil
}

// MetricsOf reads all metrics of a run that [Client.GetExperiment], [Client.Resolve] or a list
// returned.
func (c *Client) MetricsOf(ctx context.Context, run Experiment) (Metrics, error) {
	m, err := c.source.Metrics(ctx, run, nil)
	return m, c.named("get_metrics", err)
}

// At returns the series of the points with these indices, which must ascend.
func (s MetricSeries) At(indices []int) MetricSeries {
	if len(indices) == len(s.Steps) {
		return s
	}
	thin := MetricSeries{Name: s.Name}
	for _, i := range indices {
		thin.Steps = append(thin.Steps, s.Steps[i])
		thin.Values = append(thin.Values, s.Values[i])
		thin.Times = append(thin.Times, s.Times[i])
	}
	return thin
}

// Between returns the points from one step to another, both included.
func (s MetricSeries) Between(from, to int64) MetricSeries {
	i, _ := slices.BinarySearch(s.Steps, from)
	j, found := slices.BinarySearch(s.Steps, to)
	if found {
		j++
	}
	j = max(i, j)
	return MetricSeries{Name: s.Name, Steps: s.Steps[i:j], Values: s.Values[i:j], Times: s.Times[i:j]}
}

// Last is the last value, the documented last_value(); false when there is none.
func (s MetricSeries) Last() (float64, bool) {
	if len(s.Values) == 0 {
		return 0, false
	}
	return s.Values[len(s.Values)-1], true
}

// Min is the smallest finite value, the documented min_value(); false when there is none.
func (s MetricSeries) Min() (float64, bool) {
	stats := analysis.Describe(s.Steps, s.Values)
	return stats.Min, stats.Count > stats.NonFinite
}

// Max is the greatest finite value, the documented max_value(); false when there is none.
func (s MetricSeries) Max() (float64, bool) {
	stats := analysis.Describe(s.Steps, s.Values)
	return stats.Max, stats.Count > stats.NonFinite
}

// SeriesNamed returns the series with this name; false when the run has none.
func (m Metrics) SeriesNamed(name string) (MetricSeries, bool) {
	i, found := slices.BinarySearchFunc(m.Series, name,
		func(s MetricSeries, name string) int { return cmp.Compare(s.Name, name) })
	if !found {
		return MetricSeries{}, false
	}
	return m.Series[i], true
}
