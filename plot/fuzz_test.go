package plot_test

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/plot"
)

// extremes are values at steps that leave little room for axes.
var extremes = []struct {
	values []float64
	first  int64
	every  uint8
	log    bool
}{
	{[]float64{1, 2, math.NaN(), 3}, 1, 1, false},
	{[]float64{math.MaxFloat64, -math.MaxFloat64, 1}, math.MaxInt64 - 3, 1, false},
	{[]float64{5e-324, 1e308, 1}, -5, 2, true},
	{[]float64{0, 0, 0, 1e-300}, math.MinInt64, 200, false},
	{[]float64{1, 1, 1, 1, 1, 1, 1, 1e300}, 0, 3, true},
	{[]float64{1e300, -1e300, 1e-300}, 0, 255, false},
	{[]float64{1e300, 1e-300}, 0, 255, true},
}

// two makes two series of values in turns.
func two(values []float64, first int64, every uint8) []plot.Series {
	s := []plot.Series{{Run: "a", Metric: "m"}, {Run: "b", Metric: "n"}}
	for i, v := range values {
		one, step := &s[i%2], first+int64(i)*int64(every)
		if n := len(one.Steps); n > 0 && step <= one.Steps[n-1] {
			break
		}
		one.Steps, one.Values = append(one.Steps, step), append(one.Values, v)
	}
	return s
}

func TestPNG_extremes(t *testing.T) {
	t.Parallel()
	for _, e := range extremes {
		chart(t, plot.Options{Log: e.log}, two(e.values, e.first, e.every)...)
	}
}

// FuzzNew lays out any values at any steps: there is an error, or axes that hold what they show.
func FuzzNew(f *testing.F) {
	for _, e := range extremes {
		var b []byte
		for _, v := range e.values {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		}
		f.Add(b, e.first, e.every, e.log)
	}
	f.Fuzz(func(t *testing.T, data []byte, first int64, every uint8, log bool) {
		var values []float64
		for ; len(data) >= 8 && len(values) < 200; data = data[8:] {
			values = append(values, math.Float64frombits(binary.LittleEndian.Uint64(data)))
		}
		s := two(values, first, every)
		c, err := plot.New(s, plot.Options{Log: log})
		if err != nil {
			return
		}
		for _, p := range c.Panels {
			for _, a := range []plot.Axis{p.X, p.Y} {
				if !(a.Min < a.Max) || math.IsInf(a.Max-a.Min, 0) || len(a.Ticks) > 12 {
					t.Errorf("an axis from %v to %v with %d ticks", a.Min, a.Max, len(a.Ticks))
				}
				for _, tick := range a.Ticks {
					if tick.Value < a.Min || tick.Value > a.Max || tick.Label == "" || len(tick.Label) > 24 {
						t.Errorf("a tick %q at %v outside %v to %v", tick.Label, tick.Value, a.Min, a.Max)
					}
				}
			}
		}
	})
}
