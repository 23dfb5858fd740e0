package tools

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

type compareRunsArgs struct {
	RunIDs      []string `json:"run_ids" jsonschema:"minItems=1,maxItems=10" jsonschema_description:"Runs, each as in get_metrics."`
	MetricName  string   `json:"metric_name,omitempty" jsonschema_description:"The metric to compare."`
	MetricNames []string `json:"metric_names,omitempty" jsonschema:"maxItems=20" jsonschema_description:"Or several; loss<0.3 says when it was so."`
	Limit       *int     `json:"limit,omitempty" jsonschema:"minimum=0,maximum=1000" jsonschema_description:"Rows of each joined curve."`
	Since       string   `json:"since,omitempty" jsonschema_description:"Cursor: only news."`
	Viewer      string   `json:"viewer,omitempty" jsonschema_description:"Name or session_id."`
}

type compareRunsAnswer struct {
	Source string `json:"source"`
	Runs   table  `json:"runs,omitzero"` // run is the name used here; what was recorded and differs
	// Differs says how many things differ, a warning where it is more than one.
	Differs string `json:"differs,omitempty"`
	// Code says how the captured code differs from that of the first run that has any.
	Code   []codeAnswer `json:"code,omitempty"`
	Cursor string       `json:"cursor,omitempty"` // where a run goes on
	table               // statistics, a row per metric and run
	// Verdicts are a sentence per metric.
	Verdicts []string `json:"verdicts,omitempty"`
	// Conditions say when what was asked of metrics was so in each run, "loss<0.3".
	Conditions *table `json:"conditions,omitempty"`
	// NonFinite locates NaN and infinities: "a: loss: 2 of 9 values, …".
	NonFinite []string      `json:"non_finite,omitempty"`
	Missing   []missingName `json:"missing,omitempty"` // runs without a metric, metrics without a run
	Join      *joins        `json:"by_step,omitempty"`
	Notes     []string      `json:"notes,omitempty"`
}

// joins are curves side by side, thinned: of each metric one row per step of any run, null where a
// run has no value.
type joins struct {
	Join   string   `json:"join"` // "outer, on equal steps"
	Curves []joined `json:"curves"`
}

type joined struct {
	Metric string `json:"metric"`
	Of     int    `json:"of"` // rows before thinning
	table
}

func (a *compareRunsAnswer) shrink() bool {
	if a.Code != nil {
		a.Code = nil
		return true
	}
	halved := false
	if a.Join != nil {
		for i := range a.Join.Curves {
			halved = a.Join.Curves[i].halve() || halved
		}
		a.Notes = []string{"the answer was too large: a part of by_step is shown; " +
			"export_metrics_to_csv writes whole curves"}
		if !halved {
			a.Join = nil
		}
		return true
	}
	if a.Notes = []string{"the answer was too large: compare fewer metrics at once"}; len(a.NonFinite) > 0 {
		a.NonFinite = nil
		return true
	}
	return a.halve()
}

var compareRuns = reads("runs", "compare_runs", words{
	"Compare runs",
	"Up to 10 runs side by side on one or more metrics: a verdict per metric with its numbers, " +
		"statistics over all steps, a few rows of the curves joined on equal steps, and only " +
		"those settings, data, versions and lines of code that differ.",
}, func(ctx context.Context, env *Env, args compareRunsArgs) (compareRunsAnswer, error) {
	c, err := env.Client(ctx, args.Viewer)
	if err != nil {
		return compareRunsAnswer{}, err
	}
	metrics := slices.Clone(args.MetricNames)
	if args.MetricName != "" && !slices.Contains(metrics, args.MetricName) {
		metrics = append([]string{args.MetricName}, metrics...)
	}
	metrics, asked := conditions(metrics, func(string) bool { return false })
	contrast := c.ContrastRuns
	if args.Since != "" {
		contrast = c.ContrastMetrics
	}
	found, err := contrast(ctx, args.RunIDs, metrics)
	if err != nil {
		return compareRunsAnswer{}, err
	}
	refs := callThem(args.RunIDs, found.Runs)
	answer := compareRunsAnswer{Source: c.Source().String(), Cursor: cursorsOf(found)}
	if args.Since != "" {
		return answer, answer.since(found, refs, args)
	}
	answer.addRuns(found, refs)
	answer.addDifferences(found)
	answer.addCode(found, refs)
	answer.addMetrics(found, refs, nil)
	if answer.when(asked, found, refs); answer.Conditions == nil || args.Limit != nil {
		answer.addCurves(found, refs, args.Limit)
	}
	return answer, nil
})

// shortName is how long a short name is: 24 letters or eight Chinese characters, some eight tokens.
const shortName = 24

// length is about three times the tokens of a name: a character of East Asia is one.
func length(s string) (n int) {
	for _, r := range s {
		if n++; r >= 0x1100 { // where these begin; punctuation and the like count as well
			n += 2
		}
	}
	return n
}

// callThem gives each run a name for the answer, in which it comes often: what the caller called it,
// its alias, or else a letter, whichever is short.
func callThem(refs []string, runs []client.Experiment) []string {
	var called []string
	for i, ref := range refs {
		word := string(rune('A' + i))
		for _, short := range []string{runs[i].Alias, ref} {
			if short = name(short); short != "" && length(short) <= shortName && short != "latest" &&
				short != name(runs[i].ID) && !strings.Contains(short, hidden) {
				word = short
			}
		}
		for slices.Contains(called, word) {
			word += "′"
		}
		called = append(called, word)
	}
	return called
}

