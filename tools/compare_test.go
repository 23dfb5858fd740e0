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
	}{{"fives", 5, 60}, {"fours", 4, 120}, {"eights", 8, 120}, {"sevens", 7, 77}, {"gone", 5, 10},
		{"stopped", 2, 8}, {"ones", 1, 120}} {
		run := fmt.Sprintf("p/n/20250101_10000%d_aaaaaa", i)
		s.run(run, 1_700_000_000+i, fmt.Sprintf(`,"alias":%q`, r.alias))
		s.write(run, "events.jsonl", every(r.every, r.every, r.to))
	}
	env := s.env()
	for args, want := range map[string]string{
		`"fives","fours"`:        `"of":39,"columns":["step","fives","fours"],"rows":[[20,980,980],[40,960,960],[60,940,940]]`,
		`"fives","fours","gone"`: `[[20,980,980,null],[40,960,960,null],[60,940,940,null]]`,
		// Of two runs one may have stopped at once.
		`"ones","stopped"`: `"rows":[[2,998,998],[4,996,996],[6,994,994],[8,992,992]]`,
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

// TestCompareRuns_names calls a run by what a person calls it, unless that is long; then the alias is
// in the table of the runs.
func TestCompareRuns_names(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	for i, alias := range []string{"conformer-基线-重跑", "八个汉字也算可以", "九个汉字就已经太长",
		"adamw 124M (same tokens) 2", "short", "", "adamw 124M (same tokens)"} {
		run := fmt.Sprintf("p/n/20250101_10000%d_aaaaaa", i)
		s.run(run, 1_700_000_000+i, fmt.Sprintf(`,"alias":%q`, alias))
		s.metrics(run, 2, map[string]func(int) float64{"loss": func(int) float64 { return 1 }})
	}
	env := s.env()
	for runs, want := range map[string]string{
		`"conformer-基线-重跑","八个汉字也算可以"`: `{"columns":["run","id","label","status"],"rows":[["conformer-基线-重跑",` +
			`"20250101_100000_aaaaaa","p/n","finished"],["八个汉字也算可以","20250101_100001_aaaaaa",`,
		`"short","九个汉字就已经太长","adamw 124M (same tokens) 2"`: `{"columns":["run","id","label","alias","status"],` +
			`"rows":[["short","20250101_100004_aaaaaa","p/n","","finished"],["B","20250101_100002_aaaaaa","p/n",` +
			`"九个汉字就已经太长","finished"],["C","20250101_100003_aaaaaa","p/n","adamw 124M (same tokens) 2","finished"]]`,
		`"20250101_100006_aaaaaa"`: `"rows":[["adamw 124M (same tokens)","20250101_100006_aaaaaa",`,
		// What the caller wrote comes before the alias; an id is no short name.
		`"20250101_100004","20250101_100003_aaaaaa"`: `[["20250101_100004","20250101_100004_aaaaaa","p/n","short","finished"],` +
			`["B","20250101_100003_aaaaaa",`,
		`"20250101_100005_aaaaaa","20250101_100004_aaaaaa"`: `{"columns":["run","id","label","status"],"rows":[["A",` +
			`"20250101_100005_aaaaaa","p/n","finished"],["short","20250101_100004_aaaaaa",`,
	} {
		text, _ := must(t, env, "compare_runs", `{"run_ids":[`+runs+`],"metric_name":"loss"}`)
		if !strings.Contains(text, want) {
			t.Errorf("%s: no %s in %s", runs, want, text)
		}
	}
}
