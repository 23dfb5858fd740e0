package analysis

// Thin picks at most n indices of a series, ascending, that keep its shape: the first and the
// last point, and of each of equally long stretches between them the lowest and the highest
// finite value, so that a spike of one step survives (from n = 4 on the extremes of the whole
// series do). A stretch without finite values keeps its first point. The choice depends on the
// values alone. All indices are returned when they fit; none for n < 1.
func Thin(values []float64, n int) []int {
	if n < 1 || len(values) == 0 {
		return nil
	}
	if len(values) <= n {
		all := make([]int, len(values))
		for i := range all {
			all[i] = i
		}
		return all
	}
	last := len(values) - 1
	if n == 1 {
		return []int{last}
	}
	picked := append(make([]int, 0, n), 0)
	inner, stretches := last-1, (n-2)/2
	for s := range stretches {
		from, to := 1+s*inner/stretches, 1+(s+1)*inner/stretches
		picked = appendExtremes(picked, values, from, to)
	}
	return append(picked, last)
}

// appendExtremes appends the indices of the lowest and highest finite values in [from, to).
func appendExtremes(picked []int, values []float64, from, to int) []int {
	if from >= to {
		return picked
	}
	low, high := -1, -1
	for i := from; i < to; i++ {
		if !finite(values[i]) {
			continue
		}
		if low < 0 || values[i] < values[low] {
			low = i
		}
		if high < 0 || values[i] > values[high] {
			high = i
		}
	}
	switch {
	case low < 0:
		return append(picked, from)
	case low == high:
		return append(picked, low)
	default:
		return append(picked, min(low, high), max(low, high))
	}
}