// addRuns says which runs are compared, with what is different about them.
func (a *compareRunsAnswer) addRuns(found client.Contrast, refs []string) {
	shown := found.Differs[:min(settingsKeys, len(found.Differs))]
	a.Runs = newTable("run", "id", "label", "alias", "status")
	for _, d := range shown {
		a.Runs.Columns = append(a.Runs.Columns, name(d.Name))
	}
	for i, run := range found.Runs {
		alias := name(run.Alias)
		if alias == refs[i] {
			alias = ""
		}
		row := []any{refs[i], name(run.ID), name(run.Label()), alias, status(run)}
		for _, d := range shown {
			row = append(row, differenceCell(d, i))
		}
		a.Runs.add(row...)
	}
	a.Runs.dropEmpty("label", "alias")
}

// addDifferences says how many things differ, and what could not be compared.
func (a *compareRunsAnswer) addDifferences(found client.Contrast) {
	var differs []string
	for _, d := range found.Differs {
		differs = append(differs, name(d.Name))
	}
	switch n := len(differs); {
	case len(found.Runs) < 2:
		a.Differs = "one run only"
	case n == 0:
		a.Differs = "nothing that was recorded"
	case n == 1:
		a.Differs = "only " + differs[0]
	default:
		a.Differs = cut(fmt.Sprintf("%d things (%s): no single one explains a difference", n,
			strings.Join(differs, ", ")), maxText)
	}
	if hidden := found.Differs[min(settingsKeys, len(found.Differs)):]; len(hidden) > 0 {
		a.Notes = append(a.Notes, "also: "+valuesOf(hidden, len(found.Runs)))
	}
	if n := len(found.Uncaptured); n > 0 {
		a.Notes = append(a.Notes, fmt.Sprintf("git and packages: not captured of %d of %d runs "+
			"(rn.init(…, capture_env=True) captures them)", n, len(found.Runs)))
	}
	if n := len(found.Unrecorded); n > 0 {
		a.Differs += fmt.Sprintf("; settings could not be compared: %d of %d runs recorded none "+
			"(run.log_config(args=…) records them)", n, len(found.Runs))
	}
}

// addMetrics fills in the statistics and verdicts; with news only where these have points.
func (a *compareRunsAnswer) addMetrics(found client.Contrast, refs []string, news *client.Contrast) {
	if len(found.Metrics) == 0 {
		if a.table = newTable(); news == nil {
			a.Notes = append(a.Notes, nothingShared(found.Own, refs))
		}
		return
	}
	a.table = statsTable("metric", "run")
	several := len(found.Metrics) > 1
	for m, comparison := range found.Metrics {
		if news != nil && !hasPoints(news.Metrics[m]) {
			continue
		}
		for i, s := range comparison.Series {
			if news != nil && len(news.Metrics[m].Series[i].Steps) == 0 {
				continue
			}
			if s.Name == "" {
				a.Missing = append(a.Missing, missingName{
					refs[i] + ": " + name(comparison.Metric), names(comparison.Nearest[i])})
				continue
			}
			row := statsRow(refs[i], s, 0)
			if several {
				roundRow(row)
			}
			a.add(append([]any{name(s.Name)}, row...)...)
			if note := nonFinite(s); note != "" {
				a.NonFinite = append(a.NonFinite, refs[i]+": "+note)
			}
		}
		a.Verdicts = append(a.Verdicts, verdict(comparison, refs))
		if comparison.NonFiniteUnknown && !slices.Contains(a.Notes, unknownNote) {
			a.Notes = append(a.Notes, unknownNote)
		}
	}
	if several { // a third of the tokens
		a.drop("count", "first", "tail_slope")
	}
	for _, metric := range slices.Sorted(maps.Keys(found.Missing)) {
		a.Missing = append(a.Missing, missingName{name(metric), names(found.Missing[metric])})
	}
	if n := len(found.Others); n > 0 {
		a.Notes = append(a.Notes, cut("all runs also have "+strings.Join(names(found.Others), ", "),
			200))
	}
}

// nothingShared says what runs without a metric in common have instead.
func nothingShared(own [][]string, refs []string) string {
	most := max(2, 12/len(own))
	var each []string
	for i, all := range own {
		text := strings.Join(names(all[:min(most, len(all))]), ", ")
		if more := len(all) - most; more > 0 {
			text += fmt.Sprintf(" and %d more", more)
		}
		each = append(each, refs[i]+" has "+cmp.Or(text, "none"))
	}
	return cut("no metric in common: "+strings.Join(each, "; "), maxText)
}

const unknownNote = "whether NaN or infinity occurred is unknown here"

func roundRow(row []any) {
	for i, cell := range row {
		if v, ok := cell.(float64); ok {
			row[i] = brief(v)
		}
	}
}

// addCurves joins the curves, in 10 rows (6 each of two metrics) unless told otherwise.
func (a *compareRunsAnswer) addCurves(found client.Contrast, refs []string, limit *int) {
	rows := 10
	if n := len(found.Metrics); n > 1 {
		rows = 12 / n
	}
	if limit != nil {
		rows = *limit
	}
	if rows == 0 || len(found.Metrics) == 0 || limit == nil && len(found.Metrics) > joinedMetrics {
		return
	}
	a.Join = &joins{Join: "outer, on equal steps"}
	for _, comparison := range found.Metrics {
		a.Join.Curves = append(a.Join.Curves, join(comparison, refs, rows))
	}
}

// joinedMetrics is how many metrics may be compared with their curves shown unasked.
const joinedMetrics = 2
