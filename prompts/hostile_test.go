package prompts_test

import (
	"strings"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/internal/testkit"
)

// TestPrompts_hostileStore asks about a folder that is full of instructions and secrets, names among
// them: none is told, nor told back.
func TestPrompts_hostileStore(t *testing.T) {
	t.Parallel()
	root, tokens := testkit.HostileStore(t)
	env := testkit.Env(t, root)
	alias, project := tokens.Of("alias"), tokens.Of("project")
	for _, c := range []struct {
		name string
		args map[string]string
		says string // that the run was found, or not
	}{
		{"why_did_it_fail", map[string]string{"run": "first"}, "## The run"},
		{"why_did_it_fail", map[string]string{"run": alias, "metric": tokens.Of("metric")}, "## The metric"},
		{"why_did_it_fail", map[string]string{"run": alias, "metric": "x-" + tokens.Of("metric")}, "## The metric"},
		{"why_did_it_fail", map[string]string{"run": "x-" + alias}, "No run"},
		{"what_happened_since", map[string]string{"since": "2020-01-01"}, "4 runs of all projects"},
		{"what_happened_since", map[string]string{"since": "2020-01-01", "project": project}, "1 runs of project"},
		{"what_happened_since", map[string]string{"project": "x-" + project}, "there is no project"},
		{"what_happened_since", map[string]string{"since": alias}, "is no time"},
	} {
		text, err := get(t, env, c.name, c.args)
		if err != nil {
			text = err.Error()
		}
		if !strings.Contains(text, c.says) {
			t.Errorf("%s %v does not say %q:\n%s", c.name, c.args, c.says, text)
		}
		testkit.CheckSecrets(t, c.name, text, tokens)
		if strings.ContainsAny(text, "\u202e\u200b\x1b") {
			t.Errorf("%s hides something: %q", c.name, text)
		}
	}
}
