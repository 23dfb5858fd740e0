package tools_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/internal/testkit"
)

// TestCompareRuns_noise says where runs end no farther apart than their values scatter.
func TestCompareRuns_noise(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	for i, alias := range []string{"one", "two", "far"} {
		run := fmt.Sprintf("p/n/20250101_10000%d_aaaaaa", i)
		s.run(run, 1_700_000_000+i, fmt.Sprintf(`,"alias":%q`, alias))
		s.metrics(run, 100, map[string]func(int) float64{"loss": func(step int) float64 {
			return 1 + float64(step%2)/10 + []float64{0, 0.01, 0.5}[i]
		}})
	}
	env := s.env()
	for runs, want := range map[string]string{
		`["one","two"]`: "best one with 1 at step 2, then two with 1.01 (+1 %); in the tail one by 0.01, " +
			"no more than its deviation",
		`["one","far"]`: `then far with 1.5 (+50 %); in the tail one by 0.5"`,
	} {
		text, _ := must(t, env, "compare_runs", `{"run_ids":`+runs+`,"metric_name":"loss"}`)
		if !strings.Contains(text, want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
}

// TestCompareRuns_unequalLength compares runs also where the shortest of them ends.
func TestCompareRuns_unequalLength(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	falling := func(from float64) func(int) float64 {
		return func(step int) float64 { return from - float64(step) }
	}
	for i, r := range []struct {
		alias string
		steps int
		loss  func(int) float64
	}{
		{"long", 100, falling(1000)}, {"fast", 60, falling(990)}, {"nearly", 96, falling(1001)},
		{"gone", 5, falling(900)}, {"poor", 50, falling(2000)}, {"same", 50, falling(1000)},
		{"noisy", 50, func(step int) float64 { return 1001 - float64(step) + 9*float64(step%2) }},
		{"broken", 60, func(step int) float64 {
			if step > 50 {
				return math.NaN()
			}
			return 1
		}},
		{"numb", 100, func(step int) float64 {
			if step < 9 {
				return math.NaN()
			}
			return 1000 - float64(step)
		}},
	} {
		run := fmt.Sprintf("p/n/20250101_10000%d_aaaaaa", i)
		s.run(run, 1_700_000_000+i, fmt.Sprintf(`,"alias":%q`, r.alias))
		s.metrics(run, r.steps, map[string]func(int) float64{"loss": r.loss})
	}
	// One that resumed another begins late, and logs every third step.
	s.run("p/n/20250102_100000_aaaaaa", 1_700_000_100, `,"alias":"late"`)
	s.write("p/n/20250102_100000_aaaaaa", "events.jsonl", every(3, 70, 100))
	s.run("p/n/20250102_100001_aaaaaa", 1_700_000_101, `,"alias":"thirds"`)
	s.write("p/n/20250102_100001_aaaaaa", "events.jsonl", every(3, 1, 100))
	env := s.env()
	for runs, want := range map[string]string{
		`["long","fast"]`: "; at step 60, the last that both have, fast leads by 10; long reaches 930 " +
			"at step 70\"]",
		`["fast","long","poor"]`: "; at step 50, the last that all have, fast leads by 10\"]",
		// A value that is never reached is that of the best run, which is said already.
		`["poor","gone"]`:        "; at step 5, the last that both have, gone leads by 1100\"]",
		`["fast","long","gone"]`: "; at step 60, the last that all but gone have, fast leads by 10\"]",
		`["long","same"]`:        "; at step 50, the last that both have, none leads; long reaches 950 at",
		`["long","noisy"]`: "noisy with 951 (+5.7 %); at step 50, the last that both have, long leads by 1, no " +
			"more than its deviation; long reaches 951 at step 49\"]",
		`["fast","thirds"]`: "; at step 60, the last that both have, fast leads by 12; " +
			"thirds reaches 930 at step 70\"]",
		`["numb","fast"]`:   "fast leads by 10; numb reaches 930 at step 70\"]",
		`["long","nearly"]`: "nearly with 905 (+0.56 %); in the tail", // of about the same length
		`["fast","late"]`:   "fast with 930 (+3.3 %); in the tail",
		`["long","broken"]`: "long with 900 (+90000 %); ends without a number: broken",
	} {
		text, _ := must(t, env, "compare_runs", `{"run_ids":`+runs+`,"metric_name":"loss","limit":0}`)
		if !strings.Contains(text, want) {
			t.Errorf("%s: no %s in %s", runs, want, text)
		}
	}
}

// every is events of a loss of 1000 less the step, every n steps.
func every(n, from, to int) string {
	var b strings.Builder
	for step := from; step <= to; step += n {
		fmt.Fprintf(&b, `{"ts":1,"type":"metrics","data":{"loss":%d,"global_step":%d}}`+"\n", 1000-step, step)
	}
	return b.String()
}

// TestCompareRuns_assumed names no best of what may be better either way.
func TestCompareRuns_assumed(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	for i, alias := range []string{"one", "two", "nan", "same"} {
		run := fmt.Sprintf("p/n/20250101_10000%d_aaaaaa", i)
		s.run(run, 1_700_000_000+i, fmt.Sprintf(`,"alias":%q`, alias))
		s.metrics(run, 10, map[string]func(int) float64{"lr": func(step int) float64 {
			if alias == "nan" && step > 5 {
				return math.NaN()
			}
			return []float64{1, 3, 8, 1}[i] * float64(step)
		}})
	}
	env := s.env()
	for runs, want := range map[string]string{
		`["one"]`:        "between 1 and 10, last 10",
		`["two","one"]`:  "between 1 and 30, last from 10 (one) to 30 (two)",
		`["one","same"]`: "between 1 and 10, last 10",
		`["one","nan"]`:  "between 1 and 40, last 10; ends without a number: nan",
		`["nan"]`:        "between 8 and 40; ends without a number: nan",
	} {
		text, _ := must(t, env, "compare_runs", `{"run_ids":`+runs+`,"metric_name":"lr"}`)
		if want = `"lr: nothing says whether more is better; ` + want + `"`; !strings.Contains(text, want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
}

// TestCompareRuns_nothingShared says what differs between runs that have no metric in common, and
// what each has instead.
func TestCompareRuns_nothingShared(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	for i, metrics := range []string{"loss acc", "reward", "", "a b c d e f g"} {
		run := fmt.Sprintf("p/n/20250101_10000%d_aaaaaa", i)
		s.run(run, 1_700_000_000+i, fmt.Sprintf(`,"alias":"r%d"`, i))
		s.write(run, "assets.json", fmt.Sprintf(`{"config":{"args":{"lr":%d}}}`, i+1))
		logged := make(map[string]func(int) float64)
		for _, metric := range strings.Fields(metrics) {
			logged[metric] = func(step int) float64 { return 1 }
		}
		s.metrics(run, 3, logged)
	}
	env := s.env()
	for runs, want := range map[string]string{
		`["r0","r1","r2"]`: `"differs":"only lr","columns":[],"rows":[],"notes":["git and packages: not captured ` +
			`of 3 of 3 runs (rn.init(…, capture_env=True) captures them)","no metric in common: r0 has acc, loss; ` +
			`r1 has reward; r2 has none"]`,
		`["r0","r3"]`: `r0 has acc, loss; r3 has a, b, c, d, e, f and 1 more"]`,
		`["r2"]`:      `"no metric in common: r2 has none"]`,
	} {
		for _, limit := range []string{"", `,"limit":5`} {
			text, _ := must(t, env, "compare_runs", `{"run_ids":`+runs+limit+`}`)
			if !strings.Contains(text, want) {
				t.Errorf("%s%s: no %s in %s", runs, limit, want, text)
			}
		}
	}
	text, _ := must(t, env, "compare_runs", `{"run_ids":["r0","r1"],"since":"aaaaaa:1@1"}`)
	if strings.Contains(text, "notes") {
		t.Errorf("said again: %s", text)
	}
	_, err := call(t, env, "compare_runs", `{"run_ids":["r0","r1"],"metric_name":"los"}`)
	if err == nil || err.Error() != `No metric "los". The nearest names are "loss".` {
		t.Errorf("a metric that no run has: %v", err)
	}
}

// TestBudget_compareUnequal holds the longest that is said of three runs and four metrics: names as
// long as they may be, and runs of unequal length.
func TestBudget_compareUnequal(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	for i, alias := range []string{"残差网络微调一号", "残差网络微调二号", "adamw 124M (same tokens)"} {
		run := fmt.Sprintf("图像/resnet/20250101_10000%d_aaaaaa", i)
		s.run(run, 1_700_000_000+i, fmt.Sprintf(`,"alias":%q`, alias))
		metrics := six()
		for name, f := range metrics {
			metrics[name] = func(step int) float64 { return f(step) + float64((step*7919+i)%97)/1234.5 }
		}
		s.metrics(run, 2000-600*i, metrics)
		s.write(run, "assets.json", fmt.Sprintf(`{"config":{"args":{"lr":0.%d,"seed":%d}}}`, i+1, i))
	}
	runs := `"run_ids":["残差网络微调一号","残差网络微调二号","adamw 124M (same tokens)"]`
	for _, metrics := range []string{`"metric_name":"val_loss"`, `"metric_name":"val_loss",` +
		`"metric_names":["train_loss","val_accuracy","train_accuracy"]`, `"limit":0`} {
		text, _ := must(t, s.env(), "compare_runs", `{`+runs+`,`+metrics+`}`)
		n := testkit.Tokens(t, text)
		t.Logf("%s: %d tokens", metrics, n)
		if n > 1200 {
			t.Errorf("compare_runs is %d tokens:\n%s", n, text)
		}
	}
}
