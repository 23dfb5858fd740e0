package tools

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/runicorn-mcp/runicorn-mcp/analysis"
	"github.com/runicorn-mcp/runicorn-mcp/client"
)

type diagnoseRunArgs struct {
	RunID   string `json:"run_id,omitempty" jsonschema_description:"One run, as in get_metrics. Left out: the newest runs, a line for each with findings."`
	Project string `json:"project,omitempty" jsonschema_description:"Of these: exact project name."`
	Status  string `json:"status,omitempty" jsonschema_description:"As in list_experiments."`
	Days    int    `json:"days,omitempty" jsonschema:"minimum=0" jsonschema_description:"Created in the last so many days."`
	Limit   int    `json:"limit,omitempty" jsonschema:"minimum=0,maximum=500" jsonschema_description:"Runs to examine, 50 by default."`
	Since   string `json:"since,omitempty" jsonschema_description:"Cursor: only news."`
	Viewer  string `json:"viewer,omitempty" jsonschema_description:"Name or session_id."`
}

// A diagnoseRunAnswer is of one run, with a row per finding, or of several, with a row per run that
// has findings.
type diagnoseRunAnswer struct {
	Source   string `json:"source"`
	Run      string `json:"run,omitempty"` // id
	Label    string `json:"label,omitempty"`
	Status   string `json:"status,omitempty"`
	LastStep *int64 `json:"last_step,omitempty"`
	LastTime string `json:"last_logged,omitempty"`
	Verdict  string `json:"verdict"`
	Cursor   string `json:"cursor,omitempty"` // unless it is of a run that has ended
	table
	Log []string `json:"log,omitempty"` // console output around what ended the run
	// Unchecked says which rules could not be applied, and why.
	Unchecked []string `json:"unchecked,omitempty"`
	Notes     []string `json:"notes,omitempty"`
}

func (a *diagnoseRunAnswer) shrink() bool {
	if !a.halve() {
		return false
	}
	a.Notes = append(a.Notes, fmt.Sprintf("the answer was too large: the first %d rows", len(a.Rows)))
	return true
}

const (
	examinedRuns = 50 // unless told otherwise
	findingRows  = 4  // of one run; the others are named
	runRows      = 20
	findingText  = 200 // characters
	quoteText    = 100 // of a line of the log in a finding, at least
	logText      = 100 // of a line
)

var diagnoseRun = reads("runs", "diagnose_run", words{
	"Diagnose runs",
	"What is wrong with a run, each finding with its step and numbers: crash with exception and " +
		"log lines, NaN, divergence, spike, plateau, overfitting, validation that stopped, stalled " +
		"or dead process, idle GPU. Nothing found: an empty list. Without run_id: which of the " +
		"newest runs have something; with status running also how each goes.",
}, func(ctx context.Context, env *Env, args diagnoseRunArgs) (diagnoseRunAnswer, error) {
	c, err := env.Client(ctx, args.Viewer)
	if err != nil {
		return diagnoseRunAnswer{}, err
	}
	if args.RunID == "" {
		return diagnoseMany(ctx, c, args)
	}
	if args.Project != "" || args.Status != "" || args.Days > 0 || args.Limit > 0 {
		return diagnoseRunAnswer{}, errors.New("run_id means one run: leave out project, status, " +
			"days and limit, or run_id")
	}
	d, err := c.DiagnoseRun(ctx, args.RunID, time.Now())
	if err != nil {
		return diagnoseRunAnswer{}, err
	}
	return diagnosed(c, d, args.Since)
})

// diagnosed is the answer about one run.
func diagnosed(c *client.Client, d client.Diagnosis, since string) (diagnoseRunAnswer, error) {
	a := diagnoseRunAnswer{Source: c.Source().String(), Run: name(d.Run.ID), Label: name(d.Run.Label()),
		Status: status(d.Run), LastTime: at(d.LastTime), Unchecked: sentences(d.Unchecked),
		Notes: problemNotes(d.Problems), table: newTable("rule", "metric", "since_step", "finding")}
	if d.Rows > 0 {
		a.LastStep = &d.LastStep
	}
	a.Verdict = verdictOf(d)
	now := seenFindings(d)
	if d.Run.Status == client.StatusRunning {
		a.Cursor = now.String()
	}
	if since != "" {
		switch seen, fits, err := parseSeen(since, "diagnose_run", now.question); {
		case err != nil:
			return a, err
		case fits:
			a.since(seen, &d)
		default:
			a.Notes = append(a.Notes, otherQuestion)
		}
	}
	shown := min(findingRows, len(d.Findings))
	a.Notes = append(a.Notes, otherFindings(d.Findings[shown:])...)
	for _, f := range d.Findings[:shown] {
		var since any
		if f.Located {
			since = f.Step
		}
		a.add(f.Rule, name(f.Metric), since, found(f))
	}
	for _, line := range d.Log {
		a.Log = append(a.Log, said(line, logText))
	}
	return a, nil
}

// found is the text of a finding. What it quotes is cut to what is left of its length, and hidden by
// itself: a line may be nothing but a key.
func found(f analysis.Finding) string {
	text := said(f.Text, findingText)
	if f.Quote == "" {
		return text
	}
	text += ` "` + said(f.Quote, max(quoteText, findingText-utf8.RuneCountInString(text))) + `"`
	if f.Clock != "" {
		text += " at " + f.Clock
	}
	return text
}

// otherFindings names the findings that have no row.
func otherFindings(findings []analysis.Finding) []string {
	var others []string
	for _, f := range findings {
		others = append(others, f.Rule+" of "+name(f.Metric))
	}
	if len(others) == 0 {
		return nil
	}
	return []string{cut("also "+strings.Join(others, ", "), findingText)}
}

func verdictOf(d client.Diagnosis) string {
	switch n := len(d.Findings); {
	case n == 1:
		return "1 finding"
	case n > 0:
		return fmt.Sprintf("%d findings", n)
	case len(d.Unchecked) > 0:
		return "nothing wrong was found in what could be checked"
	}
	return "nothing wrong was found"
}

func sentences(list []string) []string {
	var out []string
	for _, s := range list {
		out = append(out, said(s, findingText))
	}
	return out
}

// sentence is words of ours with those of others in them, in one line.
func sentence(text string, n int) string {
	return strings.NewReplacer("\n", " ", "\t", " ").Replace(said(text, n))
}

// said is what a program wrote, fit to be shown: secrets hidden, at most n characters.
func said(text string, n int) string { return cut(hideSecrets(text), n) }
