package analysis

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

func itoa(n int) string { return strconv.Itoa(n) }

var (
	trainWords      = []string{"train", "training", "tr"}
	validationWords = []string{"val", "valid", "validation", "eval", "evaluation", "dev", "test"}
)

// splitOf tells what part of the data a metric is of, "train", "validation" or "" when its name
// does not say, and its name without that.
func splitOf(metric string) (split, base string) {
	var rest []string
	for _, w := range nameWords(metric) {
		switch {
		case split == "" && slices.Contains(trainWords, w):
			split = "train"
		case split == "" && slices.Contains(validationWords, w):
			split = "validation"
		default:
			rest = append(rest, w)
		}
	}
	return split, strings.Join(rest, " ")
}

// IsValidation tells from a metric's name whether it is measured on data held back from training.
func IsValidation(metric string) bool {
	split, _ := splitOf(metric)
	return split == "validation"
}

// overfitting finds a validation loss that was least well before the end and has risen since, by
// five times its noise, a tenth of what it had gained and 2 %, while the training loss of the same
// name went on falling, both with a trend that is more than noise; and the like of scores.
func (e *examination) overfitting() {
	validations, pairs := 0, 0
	for _, v := range e.curves {
		split, base := splitOf(v.Name)
		direction := Direction(v.Name)
		if split != "validation" || direction == 0 {
			continue
		}
		validations++
		v = v.finite()
		for _, t := range e.curves {
			trainSplit, trainBase := splitOf(t.Name)
			if trainSplit == "validation" || trainBase != base || t.Name == v.Name {
				continue
			}
			if t = t.finite(); len(v.Values) >= 8 && len(t.Values) >= minPoints {
				pairs++
				e.overfits(t, v, direction)
			}
			break
		}
	}
	switch {
	case validations == 0:
		e.not("overfitting: no validation metric is logged")
	case pairs == 0:
		e.not("overfitting: it takes 8 values of a validation metric and %d of the training metric "+
			"of the same name", minPoints)
	}
}

func (e *examination) overfits(t, v Curve, direction int) {
	train, values := t.Values, v.Values
	if direction > 0 {
		train, values = negated(train), negated(values)
	}
	smooth := median3(values)
	at := 0
	for i, x := range smooth {
		if x < smooth[at] {
			at = i
		}
	}
	after := values[at+1:]
	if len(after) < max(5, len(values)/5) {
		return
	}
	least, end := smooth[at], median(after[len(after)-max(3, len(after)/3):])
	rise := end - least
	if rise <= 5*noise(values) || rise <= 0.1*(values[0]-least) || rise <= 0.02*math.Abs(least) ||
		trendOf(v.Steps[at+1:], after) <= 0 {
		return
	}
	window := max(5, len(train)/20)
	near := At(t.Steps, v.Steps[at])
	then := median(train[max(0, near-window/2):min(len(train), near+window/2+1)])
	now := median(train[len(train)-window:])
	if then-now <= 3*noise(train)/math.Sqrt(float64(window)) || then-now <= 0.01*math.Abs(then) ||
		trendOf(t.Steps[near:], train[near:]) >= 0 {
		return
	}
	for i := max(0, at-1); i <= at+1; i++ { // the value itself, which others will see, not a median
		if values[i] < values[at] {
			at = i
		}
	}
	sign := float64(-direction)
	words := map[int][3]string{-1: {"least", "up", "falling"}, 1: {"best", "down", "rising"}}[direction]
	e.found(RuleOverfitting, v.Name, v.Steps[at],
		"%s around step %d (%s), %s by about %s to about %s at the end, while %s went on %s from about "+
			"%s to %s", words[0], v.Steps[at], short(sign*values[at]), words[1],
		change(values[at], end), short(sign*end), t.Name, words[2], short(sign*then), short(sign*now))
}

// change is how much more b is than a: "0.49 (136 %)".
func change(a, b float64) string {
	if a == 0 {
		return short(b)
	}
	return fmt.Sprintf("%s (%.0f %%)", short(b-a), 100*(b-a)/math.Abs(a))
}

func trendOf(steps []int64, values []float64) int { return trend(slope(steps, values)) }

// median3 is each value's median with its two neighbours.
func median3(values []float64) []float64 {
	out := slices.Clone(values)
	for i := 1; i+1 < len(values); i++ {
		out[i] = median(values[i-1 : i+2])
	}
	return out
}

// validation finds validation that was regular and stopped: training went on for more than four
// times the longest interval between validations, and for 15 % of all steps.
func (e *examination) validation() {
	first, last := int64(math.MaxInt64), int64(math.MinInt64)
	for _, c := range e.curves {
		if n := len(c.Steps); n > 0 {
			first, last = min(first, c.Steps[0]), max(last, c.Steps[n-1])
		}
	}
	for _, c := range e.curves {
		split, _ := splitOf(c.Name)
		if split != "validation" || len(c.Steps) < 4 || Direction(c.Name) == 0 {
			continue
		}
		var longest int64
		for i := 1; i < len(c.Steps); i++ {
			longest = max(longest, c.Steps[i]-c.Steps[i-1])
		}
		end := c.Steps[len(c.Steps)-1]
		if missed := last - end; missed > 4*longest && missed > (last-first)*3/20 {
			e.found(RuleValidation, c.Name, end, "logged up to step %d, never more than %d steps "+
				"apart, and not in the %d steps since", end, longest, missed)
		}
	}
}

// lowGPU finds a logged GPU utilization, in per cent or as a share, of which half the values are
// below 30 % and nine of ten below 50 %.
func (e *examination) lowGPU(c Curve) {
	words := nameWords(c.Name)
	has := func(list ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(list, w) })
	}
	c = c.finite()
	if len(c.Values) < 30 || !has("gpu") || has("mem", "memory") ||
		!has("util", "utilization", "utilisation", "usage", "use", "load") {
		return
	}
	scale := 1.0
	if slices.Max(c.Values) <= 1 {
		scale = 100
	}
	middle, high := scale*median(c.Values), scale*quantile(c.Values, 0.9)
	if middle < 30 && high < 50 {
		e.found(RuleLowGPU, c.Name, c.Steps[0], "%s %% in the middle of %d values, %s %% or less in "+
			"nine of ten", short(middle), len(c.Values), short(high))
	}
}
