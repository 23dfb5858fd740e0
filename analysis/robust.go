package analysis

import (
	"math"
	"slices"
)

// median is that of finite values, NaN without any.
func median(values []float64) float64 { return quantile(values, 0.5) }

// quantile of finite values is the one at that share of them in order, between neighbours by
// straight line.
func quantile(values []float64, share float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	at := share * float64(len(sorted)-1)
	i := int(at)
	if i+1 == len(sorted) {
		return sorted[i]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}

// noise is how much values differ from their neighbours, as the standard deviation of normal
// noise that does so. Trends and rare outliers hardly matter.
func noise(values []float64) float64 {
	if len(values) < 3 {
		return math.NaN()
	}
	steps := make([]float64, len(values)-1)
	for i := range steps {
		steps[i] = math.Abs(values[i+1] - values[i])
	}
	return 1.4826 / math.Sqrt2 * median(steps)
}

// A level is the median of neighbouring values.
type level struct {
	value    float64
	from, to int // indices, to not included
}

// levels are those of equally long stretches of at least size values; the last may be longer.
func levels(values []float64, size int) []level {
	count := max(1, len(values)/size)
	found := make([]level, count)
	for i := range found {
		from, to := i*size, (i+1)*size
		if i == count-1 {
			to = len(values)
		}
		found[i] = level{median(values[from:to]), from, to}
	}
	return found
}

// lowest is the index of the lowest level.
func lowest(all []level) int {
	least := 0
	for i, l := range all {
		if l.value < all[least].value {
			least = i
		}
	}
	return least
}
