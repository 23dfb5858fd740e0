package analysis_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/runicorn-mcp/runicorn-mcp/analysis"
)

var nan, inf = math.NaN(), math.Inf(1)

// noSlope leaves the slope to TestTailTrend and to the recorded statistics in client/storage.
var noSlope = cmpopts.IgnoreFields(analysis.Stats{}, "TailSlope", "TailSlopeError")

func TestDescribe(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		values []float64
		want   analysis.Stats
	}{
		{name: "empty", values: nil, want: analysis.Stats{}},
		{name: "one", values: []float64{3}, want: analysis.Stats{
			Count: 1, FirstStep: 10, LastStep: 10, First: 3, Last: 3, Min: 3, Max: 3,
			MinStep: 10, MaxStep: 10, Mean: 3, TailMean: 3, TailCount: 1,
		}},
		{name: "first of equal extremes", values: []float64{2, 1, 1, 2}, want: analysis.Stats{
			Count: 4, FirstStep: 10, LastStep: 13, First: 2, Last: 2, Min: 1, Max: 2,
			MinStep: 11, MaxStep: 10, Mean: 1.5, TailMean: 2, TailCount: 1,
		}},
		{name: "non-finite counted and located", values: []float64{1, nan, 5, -inf, 3},
			want: analysis.Stats{
				Count: 5, FirstStep: 10, LastStep: 14, First: 1, Last: 3, NonFinite: 2,
				FirstNonFiniteStep: 11, NonFiniteStep: 13, Min: 1, Max: 5, MinStep: 10,
				MaxStep: 12, Mean: 3, TailMean: 3, TailCount: 1,
			}},
		{name: "nothing finite", values: []float64{nan, inf}, want: analysis.Stats{
			Count: 2, FirstStep: 10, LastStep: 11, First: nan, Last: inf, NonFinite: 2,
			FirstNonFiniteStep: 10, NonFiniteStep: 11, Min: nan, Max: nan, Mean: nan,
			TailMean: nan, TailDeviation: nan, TailCount: 1,
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			steps := make([]int64, len(tt.values))
			for i := range steps {
				steps[i] = int64(10 + i)
			}
			got := analysis.Describe(steps, tt.values)
			if d := cmp.Diff(tt.want, got, cmpopts.EquateNaNs(),
				cmpopts.IgnoreUnexported(analysis.Stats{}), noSlope); d != "" {
				t.Errorf("Describe (-want +got):\n%s", d)
			}
		})
	}
}

func TestDescribe_tail(t *testing.T) {
	t.Parallel()
	var steps []int64
	var values []float64
	for i := range 100 {
		steps, values = append(steps, int64(i)), append(values, float64(i))
	}
	got := analysis.Describe(steps, values)
	if got.TailCount != 10 || got.TailMean != 94.5 || math.Abs(got.TailDeviation-2.8722813) > 1e-6 {
		t.Errorf("tail = %d points, mean %v, deviation %v; want 10, 94.5, 2.8722813",
			got.TailCount, got.TailMean, got.TailDeviation)
	}
}

func TestTailTrend(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	noise := func(i int) float64 { return random.NormFloat64() }
	drift := 0.0
	tests := []struct {
		name string
		n    int
		at   func(i int) float64
		want int
	}{
		{"rising line", 9, func(i int) float64 { return float64(i) }, 1},
		{"falling under noise", 200, func(i int) float64 { return noise(i) - float64(i)/10 }, -1},
		{"noise", 200, noise, 0},
		{"constant", 50, func(int) float64 { return 2.302585 }, 0},
		{"too few", 4, func(i int) float64 { return float64(i) }, 0},
		{"five of noise", 5, noise, 0},
		{"holes", 40, func(i int) float64 {
			return map[bool]float64{true: nan, false: float64(i)}[i%3 == 0]
		}, 1},
		// It wanders: its points are near each other, so that few of them are evidence.
		{"slow wave", 100, func(i int) float64 {
			drift = 0.97*drift + noise(i)
			return drift
		}, 0},
	}
	for _, tt := range tests {
		var steps []int64
		var values []float64
		for i := range tt.n {
			steps, values = append(steps, int64(i)), append(values, tt.at(i))
		}
		if got := analysis.DescribeTail(steps, values, tt.n); got.TailTrend() != tt.want {
			t.Errorf("%s: %d, want %d (%v ± %v)", tt.name, got.TailTrend(), tt.want, got.TailSlope,
				got.TailSlopeError)
		}
	}
}

