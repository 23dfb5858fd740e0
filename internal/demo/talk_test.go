package demo

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/tools"
	"github.com/runicorn-mcp/runicorn-mcp/transport"
)

var update = flag.Bool("update", false, "write the golden files")

// session is an MCP session with a server of the store.
func session(t *testing.T, store Store) *transport.Session {
	t.Helper()
	c := opened(t, store.Dir)
	server := transport.NewServer(transport.Options{Name: "runicorn-mcp", Version: "test",
		Tools: tools.All(), Env: &tools.Env{ExportDir: t.TempDir(),
			Client: func(context.Context, string) (*client.Client, error) { return c, nil }}})
	s, err := server.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// TestRun is serial: the SDK has one stdio session in a process.
func TestRun(t *testing.T) {
	store := written(t, t.TempDir())
	s := session(t, store)
	var plain, colored bytes.Buffer
	o := Options{Store: store, Caller: s, Out: &plain, Now: now, OS: "linux", GoRun: true}
	if err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	got := strings.ReplaceAll(plain.String(), store.Dir, "/home/you/.cache/runicorn-mcp/demo")
	golden := filepath.Join("testdata", "demo.txt")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("the output differs; go test ./internal/demo -update (-want +got):\n%s", d)
	}
	for line := range strings.Lines(got) {
		if columns(strings.TrimSuffix(line, "\n")) > width {
			t.Errorf("too wide: %s", line)
		}
	}
	o.Out, o.Color = &colored, true
	if err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(plain.String(), "\x1b") || !strings.Contains(colored.String(), "\x1b[") {
		t.Error("colours where there should be none, or the reverse")
	}
}

// answers is a session that answers each tool with the same text.
type answers struct {
	texts  map[string]string
	failed bool
	err    error
}

func (a answers) CallTool(_ context.Context, name string, _ map[string]any) (string, bool, error) {
	return a.texts[name], a.failed, a.err
}

// TestRun_concludes holds that what is said comes from the answers.
func TestRun_concludes(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	other := answers{texts: map[string]string{
		"best_runs": `{"direction":"min","columns":["rank","label","alias","best","best_step"],
			"rows":[[1,"p/n","a",0.5,7]]}`,
		"list_experiments": `{"columns":["id","name","alias","status"],
			"rows":[["i","n","a","running"]]}`,
		"compare_runs": `{"columns":["run","last"],"rows":[["r1",0.1],["r2",0.2]]}`,
		"get_metrics": `{"last_step":7,"last_logged":"2026-03-14T15:08:00Z",
			"columns":["metric","min","min_step","last"],
			"rows":[["train_loss",0.1,9,0.1],["val_loss",0.2,9,0.2]],
			"points":[{"name":"train_loss","values":[1,"NaN",2]}]}`,
		"diagnose_run":         `{"verdict":"nothing wrong was found","columns":["rule"],"rows":[]}`,
		"get_artifact_lineage": `{"created_by":"","used_by":[],"inputs":[]}`,
	}}
	if err := Run(t.Context(), Options{Caller: other, Out: &out, Now: now}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"p/n, run a: 0.5 at step 7 (min).",
		"No: every value of train_loss is a number.", "Nothing that can be seen: nothing wrong was found.",
		"Made by nothing from nothing; used by nothing.",
		"n, run a, is at step 7, heard of 1m26s ago: val_loss is", "▁×█"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it does not say %q", want)
		}
	}
	if t.Failed() {
		t.Log(out.String())
	}
}

func TestRun_fails(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken pipe")
	for _, caller := range []answers{{err: broken}, {failed: true}, {}} {
		var out bytes.Buffer
		err := Run(t.Context(), Options{Caller: caller, Out: &out, Now: now})
		if err == nil || !strings.Contains(err.Error(), "best_runs") {
			t.Errorf("%+v: %v", caller, err)
		}
	}
	list := answers{texts: map[string]string{"best_runs": `{}`}}
	err := Run(t.Context(), Options{Caller: list, Out: brokenWriter{broken}, Now: now})
	if !errors.Is(err, broken) {
		t.Errorf("a writer that fails: %v", err)
	}
}

type brokenWriter struct{ err error }

func (w brokenWriter) Write([]byte) (int, error) { return 0, w.err }

func TestShellQuote(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ os, path, want string }{
		{"linux", "/home/a b/demo", `"/home/a b/demo"`},
		{"darwin", `/tmp/$x"y`, `'/tmp/$x"y'`},
		{"linux", "/it's/`id`!", "'/it'\\''s/`id`!'"},
		{"windows", `C:\Users\A B\demo`, `"C:\Users\A B\demo"`},
	} {
		if got := shellQuote(tt.path, tt.os); got != tt.want {
			t.Errorf("shellQuote(%s, %s) = %s, want %s", tt.path, tt.os, got, tt.want)
		}
	}
}

func TestRun_presentByDefault(t *testing.T) {
	t.Parallel()
	talk := &talk{Options: Options{Now: now.Add(time.Minute)}}
	if got := talk.age(now.Format(time.RFC3339)); got != "1m0s" {
		t.Errorf("age is %s", got)
	}
}
