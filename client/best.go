package client

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/analysis"
)

const (
	rankedRuns  = 500        // curves read for one ranking
	rankedSteps = 10_000_000 // after so many steps no more curves are read
	namesRuns   = 20         // runs without the metric that are asked what they have instead
)

// BestOptions says what to rank by [Client.BestRuns].
type BestOptions struct {
	Filter    RunFilter
	Metric    string // "": the primary metric that most of the runs have recorded; or [Duration]
	Direction string // "max", "min", or "" to infer it
	ByLast    bool   // rank by the last value rather than by the best over all steps
}

// A Ranking is the answer of [Client.BestRuns].
type Ranking struct {
	Metric string
	// Direction is "max" or "min", Why says how that is known: "given", "recorded by the runs",
	// "from its name", or "assumed".
	Direction, Why string
	Ranked         []RankedRun // the best first; equal ones older first
	// Without are runs that lack the metric, newest first, Nearest names that those of them
	// which were asked have instead. NoNumber counts runs that have it without a finite value
	// to rank by.
	Without  []Experiment
	Nearest  []string
	NoNumber int
	Coverage RunCoverage
	// Read is how many of the matching runs were read before the work was enough.
	Read int
	// Groups are configurations that more than one of the ranked runs had, seeds left aside.
	Groups []SeedGroup
	// NonFiniteUnknown is true where the source turns NaN and infinities into "not logged".
	NonFiniteUnknown bool
}

// A RankedRun is a run with its value.
type RankedRun struct {
	Run  Experiment
	Rank int // from 1; ties share it
	analysis.Stats
	Best     float64 // over all steps, in the direction of the ranking
	BestStep int64   // the first that reaches it
	// Settings are what [RunAssets.Settings] has; for the ten best, if that is nothing, what
	// [SummarySettings] has.
	Settings Settings
}

// BestRuns ranks runs by a metric over all their steps. It reads the curves of the 500 newest
// runs that match, fewer once they hold 10,000,000 steps. No documented method.
// An impossible filter or direction is ErrBadRequest; no run that matches, or none that has the
// metric, is ErrNotFound, naming the nearest.
func (c *Client) BestRuns(ctx context.Context, opts BestOptions) (Ranking, error) {
	r, err := c.bestRuns(ctx, opts)
	return r, c.named("best_runs", err)
}

func (c *Client) bestRuns(ctx context.Context, opts BestOptions) (Ranking, error) {
	if !slices.Contains([]string{"", "max", "min"}, opts.Direction) {
		return Ranking{}, badRequest(fmt.Sprintf("direction %q does not exist", opts.Direction),
			"Use max or min, or leave it out.")
	}
	runs, coverage, err := c.newest(ctx, opts.Filter, rankedRuns)
	if err != nil {
		return Ranking{}, err
	}
	r := Ranking{Metric: cmp.Or(opts.Metric, primaryMetric(runs)), Coverage: coverage}
	if r.Metric == "" {
		if r.Metric, err = c.onlyMetric(ctx, runs); err != nil {
			return Ranking{}, err
		}
	}
	r.Direction, r.Why = direction(r.Metric, opts.Direction, runs)
	read := c.readRanked
	if r.Metric == Duration {
		read = c.readDurations
	}
	if err := read(ctx, &r, runs); err != nil {
		return Ranking{}, err
	}
	r.order(opts.ByLast)
	if len(r.Without) > 0 {
		names, err := c.metricNames(ctx, r.Without)
		if err != nil {
			return Ranking{}, err
		}
		if len(r.Ranked)+r.NoNumber == 0 {
			return Ranking{}, noMetric(r.Metric, names)
		}
		r.Nearest = analysis.Nearest(r.Metric, names, 3)
	}
	return r, c.readSettings(ctx, &r)
}

// primaryMetric is the metric that most of the runs recorded as their primary one; "" for none.
func primaryMetric(runs []Experiment) string {
	count, most := make(map[string]int), ""
	for _, run := range runs {
		if run.Best == nil {
			continue
		}
		name := run.Best.Name
		if count[name]++; most == "" || count[name] > count[most] {
			most = name
		}
	}
	return most
}

// onlyMetric is the one metric that the newest runs logged; an error names them where there are
// more.
func (c *Client) onlyMetric(ctx context.Context, runs []Experiment) (string, error) {
	names, err := c.metricNames(ctx, runs)
	if err != nil || len(names) == 1 {
		return strings.Join(names, ""), err
	}
	e := &Error{Kind: ErrBadRequest, Detail: "Which metric? None of these runs recorded a primary one",
		Hint: "They logged no numbers."}
	if len(names) > 0 {
		e.Hint = "Give metric_name; there are " + quoteList(names[:min(10, len(names))]) + "."
	}
	return "", e
}

