package tools

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/analysis"
	"github.com/runicorn-mcp/runicorn-mcp/client"
)

type getMetricsArgs struct {
	RunID       string   `json:"run_id" jsonschema_description:"Run: id, unique prefix, alias, path, name, name/latest or latest."`
	MetricNames []string `json:"metric_names,omitempty" jsonschema_description:"Only these; loss<0.3 says when it was so."`
	FromStep    *int64   `json:"from_step,omitempty" jsonschema_description:"From this step on."`
	ToStep      *int64   `json:"to_step,omitempty" jsonschema_description:"Up to this step."`
	AtStep      *int64   `json:"at_step,omitempty" jsonschema_description:"Only the values at this step."`
	Tail        int      `json:"tail,omitempty" jsonschema:"minimum=0" jsonschema_description:"Points in the tail; a tenth by default."`
	Limit       int      `json:"limit,omitempty" jsonschema:"minimum=0,maximum=2000" jsonschema_description:"Also at most this many points per metric."`
	Since       string   `json:"since,omitempty" jsonschema_description:"Cursor of an earlier answer: only news."`
	Smooth      float64  `json:"smooth,omitempty" jsonschema:"minimum=0,maximum=0.999" jsonschema_description:"EMA weight for these points, like 0.9."`
	Viewer      string   `json:"viewer,omitempty" jsonschema_description:"Name or session_id."`
}

type getMetricsAnswer struct {
	Source   string `json:"source"`
	Run      string `json:"run"` // id
	Label    string `json:"label,omitempty"`
	Status   string `json:"status"`
	Steps    int    `json:"steps"` // distinct steps with anything logged
	LastStep int64  `json:"last_step"`
	LastTime string `json:"last_logged,omitempty"`
	// Of a run that goes on: a cursor for since, and its pace.
	Cursor   string `json:"cursor,omitempty"`
	NewSteps *int   `json:"new_steps,omitempty"` // with since
	pace
	// Range says which steps alone were looked at, "steps 100 to 200"; empty: all.
	Range string `json:"range,omitempty"`
	table        // statistics over every step, or the values at one
	// NonFinite locates NaN and infinities: "loss: 12 from step 340 to step 351".
	NonFinite []string `json:"non_finite,omitempty"`
	// Conditions say when what was asked of metrics was so, "loss<0.3".
	Conditions *table        `json:"conditions,omitempty"`
	Other      *table        `json:"not_numeric,omitempty"`
	Missing    []missingName `json:"missing,omitempty"`
	// Smoothing says how points were smoothed; statistics never are.
	Smoothing string   `json:"smoothing,omitempty"`
	Points    []points `json:"points,omitempty"`
	Notes     []string `json:"notes,omitempty"`

	series []client.MetricSeries // what Points are taken from
	limit  int
	smooth float64
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
		if a.smooth > 0 {
			s.Values = analysis.Smooth(s.Values, a.smooth)
		}
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
	"Statistics of a run's metrics over all steps: first, last, min and max with their steps; " +
		"mean, deviation and slope per step of the tail (or \"noise\"); where NaN or infinity occurred. " +
		"Answers how training went, final and best values. With limit also points, " +
		"spikes kept.",
}, func(ctx context.Context, env *Env, args getMetricsArgs) (getMetricsAnswer, error) {
	if err := args.check(); err != nil {
		return getMetricsAnswer{}, err
	}
	c, err := env.Client(ctx, args.Viewer)
	if err != nil {
		return getMetricsAnswer{}, err
	}
	run, m, err := c.RunMetrics(ctx, args.RunID, client.MetricsOptions{})
	if err != nil {
		return getMetricsAnswer{}, err
	}
	answer := getMetricsAnswer{
		Source: c.Source().String(), Run: name(run.ID), Label: name(run.Label()), Status: status(run),
		Steps: m.Rows, LastStep: m.LastStep, LastTime: at(m.LastTime), Cursor: cursorOf(run, m),
	}
	if answer.pace, err = paceOf(ctx, c, run, m, time.Now()); err != nil {
		return answer, err
	}
	wanted, asked := conditions(args.MetricNames, func(name string) bool {
		_, there := m.SeriesNamed(name)
		return there
	})
	args.MetricNames = wanted
	answer.series, answer.Missing = pick(m, wanted)
	if args.Since != "" {
		seen, err := parseCursor(args.Since)
		if err != nil {
			return answer, err
		}
		answer.since(seen, run, &m)
	}
	if args.AtStep != nil {
		answer.valuesAt(*args.AtStep)
	} else {
		answer.describe(args)
		answer.when(asked)
		answer.Other = otherTable(m.Other, args.MetricNames)
	}
	answer.Notes = append(answer.Notes, metricNotes(run, m)...)
	return answer, nil
})

