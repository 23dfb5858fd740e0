package analysis

import (
	"math"
	"slices"
)

// An event is a short stretch far above the level around it.
type event struct {
	first, last, peak int // indices
	height, level     float64
}

// spikes finds a loss that shoots up and comes back: values above the level around them by half
// of it, by twelve times what 95 % of all values stay within (more where outliers are common) and
// by three times what all others do, after the first tenth of the run, for at most a fiftieth of
// it. Regular ones, and those where the learning rate rises, belong to the schedule.
func (e *examination) spikes(c Curve) {
	n := len(c.Values)
	if n < 50 {
		return
	}
	var found []event
	for _, ev := range c.events() {
		if ev.last-ev.first < max(3, n/50) && !e.rateRises(c.Steps[ev.first], c.Steps[n-1]/100) {
			found = append(found, ev)
		}
	}
	if len(found) == 0 {
		return
	}
	highest := found[0]
	for _, ev := range found {
		if ev.height > highest.height {
			highest = ev
		}
	}
	count := ""
	if len(found) > 1 {
		count = itoa(len(found)) + " times; the highest "
	}
	e.found(RuleSpike, c.Name, c.Steps[found[0].first], "%s%s at step %d, where about %s was usual; "+
		"back after step %d", count, short(c.Values[highest.peak]), c.Steps[highest.peak],
		short(highest.level), c.Steps[highest.last])
}

// events are the stretches that stand out and are followed by values as low as those before.
func (c Curve) events() []event {
	n := len(c.Values)
	around, block := c.around()
	off := make([]float64, n)
	for i, v := range c.Values {
		off[i] = math.Abs(v - around[i/block])
	}
	off = off[n/10:] // at first it falls steeply
	usual := quantile(off, 0.95)
	// Normal noise has a ratio of 1.19 here, noise with heavy tails a greater one.
	tails := math.Pow(max(1, quantile(off, 0.98)/usual/1.19), 6)
	var found []event
	var outliers []int // also such as no event is made of
	others := 0.0      // the farthest of these
	for i := n / 10; i < n; i++ {
		level := around[i/block]
		height := c.Values[i] - level
		if height > 6*usual && (len(outliers) == 0 || i-outliers[len(outliers)-1] > 5) {
			outliers = append(outliers, i)
		}
		if height <= 12*usual*tails || height <= 0.5*math.Abs(level) {
			others = max(others, math.Abs(height))
			continue
		}
		if last := len(found) - 1; last >= 0 && i-found[last].last <= 5 {
			found[last].last = i
			if height > found[last].height {
				found[last].peak, found[last].height = i, height
			}
			continue
		}
		found = append(found, event{first: i, last: i, peak: i, height: height, level: level})
	}
	if regular(outliers) {
		return nil
	}
	found = slices.DeleteFunc(found, func(ev event) bool { return ev.height < 3*others })
	return c.recovered(found, usual)
}

// around is the level near each block of values: the median of five neighbouring ones.
func (c Curve) around() (around []float64, block int) {
	n := len(c.Values)
	block = max(5, n/200)
	all := levels(c.Values, block)
	around = make([]float64, (n+block-1)/block)
	for i := range around {
		at := min(i, len(all)-1)
		var near []float64
		for _, l := range all[max(0, at-2):min(len(all), at+3)] {
			near = append(near, l.value)
		}
		around[i] = median(near)
	}
	return around, block
}

// recovered leaves out events after which the values stay up, or there are none.
func (c Curve) recovered(all []event, usual float64) []event {
	var found []event
	for _, ev := range all {
		after := c.Values[ev.last+1 : min(len(c.Values), ev.last+21)]
		before := c.Values[max(0, ev.first-20):ev.first]
		if len(after) >= 3 && median(after) <= median(before)+max(2*usual, 0.2*ev.height) {
			found = append(found, ev)
		}
	}
	return found
}

// regular tells indices that lie a multiple of some distance apart, as far as a fiftieth of it.
func regular(at []int) bool {
	if len(at) < 3 {
		return false
	}
	least := math.MaxInt
	for i := 1; i < len(at); i++ {
		least = min(least, at[i]-at[i-1])
	}
	for i := 1; i < len(at); i++ {
		gap := float64(at[i]-at[i-1]) / float64(least)
		if math.Abs(gap-math.Round(gap)) > max(0.02, 1.5/float64(least)) {
			return false
		}
	}
	return true
}

// rateRises reports whether a learning rate goes up by half within some steps of a step.
func (e *examination) rateRises(step, within int64) bool {
	for _, c := range e.curves {
		if !isLearningRate(c.Name) || len(c.Steps) < 2 {
			continue
		}
		before, after := c.Values[At(c.Steps, step-within-1)], c.Values[At(c.Steps, step+within)]
		if after > 1.5*before {
			return true
		}
	}
	return false
}

func isLearningRate(metric string) bool {
	words := nameWords(metric)
	for i, w := range words {
		if w == "lr" || w == "learning" && i+1 < len(words) && words[i+1] == "rate" {
			return true
		}
	}
	return false
}
