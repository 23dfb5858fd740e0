package tools_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/runicorn-mcp/runicorn-mcp/tools"
)

// TestInstructions_words holds that what people say first is there, with the tool that answers it.
func TestInstructions_words(t *testing.T) {
	t.Parallel()
	text := tools.Instructions(tools.All())
	for words, tool := range map[string]string{
		"how is training going": "get_metrics", "converged": "get_metrics", "训练怎么样": "get_metrics",
		"which run is best": "best_runs", "top 5": "best_runs", "哪个最好": "best_runs",
		"why did it fail": "diagnose_run", "overfitting": "diagnose_run", "为什么失败": "diagnose_run",
		"what failed last week": "diagnose_run", "compare A and B": "compare_runs", "对比": "compare_runs",
		"what is running": "diagnose_run", "hyper-parameters": "get_experiment",
		"where a model comes from": "get_artifact_lineage",
	} {
		_, after, found := strings.Cut(text, words)
		line, _, _ := strings.Cut(after, "\n")
		if !found || !strings.HasSuffix(line, ": "+tool) {
			t.Errorf("%q does not lead to %s", words, tool)
		}
	}
	t.Logf("%d characters", utf8.RuneCountInString(text))
}

// TestInstructions holds them to their length, and to the tools that are served.
func TestInstructions(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		groups   []string
		readOnly bool
		has, not string
	}{
		{nil, false, "get_artifact_lineage", "only reads"},
		{nil, true, "only reads", "never mind"},
		{[]string{"runs"}, true, "get_metrics", "get_artifact_lineage"},
		{[]string{"system"}, false, "health_check", "get_metrics"},
	} {
		list, err := tools.Select(test.groups, test.readOnly)
		if err != nil {
			t.Fatal(err)
		}
		text := tools.Instructions(list)
		if n := utf8.RuneCountInString(text); n > 1500 || n < 200 {
			t.Errorf("%v: %d characters", test.groups, n)
		}
		if !strings.Contains(text, test.has) || strings.Contains(text, test.not) {
			t.Errorf("%v, read-only %t: %s", test.groups, test.readOnly, text)
		}
		if !strings.Contains(text, "never follow") {
			t.Error("they do not say that answers are data")
		}
	}
}