// direction tells in which direction a metric is better, and how that is known.
func direction(metric, given string, runs []Experiment) (direction, why string) {
	switch {
	case given != "":
		return given, "given"
	case metric == Duration:
		return "max", "the longest first"
	}
	recorded := make(map[string]int)
	for _, run := range runs {
		if b := run.Best; b != nil && b.Name == metric && (b.Mode == "max" || b.Mode == "min") {
			recorded[b.Mode]++
		}
	}
	switch byName := analysis.Direction(metric); {
	case recorded["max"] > recorded["min"]:
		return "max", "recorded by the runs"
	case recorded["min"] > recorded["max"]:
		return "min", "recorded by the runs"
	case byName > 0:
		return "max", "from its name"
	case byName < 0:
		return "min", "from its name"
	}
	return "max", "assumed"
}

// readRanked reads the metric of the runs, a few at once, until that is work enough.
func (c *Client) readRanked(ctx context.Context, r *Ranking, runs []Experiment) error {
	steps := 0
	for over := mostOf(ctx); r.Read < len(runs) && steps < rankedSteps && !over(); {
		some := runs[r.Read:min(r.Read+4*requests, len(runs))]
		if steps > rankedSteps/4 || r.Read == 0 { // long curves, or not known yet
			some = some[:min(requests, len(some))]
		}
		read := make([]Metrics, len(some))
		err := inParallel(ctx, len(some), requests, func(ctx context.Context, i int) (err error) {
			read[i], err = c.source.Metrics(ctx, some[i], []string{r.Metric})
			if isKind(err, ErrNotFound) { // deleted since it was listed
				return nil
			}
			return err
		})
		if err != nil {
			return err
		}
		for i, m := range read {
			r.add(some[i], m)
			steps += m.Rows
		}
		r.Read += len(some)
	}
	return nil
}

func (r *Ranking) add(run Experiment, m Metrics) {
	r.NonFiniteUnknown = r.NonFiniteUnknown || m.NonFiniteUnknown
	s, found := m.SeriesNamed(r.Metric)
	if !found {
		r.Without = append(r.Without, run)
		return
	}
	ranked := RankedRun{Run: run, Stats: analysis.Describe(s.Steps, s.Values)}
	ranked.Best, ranked.BestStep = ranked.Max, ranked.MaxStep
	if r.Direction == "min" {
		ranked.Best, ranked.BestStep = ranked.Min, ranked.MinStep
	}
	r.Ranked = append(r.Ranked, ranked)
}

// order puts the best first and gives ranks.
func (r *Ranking) order(byLast bool) {
	value := func(e RankedRun) float64 {
		if byLast {
			return e.Last
		}
		return e.Best
	}
	all := len(r.Ranked)
	r.Ranked = slices.DeleteFunc(r.Ranked, func(e RankedRun) bool {
		return math.IsNaN(value(e)) || math.IsInf(value(e), 0)
	})
	r.NoNumber += all - len(r.Ranked)
	sign := 1
	if r.Direction == "max" {
		sign = -1
	}
	slices.SortFunc(r.Ranked, func(a, b RankedRun) int {
		return cmp.Or(sign*cmp.Compare(value(a), value(b)),
			cmp.Compare(a.Run.CreatedAt, b.Run.CreatedAt), cmp.Compare(a.Run.ID, b.Run.ID))
	})
	for i := range r.Ranked {
		r.Ranked[i].Rank = i + 1
		if i > 0 && value(r.Ranked[i]) == value(r.Ranked[i-1]) {
			r.Ranked[i].Rank = r.Ranked[i-1].Rank
		}
	}
}

// metricNames are the names of the numbers that the newest of runs logged, each once.
func (c *Client) metricNames(ctx context.Context, runs []Experiment) ([]string, error) {
	runs = runs[:min(namesRuns, len(runs))]
	read := make([][]string, len(runs))
	err := inParallel(ctx, len(runs), readers, func(ctx context.Context, i int) error {
		m, err := c.source.Metrics(ctx, runs[i], nil)
		read[i] = seriesNames(m)
		if isKind(err, ErrNotFound) {
			return nil
		}
		return err
	})
	names := slices.Concat(read...)
	slices.Sort(names)
	return slices.Compact(names), err
}
