// Package analysis turns metric series into statistics, samples and findings. Its functions are
// pure: no I/O, no state, no clock. Series are columns of equal length, steps ascending; values
// may be NaN or infinite, and such values are counted, never dropped.
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
	// TailMean and TailDeviation (population) are over the finite ones of the last TailCount
	// points: a tenth of all, at least one, unless [DescribeTail] was told how many.
	TailMean, TailDeviation float64
	TailCount               int
	// TailSlope is the least-squares change per step over the finite points of the tail, NaN
	// with fewer than three. TailSlopeError is its standard error, widened where residuals
	// follow their neighbours: by sqrt((1+r)/(1-r)) for a lag-1 autocorrelation r above 0.
	TailSlope, TailSlopeError float64
	tailFinite                int
}

// Describe computes the statistics of a series. The zero Stats describes an empty one.
func Describe(steps []int64, values []float64) Stats { return DescribeTail(steps, values, 0) }

// DescribeTail is [Describe] with a tail of so many points, or of all when there are fewer; of
// the last tenth for tail < 1.
func DescribeTail(steps []int64, values []float64, tail int) Stats {
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
	if tail > 0 {
		s.TailCount = min(tail, n)
	}
	from := n - s.TailCount
	s.TailMean, s.TailDeviation = meanDeviation(values[from:])
	s.TailSlope, s.TailSlopeError, s.tailFinite = slope(steps[from:], values[from:])
	return s
}

// TailTrend is the sign of TailSlope where it is more than noise, else 0: with fewer than five
// finite points, and up to about three standard errors (more of them for few points).
func (s Stats) TailTrend() int { return trend(s.TailSlope, s.TailSlopeError, s.tailFinite) }

func trend(slope, slopeError float64, n int) int {
	if n < 5 || math.Abs(slope) <= slopeError*(3+12/float64(n-2)) {
		return 0
	}
	switch {
	case slope > 0:
		return 1
	case slope < 0:
		return -1
	}
	return 0
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

// slope fits a line to the n finite values: its change per step and the error of that as in
// [Stats]. Both are NaN for n < 3.
func slope(steps []int64, values []float64) (slope, slopeError float64, n int) {
	var x, y []float64
	for i, v := range values {
		if finite(v) {
			x, y = append(x, float64(steps[i])-float64(steps[0])), append(y, v)
		}
	}
	n = len(x)
	if n < 3 {
		return math.NaN(), math.NaN(), n
	}
	meanX, _ := meanDeviation(x)
	meanY, _ := meanDeviation(y)
	var xx, xy float64
	for i := range x {
		xx += (x[i] - meanX) * (x[i] - meanX)
		xy += (x[i] - meanX) * (y[i] - meanY)
	}
	slope = xy / xx
	var squares, neighbours, before float64
	for i := range x {
		residual := y[i] - meanY - slope*(x[i]-meanX)
		squares += residual * residual
		neighbours += residual * before
		before = residual
	}
	slopeError = math.Sqrt(squares / float64(n-2) / xx)
	if squares > 0 {
		if r := min(neighbours/squares, 0.99); r > 0 {
			slopeError *= math.Sqrt((1 + r) / (1 - r))
		}
	}
	return slope, slopeError, n
}
