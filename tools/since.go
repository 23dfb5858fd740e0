package tools

import (
	"context"
	"fmt"
	"slices"
	"strings"

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
