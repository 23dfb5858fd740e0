package analysis

import (
	"math"
	"slices"
)

// minPoints is how many finite values a loss or score needs before anything is said of its shape.
const minPoints = 20

// nonFinite finds NaN and infinities: for good when the last value is one, else passing ones.
// A metric that is NaN but for every k-th value is one that was not measured in between, which is
// said and not found.
func (e *examination) nonFinite(c Curve) {
	s := Describe(c.Steps, c.Values)
	if s.NonFinite == 0 {
		return
	}
	kind := kindOf(c.Values)
	n := len(c.Values)
	lastFinite := n - 1
	for lastFinite >= 0 && !finite(c.Values[lastFinite]) {
		lastFinite--
	}
	switch {
	case n == 1:
		e.found(RuleNonFinite, c.Name, s.FirstStep, "its only value is %s", kind)
	case lastFinite < 0:
		e.found(RuleNonFinite, c.Name, s.FirstStep, "every one of %d values is %s", n, kind)
	case placeholder(c.Values):
		e.not("%q is %s except at %d regular steps: read as not measured in between", c.Name, kind,
			n-s.NonFinite)
	case lastFinite < n-1:
		since := c.Steps[lastFinite+1]
		text := "%s for good: the last %d of %d values, since step %d; the last number was %s at step %d"
		if more := s.NonFinite - (n - 1 - lastFinite); more > 0 {
			e.found(RuleNonFinite, c.Name, since, text+"; %d more before, from step %d", kind,
				n-1-lastFinite, n, since, short(c.Values[lastFinite]), c.Steps[lastFinite], more,
				s.FirstNonFiniteStep)
			return
		}
		e.found(RuleNonFinite, c.Name, since, text, kind, n-1-lastFinite, n, since,
			short(c.Values[lastFinite]), c.Steps[lastFinite])
	case s.NonFinite == 1:
		e.found(RuleNonFinite, c.Name, s.NonFiniteStep, "%s once, at step %d; numbers again after it",
			kind, s.NonFiniteStep)
	default:
		e.found(RuleNonFinite, c.Name, s.FirstNonFiniteStep,
			"%s in %d of %d values, from step %d to step %d; numbers again after it", kind,
			s.NonFinite, n, s.FirstNonFiniteStep, s.NonFiniteStep)
	}
}

func kindOf(values []float64) string {
	switch nan := slices.ContainsFunc(values, math.IsNaN); {
	case !nan:
		return "infinite"
	case slices.ContainsFunc(values, func(v float64) bool { return math.IsInf(v, 0) }):
		return "NaN or infinite"
	}
	return "NaN"
}

// placeholder tells a metric that has a number at every k-th value alone, to the end.
func placeholder(values []float64) bool {
	var at []int
	for i, v := range values {
		if finite(v) {
			at = append(at, i)
		}
	}
	if len(at) < 3 {
		return false
	}
	every := at[1] - at[0]
	for i := 1; i < len(at); i++ {
		if at[i]-at[i-1] != every {
			return false
		}
	}
	return every > 1 && at[0] < every && len(values)-1-at[len(at)-1] < every
}

// divergence finds a loss that ends far above where it began, or that lost at least 85 % of what
// it had gained, and the like of a score. Differences must be eight times the noise. While
// something else of the run gets better, a metric that is not the loss itself may rise: a part of
// it that is traded for others, or the perplexity of a codebook. A counter may always.
func (e *examination) divergence(c Curve, direction int) {
	if c.endsNonFinite(e.curves) || e.has(RuleOverfitting, c.Name) { // that says it better
		return
	}
	if _, base := splitOf(c.Name); slices.IsSorted(c.Values) || base != "loss" && e.learns() {
		return
	}
	values := c.Values
	if direction > 0 {
		values = negated(values)
	}
	all := levels(values, max(3, len(values)/20))
	start, end, best := all[0], all[len(all)-1], lowest(all)
	low := all[best]
	margin := 8 * noise(values)
	gain := start.value - low.value
	lost := gain > margin && gain > 0.1*math.Abs(start.value) &&
		end.value >= low.value+0.85*gain && all[max(0, len(all)-2)].value >= low.value+0.7*gain
	blown := direction < 0 && end.value > start.value+max(math.Abs(start.value), gain)+margin
	if !lost && !blown || best == len(all)-1 {
		return
	}
	since := len(all) - 1 // the first level from which on all are nearer to the end than to the best
	for since > best+1 && all[since-1].value > (low.value+end.value)/2 {
		since--
	}
	step := c.Steps[all[since].from]
	sign := float64(-direction)
	rose := map[int]string{-1: "rose", 1: "fell"}[direction]
	e.found(RuleDivergence, c.Name, step,
		"%s from about %s at step %d to about %s at the end, having begun at about %s", rose,
		short(sign*low.value), c.Steps[low.from], short(sign*end.value), short(sign*start.value))
}

// endsNonFinite reports whether the metric, of which c is the finite part, ends in NaN.
func (c Curve) endsNonFinite(all []Curve) bool {
	for _, whole := range all {
		if n := len(whole.Values); whole.Name == c.Name && n > 0 {
			return !finite(whole.Values[n-1])
		}
	}
	return false
}

func negated(values []float64) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = -v
	}
	return out
}

// plateau finds a loss that never got better: after at least 100 values it has improved by less
// than a hundredth (or its noise, up to a twentieth) without a trend that is more than noise, or by
// less than two thousandths. A run that goes on from a later step began elsewhere, and nothing is
// said of it.
func (e *examination) plateau(c Curve) {
	n := len(c.Values)
	if n < 100 || e.has(RuleDivergence, c.Name) || c.Steps[0] > c.Steps[n-1]/10 {
		return
	}
	all := levels(c.Values, n/20)
	start, end, low := all[0].value, all[len(all)-1].value, all[lowest(all)].value
	gain := (start - min(low, end)) / math.Abs(start)
	inNoise := 5 * noise(c.Values) / math.Sqrt(float64(n/20)) / math.Abs(start)
	k, kError, _ := slope(c.Steps, c.Values)
	falling := trend(k, kError, n) < 0
	limit := min(0.05, max(0.01, inNoise))
	risen := (end - start) / math.Abs(start) // then it is no plateau
	if !(gain < limit && !falling || gain < 0.002) || risen > limit || e.learns() {
		return
	}
	e.found(RulePlateau, c.Name, c.Steps[0],
		"has not improved in %d values: about %s at first, %s at the end, %s at best", n,
		short(start), short(end), short(low))
}

// learns reports whether some score or other loss of the run clearly improves.
func (e *examination) learns() bool {
	for _, c := range e.curves {
		direction := Direction(c.Name)
		c = c.finite()
		if n := len(c.Values); direction != 0 && n >= minPoints {
			size := max(3, n/20)
			all := levels(c.Values, size)
			gain := float64(direction) * (all[len(all)-1].value - all[0].value)
			if gain > max(8*noise(c.Values)/math.Sqrt(float64(size)), 0.05*math.Abs(all[0].value)) {
				return true
			}
		}
	}
	return false
}
