package client

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// summaryRuns is how many of the best runs have their summary read when they have no
// configuration.
const summaryRuns = 10

// comparableSteps is the share of its group's steps that an unfinished run must have to count.
const comparableSteps = 0.9

// A SeedGroup is several runs of one configuration. Deviations are those of a sample (n-1).
type SeedGroup struct {
	Runs []RankedRun // the best first; fewer than two where others are left out
	// LeftOut are runs that did not finish and are much shorter than the longest of the group: what
	// they have reached says little about the configuration.
	LeftOut                 []RankedRun
	BestMean, BestDeviation float64
	LastMean, LastDeviation float64
}

// readSettings reads the configurations of all ranked runs, and groups those that have one in
// common: a mean over the best of them alone would flatter.
func (c *Client) readSettings(ctx context.Context, r *Ranking) error {
	best := r.Ranked
	runs := make([]Experiment, len(best))
	for i, e := range best {
		runs[i] = e.Run
	}
	assets, err := readAssets(ctx, c.source, runs)
	if err != nil {
		return err
	}
	for i := range best {
		best[i].Settings = assets[i].Settings()
	}
	r.group(best)
	return c.readSummaries(ctx, best[:min(summaryRuns, len(best))])
}

// readSummaries looks for settings in the summaries of runs that have none elsewhere.
func (c *Client) readSummaries(ctx context.Context, best []RankedRun) error {
	return inParallel(ctx, len(best), requests, func(ctx context.Context, i int) error {
		if best[i].Settings != nil {
			return nil
		}
		detail, err := c.detail(ctx, best[i].Run)
		if isKind(err, ErrNotFound) {
			return nil
		}
		best[i].Settings = SummarySettings(detail)
		return err
	})
}

// group finds the configurations that more than one of the runs had.
func (r *Ranking) group(best []RankedRun) {
	byConfig := make(map[string]int)
	for i := range best {
		if best[i].Settings == nil {
			continue
		}
		key := best[i].Run.Label() + "\n" + best[i].Settings.withoutSeeds()
		g, known := byConfig[key]
		if !known {
			g = len(r.Groups)
			byConfig[key] = g
			r.Groups = append(r.Groups, SeedGroup{})
		}
		r.Groups[g].Runs = append(r.Groups[g].Runs, best[i])
	}
	r.Groups = slices.DeleteFunc(r.Groups, func(g SeedGroup) bool { return len(g.Runs) < 2 })
	for i := range r.Groups {
		r.Groups[i].leaveOut()
		r.Groups[i].sumUp()
	}
}

// leaveOut takes out the runs that did not get far enough to be compared.
func (g *SeedGroup) leaveOut() {
	longest := slices.MaxFunc(g.Runs, func(a, b RankedRun) int {
		return cmp.Compare(a.LastStep, b.LastStep)
	}).LastStep
	all := g.Runs
	g.Runs = nil
	for _, e := range all {
		if e.Run.Status != StatusFinished &&
			float64(e.LastStep) < comparableSteps*float64(longest) {
			g.LeftOut = append(g.LeftOut, e)
		} else {
			g.Runs = append(g.Runs, e)
		}
	}
}

func (g *SeedGroup) sumUp() {
	var best, last []float64
	for _, e := range g.Runs {
		best, last = append(best, e.Best), append(last, e.Last)
	}
	g.BestMean, g.BestDeviation = sample(best)
	g.LastMean, g.LastDeviation = sample(last)
}

// sample is mean and sample deviation; NaN where a value is, and for fewer values than they need.
func sample(values []float64) (mean, deviation float64) {
	n := float64(len(values))
	for _, v := range values {
		mean += v / n
	}
	for _, v := range values {
		deviation += (v - mean) * (v - mean) / (n - 1)
	}
	return mean, math.Sqrt(deviation)
}
