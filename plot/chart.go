// Package plot draws training curves as a PNG of 800 by 400 pixels: [New] lays a [Chart] out,
// [Chart.PNG] draws it.
//
// Runs are told apart by colour, metrics that share axes by dashes; metrics of different
// magnitude get axes of their own. Names in any script are legible, Chinese ones included. Its
// functions are pure: no I/O, no state, and the same series give the same picture.
package plot

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// A Series is one curve: a metric of a run. Steps ascend; Values are as many, and may be NaN or
// infinite.
type Series struct {
	Run, Metric string // how a reader tells them apart
	Steps       []int64
	Values      []float64
	// Raw are the values before smoothing, drawn palely behind; nil: there is no smoothing.
	Raw []float64
}

// Options say how the axes are. The zero value has linear ones.
type Options struct {
	Log   bool   // a logarithmic value axis; values that are not positive are not shown
	Title string // above the picture; "": none
}

// A Chart is a picture before it is drawn: what is where, in the terms of the data.
type Chart struct {
	Title  string
	Panels []Panel // at most 4
	Legend []Entry // empty for a single curve
}

// An Entry is a line of the legend: a run by its colour, or a metric by its dashes.
type Entry struct {
	Label        string
	color, dash  int // indices; a metric that stands for itself has the colour of grey text
	grey, marker bool
}

// A Panel is a pair of axes with its curves.
type Panel struct {
	Metrics  []string
	X, Y     Axis
	Curves   []Curve
	Dropped  int  // finite values that the axis cannot show
	Cut      bool // Y ends before the values do; Curve.Beyond says by how much
	coloured bool // metrics differ by colour, not by dashes
}

// A Curve is a series as it is drawn: as one line, or as several with gaps where values are
// missing, NaN or infinite.
type Curve struct {
	Run, Metric string
	Lines       [][]Point
	Raw         [][]Point // the pale line behind
	Broken      []Point   // last values before NaN or infinity, at most 5
	NonFinite   int       // values that are NaN or infinite
	Beyond      *Point    // the farthest value outside a cut axis; nil: none
	color, dash int
}

// A Point is a value at a step.
type Point struct{ X, Y float64 }

// Limits of what one picture can show.
const (
	MaxRuns    = 10
	MaxMetrics = 4
)

// New lays out a chart of series, which are in the order of the legend. It fails when there is
// nothing to draw, or more than a picture can show: more than [MaxRuns] runs or [MaxMetrics]
// metrics.
func New(series []Series, opts Options) (*Chart, error) {
	var runs, metrics []string
	for _, s := range series {
		if !slices.Contains(runs, s.Run) {
			runs = append(runs, s.Run)
		}
		if !slices.Contains(metrics, s.Metric) {
			metrics = append(metrics, s.Metric)
		}
	}
	if len(runs) > MaxRuns || len(metrics) > MaxMetrics {
		return nil, fmt.Errorf("one picture shows at most %d runs and %d metrics", MaxRuns, MaxMetrics)
	}
	c := &Chart{Title: opts.Title}
	for _, group := range grouped(series, metrics, opts.Log) {
		p := Panel{Metrics: group, coloured: len(runs) == 1}
		for _, s := range series {
			if m := slices.Index(group, s.Metric); m >= 0 {
				curve := newCurve(s, opts.Log, &p)
				curve.color, curve.dash = slices.Index(runs, s.Run), m
				if p.coloured {
					curve.color, curve.dash = slices.Index(metrics, s.Metric), 0
				}
				p.Curves = append(p.Curves, curve)
			}
		}
		if p.setAxes(opts.Log) {
			c.Panels = append(c.Panels, p)
		}
	}
	if len(c.Panels) == 0 {
		return nil, fmt.Errorf("there is no value that can be drawn")
	}
	c.alignSteps()
	c.setLegend(runs, metrics)
	return c, nil
}

