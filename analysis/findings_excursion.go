package analysis

import "math"

// excursion finds a loss that gave up much of what it had gained for longer than a spike, and came
// back: two levels or more, of forty, that are above the lowest before by four tenths of all that
// had been gained, by half of that level and by eight times the noise, with one as low as that
// again later. It must be the only one: schedules that start anew do so several times, and where
// the learning rate rises it is meant.
func (e *examination) excursion(c Curve) {
	n := len(c.Values)
	if n < 100 || e.has(RuleSpike, c.Name) || e.has(RuleDivergence, c.Name) || e.has(RuleOverfitting, c.Name) {
		return
	}
	all := levels(c.Values, n/40)
	margin := 8 * noise(c.Values)
	var low, first, last, back level // before, of the excursion, and after it
	count := 0
	low = all[0]
	for i := 0; i < len(all); i++ {
		l := all[i]
		high := low.value + max(0.4*(all[0].value-low.value), 0.5*math.Abs(low.value), margin)
		if i < len(all)/10 || l.value < high {
			if l.value < low.value {
				low = l
			}
			continue
		}
		end := i
		for end < len(all) && all[end].value > low.value+0.2*(l.value-low.value) {
			end++
		}
		if end == len(all) { // it has not come back
			return
		}
		if end-i >= 2 {
			first, last, back = l, all[end-1], all[end]
			count++
		}
		i = end
	}
	if count != 1 || e.rateRises(c.Steps[first.from], c.Steps[n-1]/20) {
		return
	}
	peak := first.from
	for i := first.from; i < last.to; i++ {
		if c.Values[i] > c.Values[peak] {
			peak = i
		}
	}
	e.found(RuleSpike, c.Name, c.Steps[first.from], "rose from about %s to %s at step %d, and was back "+
		"at about %s by step %d", short(low.value), short(c.Values[peak]), c.Steps[peak],
		short(back.value), c.Steps[back.from])
}
