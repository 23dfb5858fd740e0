package tools

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/analysis"
	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// A contender is a run in a verdict.
type contender struct {
	ref    string
	best   float64
	step   int64
	series client.MetricSeries
	analysis.Stats
}

// verdict says in a sentence which run does best on a metric, and by how much; of a metric of which
// nothing says whether more is better, what values it has.
func verdict(comparison client.Comparison, refs []string) string {
	sign, words := 1, "lower is better ("+comparison.Why+")"
	if comparison.Direction == "max" {
		sign, words = -1, "higher is better ("+comparison.Why+")"
	}
	assumed := comparison.Why == "assumed"
	if assumed {
		words = "nothing says whether more is better"
	}
	all, broken := contenders(comparison, refs, sign)
	text := name(comparison.Metric) + ": " + words
	switch {
	case len(all) == 0:
		return text + "; no run has a finite value"
	case assumed:
		text += spread(all)
	default:
		text += ranked(all, sign)
	}
	if len(broken) > 0 {
		text += "; ends without a number: " + strings.Join(broken, ", ")
	}
	return text
}

// contenders are the runs that have a finite value, the best first, and the names of those that end
// without one.
func contenders(
	comparison client.Comparison, refs []string, sign int,
) (all []contender, broken []string) {
	for i, s := range comparison.Series {
		d := analysis.Describe(s.Steps, s.Values)
		e := contender{refs[i], d.Min, d.MinStep, s, d}
		if sign < 0 {
			e.best, e.step = d.Max, d.MaxStep
		}
		if d.Count > d.NonFinite {
			all = append(all, e)
		}
		if d.Count > 0 && d.NonFiniteStep == d.LastStep && d.NonFinite > 0 {
			broken = append(broken, refs[i])
		}
	}
	slices.SortStableFunc(all, func(x, y contender) int { return sign * cmp.Compare(x.best, y.best) })
	return all, broken
}

// ranked says which run is best.
func ranked(all []contender, sign int) string {
	text := fmt.Sprintf("; best %s with %v at step %d", all[0].ref, brief(all[0].best), all[0].step)
	if len(all) > 1 {
		text += ", then " + all[1].behind(all[0])
		unequal := abreast(all, sign)
		if text += unequal; unequal == "" {
			text += tails(all, sign)
		}
	}
	return text
}

// spread says what values the runs end with, and between what values they were.
func spread(all []contender) string {
	low, high := all[0].Min, all[0].Max
	for _, e := range all {
		low, high = min(low, e.Min), max(high, e.Max)
	}
	text := fmt.Sprintf("; between %v and %v", brief(low), brief(high))
	ended := slices.DeleteFunc(slices.Clone(all), func(e contender) bool { return !isFinite(e.Last) })
	if len(ended) == 0 {
		return text
	}
	slices.SortStableFunc(ended, func(x, y contender) int { return cmp.Compare(x.Last, y.Last) })
	least, most := ended[0], ended[len(ended)-1]
	if least.Last == most.Last {
		return fmt.Sprintf("%s, last %v", text, brief(least.Last))
	}
	return fmt.Sprintf("%s, last from %v (%s) to %v (%s)", text, brief(least.Last), least.ref,
		brief(most.Last), most.ref)
}

// behind says how far a run is from the best one.
func (e contender) behind(best contender) string {
	switch {
	case e.best == best.best:
		return e.ref + " with the same"
	case best.best == 0:
		return fmt.Sprintf("%s with %v", e.ref, brief(e.best))
	}
	percent := digits(100*(e.best-best.best)/math.Abs(best.best), 2)
	return fmt.Sprintf("%s with %v (%+g %%)", e.ref, brief(e.best), percent)
}

// tails compares what the runs ended with: the means of their last tenths.
func tails(all []contender, sign int) string {
	all = slices.DeleteFunc(slices.Clone(all), func(e contender) bool { return math.IsNaN(e.TailMean) })
	if len(all) < 2 {
		return ""
	}
	slices.SortStableFunc(all, func(x, y contender) int {
		return sign * cmp.Compare(x.TailMean, y.TailMean)
	})
	first, second := all[0], all[1]
	gap := math.Abs(first.TailMean - second.TailMean)
	if gap == 0 {
		return "; in the tail the same"
	}
	return "; in the tail " + first.ref + by(gap, first, second)
}

// by is how far two runs are apart, and whether that is no more than their values scatter.
func by(gap float64, first, second contender) string {
	text := fmt.Sprintf(" by %v", digits(gap, 3))
	if gap <= max(first.TailDeviation, second.TailDeviation) {
		text += ", no more than its deviation"
	}
	return text
}
