// Package analysis turns metric series into statistics and samples. Its functions are pure:
// no I/O, no state, no knowledge of Runicorn. Series are columns of equal length, steps
// ascending; values may be NaN or infinite, and such values are counted, never dropped.
package analysis

import "math"

// Stats describe one series over all its points.
type Stats struct {
	Count               int   // points, non-finite ones included
	FirstStep, LastStep int64 // steps of the first and the last point
	First, Last         float64

	// NonFinite counts NaN and infinities; the two steps say where they begin and end.
	NonFinite                         int
	FirstNonFiniteStep, NonFiniteStep int64

	// Min, Max, Mean and TailMean are over the finite points, NaN when there is none. Min and
	// Max are at the first step that reaches them.
	Min, Max         float64
	MinStep, MaxStep int64
	Mean             float64
	// TailMean and TailDeviation (population) are over the last tenth of the points, at
	// least one.
	TailMean, TailDeviation float64
	TailCount               int
}

// Describe computes the statistics of a series. The zero Stats describes an empty one.
func Describe(steps []int64, values []float64) Stats {
	n := len(values)
	if n == 0 {
		return Stats{}
	}
	s := Stats{
		Count: n, FirstStep: steps[0], LastStep: steps[n-1], First: values[0], Last: values[n-1],
		Min: math.NaN(), Max: math.NaN(),
	}
	for i, v := range values {
		if !finite(v) {
			if s.NonFinite == 0 {
				s.FirstNonFiniteStep = steps[i]
			}
			s.NonFinite++
			s.NonFiniteStep = steps[i]
			continue
		}
		if math.IsNaN(s.Min) || v < s.Min {
			s.Min, s.MinStep = v, steps[i]
		}
		if math.IsNaN(s.Max) || v > s.Max {
			s.Max, s.MaxStep = v, steps[i]
		}
	}
	s.Mean, _ = meanDeviation(values)
	s.TailCount = max(1, n/10)
	s.TailMean, s.TailDeviation = meanDeviation(values[n-s.TailCount:])
	return s
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// meanDeviation returns mean and population deviation of the finite values, NaN without any.
// Welford's update keeps both exact enough for long series of nearly equal values.
func meanDeviation(values []float64) (mean, deviation float64) {
	var n, squares float64
	for _, v := range values {
		if !finite(v) {
			continue
		}
		n++
		delta := v - mean
		mean += delta / n
		squares += delta * (v - mean)
	}
	if n == 0 {
		return math.NaN(), math.NaN()
	}
	return mean, math.Sqrt(squares / n)
}
