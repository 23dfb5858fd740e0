package analysis_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/analysis"
)

// TestExamine_excursion finds a loss that gave up much for a while and came back, and nothing in
// what looks like it and is meant.
func TestExamine_excursion(t *testing.T) {
	t.Parallel()
	bump := func(from, to, height float64) func(x float64) float64 { // of the run, from 0 to 1
		return func(x float64) float64 {
			if x < from || x > to {
				return 0
			}
			return height * math.Sin(math.Pi*(x-from)/(to-from))
		}
	}
	falls := func(x float64) float64 { return 2.5 + 6*math.Exp(-x*12) }
	for _, c := range []struct {
		name  string
		extra func(x float64) float64
		want  string // of the finding; "" for none
	}{
		{"healthy", func(float64) float64 { return 0 }, ""},
		{"excursion", bump(0.3, 0.5, 4.5), "rose from about 2."},
		{"small", bump(0.3, 0.5, 0.8), ""},
		{"warm-up", bump(0.01, 0.09, 4), ""},
		{"restarts", func(x float64) float64 { return bump(0.3, 0.45, 4)(x) + bump(0.6, 0.75, 4)(x) }, ""},
		{"at the end", bump(0.8, 1.2, 5), ""}, // whatever that is, it has not come back
	} {
		random := rand.New(rand.NewPCG(1, 2))
		curve := analysis.Curve{Name: "train_loss"}
		for i := range 400 {
			x := float64(i) / 400
			curve.Steps = append(curve.Steps, int64(i*50))
			curve.Values = append(curve.Values, (falls(x)+c.extra(x))*(1+0.02*random.NormFloat64()))
		}
		findings, _ := analysis.Examine([]analysis.Curve{curve})
		var spikes []string
		for _, f := range findings {
			if f.Rule == analysis.RuleSpike {
				spikes = append(spikes, f.Text)
			}
		}
		if got := strings.Join(spikes, "; "); (got == "") != (c.want == "") || !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if c.want != "" { // a learning rate that rises means it
			lr := analysis.Curve{Name: "lr", Steps: curve.Steps}
			for i := range curve.Steps {
				lr.Values = append(lr.Values, 1e-4*(1+float64(i/120)))
			}
			if findings, _ = analysis.Examine([]analysis.Curve{curve, lr}); len(findings) != 0 {
				t.Errorf("%s, with a rate that rises: %v", c.name, findings)
			}
		}
	}
}
