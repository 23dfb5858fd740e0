package tools

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/analysis"
	"github.com/runicorn-mcp/runicorn-mcp/client"
)

const otherRun = "since is a cursor of another run: all of this one is answered"

// since leaves only what is new in the series that are to be answered.
func (a *getMetricsAnswer) since(c cursor, run client.Experiment, m *client.Metrics) {
	if !c.of(run) {
		a.Notes = append(a.Notes, otherRun)
		return
	}
	a.Range = fmt.Sprintf("since step %d", c.step)
	var n int
	a.series, n = c.newsOf(a.series)
	m.Other = slices.DeleteFunc(slices.Clone(m.Other), func(o client.OtherSeries) bool {
		return o.LastStep <= c.step
	})
	a.NewSteps = &n
}

// since leaves what changes while a run goes on, and of the metrics those that have news, over all
// their steps; of a run that has ended since also its summary.
func (a *getExperimentAnswer) since(
	ctx context.Context, c *client.Client, run client.Experiment, seen cursor,
) error {
	m, err := c.MetricsOf(ctx, run)
	if err != nil {
		return err
	}
	fresh, steps := seen.newsOf(m.Series)
	*a = getExperimentAnswer{Source: a.Source, ID: a.ID, Project: a.Project, Name: a.Name,
		Alias: a.Alias, Status: a.Status, Reason: a.Reason, Created: a.Created, Updated: a.Updated,
		Ended: a.Ended, Seconds: a.Seconds, Tags: a.Tags, LastStep: m.LastStep,
		Cursor: cursorOf(run, m), NewSteps: &steps}
	if run.Status != client.StatusRunning {
		a.Summary, _ = safe("", run.Summary, 3).(map[string]any)
	}
	if len(fresh) > 0 {
		a.tabulate(slices.DeleteFunc(slices.Clone(m.Series), func(s client.MetricSeries) bool {
			return !slices.ContainsFunc(fresh, func(f client.MetricSeries) bool { return f.Name == s.Name })
		}))
	}
	return nil
}

// since leaves those of the best runs that are new among them, or reached more.
func (a *bestRunsAnswer) since(text string, shown []client.RankedRun, by string) error {
	seen, err := parseSeen(text, "best_runs")
	if err != nil {
		return err
	}
	now := seenRanks(shown, by)
	var news []client.RankedRun
	for i, e := range shown {
		if !seen.has(now.marks[i]) {
			news = append(news, e)
		}
	}
	if a.table = newTable(); len(news) > 0 {
		a.rank(news)
	}
	return nil
}

// seenRanks are ranked runs with the value that ranks them.
func seenRanks(ranked []client.RankedRun, by string) (seen seenRows) {
	for _, e := range ranked {
		value := e.Best
		if by == "last" {
			value = e.Last
		}
		seen.marks = append(seen.marks, mark(e.Run.ID, value))
	}
	return seen
}

// readLog reads of a log what is new since a cursor, and says how many lines that is; all of it, and
// nil, without one, for one of another run, and for a log that was begun anew.
func readLog(
	ctx context.Context, c *client.Client, args getLogsArgs, query analysis.LogQuery,
) (run client.Experiment, log client.Log, news *int, err error) {
	of := ""
	if args.Since != "" {
		if of, query.After, err = parseLogCursor(args.Since); err != nil {
			return run, log, nil, err
		}
	}
	run, log, err = c.ReadLog(ctx, args.RunID, query)
	switch {
	case err != nil || of == "":
		return run, log, nil, err
	case strings.HasSuffix(run.ID, of) && log.Total >= query.After:
		n := log.Total - query.After
		return run, log, &n, nil
	}
	query.After = 0
	run, log, err = c.ReadLog(ctx, args.RunID, query)
	return run, log, nil, err
}

// since leaves the findings that an earlier answer did not have.
func (a *diagnoseRunAnswer) since(text string, d *client.Diagnosis) error {
	seen, err := parseSeen(text, "diagnose_run")
	if err != nil {
		return err
	}
	d.Findings = slices.DeleteFunc(slices.Clone(d.Findings), func(f analysis.Finding) bool {
		return seen.has(findingMark(f))
	})
	a.Unchecked = nil
	if a.Verdict = fmt.Sprintf("%d new findings", len(d.Findings)); len(d.Findings) == 0 {
		d.Log = nil
	}
	return nil
}

// findingMark is the mark of what was found and where: the numbers in its text change while the run
// goes on.
func findingMark(f analysis.Finding) string { return mark(f.Rule, f.Metric, f.Step) }

func seenFindings(findings []analysis.Finding) (seen seenRows) {
	for _, f := range findings {
		seen.marks = append(seen.marks, findingMark(f))
	}
	return seen
}

// illMark is the mark of a run with the kinds of its findings.
func illMark(d client.Diagnosis) string {
	return mark(d.Run.ID, strings.Join(seenFindings(d.Findings).marks, ""))
}

