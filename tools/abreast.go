package tools

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/analysis"
)

const (
	equalLength = 0.95 // of the longest: runs so long have had the same chance
	startedOnly = 0.1  // of the longest: a run no longer says nothing about the others
)

// abreast compares runs of unequal length where the shortest ends, since the longest often is best
// by its length alone: "; at step 6000, the last that both have, muon leads by 0.234".
func abreast(all []contender, sign int) string {
	longest := slices.MaxFunc(all, func(x, y contender) int { return cmp.Compare(x.LastStep, y.LastStep) })
	some := slices.DeleteFunc(slices.Clone(all), func(e contender) bool {
		return float64(e.LastStep) < startedOnly*float64(longest.LastStep)
	})
	if len(some) < 2 {
		some = all
	}
	step := longest.LastStep
	for _, e := range some {
		step = min(step, e.LastStep)
	}
	if float64(step) >= equalLength*float64(longest.LastStep) {
		return ""
	}
	var there []contender // as they were at that step
	for _, e := range some {
		if e = e.until(step); isFinite(e.Last) {
			there = append(there, e)
		}
	}
	if len(there) < 2 {
		return ""
	}
	slices.SortStableFunc(there, func(x, y contender) int { return sign * cmp.Compare(x.Last, y.Last) })
	return fmt.Sprintf("; at step %d, the last that %s have, %s%s", step, which(some, all),
		leads(there[0], there[1]), reaches(all, sign))
}

// until is a run as if it had ended at a step; one without a number where it began later.
func (e contender) until(step int64) contender {
	n := analysis.At(e.series.Steps, step) + 1
	if e.Stats = analysis.Describe(e.series.Steps[:n], e.series.Values[:n]); e.LastStep > step {
		e.Last = math.NaN()
	}
	return e
}

// which is how some of the runs are called.
func which(some, all []contender) string {
	switch {
	case len(all) == 2:
		return "both"
	case len(some) == len(all):
		return "all"
	}
	var refs []string
	for _, e := range all {
		if !slices.ContainsFunc(some, func(s contender) bool { return s.ref == e.ref }) {
			refs = append(refs, e.ref)
		}
	}
	return "all but " + strings.Join(refs, ", ")
}

// leads says how far the first of two runs is ahead of the second by their last values.
func leads(first, second contender) string {
	gap := math.Abs(first.Last - second.Last)
	if gap == 0 {
		return "none leads"
	}
	return first.ref + " leads" + by(gap, first, second)
}

// reaches says when the longer of two runs first does as well as the shorter ever did.
func reaches(all []contender, sign int) string {
	if len(all) != 2 {
		return ""
	}
	short, long := all[0], all[1]
	if short.LastStep > long.LastStep {
		short, long = long, short
	}
	i := slices.IndexFunc(long.series.Values, func(v float64) bool {
		return isFinite(v) && sign*cmp.Compare(v, short.best) <= 0
	})
	if i < 0 { // then the shorter one is best
		return ""
	}
	return fmt.Sprintf("; %s reaches %v at step %d", long.ref, brief(short.best), long.series.Steps[i])
}
