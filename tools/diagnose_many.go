package tools

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/analysis"
	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// diagnoseMany answers a line for each run that has something, and for each that goes on where these
// were asked for.
func diagnoseMany(
	ctx context.Context, c *client.Client, args diagnoseRunArgs,
) (diagnoseRunAnswer, error) {
	now := time.Now()
	filter := client.RunFilter{Project: args.Project, Status: args.Status}
	if args.Days > 0 {
		filter.Since = float64(now.AddDate(0, 0, -args.Days).Unix())
	}
	goings := goings{text: make(map[string]string)}
	var look func(client.Experiment, client.Metrics)
	if client.NormalizeStatus(args.Status) == client.StatusRunning {
		look = func(run client.Experiment, m client.Metrics) {
			p, _ := paceOf(ctx, c, run, m, now) // an error costs the time left alone
			goings.add(run, howItGoes(m, p))
		}
	}
	all, read, coverage, err := c.DiagnoseRuns(ctx, filter, cmp.Or(args.Limit, examinedRuns), now, look)
	if err != nil {
		return diagnoseRunAnswer{}, err
	}
	a := diagnoseRunAnswer{Source: c.Source().String()}
	shown := seenRows{question: question("diagnose_run", args.Project, args.Status, args.Days)}
	var seen seenRows
	news := args.Since != ""
	if news {
		if seen, news, err = parseSeen(args.Since, "diagnose_run", shown.question); err != nil {
			return a, err
		}
		if !news {
			seen, a.Notes = seenRows{}, []string{otherQuestion}
		}
	}
	goOn := !news && look != nil
	told, ill := illFirst(all, seen, goOn)
	word := ""
	if news {
		word = "new "
	}
	a.Verdict = fmt.Sprintf("%d of %d runs examined have %sfindings", ill, read, word)
	a.Notes = append(a.Notes, manyNotes(len(told), read, coverage)...)
	told = told[:min(runRows, len(told))]
	a.Cursor = shown.after(seen, all, told, read < coverage.Matched).String()
	if coverage.Matched == 0 && !news {
		a.Verdict = noneVerdict(args, coverage)
		note, err := newestRun(ctx, c, args.Project, coverage)
		if err != nil {
			return a, err
		}
		a.Notes = append([]string{note}, a.Notes...)
	}
	a.tell(told, goings.text)
	return a, nil
}

// illFirst are the diagnoses to tell of: of ill runs that were not seen, and how many these are;
// then of those that go on where they are wanted.
func illFirst(all []client.Diagnosis, seen seenRows, goOn bool) (told []client.Diagnosis, ill int) {
	var well []client.Diagnosis
	for _, d := range all {
		switch {
		case len(d.Findings) > 0 && !seen.has(illMark(d)):
			told = append(told, d)
		case goOn:
			well = append(well, d)
		}
	}
	return append(told, well...), len(told)
}

// after is s with the marks of the ill runs that have been told of by now; where not all runs were
// read, those of others too.
func (s seenRows) after(seen seenRows, all, told []client.Diagnosis, partly bool) seenRows {
	for _, d := range all {
		if len(d.Findings) > 0 && seen.has(illMark(d)) {
			s.marks = append(s.marks, illMark(d))
		}
	}
	for _, d := range told {
		if len(d.Findings) > 0 {
			s.marks = append(s.marks, illMark(d))
		}
	}
	if partly {
		for _, m := range seen.marks[:min(100, len(seen.marks))] {
			if !s.has(m) {
				s.marks = append(s.marks, m)
			}
		}
	}
	return s
}

// tell fills in the rows.
func (a *diagnoseRunAnswer) tell(told []client.Diagnosis, goings map[string]string) {
	a.table = newTable("run", "label", "alias", "status", "created", "going", "findings")
	for _, d := range told {
		a.add(name(d.Run.ID), name(d.Run.Label()), name(d.Run.Alias), status(d.Run),
			at(d.Run.CreatedAt), goings[runKey(d.Run)], inShort(d.Findings))
	}
	a.dropEmpty("label", "alias", "going")
}

// manyNotes say which runs have no row, of those to be told of and of all.
func manyNotes(told, read int, coverage client.RunCoverage) (notes []string) {
	if told > runRows {
		notes = append(notes, fmt.Sprintf("the newest %d of %d are shown", runRows, told))
	}
	if read < coverage.Matched || !coverage.Complete() {
		notes = append(notes, fmt.Sprintf("older runs were not looked at (%d in all); limit "+
			"examines more", coverage.Total))
	}
	if coverage.Unlisted > 0 {
		notes = append(notes, fmt.Sprintf("%d more runs exist that this Viewer cannot list",
			coverage.Unlisted))
	}
	return append(notes, problemNotes(coverage.Problems)...)
}

// goingMetrics is how many metrics tell how a run goes.
const goingMetrics = 2

// goings are how runs go, by their runKey, made while their metrics are at hand.
type goings struct {
	mu   sync.Mutex
	text map[string]string
}

func (g *goings) add(run client.Experiment, text string) {
	g.mu.Lock()
	g.text[runKey(run)] = text
	g.mu.Unlock()
}

// forever is so many seconds that nobody waits for.
const forever = 10 * 365 * 24 * 3600

// howItGoes says how far a run is that goes on, how fast, and what its metrics are:
// "step 260, 1.5 a second, 8m13s left (max_steps=1000); val_loss 0.31 (best 0.29 at step 240)".
func howItGoes(m client.Metrics, p pace) string {
	if m.Rows == 0 {
		return "no metrics yet"
	}
	text := fmt.Sprintf("step %d", m.LastStep)
	if p.Rate > 0 {
		text += fmt.Sprintf(", %v a second", p.Rate)
	}
	if p.Left > 0 && p.Left < forever {
		left := time.Duration(p.Left * float64(time.Second))
		text += fmt.Sprintf(", %v left (%s)", left.Round(time.Second), p.Total)
	}
	for i, s := range directedFirst(m.Series)[:min(goingMetrics, len(m.Series))] {
		text += []string{"; ", ", "}[min(i, 1)] + lastAndBest(s)
	}
	return text
}

// lastAndBest is "val_loss 0.31 (best 0.29 at step 240)".
func lastAndBest(s client.MetricSeries) string {
	d := analysis.Describe(s.Steps, s.Values)
	text := fmt.Sprintf("%s %v", name(s.Name), digits(d.Last, 4))
	best, step := d.Min, d.MinStep
	switch direction := analysis.Direction(s.Name); {
	case direction == 0 || d.NonFinite == d.Count:
		return text
	case direction > 0:
		best, step = d.Max, d.MaxStep
	}
	if step == d.LastStep {
		return text + " (its best)"
	}
	return text + fmt.Sprintf(" (best %v at step %d)", digits(best, 4), step)
}

// inShort is what was found of a run in one line.
func inShort(findings []analysis.Finding) string {
	var parts []string
	for _, f := range findings[:min(3, len(findings))] {
		part := f.Rule
		if f.Metric != "" {
			part += " of " + name(f.Metric)
		}
		if f.Located && f.Metric != "" {
			part += fmt.Sprintf(" since step %d", f.Step)
		} else if f.Text != "" {
			part += ": " + found(f)
		}
		parts = append(parts, part)
	}
	if more := len(findings) - 3; more > 0 {
		parts = append(parts, fmt.Sprintf("%d more", more))
	}
	return strings.Join(parts, "; ")
}
