package tools

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/runicorn-mcp/runicorn-mcp/analysis"
	"github.com/runicorn-mcp/runicorn-mcp/client"
)

type getMetricsArgs struct {
	RunID       string   `json:"run_id" jsonschema:"minLength=1" jsonschema_description:"Run: id, unique prefix, alias, path, name, name/latest or latest."`
	MetricNames []string `json:"metric_names,omitempty" jsonschema_description:"Only these metrics."`
	Limit       int      `json:"limit,omitempty" jsonschema:"minimum=0,maximum=2000" jsonschema_description:"Also show at most this many points per metric."`
	Viewer      string   `json:"viewer,omitempty" jsonschema_description:"Viewer name or session_id."`
}

type getMetricsAnswer struct {
	Source   string `json:"source"`
	Run      string `json:"run"` // id
	Label    string `json:"label,omitempty"`
	Status   string `json:"status"`
	Steps    int    `json:"steps"` // distinct steps with anything logged
	LastStep int64  `json:"last_step"`
	LastTime string `json:"last_logged,omitempty"`
	table           // statistics over every step
	// NonFinite locates NaN and infinities: "loss: 12 from step 340 to step 351".
	NonFinite []string      `json:"non_finite,omitempty"`
	Other     *table        `json:"not_numeric,omitempty"`
	Missing   []missingName `json:"missing,omitempty"`
	Points    []points      `json:"points,omitempty"`
	Notes     []string      `json:"notes,omitempty"`

	series []client.MetricSeries // what Points are taken from
	limit  int
}

// A missingName is a metric asked for that the run lacks, with the names most like it.
type missingName struct {
	Name    string   `json:"name"`
	Nearest []string `json:"nearest"`
}

// points are a part of one series, values to 6 digits.
type points struct {
	Name   string    `json:"name"`
	Of     int       `json:"of"` // how many points the series has
	Steps  []int64   `json:"steps"`
	Values []float64 `json:"values"`
}

func (a *getMetricsAnswer) shrink() bool {
	shown := len(a.Rows)
	switch {
	case len(a.Points) > 0 && a.limit > 1:
		a.limit /= 2
		a.takePoints()
		a.Notes = []string{fmt.Sprintf("the answer was too large: at most %d points per metric "+
			"are shown; export_metrics_to_csv writes all", a.limit)}
	case len(a.Points) > 0:
		a.Points = nil
	case a.halve():
		a.Notes = []string{fmt.Sprintf("the first %d of %d metrics; name the ones wanted with "+
			"metric_names", len(a.Rows), len(a.series))}
		a.NonFinite = a.NonFinite[:min(20, len(a.NonFinite))]
	case a.Other != nil:
		a.Other = nil
	default:
		return false
	}
	return len(a.Rows) > 0 || shown > 0
}

// takePoints fills Points with at most limit points per series.
func (a *getMetricsAnswer) takePoints() {
	a.Points = nil
	for _, s := range a.series {
		thin := s.At(analysis.Thin(s.Values, a.limit))
		p := points{Name: name(s.Name), Of: len(s.Steps), Steps: thin.Steps}
		for _, v := range thin.Values {
			p.Values = append(p.Values, brief(v))
		}
		a.Points = append(a.Points, p)
	}
}

var getMetrics = reads("runs", "get_metrics", words{
	"Metrics of a run",
	"Statistics of a run's metrics over all steps: first, last, min and max with their steps, " +
		"mean of the last tenth, where NaN or infinity occurred. Answers how training went, " +
		"final and best values. With limit also points of the curves, spikes kept.",
}, func(ctx context.Context, env *Env, args getMetricsArgs) (getMetricsAnswer, error) {
	c, err := env.Client(ctx, args.Viewer)
	if err != nil {
		return getMetricsAnswer{}, err
	}
	run, m, err := c.RunMetrics(ctx, args.RunID, client.MetricsOptions{})
	if err != nil {
		return getMetricsAnswer{}, err
	}
	answer := getMetricsAnswer{
		Source: c.Source().String(), Run: run.ID, Label: name(run.Label()), Status: status(run),
		Steps: m.Rows, LastStep: m.LastStep, LastTime: at(m.LastTime), limit: args.Limit,
		table: statsTable("metric"),
	}
	answer.series, answer.Missing = pick(m, args.MetricNames)
	for _, s := range answer.series {
		answer.add(statsRow(name(s.Name), s)...)
		if note := nonFinite(s); note != "" {
			answer.NonFinite = append(answer.NonFinite, note)
		}
	}
	answer.Other = otherTable(m.Other, args.MetricNames)
	if args.Limit > 0 {
		answer.takePoints()
	}
	answer.Notes = metricNotes(run, m)
	return answer, nil
})

// pick returns the series with these names, all without names, and which names there are none
// of.
func pick(m client.Metrics, wanted []string) ([]client.MetricSeries, []missingName) {
	if len(wanted) == 0 {
		return m.Series, nil
	}
	var have []string
	for _, s := range m.Series {
		have = append(have, s.Name)
	}
	var series []client.MetricSeries
	var missing []missingName
	for i, want := range wanted {
		if slices.Contains(wanted[:i], want) {
			continue
		}
		if s, ok := m.SeriesNamed(want); ok {
			series = append(series, s)
		} else if !isOther(m.Other, want) {
			near := analysis.Nearest(want, have, 3)
			if len(near) == 0 { // nothing alike: say what there is
				near = have[:min(5, len(have))]
			}
			missing = append(missing, missingName{name(want), names(near)})
		}
	}
	return series, missing
}

func isOther(other []client.OtherSeries, want string) bool {
	return slices.ContainsFunc(other, func(o client.OtherSeries) bool { return o.Name == want })
}

func statsTable(first string) table {
	return newTable(first, "count", "first", "last", "min", "min_step", "max", "max_step",
		"tail_mean")
}

// statsRow are the statistics of one series, in the columns of statsTable. Last, min and max
// are exact, the others rounded.
func statsRow(label string, s client.MetricSeries) []any {
	d := analysis.Describe(s.Steps, s.Values)
	if d.Count == 0 {
		return []any{label, 0, nil, nil, nil, nil, nil, nil, nil}
	}
	row := []any{label, d.Count, brief(d.First), d.Last, d.Min, d.MinStep, d.Max, d.MaxStep,
		brief(d.TailMean)}
	if d.NonFinite == d.Count { // no finite value: there is no least and greatest
		for i := 4; i < len(row); i++ {
			row[i] = nil
		}
	} else if math.IsNaN(d.TailMean) {
		row[8] = nil
	}
	return row
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

// otherTable shows what was logged as text or booleans; nil when there is none that is wanted.
func otherTable(other []client.OtherSeries, wanted []string) *table {
	t := newTable("name", "kind", "count", "last", "last_step", "changes")
	for _, o := range other {
		if len(wanted) == 0 || slices.Contains(wanted, o.Name) {
			t.add(name(o.Name), o.Kind, o.Count, name(o.Last), o.LastStep, o.Changes)
		}
	}
	if len(t.Rows) == 0 {
		return nil
	}
	t.Rows = t.Rows[:min(20, len(t.Rows))]
	return &t
}

func metricNotes(run client.Experiment, m client.Metrics) []string {
	notes := problemNotes(append(slices.Clone(run.Problems), m.Problems...))
	if m.Rows == 0 {
		notes = append(notes, "the run has logged no metrics")
	}
	if m.NonFiniteUnknown {
		notes = append(notes, "whether NaN or infinity occurred is unknown: this Viewer shows "+
			"them as missing; --storage on that machine tells")
	}
	return notes
}
