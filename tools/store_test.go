package tools_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/internal/testkit"
	"github.com/runicorn-mcp/runicorn-mcp/tools"
)

// A store is a storage folder in the 0.7 layout that a test fills.
type store struct {
	t   *testing.T
	dir string
}

func newStore(t *testing.T) store { return store{t, t.TempDir()} }

// write writes a file of a run.
func (s store) write(run, file, text string) {
	s.t.Helper()
	testkit.WriteRun(s.t, s.dir, run, file, text)
}

// read is the text of a file of a run.
func (s store) read(run, file string) string {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir, "runs", filepath.FromSlash(run), filepath.FromSlash(file)))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

// run writes a finished run; meta is more of meta.json, beginning with a comma.
func (s store) run(path string, created int, meta string) {
	s.t.Helper()
	dir, id := filepath.Split(path)
	s.write(path, "meta.json", fmt.Sprintf(`{"id":%q,"path":%q,"created_at":%d%s}`,
		id, strings.TrimSuffix(dir, "/"), created, meta))
	s.write(path, "status.json", fmt.Sprintf(`{"status":"finished","started_at":%d,"ended_at":%d}`,
		created, created+90))
}

// metrics writes events of n steps, each metric a function of the step.
func (s store) metrics(run string, n int, metrics map[string]func(step int) float64) {
	s.t.Helper()
	var b strings.Builder
	for step := 1; step <= n; step++ {
		fmt.Fprintf(&b, `{"ts":%d.5,"type":"metrics","data":{`, 1_700_000_000+step)
		for name, f := range metrics {
			fmt.Fprintf(&b, `%q:%s,`, name, pyFloat(f(step)))
		}
		fmt.Fprintf(&b, `"global_step":%d,"time":%d.5}}`+"\n", step, 1_700_000_000+step)
	}
	s.write(run, "events.jsonl", b.String())
}

// pyFloat writes v as Python's json module does.
func pyFloat(v float64) string {
	switch {
	case math.IsNaN(v):
		return "NaN"
	case math.IsInf(v, 0):
		return map[bool]string{true: "Infinity", false: "-Infinity"}[v > 0]
	}
	return fmt.Sprint(v)
}

// env reads the store, and exports to another folder.
func (s store) env() *tools.Env { return testkit.Env(s.t, s.dir) }

// call calls a tool by name; it fails the test when there is none.
func call(t *testing.T, env *tools.Env, name, args string) (string, error) {
	t.Helper()
	return callWith(t.Context(), t, env, name, args)
}

func callWith(ctx context.Context, t *testing.T, env *tools.Env, name, args string) (string, error) {
	t.Helper()
	for _, tool := range tools.All() {
		if tool.Name == name {
			answer, err := tool.Call(ctx, env, json.RawMessage(args))
			return string(answer), err
		}
	}
	t.Fatalf("there is no tool %s", name)
	return "", nil
}

// must is call for an answer that must come; it decodes it too.
func must(t *testing.T, env *tools.Env, name, args string) (text string, decoded map[string]any) {
	t.Helper()
	text, err := call(t, env, name, args)
	if err != nil {
		t.Fatalf("%s %s: %v", name, args, err)
	}
	if err := json.Unmarshal([]byte(text), &decoded); err != nil {
		t.Fatalf("%s: %v in %s", name, err, text)
	}
	return text, decoded
}
