package tools_test

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"
)

// rivals are three runs of one network: another seed, and another rate that blows up.
func rivals(t *testing.T) store {
	t.Helper()
	s := newStore(t)
	for i, r := range []struct {
		alias string
		lr    float64
		seed  int
		at    func(int) float64
	}{
		{"base", 0.1, 1, func(i int) float64 { return 2 / float64(i) }},
		{"twin", 0.1, 2, func(i int) float64 { return 2.2/float64(i) + 0.001*float64(i%2) }},
		{"hot", 1, 2, func(i int) float64 {
			if i > 60 {
				return math.NaN()
			}
			return 1 + float64(i)
		}},
	} {
		run := fmt.Sprintf("p/n/20250101_10000%d_aaaaaa", i)
		s.run(run, 1_700_000_000+i, fmt.Sprintf(`,"alias":%q`, r.alias))
		s.write(run, "assets.json", fmt.Sprintf(`{"config":{"args":{"lr":%v,"seed":%d,`+
			`"token":"t%d"}}}`, r.lr, r.seed, i))
		s.metrics(run, 100, map[string]func(int) float64{"loss": r.at,
			"acc": func(step int) float64 { return float64(step) / 100 }})
	}
	return s
}

func TestCompareRuns_answers(t *testing.T) {
	t.Parallel()
	s := rivals(t)
	for i, version := range []string{"2.1.0", "2.2.0"} {
		s.write(fmt.Sprintf("p/n/20250101_10000%d_aaaaaa", i), "environment.json", fmt.Sprintf(
			`{"pip_packages":["torch==%s","numpy==1.26.4"],"git_info":{"commit":"%d123456789abcdef",`+
				`"branch":"main","has_changes":true,"changed_files_count":2},`+
				`"env_variables":{"HF_TOKEN":"hf_secret"}}`, version, i))
	}
	env := s.env()
	for _, c := range []struct{ file, args string }{
		{"compare_runs_three", `{"run_ids":["base","twin","hot"],"metric_names":["loss","acc"]}`},
		{"compare_runs_two", `{"run_ids":["base","20250101_100001_aaaaaa"],"metric_name":"loss"}`},
		{"compare_runs_chosen", `{"run_ids":["base","hot"],"limit":0}`},
		{"compare_runs_missing", `{"run_ids":["base","hot"],"metric_names":["loss","los"],"limit":2}`},
	} {
		text, _ := must(t, env, "compare_runs", c.args)
		if strings.Contains(text, `"t0"`) {
			t.Errorf("%s shows a secret: %s", c.file, text)
		}
		text = strings.ReplaceAll(text, s.dir, "STORE")
		golden(t, filepath.Join("testdata", "answers", c.file+".json"), []byte(text+"\n"))
	}
	if _, err := call(t, env, "compare_runs", `{"run_ids":["base"],"metric_name":"loss","limit":-1}`); err == nil ||
		err.Error() != `argument "limit" must be at least 0, not -1` {
		t.Errorf("a negative limit: %v", err)
	}
}

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
			"at step 70; in the tail",
		`["fast","long","poor"]`: "; at step 50, the last that all have, fast leads by 10; in the tail",
		`["poor","gone"]`:        "; at step 5, the last that both have, gone leads by 1100; in the tail", // never reached
		`["fast","long","gone"]`: "; at step 60, the last that all but gone have, fast leads by 10; in",
		`["long","same"]`:        "; at step 50, the last that both have, long and same are level; long reaches 950 at",
		`["long","noisy"]`: "noisy with 951 (+5.7 %); at step 50, the last that both have, long leads by 1, no " +
			"more than its deviation; long reaches 951 at step 49; in",
		`["fast","thirds"]`: "; at step 60, the last that both have, fast leads by 12; thirds reaches 930 at step 70;",
		`["numb","fast"]`:   "fast leads by 10; numb reaches 930 at step 70; in the tail",
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

// TestCompareRuns_rows holds how few rows stand for a curve: spread where there is little room, and
// the extremes where there is some.
func TestCompareRuns_rows(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	for i := range 2 {
		run := fmt.Sprintf("p/n/20250101_10000%d_aaaaaa", i)
		s.run(run, 1_700_000_000+i, fmt.Sprintf(`,"alias":"r%d"`, i))
		s.metrics(run, 101, map[string]func(int) float64{"x": func(step int) float64 {
			if step == 77 {
				return 50
			}
			return float64(i)
		}})
	}
	env := s.env()
	for limit, want := range map[int]string{
		3:  `"rows":[[1,0,1],[51,0,1],[101,0,1]]`,
		16: `[77,50,50]`,
	} {
		text, _ := must(t, env, "compare_runs",
			fmt.Sprintf(`{"run_ids":["r0","r1"],"metric_name":"x","limit":%d}`, limit))
		if !strings.Contains(text, want) || !strings.Contains(text, `[101,0,1]]`) {
			t.Errorf("limit %d: no %s in %s", limit, want, text)
		}
	}
}

// TestCompareRuns_grids shows curves that were logged at steps of their own by the steps that they
// share, as long as these are a few.
func TestCompareRuns_grids(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	for i, r := range []struct {
		alias     string
		every, to int
	}{{"fives", 5, 60}, {"fours", 4, 120}, {"eights", 8, 120}, {"sevens", 7, 77}, {"gone", 5, 10}} {
		run := fmt.Sprintf("p/n/20250101_10000%d_aaaaaa", i)
		s.run(run, 1_700_000_000+i, fmt.Sprintf(`,"alias":%q`, r.alias))
		s.write(run, "events.jsonl", every(r.every, r.every, r.to))
	}
	env := s.env()
	for args, want := range map[string]string{
		`"fives","fours"`:        `"of":39,"columns":["step","fives","fours"],"rows":[[20,980,980],[40,960,960],[60,940,940]]`,
		`"fives","fours","gone"`: `[[20,980,980,null],[40,960,960,null],[60,940,940,null]]`,
		// Where one has ended the other goes on, when there is room.
		`"fives","fours"],"limit":16`: `[[4,null,996],[20,980,980],[40,960,960],[60,940,940],[68,null,932],`,
		// One step is shared by all three: those that two share are shown.
		`"fives","fours","eights"`: `[[8,null,992,992],[16,null,984,984],`,
		// Too few are shared: any step is as good.
		`"fives","sevens"`: `"of":22,"columns":["step","fives","sevens"],"rows":[[5,995,null],[10,990,null],`,
	} {
		if !strings.Contains(args, "]") {
			args += "]"
		}
		text, _ := must(t, env, "compare_runs", `{"metric_name":"loss","run_ids":[`+args+`}`)
		if !strings.Contains(text, want) {
			t.Errorf("%s: no %s in %s", args, want, text)
		}
	}
}
