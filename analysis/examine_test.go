package analysis_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"unicode/utf8"

	"github.com/runicorn-mcp/runicorn-mcp/analysis"
)

// FuzzExamine holds that no curve, however odd, breaks the rules: what is found names a metric
// there is, a step of it, and says so in a short sentence.
func FuzzExamine(f *testing.F) {
	for kind := range uint8(12) {
		f.Add(uint64(kind), kind, uint16(50*int(kind)))
	}
	names := []string{"train_loss", "val_loss", "loss", "val_accuracy", "gpu_util", "lr", "train_acc",
		"reward", "", "验证损失"}
	f.Fuzz(func(t *testing.T, seed uint64, kinds uint8, points uint16) {
		random := rand.New(rand.NewPCG(seed, uint64(kinds)))
		var curves []analysis.Curve
		for i := range 1 + int(kinds%4) {
			curves = append(curves, oddCurve(random, names[random.IntN(len(names))],
				random.IntN(1+int(points%3000)), (int(kinds)+i)%9))
		}
		findings, unchecked := analysis.Examine(curves)
		for _, found := range findings {
			if !found.Located || found.Rule == "" || !hasStep(curves, found) ||
				utf8.RuneCountInString(found.Text) > 300 || found.Text == "" {
				t.Errorf("%+v", found)
			}
		}
		if len(unchecked) > 2+len(curves) {
			t.Errorf("%q", unchecked)
		}
	})
}

func hasStep(curves []analysis.Curve, f analysis.Finding) bool {
	return slices.ContainsFunc(curves, func(c analysis.Curve) bool {
		return c.Name == f.Metric && slices.Contains(c.Steps, f.Step)
	})
}

// oddCurve is a curve of some kind that training does not log on a good day.
func oddCurve(random *rand.Rand, name string, n, kind int) analysis.Curve {
	c := analysis.Curve{Name: name}
	step := int64(random.IntN(1000)) - 500
	if kind == 8 {
		step = math.MinInt64
	}
	odd := []float64{math.NaN(), math.Inf(1), math.Inf(-1), 0, math.MaxFloat64, -math.MaxFloat64,
		math.SmallestNonzeroFloat64, 1}
	for i := range n {
		v := 1.0
		switch kind {
		case 0: // constant
		case 1:
			v = 0
		case 2:
			v = odd[random.IntN(len(odd))]
		case 3:
			v = random.NormFloat64()
		case 4:
			v = float64(i)
		case 5:
			v = -math.Exp(float64(i) / 5)
		case 6:
			v = float64(i % 2)
		case 7:
			v = 1e300 * random.NormFloat64()
		case 8:
			v = 5 - math.Log(float64(i+1)) + 100*float64(1/(1+i%97))
		}
		c.Steps, c.Values = append(c.Steps, step), append(c.Values, v)
		step += 1 + int64(random.IntN(5))
	}
	return c
}

// TestExamine_silent has curves that only look as if something were wrong.
func TestExamine_silent(t *testing.T) {
	t.Parallel()
	curve := func(name string, n, every int, at func(i int) float64, from ...int64) analysis.Curve {
		c := analysis.Curve{Name: name}
		for i := range n {
			step := int64(i * every)
			for _, f := range from {
				step += f
			}
			c.Steps, c.Values = append(c.Steps, step), append(c.Values, at(i))
		}
		return c
	}
	train := curve("train_loss", 300, 1, func(i int) float64 { return 0.1 + math.Exp(-float64(i)/100) })
	for what, curves := range map[string][]analysis.Curve{
		"a jump that mends": {train, curve("val_loss", 30, 10, func(i int) float64 {
			if i <= 10 {
				return 1 - 0.06*float64(i)
			}
			return 0.6 - 0.004*float64(i-10)
		})},
		"a network at odds with another": {curve("g_loss", 300, 1, func(i int) float64 {
			return 1 + 0.02*float64(i) + 0.05*float64(i%2)
		})},
		"goes on where another stopped": {curve("loss", 300, 1, func(i int) float64 {
			return 0.3 + 0.001*float64(i%2)
		}, 40_000)},
		"a counter": {curve("errors", 300, 1, func(i int) float64 { return float64(i / 3) })},
		"a rising rate": {curve("loss", 300, 1, func(i int) float64 {
			return 2 - 0.003*float64(i) + 0.001*float64(i%2) + map[bool]float64{true: 3}[i >= 150 && i < 154]
		}), curve("lr", 300, 1, func(i int) float64 {
			return map[bool]float64{true: 0.1, false: 0.01}[i >= 150]
		})},
	} {
		if findings, _ := analysis.Examine(curves); len(findings) > 0 {
			t.Errorf("%s: %+v", what, findings)
		}
	}
}

// TestExamine_heavyTails has noise in which outliers are usual: Student's t, three degrees of
// freedom.
func TestExamine_heavyTails(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 3))
	for range 150 {
		c := analysis.Curve{Name: "loss"}
		for i := range 200 + random.IntN(1500) {
			chi := 0.0
			for range 3 {
				x := random.NormFloat64()
				chi += x * x
			}
			v := 1 + 0.06*math.Abs(random.NormFloat64()/math.Sqrt(chi/3))
			c.Steps, c.Values = append(c.Steps, int64(i)), append(c.Values, v*math.Exp(-float64(i)/500))
		}
		if findings, _ := analysis.Examine([]analysis.Curve{c}); len(findings) > 0 {
			t.Errorf("%+v", findings)
		}
	}
}

// TestExamine_unchecked says what could not be checked, and why.
func TestExamine_unchecked(t *testing.T) {
	t.Parallel()
	line := func(name string, n int) analysis.Curve { // 50 steps
		c := analysis.Curve{Name: name}
		for i := range n {
			c.Steps = append(c.Steps, int64(i*50/n))
			c.Values = append(c.Values, 1-float64(i)/1000)
		}
		return c
	}
	for _, test := range []struct {
		curves []analysis.Curve
		want   []string
	}{
		{nil, []string{"overfitting: no validation metric is logged",
			"divergence, spikes and plateau: no loss or score has 20 values"}},
		{[]analysis.Curve{line("loss", 50)}, []string{"overfitting: no validation metric is logged"}},
		{[]analysis.Curve{line("loss", 50), line("val_loss", 3)}, []string{"overfitting: it takes 8 " +
			"values of a validation metric and 20 of the training metric of the same name"}},
		{[]analysis.Curve{line("train_loss", 50), line("val_loss", 8)}, nil},
		{[]analysis.Curve{line("loss", 50), line("mean_reward", 50)}, []string{"divergence, spikes, " +
			`plateau and overfitting: "mean_reward" makes it reinforcement learning, whose losses ` +
			"rise and fall"}},
	} {
		findings, unchecked := analysis.Examine(test.curves)
		if len(findings) > 0 || !slices.Equal(unchecked, test.want) {
			t.Errorf("%+v, %q, want %q", findings, unchecked, test.want)
		}
	}
}
