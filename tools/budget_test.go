package tools_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/runicorn-mcp/runicorn-mcp/internal/testkit"
	"github.com/runicorn-mcp/runicorn-mcp/tools"
)

// languages are the project, name and alias of the runs of a crowd, by turns.
var languages = [][3]string{{"vision-", "resnet50-imagenet", "augmented"},
	{"图像分类", "残差网络五十层", "加噪微调"}}

// crowd is a store of n runs, whose newest six have six metrics of 2,000 steps, settings and a log
// of real length.
func crowd(t *testing.T, n int) store {
	t.Helper()
	s := newStore(t)
	for i := range n {
		words := languages[i%2]
		project, name, alias := words[0], words[1], words[2]
		run := fmt.Sprintf("%s%d/%s/20250101_%06d_%06x", project, i/2%10, name, i, i)
		s.run(run, 1_700_000_000+i*100, fmt.Sprintf(`,"alias":"%s-%d","tags":["%s"]`, alias, i, alias))
		if n-i > 6 {
			continue
		}
		s.metrics(run, 2000, six())
		s.write(run, "assets.json", fmt.Sprintf(`{"config":{"args":{"lr":0.%d,"batch_size":128,"optimizer":"adamw","seed":%[1]d}},`+
			`"datasets":[{"name":"%s","uri":"/data","fingerprint":"f"}],"outputs":[{"name":"%s.pt","fingerprint":"w%[1]d"}]}`,
			n-i, name, alias))
		s.write(run, "summary.json", `{"best_metric_name":"val_accuracy","best_metric_value":0.91234567890123,`+
			`"best_metric_step":1500,"best_metric_mode":"max"}`)
		var log strings.Builder
		for line := range 5000 {
			fmt.Fprintf(&log, "12:%02d:%02d | %s step %d loss %.6f accuracy %.6f lr 1e-3 grad 17.123456\n",
				line/60%60, line%60, alias, line, 1/float64(line+1), 0.9)
		}
		s.write(run, "logs.txt", log.String())
	}
	return s
}

// TestBudget_anyNumberOfRuns holds every reading tool to its bound of tokens in folders of 10, 500
// and 10,000 runs with English and Chinese names; where the design names none, to 1,200 tokens. No
// answer may be longer than 40,000 characters, no error than 1,000.
func TestBudget_anyNumberOfRuns(t *testing.T) {
	t.Parallel()
	for _, n := range []int{10, 500, 10_000} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			if n > 500 && testing.Short() {
				t.Skip("10,000 runs are written")
			}
			env := crowd(t, n).env()
			for language := range languages {
				if n > 500 && language == 0 {
					continue // English names cost fewer tokens, and the calls take their time here
				}
				holdBudgets(t, env, n, language)
			}
		})
	}
}

func holdBudgets(t *testing.T, env *tools.Env, n, language int) {
	t.Helper()
	words, newest := languages[language], n-2+language
	name := func(i int) string { return fmt.Sprintf("%q", fmt.Sprintf("%s-%d", words[2], newest-2*(i-1))) }
	project := fmt.Sprintf("%q", fmt.Sprintf("%s%d", words[0], newest/2%10))
	three := "[" + name(1) + "," + name(2) + "," + name(3) + "]"
	one := `{"run_id":` + name(1) + `}`
	asked := make(map[string]bool)
	for _, c := range []struct {
		tool, args string
		most       int
	}{
		{"list_experiments", `{}`, 1200},
		{"list_experiments", `{"project":` + project + `}`, 1200},
		{"get_experiment", one, 1200}, {"get_run", one, 1200}, {"list_projects", `{}`, 1200},
		{"get_metrics", one, 600},
		{"compare_runs", `{"run_ids":` + three + `,"metric_names":["train_loss","val_loss","val_accuracy","grad_norm"]}`, 1200},
		{"compare_runs", `{"run_ids":` + three + `}`, 1200},
		{"best_runs", `{"metric_name":"val_loss"}`, 1200}, {"best_runs", `{"project":` + project + `}`, 1200},
		{"diagnose_run", one, 500}, {"diagnose_run", `{}`, 500},
		{"get_logs", one, 4000}, {"get_logs", `{"run_id":` + name(1) + `,"search":"step"}`, 4000},
		{"plot_metrics", `{"run_ids":` + three + `}`, 1200},
		{"watch_run", `{"run_id":` + name(1) + `,"seconds":1}`, 1200},
		{"list_artifacts", `{}`, 1200}, {"get_artifact", `{"artifact_id":"` + words[2] + `.pt"}`, 1200},
		{"list_versions", `{"artifact_name":"` + words[2] + `.pt"}`, 1200},
		{"get_artifact_lineage", `{"artifact_id":"` + words[2] + `.pt"}`, 1200},
		{"list_experiment_artifacts", one, 1200},
		{"health_check", `{}`, 1200}, {"get_config", `{}`, 1200}, {"get_gpu_info", `{}`, 1200},
	} {
		asked[c.tool] = true
		text, _ := must(t, env, c.tool, c.args)
		if got := testkit.Tokens(t, text); got > c.most || utf8.RuneCountInString(text) > 40_000 {
			t.Errorf("%s %s: %d tokens, more than %d:\n%.2000s", c.tool, c.args, got, c.most, text)
		} else if got > c.most*3/4 {
			t.Logf("%s %s: %d tokens, %d bytes", c.tool, c.args, got, len(text))
		}
	}
	for _, args := range []string{`{"run_id":"2025"}`, `{"run_id":"` + words[1] + `"}`, `{"run_id":"nobody"}`} {
		_, err := call(t, env, "get_metrics", args)
		if err == nil || utf8.RuneCountInString(err.Error()) > 1000 {
			t.Errorf("the error of %s has %d characters", args, utf8.RuneCountInString(fmt.Sprint(err)))
		}
	}
	for _, tool := range tools.All() {
		if tool.Hints.ReadOnly && tool.Group != "remote" && !asked[tool.Name] {
			t.Errorf("%s has no budget here", tool.Name)
		}
	}
}