// setLegend lists what the curves differ by. A metric that has axes of its own stands above them.
func (c *Chart) setLegend(runs, metrics []string) {
	if len(runs) > 1 {
		for i, run := range runs {
			c.Legend = append(c.Legend, Entry{Label: run, color: i})
		}
	}
	for _, p := range c.Panels {
		for i, m := range p.Metrics {
			switch {
			case len(p.Metrics) == 1:
			case p.coloured:
				c.Legend = append(c.Legend, Entry{Label: m, color: slices.Index(metrics, m)})
			default:
				c.Legend = append(c.Legend, Entry{Label: m, dash: i, grey: true})
			}
		}
	}
	if slices.ContainsFunc(c.Panels, func(p Panel) bool {
		return slices.ContainsFunc(p.Curves, func(c Curve) bool { return len(c.Broken) > 0 })
	}) {
		c.Legend = append(c.Legend, Entry{Label: "NaN or infinity follows", grey: true, marker: true})
	}
}

// grouped puts metrics that can share axes together, in their order: those whose values overlap
// for at least half of the wider range, or at all when they are of one kind, as train_loss and
// val_loss are.
func grouped(series []Series, metrics []string, log bool) [][]string {
	var groups [][]string
	var ranges [][2]float64
	for _, m := range metrics {
		low, high := math.Inf(1), math.Inf(-1)
		for _, s := range series {
			if s.Metric == m {
				for _, v := range s.Values {
					if v, ok := scaled(v, log); ok {
						low, high = min(low, v), max(high, v)
					}
				}
			}
		}
		i := 0
		for ; i < len(groups); i++ {
			needed := 0.5
			if kind(groups[i][0]) == kind(m) {
				needed = 0.01
			}
			r := ranges[i]
			if min(high, r[1])-max(low, r[0]) >= needed*max(high-low, r[1]-r[0]) {
				break
			}
		}
		if i == len(groups) {
			groups = append(groups, []string{m})
			ranges = append(ranges, [2]float64{low, high})
			continue
		}
		groups[i] = append(groups[i], m)
		ranges[i] = [2]float64{min(low, ranges[i][0]), max(high, ranges[i][1])}
	}
	return groups
}

// kind is the last word of a metric's name: "loss" of "val/loss".
func kind(metric string) string {
	return metric[strings.LastIndexAny(metric, "/_.- ")+1:]
}

// scaled is where v stands on an axis; false when it stands nowhere. Numbers that leave no room
// for an axis around them do not.
func scaled(v float64, log bool) (float64, bool) {
	if math.Abs(v) > 1e300 || log && v < 1e-300 {
		return 0, false
	}
	if log {
		v = math.Log10(v)
	}
	return v, finite(v)
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// newCurve makes the lines of a series, and counts in p what cannot be shown.
func newCurve(s Series, log bool, p *Panel) Curve {
	c := Curve{Run: s.Run, Metric: s.Metric}
	c.Lines = lines(s.Steps, s.Values, log)
	if s.Raw != nil {
		c.Raw = lines(s.Steps, s.Raw, log)
	}
	whole := true // so far, the last value was finite
	for i, v := range s.Values {
		if !finite(v) {
			c.NonFinite++
			if whole && i > 0 && len(c.Broken) < 5 {
				if _, ok := scaled(s.Values[i-1], log); ok {
					c.Broken = append(c.Broken, Point{float64(s.Steps[i-1]), s.Values[i-1]})
				}
			}
		} else if _, ok := scaled(v, log); !ok {
			p.Dropped++
		}
		whole = finite(v)
	}
	return c
}

// lines cuts a series where a value cannot be drawn, and where steps are missing: where the next
// one is more than ten times as far as usual.
func lines(steps []int64, values []float64, log bool) [][]Point {
	var all [][]Point
	var line []Point
	gap := 10 * usualStep(steps)
	for i, v := range values {
		_, drawn := scaled(v, log)
		if len(line) > 0 && (!drawn || float64(steps[i])-line[len(line)-1].X > gap) {
			all, line = append(all, line), nil
		}
		if drawn {
			line = append(line, Point{float64(steps[i]), v})
		}
	}
	if len(line) > 0 {
		all = append(all, line)
	}
	return all
}

// usualStep is the median distance of the steps.
func usualStep(steps []int64) float64 {
	if len(steps) < 2 {
		return math.Inf(1)
	}
	distances := make([]int64, len(steps)-1)
	for i := range distances {
		distances[i] = steps[i+1] - steps[i]
	}
	slices.Sort(distances)
	return float64(max(1, distances[len(distances)/2]))
}
