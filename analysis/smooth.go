package analysis

import "slices"

// Smooth is the exponential moving average of a series: each finite value averaged with those
// before it, which count weight (0 up to, not including, 1) times less for every point they
// are older. It is debiased, so that the first values are not drawn towards zero; pandas has it
// as ewm(alpha=1-weight, adjust=True, ignore_na=True).mean(). NaN and infinities stay where
// they are and enter no average. A weight of 0 changes nothing.
func Smooth(values []float64, weight float64) []float64 {
	smooth := make([]float64, len(values))
	var sum, weights float64
	for i, v := range values {
		smooth[i] = v
		if finite(v) {
			sum, weights = weight*sum+v, weight*weights+1
			smooth[i] = sum / weights
		}
	}
	return smooth
}

// At is the index of the point at a step, or else of the last one before it; of the first point
// when all are later. It is -1 for an empty series.
func At(steps []int64, step int64) int {
	i, found := slices.BinarySearch(steps, step)
	if !found && i > 0 || len(steps) == 0 {
		i--
	}
	return i
}
