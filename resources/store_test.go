package resources_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/internal/testkit"
	"github.com/runicorn-mcp/runicorn-mcp/resources"
	"github.com/runicorn-mcp/runicorn-mcp/tools"
)

// A store is a storage folder in the 0.7 layout that a test fills.
type store struct {
	t   *testing.T
	dir string
}

// write writes a file of a run.
func (s store) write(run, file, text string) {
	s.t.Helper()
	testkit.WriteRun(s.t, s.dir, run, file, text)
}

// run writes a finished run with an alias.
func (s store) run(path, alias string) {
	s.t.Helper()
	dir, id := filepath.Split(path)
	s.write(path, "meta.json", fmt.Sprintf(`{"id":%q,"path":%q,"created_at":1700000000,"alias":%q}`,
		id, strings.TrimSuffix(dir, "/"), alias))
	s.write(path, "status.json", `{"status":"finished","started_at":1700000000,"ended_at":1700000090}`)
}

// events writes metrics, one line each: the members of data.
func (s store) events(run string, data []string) {
	s.t.Helper()
	var b strings.Builder
	for i, members := range data {
		fmt.Fprintf(&b, `{"ts":%d.5,"type":"metrics","data":{%s,"global_step":%d,"time":%d.5}}`+"\n",
			1_700_000_000+i, members, i+1, 1_700_000_000+i)
	}
	s.write(run, "events.jsonl", b.String())
}

// env reads the store, and exports to a folder that is not there yet.
func (s store) env() *tools.Env { return testkit.Env(s.t, s.dir) }

// read reads a resource by the name of its template.
func read(t *testing.T, env *tools.Env, name, value string) (resources.Content, error) {
	t.Helper()
	for _, template := range resources.For(tools.All()) {
		if template.Name == name {
			return template.Read(t.Context(), env, value)
		}
	}
	t.Fatalf("there is no template %s", name)
	return resources.Content{}, nil
}

// must is the text of a resource that must be there.
func must(t *testing.T, env *tools.Env, name, value string) string {
	t.Helper()
	content, err := read(t, env, name, value)
	if err != nil {
		t.Fatalf("%s of %q: %v", name, value, err)
	}
	return content.Text
}
