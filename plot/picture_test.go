package plot_test

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/plot"
)

// TestPNG_names holds that a name is seen in any script, and that two differ.
func TestPNG_names(t *testing.T) {
	t.Parallel()
	legend := image.Rect(570, 0, 800, 60)
	seen := make(map[string]string)
	for _, name := range []string{"baseline", "图像分类/残差网络", "數據增強", "データ拡張", "학습률", "обучение", "□□□□",
		strings.Repeat("很长的名字", 40) + "一", strings.Repeat("很长的名字", 40) + "二"} {
		_, img := chart(t, plot.Options{}, series(name, "loss", 50, 1, falling(2, 0)),
			series("other", "loss", 50, 1, falling(3, 0)))
		var b strings.Builder
		for y := legend.Min.Y; y < legend.Max.Y; y++ {
			for x := legend.Min.X; x < legend.Max.X; x++ {
				fmt.Fprint(&b, color.RGBAModel.Convert(img.At(x, y)) == ink)
			}
		}
		if n := pixels(img, legend, ink); n < 20 {
			t.Errorf("%q: the legend has %d dark pixels", name, n)
		}
		if n := pixels(img, image.Rect(797, 0, 800, 400), ink); n > 0 {
			t.Errorf("%q reaches the edge", name)
		}
		if other, found := seen[b.String()]; found {
			t.Errorf("%q and %q look the same", name, other)
		}
		seen[b.String()] = name
	}
}

// TestPNG_curves holds that each of ten runs is seen, in a colour that no other has.
func TestPNG_curves(t *testing.T) {
	t.Parallel()
	var s []plot.Series
	for i := range 10 {
		s = append(s, series(fmt.Sprint("run ", i), "loss", 200, 1, falling(3, float64(i)/5)))
	}
	_, img := chart(t, plot.Options{}, s...)
	counts := make(map[color.Color]int)
	for y := range 400 {
		for x := range 800 {
			counts[color.RGBAModel.Convert(img.At(x, y))]++
		}
	}
	n := 0
	for c, count := range counts {
		r, g, b, _ := c.RGBA()
		if strong := max(r, g, b)-min(r, g, b) > 0x6000 || r+g+b == 0; strong && count > 200 {
			n++
		}
	}
	if n < 10 {
		t.Errorf("%d colours of ten runs are seen", n)
	}
}

// TestPNG_clipped holds that a curve stays within its axes.
func TestPNG_clipped(t *testing.T) {
	t.Parallel()
	s := series("a", "loss", 100, 1, falling(2, 0.1))
	s.Values[50] = 1e6
	_, img := chart(t, plot.Options{Title: "title"}, s, series("b", "loss", 100, 1, falling(1, 0.1)))
	if n := pixels(img, image.Rect(0, 0, 800, 40), blue); n > 60 { // the legend has some
		t.Errorf("%d pixels of the curve are above the axes", n)
	}
	if pixels(img, everywhere, red) < 100 {
		t.Error("the other curve is not seen")
	}
}

// TestPNG_size has noise in every curve that one picture can show.
func TestPNG_size(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	var s []plot.Series
	for run := range plot.MaxRuns {
		for metric := range plot.MaxMetrics {
			noise := func(float64) float64 { return random.Float64() * math.Pow(100, float64(metric)) }
			one := series(fmt.Sprint("run ", run), fmt.Sprint("metric ", metric), 2000, 1, noise)
			one.Raw = series("", "", 2000, 1, noise).Values
			s = append(s, one)
		}
	}
	c, _ := chart(t, plot.Options{}, s...)
	if len(c.Panels) != 4 {
		t.Errorf("%d panels", len(c.Panels))
	}
}

// TestPNG_same holds that the same series give the same bytes, drawn at the same time or not.
func TestPNG_same(t *testing.T) {
	t.Parallel()
	c, err := plot.New([]plot.Series{series("甲", "loss", 300, 1, falling(2, 0)),
		series("b", "loss", 300, 7, falling(3, 1))}, plot.Options{Title: "图"})
	if err != nil {
		t.Fatal(err)
	}
	pictures := make(chan string, 4)
	for range cap(pictures) {
		go func() {
			text, err := c.PNG()
			if err != nil {
				t.Error(err)
			}
			pictures <- string(text)
		}()
	}
	first := <-pictures
	for range cap(pictures) - 1 {
		if <-pictures != first {
			t.Error("two pictures of one chart differ")
		}
	}
}