// seenIll are the runs with findings that an earlier answer had, none without since, and those there
// are now.
func seenIll(since string, all []client.Diagnosis) (seen, now seenRows, err error) {
	if since != "" {
		seen, err = parseSeen(since, "diagnose_run")
	}
	for _, d := range all {
		if len(d.Findings) > 0 {
			now.marks = append(now.marks, illMark(d))
		}
	}
	return seen, now, err
}

// addPace adds how fast a run goes that goes on, and when it will be done where the settings say
// how much there is to do.
func (a *getMetricsAnswer) addPace(
	ctx context.Context, c *client.Client, run client.Experiment, m client.Metrics, now time.Time,
) error {
	rate := stepRate(m.Series)
	if run.Status != client.StatusRunning || rate <= 0 {
		return nil
	}
	stalled, _ := analysis.Stall(longest(m.Series).Times, cmp.Or(run.StartedAt, run.CreatedAt),
		float64(now.UnixMilli())/1e3)
	if stalled != nil {
		return nil
	}
	a.Rate = digits(rate, 3)
	assets, err := c.RunAssets(ctx, run)
	if err != nil {
		return err
	}
	key, total := planned(assets.Config, stepKeys)
	if total > float64(m.LastStep) {
		a.Total = fmt.Sprintf("%s=%v", key, total)
		a.Left = digits((total-float64(m.LastStep))/rate, 3)
		return nil
	}
	key, total = planned(assets.Config, epochKeys)
	epochs := epochSeries(m)
	last, _ := epochs.Last()
	if pace := valueRate(epochs); total > last && pace > 0 {
		a.Total = fmt.Sprintf("%s=%v", key, total)
		a.Left = digits((total-last)/pace, 3)
	}
	return nil
}

// epochSeries is the series that says which epoch it is, such as "train/epoch"; the key "epoch"
// itself is no metric to Runicorn (0.4 to 0.7).
func epochSeries(m client.Metrics) client.MetricSeries {
	for _, s := range m.Series {
		switch path.Base(strings.ToLower(s.Name)) {
		case "epoch", "current_epoch", "epochs":
			return s
		}
	}
	return client.MetricSeries{}
}

// What training code calls the number of steps and of epochs that it will make, the surest first;
// without separators, in lower case.
var (
	stepKeys = []string{"totalsteps", "maxsteps", "numsteps", "nsteps", "trainsteps",
		"numtrainsteps", "numtrainingsteps", "totaliterations", "maxiterations", "numiterations",
		"iterations", "maxiters", "maxiter", "numiters", "niters", "steps"}
	epochKeys = []string{"totalepochs", "maxepochs", "numepochs", "numtrainepochs", "nepochs", "epochs"}
)

// planned is the first of keys that the configuration has with a positive number, also one level
// down, as rn.init's log_config(args=…) has it; 0 when there is none.
func planned(config any, keys []string) (key string, value float64) {
	fold := strings.NewReplacer("_", "", "-", "", ".", "")
	found := make(map[string]string)
	values := make(map[string]float64)
	var look func(v any, depth int)
	look = func(v any, depth int) {
		object, _ := v.(map[string]any)
		for k, e := range object {
			folded := fold.Replace(strings.ToLower(k))
			var n float64
			switch e := e.(type) {
			case float64:
				n = e
			case int64:
				n = float64(e)
			}
			if n > 0 && n < 1e15 {
				found[folded], values[folded] = name(k), n
			}
			if depth > 0 {
				look(e, depth-1)
			}
		}
	}
	look(config, 1)
	for _, k := range keys {
		if values[k] > 0 {
			return found[k], values[k]
		}
	}
	return "", 0
}

// longest is the series with the most points.
func longest(series []client.MetricSeries) client.MetricSeries {
	if len(series) == 0 {
		return client.MetricSeries{}
	}
	return slices.MaxFunc(series, func(a, b client.MetricSeries) int {
		return cmp.Compare(len(a.Steps), len(b.Steps))
	})
}

// stepRate is how many steps a second a run makes; 0 when that cannot be told.
func stepRate(series []client.MetricSeries) float64 {
	s := longest(series)
	from, to, seconds := lately(s)
	if seconds <= 0 {
		return 0
	}
	return float64(s.Steps[to]-s.Steps[from]) / seconds
}

// valueRate is by how much the values of s grow in a second; 0 when that cannot be told.
func valueRate(s client.MetricSeries) float64 {
	from, to, seconds := lately(s)
	if seconds <= 0 {
		return 0
	}
	return (s.Values[to] - s.Values[from]) / seconds
}

// lately is the last tenth of a series, at least 20 points, and how long it took; 0 when that
// cannot be told.
func lately(s client.MetricSeries) (from, to int, seconds float64) {
	n := len(s.Steps)
	from, to = max(0, n-max(20, n/10)-1), n-1
	if n < 2 || !(s.Times[to] > s.Times[from]) {
		return 0, 0, 0
	}
	return from, to, s.Times[to] - s.Times[from]
}
