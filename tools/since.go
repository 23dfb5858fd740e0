package tools

import (
	"context"
	"fmt"
	"slices"

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
	if a.NewSteps, a.Missing = &n, nil; n == 0 {
		a.Label = ""
	}
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
		Status: a.Status, Reason: a.Reason, Updated: a.Updated, Ended: a.Ended, Seconds: a.Seconds,
		LastStep: m.LastStep,
		Cursor:   cursorOf(run, m), NewSteps: &steps}
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
func (a *bestRunsAnswer) since(seen seenRows, shown []client.RankedRun, now seenRows) {
	var news []client.RankedRun
	for i, e := range shown {
		if !seen.has(now.marks[i]) {
			news = append(news, e)
		}
	}
	if a.table = newTable(); len(news) > 0 {
		a.rank(news)
	}
}

// seenRanks are ranked runs with the value that ranks them.
func seenRanks(ranked []client.RankedRun, args bestRunsArgs) seenRows {
	seen := seenRows{question: question("best_runs", args.MetricName, args.Direction, args.By,
		args.Project, args.Path, args.Name, args.Tags, args.Status)}
	for _, e := range ranked {
		value := e.Best
		if args.By == "last" {
			value = e.Last
		}
		seen.marks = append(seen.marks, mark(runKey(e.Run), value))
	}
	return seen
}

// readLog reads of a log what is new since a cursor, and says how many lines that is; all of it, and
// nil, without one, for one of another run, and for a log that was begun anew.
func readLog(
	ctx context.Context, c *client.Client, args getLogsArgs, query analysis.LogQuery,
) (run client.Experiment, log client.Log, news *int, err error) {
	var seen logCursor
	if args.Since != "" {
		if seen, err = parseLogCursor(args.Since); err != nil {
			return run, log, nil, err
		}
		query.After = seen.lines
	}
	run, log, err = c.ReadLog(ctx, args.RunID, query)
	switch {
	case err != nil || seen.run == "":
		return run, log, nil, err
	case seen.run == runKey(run) && log.Total >= seen.lines:
		n := log.Total - seen.lines
		if n == 1 && log.Ended == seen.lines && seen.open == mark(log.Last.Text) {
			n, log.LogPick = 0, analysis.LogPick{Last: log.Last, Clock: log.Clock} // as it was, still being written
		}
		return run, log, &n, nil
	}
	query.After = 0
	run, log, err = c.ReadLog(ctx, args.RunID, query)
	return run, log, nil, err
}

// since leaves the findings that an earlier answer did not have.
func (a *diagnoseRunAnswer) since(seen seenRows, d *client.Diagnosis) {
	d.Findings = slices.DeleteFunc(slices.Clone(d.Findings), func(f analysis.Finding) bool {
		return seen.has(findingMark(f))
	})
	a.Unchecked = nil
	if a.Verdict = fmt.Sprintf("%d new findings", len(d.Findings)); len(d.Findings) == 0 {
		d.Log = nil
	}
}

// findingMark is the mark of what was found. Where it was belongs to it for a spike, of which there
// may be more; that of others moves while the run goes on, and so do their numbers.
func findingMark(f analysis.Finding) string {
	if f.Rule == analysis.RuleSpike {
		return mark(f.Rule, f.Metric, f.Step)
	}
	return mark(f.Rule, f.Metric)
}

func seenFindings(d client.Diagnosis) seenRows {
	seen := seenRows{question: question("diagnose_run", runKey(d.Run))}
	for _, f := range d.Findings {
		seen.marks = append(seen.marks, findingMark(f))
	}
	return seen
}

// illMark is the mark of a run with the kinds of its findings.
func illMark(d client.Diagnosis) string {
	return mark(runKey(d.Run), seenFindings(d).marks)
}
