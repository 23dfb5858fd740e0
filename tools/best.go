package tools

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

type bestRunsArgs struct {
	MetricName string   `json:"metric_name,omitempty" jsonschema_description:"The recorded primary one by default; duration_seconds too."`
	Project    string   `json:"project,omitempty" jsonschema_description:"Exact project name."`
	Path       string   `json:"path,omitempty" jsonschema_description:"All below it, like vision/resnet."`
	Name       string   `json:"name,omitempty" jsonschema_description:"Exact name or alias."`
	Tags       []string `json:"tags,omitempty" jsonschema_description:"All of these."`
	Status     string   `json:"status,omitempty" jsonschema_description:"As in list_experiments."`
	Direction  string   `json:"direction,omitempty" jsonschema:"enum=max,enum=min" jsonschema_description:"Inferred by default."`
	By         string   `json:"by,omitempty" jsonschema:"enum=best,enum=last" jsonschema_description:"Best over all steps (default) or last value."`
	Limit      int      `json:"limit,omitempty" jsonschema:"minimum=0,maximum=100" jsonschema_description:"Rows, 5 by default."`
	Since      string   `json:"since,omitempty" jsonschema_description:"Cursor: only news."`
	Viewer     string   `json:"viewer,omitempty" jsonschema_description:"Name or session_id."`
}

type bestRunsAnswer struct {
	Source    string `json:"source"`
	Metric    string `json:"metric"`
	Direction string `json:"direction"` // "min: lower is better (from its name)"
	Ranked    int    `json:"ranked"`    // runs that have a rank
	Cursor    string `json:"cursor,omitempty"`
	table            // the best runs, and the settings in which these differ
	// Seeds are configurations with several runs: mean and sample deviation of their values.
	Seeds *table   `json:"seeds,omitempty"`
	Notes []string `json:"notes,omitempty"`
}

func (a *bestRunsAnswer) shrink() bool {
	if a.Seeds != nil && a.Seeds.halve() {
		return true
	}
	if !a.halve() {
		return false
	}
	a.Notes = []string{fmt.Sprintf("the answer was too large: the best %d are shown", len(a.Rows))}
	return true
}

const (
	bestRows     = 5  // shown unless told otherwise
	seedRows     = 5  // groups of seeds
	settingsKeys = 8  // settings shown, of those that differ
	settingText  = 40 // characters of one
)

var bestRuns = reads("runs", "best_runs", words{
	"Best runs",
	"Ranks runs by a metric: best value over all steps and last value with their steps, the " +
		"hyper-parameters that differ, seeds of one configuration as mean and deviation.",
}, func(ctx context.Context, env *Env, args bestRunsArgs) (bestRunsAnswer, error) {
	c, err := env.Client(ctx, args.Viewer)
	if err != nil {
		return bestRunsAnswer{}, err
	}
	r, err := c.BestRuns(ctx, client.BestOptions{Metric: args.MetricName,
		Direction: args.Direction, ByLast: args.By == "last", Filter: client.RunFilter{
			Project: args.Project, Path: args.Path, Name: args.Name, Tags: args.Tags,
			Status: args.Status}})
	if err != nil {
		return bestRunsAnswer{}, err
	}
	answer := bestRunsAnswer{Source: c.Source().String(), Metric: name(r.Metric),
		Direction: directionWords(r), Ranked: len(r.Ranked)}
	shown := r.Ranked[:min(cmp.Or(args.Limit, bestRows), len(r.Ranked))]
	now := seenRanks(shown, args)
	answer.Cursor = now.String()
	if args.Since != "" {
		seen, fits, err := parseSeen(args.Since, "best_runs", now.question)
		if err != nil {
			return answer, err
		}
		if fits {
			answer.since(seen, shown, now)
			return answer, nil
		}
		answer.Notes = []string{otherQuestion}
	}
	answer.Notes = append(answer.Notes, rankingNotes(r, len(shown))...)
	answer.rank(shown)
	if r.Metric != client.Duration { // how long they took is no result of theirs
		answer.groups(r.Groups)
	}
	return answer, nil
})

func directionWords(r client.Ranking) string {
	if r.Direction == "min" && r.Metric == client.Duration {
		return "min: the shortest first"
	}
	if r.Direction == "min" {
		return "min: lower is better (" + r.Why + ")"
	}
	if r.Metric == client.Duration {
		return "max: the longest first"
	}
	return "max: higher is better (" + r.Why + ")"
}