// check refuses arguments that contradict each other.
func (args getMetricsArgs) check() error {
	switch {
	case args.FromStep != nil && args.ToStep != nil && *args.FromStep > *args.ToStep:
		return fmt.Errorf("from_step %d is after to_step %d", *args.FromStep, *args.ToStep)
	case args.Since != "" && (args.AtStep != nil || args.FromStep != nil || args.ToStep != nil):
		return errors.New("since answers what is new: leave out at_step, from_step and to_step, or since")
	case args.AtStep != nil && (args.FromStep != nil || args.ToStep != nil || args.Limit > 0 ||
		args.Smooth > 0 || args.Tail > 0):
		return errors.New("at_step answers the values at one step: leave out from_step, to_step, " +
			"tail, limit and smooth, or at_step")
	}
	return nil
}

// valuesAt answers the value of each metric at a step, or the nearest before it.
func (a *getMetricsAnswer) valuesAt(step int64) {
	a.table = newTable("metric", "value", "step")
	for _, s := range a.series {
		if i := analysis.At(s.Steps, step); i >= 0 {
			a.add(name(s.Name), s.Values[i], s.Steps[i])
		}
	}
	a.Range = fmt.Sprintf("at step %d, else the last logged before it, else the first", step)
}

// describe answers statistics of the steps asked for, and points of them.
func (a *getMetricsAnswer) describe(args getMetricsArgs) {
	if a.table = statsTable("metric"); a.NewSteps != nil && len(a.series) == 0 {
		a.table = newTable() // no news
	}
	from, to := a.limitSteps(args)
	for i, s := range a.series {
		s = s.Between(from, to)
		a.series[i] = s
		a.add(statsRow(name(s.Name), s, args.Tail)...)
		if note := nonFinite(s); note != "" {
			a.NonFinite = append(a.NonFinite, note)
		}
	}
	a.limit, a.smooth = args.Limit, args.Smooth
	if args.Smooth > 0 {
		a.Smoothing = fmt.Sprintf("EMA of weight %v, debiased, of the points alone", args.Smooth)
		a.limit = cmp.Or(args.Limit, defaultPoints)
	}
	if a.limit > 0 {
		a.takePoints()
	}
}

// defaultPoints is how many smoothed points are shown unless told otherwise.
const defaultPoints = 40

// limitSteps is the range of steps to look at, said in the answer.
func (a *getMetricsAnswer) limitSteps(args getMetricsArgs) (from, to int64) {
	from, to = math.MinInt64, math.MaxInt64
	first, last := "first", "last"
	if args.FromStep != nil {
		from, first = *args.FromStep, strconv.FormatInt(*args.FromStep, 10)
	}
	if args.ToStep != nil {
		to, last = *args.ToStep, strconv.FormatInt(*args.ToStep, 10)
	}
	if args.FromStep != nil || args.ToStep != nil {
		a.Range = fmt.Sprintf("steps %s to %s", first, last)
	}
	return from, to
}

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

// otherTable shows what was logged as text or booleans; nil when there is none that is wanted.
func otherTable(other []client.OtherSeries, wanted []string) *table {
	t := newTable("name", "kind", "count", "last", "last_step", "changes")
	for _, o := range other {
		if len(wanted) == 0 || slices.Contains(wanted, o.Name) {
			last, _ := safe(o.Name, o.Last, 0).(string)
			t.add(name(o.Name), o.Kind, o.Count, name(last), o.LastStep, o.Changes)
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
			"them as missing; diagnose_run looks for alerts in the log, --storage on that machine tells")
	}
	return notes
}
