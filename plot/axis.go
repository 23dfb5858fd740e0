package plot

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// An Axis is what part of the numbers is shown, and which of them are written beside it.
type Axis struct {
	Min, Max float64
	Log      bool
	Ticks    []Tick
}

// A Tick is a number written beside an axis.
type Tick struct {
	Value float64
	Label string
}

// at is where v stands on the axis: 0 at its beginning, 1 at its end.
func (a Axis) at(v float64) float64 {
	low, high := a.Min, a.Max
	if a.Log {
		v, low, high = math.Log10(v), math.Log10(low), math.Log10(high)
	}
	return (v - low) / (high - low)
}

// setAxes fits the axes of a panel to its curves; false when there is nothing to fit them to.
func (p *Panel) setAxes(log bool) bool {
	p.X = Axis{Min: math.Inf(1), Max: math.Inf(-1)}
	low, high := math.Inf(1), math.Inf(-1)
	var cores [][2]float64
	for _, c := range p.Curves {
		var values []float64
		for _, line := range slices.Concat(c.Lines, c.Raw) {
			for _, pt := range line {
				p.X.Min, p.X.Max = min(p.X.Min, pt.X), max(p.X.Max, pt.X)
				low, high = min(low, pt.Y), max(high, pt.Y)
				values = append(values, pt.Y)
			}
		}
		if len(values) > 0 {
			slices.Sort(values)
			n := len(values) - 1
			cores = append(cores, [2]float64{values[n/50], values[n-n/50]})
		}
	}
	if len(cores) == 0 {
		return false
	}
	if log {
		p.Y = logAxis(low, high)
		return true
	}
	p.cut(cores, low, high)
	return true
}

// alignSteps gives all panels the same steps.
func (c *Chart) alignSteps() {
	low, high := c.Panels[0].X.Min, c.Panels[0].X.Max
	for _, p := range c.Panels {
		low, high = min(low, p.X.Min), max(high, p.X.Max)
	}
	if room := max(1, 1e-9*max(math.Abs(low), math.Abs(high))); high-low < room {
		low, high = low-room, high+room
	}
	for i := range c.Panels {
		c.Panels[i].X = Axis{Min: low, Max: high, Ticks: ticks(low, high, 7, 1)}
	}
}

// cut sets the value axis. Where a few spikes, or the lesser part of the curves, would flatten
// all others, it ends before them.
func (p *Panel) cut(cores [][2]float64, low, high float64) {
	widths := make([]float64, len(cores))
	for i, c := range cores {
		widths[i] = c[1] - c[0]
	}
	slices.Sort(widths)
	usual := widths[(len(widths)-1)/2]
	lows, highs := make([]float64, len(cores)), make([]float64, len(cores))
	for i, c := range cores {
		lows[i], highs[i] = c[0], c[1]
	}
	slices.Sort(lows)
	slices.Sort(highs)
	middleLow, middleHigh := lows[len(lows)/2], highs[(len(highs)-1)/2]
	coreLow, coreHigh := middleLow, middleHigh
	for _, c := range cores {
		if c[0] >= middleLow-10*usual {
			coreLow = min(coreLow, c[0])
		}
		if c[1] <= middleHigh+10*usual {
			coreHigh = max(coreHigh, c[1])
		}
	}
	if width := coreHigh - coreLow; width > 0 && high-low > 10*width {
		p.Cut = true
		low, high = max(low, coreLow-0.15*width), min(high, coreHigh+0.15*width)
	}
	margin := 0.04 * (high - low)
	if size := max(math.Abs(low), math.Abs(high)); margin <= 1e-9*size {
		margin = max(0.05*size, 1e-300)
	}
	p.Y = Axis{Min: low - margin, Max: high + margin}
	p.Y.Ticks = ticks(p.Y.Min, p.Y.Max, 6, 0)
	for i, c := range p.Curves {
		p.Curves[i].Beyond = p.beyond(c)
	}
}

// beyond is the value of a curve that lies farthest outside the axis.
func (p *Panel) beyond(c Curve) *Point {
	var far *Point
	most := 0.0
	for _, line := range slices.Concat(c.Lines, c.Raw) {
		for i, pt := range line {
			if out := max(pt.Y-p.Y.Max, p.Y.Min-pt.Y); out > most {
				far, most = &line[i], out
			}
		}
	}
	return far
}

// ticks are at most n round numbers of the range, at least so far apart.
func ticks(low, high float64, n int, apart float64) []Tick {
	step := math.Pow(10, math.Floor(math.Log10((high-low)/float64(n))))
	for _, factor := range []float64{1, 2, 2.5, 5, 10, 20} {
		if (high-low)/(step*factor) <= float64(n) {
			step *= factor
			break
		}
	}
	step = max(step, apart)
	var list []Tick
	for i := math.Ceil(low / step); i*step <= high && len(list) <= n; i++ {
		list = append(list, Tick{i * step, tickLabel(i*step, step)})
	}
	return list
}

// tickLabel writes v, a multiple of step, with as many digits as step has.
func tickLabel(v, step float64) string {
	size := max(math.Abs(v), step)
	switch {
	case v == 0 || math.Abs(v) < step/1000:
		return "0"
	case size >= 1e9 || size < 1e-3:
		return strconv.FormatFloat(round(v, step), 'g', -1, 64)
	case size >= 1e6 && step >= 1e4:
		return strconv.FormatFloat(round(v/1e6, step/1e6), 'f', -1, 64) + "M"
	case size >= 1e4 && step >= 10:
		return strconv.FormatFloat(round(v/1e3, step/1e3), 'f', -1, 64) + "k"
	}
	return strconv.FormatFloat(v, 'f', decimals(step), 64)
}

// round removes what adding up left behind the digits of step.
func round(v, step float64) float64 {
	digits := math.Ceil(math.Log10(math.Abs(v)/step)) + 2
	short, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', max(1, int(digits)), 64), 64)
	if err != nil {
		return v
	}
	return short
}

// decimals is how many digits behind the point step has.
func decimals(step float64) int {
	text := strconv.FormatFloat(step, 'f', 12, 64)
	_, after, _ := strings.Cut(strings.TrimRight(text, "0"), ".")
	return len(after)
}

// logAxis is a logarithmic axis around low and high, with round numbers beside it.
func logAxis(low, high float64) Axis {
	bottom, top := math.Log10(low), math.Log10(high)
	margin := min(0.04*(top-bottom), 5) // 1e305 is a number still
	if top-bottom < 1e-6 {
		margin = 0.3
	}
	bottom, top = bottom-margin, top+margin
	a := Axis{Min: math.Pow(10, bottom), Max: math.Pow(10, top), Log: true}
	first, last := int(math.Floor(bottom)), int(math.Ceil(top))
	factors := []float64{1}
	switch decades := top - bottom; {
	case decades < 1:
		factors = []float64{1, 1.5, 2, 3, 4, 5, 6, 8}
	case decades < 3:
		factors = []float64{1, 2, 5}
	}
	every := max(1, (last-first)/7)
	for e := every * int(math.Floor(float64(first)/float64(every))); e <= last; e += every {
		for _, f := range factors {
			v := f * math.Pow(10, float64(e))
			if v >= a.Min && v <= a.Max {
				a.Ticks = append(a.Ticks, Tick{v, strconv.FormatFloat(round(v, v/10), 'g', -1, 64)})
			}
		}
	}
	return a
}
