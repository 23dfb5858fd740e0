package tools_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/runicorn-mcp/runicorn-mcp/tools"
)

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
