package storage

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/analysis"
	"github.com/runicorn-mcp/runicorn-mcp/client"
)

var update = flag.Bool("update", false, "record testdata/statistics anew, with NumPy and pandas")

// A recorded is a float64 in recorded JSON, which writes non-finite ones as text.
type recorded float64

func (n *recorded) UnmarshalJSON(text []byte) error {
	v, err := strconv.ParseFloat(strings.Trim(string(text), `"`), 64)
	*n = recorded(v)
	return err
}

type recordedTail struct {
	Count                         int
	Mean, Deviation, Slope, Error recorded
}

// A recordedSeries is what testdata/statistics/record.py wrote of one series.
type recordedSeries struct {
	Steps          []int64
	Values         []recorded
	Count          int
	FirstStep      int64 `json:"first_step"`
	LastStep       int64 `json:"last_step"`
	First, Last    recorded
	NonFinite      int   `json:"non_finite"`
	FirstBad       int64 `json:"first_bad"`
	LastBad        int64 `json:"last_bad"`
	Min, Max, Mean recorded
	MinStep        int64 `json:"min_step"`
	MaxStep        int64 `json:"max_step"`
	Tail           recordedTail
	TailN          recordedTail `json:"tail_n"`
	From, To       int64
	RangeCount     int      `json:"range_count"`
	RangeMean      recorded `json:"range_mean"`
	SmoothLast     recorded `json:"smooth_last"`
	SmoothLeast    recorded `json:"smooth_min"`
}

// TestStatistics_asNumPyAndPandas reads 200 random series as a run logs them, with gaps, NaN,
// repeated steps and resets, and holds their statistics to those that NumPy and pandas gave.
func TestStatistics_asNumPyAndPandas(t *testing.T) {
	t.Parallel()
	const file = "testdata/statistics/series.jsonl"
	if *update {
		record(t, file)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	seen, bad := 0, 0
	for line := range bytes.Lines(text) {
		var want recordedSeries
		if err := json.Unmarshal(line, &want); err != nil {
			t.Fatal(err)
		}
		seen++
		bad += min(1, want.NonFinite)
		c := comparison{t: t, line: seen, size: want.size()}
		c.series(want)
	}
	if seen != 200 || bad < 50 {
		t.Errorf("%d series, %d of them with NaN or infinity", seen, bad)
	}
}

// record runs record.py; it needs a Python that has NumPy and pandas.
func record(t *testing.T, file string) {
	t.Helper()
	if err := exec.Command("python3", "-c", "import numpy, pandas").Run(); err != nil {
		t.Skipf("python3 on the PATH has no NumPy and pandas (pip install numpy pandas): %v", err)
	}
	out, err := exec.Command("python3", "testdata/statistics/record.py").Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, out, 0o644); err != nil {
		t.Fatal(err)
	}
}

// size is the greatest finite value, to which differences are relative.
func (s recordedSeries) size() float64 {
	size := 0.0
	for _, v := range s.Values {
		if a := math.Abs(float64(v)); !math.IsInf(a, 0) && a > size {
			size = a
		}
	}
	return size
}

// events is the series as an events.jsonl.
func (s recordedSeries) events() string {
	var b strings.Builder
	w := bufio.NewWriter(&b)
	for i, step := range s.Steps {
		v := strings.Replace(fmt.Sprint(float64(s.Values[i])), "Inf", "Infinity", 1)
		fmt.Fprintf(w, `{"ts":1,"type":"metrics","data":{"m":%s,"global_step":%d}}`+"\n",
			strings.TrimPrefix(v, "+"), step)
	}
	w.Flush()
	return b.String()
}

type comparison struct {
	t    *testing.T
	line int
	size float64
}

func (c comparison) series(want recordedSeries) {
	m, err := ReadEvents(c.t.Context(), strings.NewReader(want.events()), nil)
	if err != nil || len(m.Series) != 1 || len(m.Problems) > 0 {
		c.t.Fatalf("line %d: %+v (%v)", c.line, m, err)
	}
	s := m.Series[0]
	got := analysis.Describe(s.Steps, s.Values)
	c.equal("counts and steps",
		[]int64{int64(want.Count), want.FirstStep, want.LastStep, int64(want.NonFinite),
			want.FirstBad, want.LastBad, want.MinStep, want.MaxStep},
		[]int64{int64(got.Count), got.FirstStep, got.LastStep, int64(got.NonFinite),
			got.FirstNonFiniteStep, got.NonFiniteStep, got.MinStep, got.MaxStep})
	c.equal("first, last, min and max",
		[]float64{float64(want.First), float64(want.Last), float64(want.Min), float64(want.Max)},
		[]float64{got.First, got.Last, got.Min, got.Max})
	c.near("mean", want.Mean, got.Mean)
	c.tail("tail", want.Tail, got)
	c.tail("tail of 7", want.TailN, analysis.DescribeTail(s.Steps, s.Values, 7))
	middle := s.Between(want.From, want.To)
	c.equal("points of a range", int64(want.RangeCount), int64(len(middle.Steps)))
	if want.RangeCount == 0 {
		want.RangeMean = 0 // of the zero Stats
	}
	c.near("mean of a range", want.RangeMean, analysis.Describe(middle.Steps, middle.Values).Mean)
	c.smooth(want, s)
}

func (c comparison) tail(what string, want recordedTail, got analysis.Stats) {
	c.equal(what+" count", want.Count, got.TailCount)
	c.near(what+" mean", want.Mean, got.TailMean)
	c.near(what+" deviation", want.Deviation, got.TailDeviation)
	c.near(what+" slope", want.Slope, got.TailSlope)
	if float64(want.Error) > 1e-9*c.size { // else it is rounding, and its r is chance
		c.near(what+" slope error", want.Error, got.TailSlopeError)
	}
}

func (c comparison) smooth(want recordedSeries, s client.MetricSeries) {
	last, least := math.NaN(), math.NaN()
	for i, v := range analysis.Smooth(s.Values, 0.8) {
		if bad := math.IsNaN(v) || math.IsInf(v, 0); bad != (math.IsNaN(s.Values[i]) ||
			math.IsInf(s.Values[i], 0)) {
			c.t.Errorf("line %d: value %v is %v when smoothed", c.line, s.Values[i], v)
		} else if !bad {
			if last = v; !(v >= least) {
				least = v
			}
		}
	}
	c.near("last of the moving average", want.SmoothLast, last)
	c.near("least of the moving average", want.SmoothLeast, least)
}

func (c comparison) equal(what string, want, got any) {
	if fmt.Sprint(want) != fmt.Sprint(got) {
		c.t.Errorf("line %d: %s are %v, want %v", c.line, what, got, want)
	}
}

// near holds to nine digits of the series' greatest value.
func (c comparison) near(what string, want recorded, got float64) {
	w := float64(want)
	if w == got || math.IsNaN(w) && math.IsNaN(got) {
		return
	}
	if !(math.Abs(w-got) <= 1e-9*c.size) {
		c.t.Errorf("line %d: %s is %v, want %v", c.line, what, got, w)
	}
}
