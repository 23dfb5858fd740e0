package plot_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/runicorn-mcp/runicorn-mcp/plot"
)

func series(run, metric string, n, every int, f func(x float64) float64) plot.Series {
	s := plot.Series{Run: run, Metric: metric}
	for i := every; i <= n; i += every {
		s.Steps = append(s.Steps, int64(i))
		s.Values = append(s.Values, f(float64(i)/float64(n)))
	}
	return s
}

func falling(from, to float64) func(float64) float64 {
	return func(x float64) float64 { return to + (from-to)*math.Exp(-4*x) }
}

// chart lays out a chart and draws it.
func chart(t *testing.T, opts plot.Options, s ...plot.Series) (*plot.Chart, image.Image) {
	t.Helper()
	c, err := plot.New(s, opts)
	if err != nil {
		t.Fatal(err)
	}
	text, err := c.PNG()
	if err != nil {
		t.Fatal(err)
	}
	if len(text) > plot.MaxBytes {
		t.Errorf("the picture has %d bytes", len(text))
	}
	img, err := png.Decode(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if img.Bounds() != image.Rect(0, 0, 800, 400) {
		t.Errorf("the picture is %v", img.Bounds())
	}
	return c, img
}

// pixels counts those of a colour in a part of the picture.
func pixels(img image.Image, in image.Rectangle, want color.RGBA) int {
	n := 0
	for y := in.Min.Y; y < in.Max.Y; y++ {
		for x := in.Min.X; x < in.Max.X; x++ {
			if color.RGBAModel.Convert(img.At(x, y)) == want {
				n++
			}
		}
	}
	return n
}

var (
	everywhere = image.Rect(0, 0, 800, 400)
	blue       = color.RGBA{0x1f, 0x77, 0xb4, 0xff}
	red        = color.RGBA{0xd6, 0x27, 0x28, 0xff}
	ink        = color.RGBA{0x22, 0x22, 0x22, 0xff}
)

// shape is what a chart has, in words.
func shape(c *plot.Chart) []string {
	var list []string
	for _, p := range c.Panels {
		list = append(list, fmt.Sprintf("%s: steps %.5g to %.5g, values %.3g to %.3g, cut %t, %d dropped",
			strings.Join(p.Metrics, "+"), p.X.Min, p.X.Max, p.Y.Min, p.Y.Max, p.Cut, p.Dropped))
		for _, k := range p.Curves {
			list = append(list, fmt.Sprintf("  %s %s: %d lines, %d broken, %d non-finite, beyond %v",
				k.Run, k.Metric, len(k.Lines), len(k.Broken), k.NonFinite, k.Beyond != nil))
		}
	}
	for _, e := range c.Legend {
		list = append(list, "legend "+e.Label)
	}
	return list
}

func TestNew(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	with := func(s plot.Series, at int, v ...float64) plot.Series {
		copy(s.Values[at:], v)
		return s
	}
	without := func(s plot.Series, from, to int) plot.Series {
		s.Steps = append(s.Steps[:from:from], s.Steps[to:]...)
		s.Values = append(s.Values[:from:from], s.Values[to:]...)
		return s
	}
	loss := func(run string) plot.Series { return series(run, "loss", 100, 1, falling(2, 0.1)) }
	tests := []struct {
		name   string
		opts   plot.Options
		series []plot.Series
		want   []string
	}{
		{"one curve has no legend", plot.Options{}, []plot.Series{loss("a")}, []string{
			"loss: steps 1 to 100, values 0.0632 to 2, cut false, 0 dropped",
			"  a loss: 1 lines, 0 broken, 0 non-finite, beyond false"}},
		{"runs", plot.Options{}, []plot.Series{loss("a"), loss("b")}, []string{
			"loss: steps 1 to 100, values 0.0632 to 2, cut false, 0 dropped",
			"  a loss: 1 lines, 0 broken, 0 non-finite, beyond false",
			"  b loss: 1 lines, 0 broken, 0 non-finite, beyond false", "legend a", "legend b"}},
		{"metrics that share axes, and one that does not", plot.Options{}, []plot.Series{loss("a"),
			series("a", "val_loss", 90, 10, falling(2.2, 0.4)), series("a", "lr", 80, 1, falling(1e-3, 0))}, []string{
			"loss+val_loss: steps 1 to 100, values 0.0632 to 2, cut false, 0 dropped",
			"  a loss: 1 lines, 0 broken, 0 non-finite, beyond false",
			"  a val_loss: 1 lines, 0 broken, 0 non-finite, beyond false",
			"lr: steps 1 to 100, values -1.9e-05 to 0.000989, cut false, 0 dropped",
			"  a lr: 1 lines, 0 broken, 0 non-finite, beyond false", "legend loss", "legend val_loss"}},
		{"NaN", plot.Options{}, []plot.Series{with(loss("a"), 50, nan, math.Inf(1), nan)}, []string{
			"loss: steps 1 to 100, values 0.0632 to 2, cut false, 0 dropped",
			"  a loss: 2 lines, 1 broken, 3 non-finite, beyond false", "legend NaN or infinity follows"}},
		{"missing steps", plot.Options{}, []plot.Series{without(loss("a"), 50, 70)}, []string{
			"loss: steps 1 to 100, values 0.0632 to 2, cut false, 0 dropped",
			"  a loss: 2 lines, 0 broken, 0 non-finite, beyond false"}},
		{"a few missing steps", plot.Options{}, []plot.Series{without(loss("a"), 50, 55)}, []string{
			"loss: steps 1 to 100, values 0.0632 to 2, cut false, 0 dropped",
			"  a loss: 1 lines, 0 broken, 0 non-finite, beyond false"}},
		{"a spike", plot.Options{}, []plot.Series{with(loss("a"), 50, 1e6)}, []string{
			"loss: steps 1 to 100, values 0.0524 to 2.28, cut true, 0 dropped",
			"  a loss: 1 lines, 0 broken, 0 non-finite, beyond true"}},
		{"one of three diverges", plot.Options{}, []plot.Series{loss("a"), loss("b"),
			series("c", "loss", 100, 1, func(x float64) float64 { return math.Exp(20 * x) })}, []string{
			"loss: steps 1 to 100, values 0.0557 to 2.19, cut true, 0 dropped",
			"  a loss: 1 lines, 0 broken, 0 non-finite, beyond false",
			"  b loss: 1 lines, 0 broken, 0 non-finite, beyond false",
			"  c loss: 1 lines, 0 broken, 0 non-finite, beyond true", "legend a", "legend b", "legend c"}},
		{"logarithmic", plot.Options{Log: true}, []plot.Series{with(loss("a"), 50, 0, -1)}, []string{
			"loss: steps 1 to 100, values 0.121 to 2.14, cut false, 2 dropped",
			"  a loss: 2 lines, 0 broken, 0 non-finite, beyond false"}},
		{"one point", plot.Options{}, []plot.Series{{Run: "a", Metric: "val_accuracy", Steps: []int64{7}, Values: []float64{0.5}}},
			[]string{"val_accuracy: steps 6 to 8, values 0.475 to 0.525, cut false, 0 dropped",
				"  a val_accuracy: 1 lines, 0 broken, 0 non-finite, beyond false"}},
		{"nothing of one run", plot.Options{}, []plot.Series{loss("a"), {Run: "b", Metric: "loss", Steps: []int64{1},
			Values: []float64{nan}}}, []string{"loss: steps 1 to 100, values 0.0632 to 2, cut false, 0 dropped",
			"  a loss: 1 lines, 0 broken, 0 non-finite, beyond false",
			"  b loss: 0 lines, 0 broken, 1 non-finite, beyond false", "legend a", "legend b"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, img := chart(t, tt.opts, tt.series...)
			if d := cmp.Diff(tt.want, shape(c)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if pixels(img, everywhere, blue) < 5 || pixels(img, everywhere, ink) < 10 {
				t.Error("the picture lacks the curve or its name")
			}
		})
	}
}

func TestNew_refused(t *testing.T) {
	t.Parallel()
	var many, metrics []plot.Series
	for i := range 11 {
		many = append(many, series(fmt.Sprint(i), "loss", 10, 1, falling(1, 0)))
		metrics = append(metrics, series("a", fmt.Sprint(i), 10, 1, falling(1, 0)))
	}
	nothing := series("a", "loss", 10, 1, func(float64) float64 { return math.NaN() })
	for name, s := range map[string][]plot.Series{
		"at most 10 runs": many, "and 4 metrics": metrics, "no value": {nothing}, "no value that": nil,
	} {
		if _, err := plot.New(s, plot.Options{}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTicks(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		low, high float64
		log       bool
		want      string
	}{
		{0, 1, false, "0 0.2 0.4 0.6 0.8 1.0"}, {0.1, 2.3, false, "0.5 1.0 1.5 2.0"},
		{-1, 1, false, "-1.0 -0.5 0 0.5 1.0"}, {0, 3e-5, false, "0 1e-05 2e-05 3e-05"},
		{0, 32_000_000, false, "0 10M 20M 30M"}, {20_000, 45_000, false, "20k 25k 30k 35k 40k 45k"},
		{1e12, 3e12, false, "1e+12 1.5e+12 2e+12 2.5e+12 3e+12"},
		{1e-4, 1, true, "0.0001 0.001 0.01 0.1 1"}, {0.1, 5, true, "0.1 0.2 0.5 1 2 5"},
		{1, 4, true, "1 1.5 2 3 4"}, {1e-30, 1, true, "1e-28 1e-24 1e-20 1e-16 1e-12 1e-08 0.0001 1"},
	} {
		c, err := plot.New([]plot.Series{series("a", "m", 100, 1, func(x float64) float64 {
			if tt.log {
				return tt.low * math.Pow(tt.high/tt.low, x)
			}
			return tt.low + (tt.high-tt.low)*x
		})}, plot.Options{Log: tt.log})
		if err != nil {
			t.Fatal(err)
		}
		var labels []string
		for _, tick := range c.Panels[0].Y.Ticks {
			labels = append(labels, tick.Label)
		}
		if got := strings.Join(labels, " "); got != tt.want {
			t.Errorf("%g to %g: %s, want %s", tt.low, tt.high, got, tt.want)
		}
	}
}