func TestSmooth(t *testing.T) {
	t.Parallel()
	values := []float64{1, nan, 3, inf, 5}
	got := analysis.Smooth(values, 0.5)
	want := []float64{1, nan, (3 + 0.5) / 1.5, inf, (5 + 1.5 + 0.25) / 1.75}
	if d := cmp.Diff(want, got, cmpopts.EquateNaNs(), cmpopts.EquateApprox(0, 1e-12)); d != "" {
		t.Errorf("Smooth (-want +got):\n%s", d)
	}
	if got := analysis.Smooth(values, 0); !cmp.Equal(values, got, cmpopts.EquateNaNs()) {
		t.Errorf("a weight of 0 gives %v", got)
	}
}

func TestAt(t *testing.T) {
	t.Parallel()
	steps := []int64{10, 20, 30}
	for step, want := range map[int64]int{5: 0, 10: 0, 19: 0, 20: 1, 30: 2, 99: 2} {
		if got := analysis.At(steps, step); got != want {
			t.Errorf("At(%d) = %d, want %d", step, got, want)
		}
	}
	if got := analysis.At(nil, 1); got != -1 {
		t.Errorf("At of nothing = %d", got)
	}
}

func TestThin(t *testing.T) {
	t.Parallel()
	spike := make([]float64, 1000)
	spike[517], spike[200] = 9, -9
	tests := []struct {
		name   string
		values []float64
		n      int
		want   []int
	}{
		{"nothing wanted", []float64{1, 2}, 0, nil},
		{"nothing there", nil, 5, nil},
		{"all fit", []float64{1, 2, 3}, 3, []int{0, 1, 2}},
		{"one", []float64{1, 2, 3}, 1, []int{2}},
		{"two", []float64{1, 2, 3}, 2, []int{0, 2}},
		{"extremes survive", spike, 4, []int{0, 200, 517, 999}},
		{"stretch without a number", []float64{1, nan, nan, inf, 1}, 4, []int{0, 1, 4}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := analysis.Thin(tt.values, tt.n); !slices.Equal(got, tt.want) {
				t.Errorf("Thin = %v, want %v", got, tt.want)
			}
		})
	}
}

func FuzzThin(f *testing.F) {
	f.Add(1000, 50, int64(1))
	f.Fuzz(func(t *testing.T, length, n int, seed int64) {
		length, n = length&0xfff, n&0x3ff
		values := make([]float64, length)
		low, high := 0, 0
		for i := range values {
			seed = seed*6364136223846793005 + 1442695040888963407
			values[i] = float64(seed >> 40)
			if values[i] < values[low] {
				low = i
			}
			if values[i] > values[high] {
				high = i
			}
		}
		got := analysis.Thin(values, n)
		if len(got) > n || !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != len(got) {
			t.Fatalf("Thin(%d values, %d) = %v: too many, unsorted or twice", length, n, got)
		}
		if n >= 4 && length > 0 {
			kept := func(v float64) bool {
				return slices.ContainsFunc(got, func(i int) bool { return values[i] == v })
			}
			if got[0] != 0 || got[len(got)-1] != length-1 || !kept(values[low]) || !kept(values[high]) {
				t.Fatalf("Thin(%d values, %d) lost an end or an extreme: %v", length, n, got)
			}
		}
	})
}

func TestNearest(t *testing.T) {
	t.Parallel()
	have := []string{"train_loss", "val_loss", "val/accuracy", "lr", "学习率", "val_loss"}
	tests := []struct {
		want string
		got  []string
	}{
		{"val/loss", []string{"val_loss"}},
		{"Val_Accuracy", []string{"val/accuracy"}},
		{"los", []string{"train_loss"}}, // as like as val_loss: the order of have decides
		{"学习", []string{"学习率"}},
		{"accuracy val", []string{"val/accuracy"}},
		{"zzz", nil},
		{"", nil},
	}
	for _, tt := range tests {
		got := analysis.Nearest(tt.want, have, 1)
		if !slices.Equal(got, tt.got) {
			t.Errorf("Nearest(%q) = %q, want %q", tt.want, got, tt.got)
		}
	}
}
