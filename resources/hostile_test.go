package resources_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/internal/testkit"
	"github.com/runicorn-mcp/runicorn-mcp/resources"
	"github.com/runicorn-mcp/runicorn-mcp/tools"
)

// TestResources_hostileStore reads every resource of a folder that is full of instructions and
// secrets, names among them, and of runs that it does not have.
func TestResources_hostileStore(t *testing.T) {
	t.Parallel()
	root, tokens := testkit.HostileStore(t)
	env := testkit.Env(t, root)
	var wrote []string
	env.Wrote = func(name string, _ int64) { wrote = append(wrote, name) }
	tool, err := tools.Find(tools.All(), "export_experiment")
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{"json", "csv"} {
		args, _ := json.Marshal(map[string]string{"run_id": tokens.Of("alias"), "format": format})
		if _, err := tool.Call(t.Context(), env, args); err != nil {
			t.Fatal(err)
		}
	}
	exports := append(wrote, tokens.Of("alias")+".csv")
	ids := []string{"first", "second", tokens.Of("alias"), "fourth", tokens.Of("id"), "x-" + tokens.Of("alias")}
	for _, template := range resources.For(tools.All()) {
		values := ids
		if template.Variable == "name" {
			values = exports
		}
		read := 0
		for _, value := range values {
			content, err := template.Read(t.Context(), env, value)
			text := content.Text
			if err != nil {
				text = err.Error()
			} else {
				read++
			}
			testkit.CheckSecrets(t, template.Name+" "+value, text, tokens)
			if strings.ContainsAny(text, "\u202e\u200b\x1b") {
				t.Errorf("%s of %s hides something: %q", template.Name, value, text)
			}
		}
		if read < 2 {
			t.Errorf("%s was read %d times", template.Name, read)
		}
	}
}