// rank fills in the rows.
func (a *bestRunsAnswer) rank(shown []client.RankedRun) {
	var all []client.Settings
	for _, e := range shown {
		all = append(all, e.Settings)
	}
	keys, note := differing(all)
	if note != "" {
		a.Notes = append(a.Notes, note)
	}
	values := []string{"best", "best_step", "last", "last_step"}
	if a.Metric == client.Duration {
		values = []string{"created", client.Duration}
	}
	a.table = newTable(slices.Concat([]string{"rank", "run", "label", "alias", "status"}, values,
		names(keys))...)
	for _, e := range shown {
		row := []any{e.Rank, name(e.Run.ID), name(e.Run.Label()), name(e.Run.Alias), status(e.Run)}
		if a.Metric == client.Duration {
			row = append(row, at(e.Run.CreatedAt), digits(e.Best, 8))
		} else {
			row = append(row, e.Best, e.BestStep, e.Last, e.LastStep)
		}
		a.add(append(row, settings(e.Settings, keys)...)...)
	}
	a.dropEmpty("label", "alias")
}

// groups fills in what several seeds of one configuration reached.
func (a *bestRunsAnswer) groups(groups []client.SeedGroup) {
	a.noteLeftOut(groups)
	groups = slices.DeleteFunc(slices.Clone(groups),
		func(g client.SeedGroup) bool { return len(g.Runs) < 2 })
	if len(groups) == 0 {
		return
	}
	groups = groups[:min(seedRows, len(groups))]
	var all []client.Settings
	for _, g := range groups {
		s := make(client.Settings)
		for key, v := range g.Runs[0].Settings {
			if len(client.Differing([]client.Settings{{key: v}, {key: g.Runs[1].Settings[key]}})) == 0 {
				s[key] = v // all but the seed
			}
		}
		all = append(all, s)
	}
	keys, _ := differing(all)
	t := newTable(append([]string{"label", "runs", "left_out", "steps", "best_mean", "best_std",
		"last_mean", "last_std"}, names(keys)...)...)
	for i, g := range groups {
		row := []any{name(g.Runs[0].Run.Label()), len(g.Runs), len(g.LeftOut), reached(g.Runs),
			brief(g.BestMean), digits(g.BestDeviation, 3), brief(g.LastMean), digits(g.LastDeviation, 3)}
		t.add(append(row, settings(all[i], keys)...)...)
	}
	t.dropEmpty("left_out")
	a.Seeds = &t
}

// rankingNotes says what a ranking leaves out.
func rankingNotes(r client.Ranking, shown int) []string {
	var notes []string
	note := func(format string, args ...any) { notes = append(notes, fmt.Sprintf(format, args...)) }
	if r.Why == "assumed" {
		note("nothing says whether more is better: give direction min if less is")
	}
	if c := r.Coverage; r.Read < c.Matched || !c.Complete() {
		note("from the %d newest runs that match; older ones were not looked at (%d runs in all)",
			r.Read, c.Total)
	}
	if n := r.Coverage.Unlisted; n > 0 {
		note("%d more runs exist that this Viewer cannot list", n)
	}
	if n := len(r.Without); n > 0 {
		text := fmt.Sprintf("runs without %s: %d of %d", name(r.Metric), n, r.Read)
		if len(r.Nearest) > 0 {
			text += fmt.Sprintf("; names like it there: %s (not ranked)", quoted(r.Nearest))
		}
		notes = append(notes, text)
	}
	if r.NoNumber > 0 {
		note("runs without a finite value to rank by: %d", r.NoNumber)
	}
	if tied := ties(r.Ranked, shown); tied > 0 {
		note("runs not shown that tie with the last one shown: %d", tied)
	}
	if r.NonFiniteUnknown {
		note("whether NaN or infinity occurred is unknown here")
	}
	return notes
}

// ties counts the runs after those shown that share the rank of the last one shown.
func ties(ranked []client.RankedRun, shown int) int {
	n := 0
	for shown > 0 && shown+n < len(ranked) && ranked[shown+n].Rank == ranked[shown-1].Rank {
		n++
	}
	return n
}
