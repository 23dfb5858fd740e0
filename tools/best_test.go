package tools_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/internal/testkit"
)

// sweep is a store of n runs with a configuration each; secrets are among the settings.
func sweep(t *testing.T, n int) store {
	t.Helper()
	s := newStore(t)
	for i := range n {
		run := fmt.Sprintf("视觉/resnet/20250101_1%05d_%06x", i, i)
		s.run(run, 1_700_000_000+i, fmt.Sprintf(`,"alias":"run-%d","tags":["sweep"]`, i))
		s.write(run, "assets.json", fmt.Sprintf(`{"config":{"args":{"lr":0.%d,"seed":%d,`+
			`"api_key":"sk-%d","width":64}}}`, i/2%3+1, i%2, i%2))
		s.metrics(run, 20, map[string]func(int) float64{"val_loss": func(step int) float64 {
			return 1/float64(step) + float64(i%6)/100
		}})
	}
	return s
}

func TestBestRuns_answer(t *testing.T) {
	t.Parallel()
	s := sweep(t, 12)
	s.run("视觉/other/20250102_100000_aaaaaa", 1_700_001_000, "")
	s.metrics("视觉/other/20250102_100000_aaaaaa", 3,
		map[string]func(int) float64{"val/loss": func(int) float64 { return 0 }})
	text, got := must(t, s.env(), "best_runs", `{"metric_name":"val_loss","project":"视觉"}`)
	for _, want := range []string{
		`"direction":"min: lower is better (from its name)","ranked":12,"cursor":"rows:EbXU:0:q6Nt9YbA38GDYAw7gbwU","columns":["rank","run",` +
			`"label","alias","status","best","best_step","last","last_step","lr","seed","api_key"],`,
		`[1,"20250101_100000_000000","视觉/resnet","run-0","finished",0.05,20,0.05,20,0.1,0,"[hidden]"]`,
		`[1,"20250101_100006_000006",`, `[3,`,
		`"runs without val_loss: 1 of 13; names like it there: \"val/loss\" (not ranked)"`,
		`"runs not shown that tie with the last one shown: 1"`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%s\nis not in %s", want, text)
		}
	}
	if strings.Contains(text, "sk-") || len(got["rows"].([]any)) != 5 {
		t.Error(text)
	}
	n := testkit.Tokens(t, text)
	t.Logf("%d tokens, %d bytes", n, len(text))
	if n > 600 {
		t.Errorf("best_runs of 5 runs is %d tokens", n)
	}
}

func TestBestRuns_seeds(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	for i, v := range []float64{0.5, 0.7, 0.9, 0.1} {
		run := fmt.Sprintf("p/n/20250101_10000%d_aaaaaa", i)
		s.run(run, 1_700_000_000+i, "")
		s.write(run, "assets.json", fmt.Sprintf(`{"config":{"args":{"lr":%v,"seed":%d}}}`,
			i/3+1, i))
		s.metrics(run, 2, map[string]func(int) float64{"acc": func(int) float64 { return v }})
	}
	text, _ := must(t, s.env(), "best_runs", `{"metric_name":"acc","by":"last","limit":1}`)
	want := `"seeds":{"columns":["label","runs","steps","best_mean","best_std","last_mean",` +
		`"last_std"],"rows":[["p/n",3,2,0.7,0.2,0.7,0.2]]}`
	if !strings.Contains(text, want) || !strings.Contains(text, "max: higher is better (from its name)") {
		t.Errorf("%s\nis not in %s", want, text)
	}
}

// TestBestRuns_unfinishedSeeds takes no run into a mean that stopped long before the others.
func TestBestRuns_unfinishedSeeds(t *testing.T) {
	t.Parallel()
	type seed struct {
		status string
		steps  int
	}
	const none = `"last_step"],"rows":[`
	for what, c := range map[string]struct {
		seeds      []seed
		table, out string
	}{
		"all finished": {[]seed{{"finished", 100}, {"finished", 10}, {"finished", 100}},
			`"runs","steps","best_mean"|["p/n",3,"10 to 100",0.7,`, ""},
		"failed early": {[]seed{{"finished", 100}, {"finished", 100}, {"failed", 12}},
			`"runs","left_out","steps"|["p/n",2,1,100,0.95,0.0707,0.95,`, "s2 (failed at step 12)"},
		"failed late": {[]seed{{"finished", 100}, {"finished", 100}, {"failed", 90}},
			`["p/n",3,"90 to 100",0.7,`, ""},
		"the longest goes on": {[]seed{{"interrupted", 50}, {"finished", 100}, {"running", 200}},
			`["p/n",2,1,"100 to 200",0.6,`, `s0 (interrupted at step 50)"`},
		"one is left": {[]seed{{"interrupted", 50}, {"finished", 100}}, none,
			"s0 (interrupted at step 50); configurations with fewer than two others: 1"},
		"five": {[]seed{{"finished", 100}, {"finished", 100}, {"failed", 5}, {"failed", 4}, {"failed", 3},
			{"failed", 2}, {"failed", 1}}, `["p/n",2,5,100,`, "s4 (failed at step 3) and 2 more"},
	} {
		s := newStore(t)
		for i, e := range c.seeds {
			run := fmt.Sprintf("p/n/20250101_10000%d_aaaaaa", i)
			s.run(run, 1_700_000_000+i, fmt.Sprintf(`,"alias":"s%d"`, i))
			s.write(run, "status.json", fmt.Sprintf(`{"status":%q}`, e.status))
			s.write(run, "assets.json", fmt.Sprintf(`{"config":{"args":{"lr":1,"seed":%d}}}`, i))
			s.metrics(run, e.steps, map[string]func(int) float64{"acc": func(int) float64 {
				return []float64{0.9, 1, 0.2}[min(i, 2)]
			}})
		}
		text, _ := must(t, s.env(), "best_runs", `{"metric_name":"acc","limit":1}`)
		for want := range strings.SplitSeq(c.table, "|") {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %s in %s", what, want, text)
			}
		}
		if said := strings.Contains(text, "seeds leave out"); said != (c.out != "") ||
			!strings.Contains(text, c.out) {
			t.Errorf("%s: no %s in %s", what, c.out, text)
		}
	}
}

// TestBudget_manyRuns holds the answers over many runs to their size, in 10 runs and in 500.
func TestBudget_manyRuns(t *testing.T) {
	t.Parallel()
	for _, n := range []int{10, 500} {
		env := sweep(t, n).env()
		for _, c := range []struct {
			tool, args string
			most       int
		}{
			{"best_runs", `{"metric_name":"val_loss"}`, 600},
			{"best_runs", `{"metric_name":"val_loss","limit":20}`, 1800},
			{"diagnose_run", `{}`, 200},
		} {
			text, _ := must(t, env, c.tool, c.args)
			tokens := testkit.Tokens(t, text)
			t.Logf("%d runs: %s %s: %d tokens, %d bytes", n, c.tool, c.args, tokens, len(text))
			if tokens > c.most {
				t.Errorf("%d tokens, more than %d:\n%s", tokens, c.most, text)
			}
		}
	}
}
