package tools

import (
	"math"
	"slices"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// since leaves the runs that have logged or ended since, the metrics in which they have news, over
// all steps, and of the curves the news.
func (a *compareRunsAnswer) since(found client.Contrast, refs []string, args compareRunsArgs) error {
	seen, err := parseCursors(args.Since)
	if err != nil {
		return err
	}
	news, told := found, make(map[int]bool)
	news.Metrics = slices.Clone(found.Metrics)
	for m, comparison := range found.Metrics {
		fresh := make([]client.MetricSeries, len(comparison.Series))
		for i, s := range comparison.Series {
			if c, ok := seen.of(found.Runs[i]); ok {
				fresh[i] = c.news(s)
				told[i] = told[i] || len(fresh[i].Steps) > 0 || found.Runs[i].Status != client.StatusRunning
			}
		}
		news.Metrics[m].Series = fresh
	}
	for i, run := range found.Runs {
		if a.Runs.Columns == nil && told[i] {
			a.Runs = newTable("run", "id", "status")
		}
		if told[i] {
			a.Runs.add(refs[i], name(run.ID), status(run))
		}
	}
	a.addMetrics(found, refs, &news)
	if a.Missing = nil; len(a.Rows) == 0 {
		a.table = newTable()
		return nil
	}
	news.Metrics = slices.DeleteFunc(news.Metrics, func(c client.Comparison) bool { return !hasPoints(c) })
	a.addCurves(news, refs, args.Limit)
	return nil
}

func hasPoints(c client.Comparison) bool {
	return slices.ContainsFunc(c.Series, func(s client.MetricSeries) bool { return len(s.Steps) > 0 })
}

// cursors are those of several runs, "q3Zk:261@1773500966.5,aB3d:17@1773500901".
type cursors []cursor

// cursorsOf are the cursors of what is known of the runs that go on; "" when all have ended.
func cursorsOf(found client.Contrast) string {
	var all []string
	for i, run := range found.Runs {
		var m client.Metrics
		for _, comparison := range found.Metrics {
			if s := comparison.Series[i]; len(s.Steps) > 0 {
				last := len(s.Steps) - 1
				m.Rows++
				m.LastStep, m.LastTime = max(m.LastStep, s.Steps[last]), max(m.LastTime, latest(s.Times))
			}
		}
		if text := cursorOf(run, m); text != "" {
			all = append(all, text)
		}
	}
	return strings.Join(all, ",")
}

// latest is the greatest of times that are recorded; 0 when none is.
func latest(times []float64) float64 {
	t := 0.0
	for _, at := range times {
		if at > t { // false for NaN
			t = at
		}
	}
	return t
}

func parseCursors(text string) (all cursors, err error) {
	for one := range strings.SplitSeq(text, ",") {
		c, err := parseCursor(one)
		if err != nil {
			return nil, noCursor(text, "of compare_runs", "q3Zk:261@1773500966.5,aB3d:17@1773500901")
		}
		all = append(all, c)
	}
	return all, nil
}

// of is the cursor of a run; one of before its first point for a run that goes on and has none.
func (all cursors) of(run client.Experiment) (c cursor, ok bool) {
	i := slices.IndexFunc(all, func(c cursor) bool { return c.of(run) })
	if i < 0 {
		return cursor{step: math.MinInt64, time: math.Inf(-1)}, run.Status == client.StatusRunning
	}
	return all[i], true
}
