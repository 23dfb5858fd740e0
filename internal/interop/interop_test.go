// Package interop lets MCP clients that others wrote use the server, over each transport and on
// their oldest and newest revision: each lists the tools and calls every one, is told of progress,
// cancels, and comes back after its connection broke.
package interop

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/internal/demo/demotest"
	"github.com/runicorn-mcp/runicorn-mcp/tools"
)

// program is the server, built once.
var program string

func TestMain(m *testing.M) {
	if kind := os.Getenv(lastingVariable); kind != "" {
		if err := serveLasting(kind); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "runicorn-mcp-interop-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	program = filepath.Join(dir, "runicorn-mcp")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	build := exec.Command("go", "build", "-o", program, ".")
	build.Dir = "../.."
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// A call is a call of a tool and a part of what it must answer.
type call struct {
	Tool  string         `json:"tool"`
	Args  map[string]any `json:"args"`
	want  string
	fails bool // the answer is an error of the tool

	picture bool // beside the text there is a picture, and no structured content
}

type object = map[string]any

// calls are calls of every tool, of the demo store; more than one where there is more to see.
func calls() []call {
	needsViewer := "Viewer"
	return []call{
		{Tool: "list_experiments", Args: object{"project": "vision", "limit": 3}, want: `"returned":3`},
		{Tool: "list_experiments", Args: object{"project": "speech"}, want: "普通话基线"},
		{Tool: "list_experiments", Args: object{"projekt": "x"}, want: "project", fails: true},
		{Tool: "get_experiment", Args: object{"run_id": "baseline"}, want: `"status":"finished"`},
		{Tool: "get_run", Args: object{"run_id": "lr-1.0"}, want: `"alias":"lr-1.0"`},
		{Tool: "get_run", Args: object{"run_id": "none"}, want: "none", fails: true},
		{Tool: "list_projects", Args: object{}, want: "speech"},
		{Tool: "get_metrics", Args: object{"run_id": "lr-1.0", "metric_names": []any{"train_loss"}}, want: "NaN"},
		{Tool: "compare_runs", Args: object{"run_ids": []any{"baseline", "seed-2"},
			"metric_name": "val_accuracy"}, want: "tail_mean"},
		{Tool: "best_runs", Args: object{"project": "speech"}, want: `"metric":"val_cer"`},
		{Tool: "diagnose_run", Args: object{"run_id": "lr-1.0"}, want: "non_finite"},
		{Tool: "get_logs", Args: object{"run_id": "vision/vit-b16", "tail": 5}, want: "total_lines"},
		{Tool: "plot_metrics", Args: object{"run_ids": []any{"普通话基线"}, "metric_names": []any{"val_cer"}},
			want: `"picture":"1 curves`, picture: true},
		{Tool: "watch_run", Args: object{"run_id": "baseline"}, want: `"outcome":"finished"`},
		{Tool: "list_artifacts", Args: object{}, want: "resnet50.pt"},
		{Tool: "get_artifact", Args: object{"artifact_id": "resnet50.pt"}, want: `"version":1`},
		{Tool: "list_versions", Args: object{"artifact_name": "resnet50.pt"}, want: `"total":1`},
		{Tool: "get_artifact_lineage", Args: object{"artifact_id": "resnet50.pt"}, want: "used_by"},
		{Tool: "list_experiment_artifacts", Args: object{"run_id": "augmented"}, want: "resnet50.pt"},
		{Tool: "export_experiment", Args: object{"run_id": "baseline"}, want: ".json"},
		{Tool: "export_metrics_to_csv", Args: object{"run_id": "baseline", "output_path": "m.csv"}, want: "m.csv"},
		{Tool: "health_check", Args: object{}, want: `"status":"ok"`},
		{Tool: "get_config", Args: object{}, want: "user_root"},
		{Tool: "get_gpu_info", Args: object{}, want: `"available":`},
		{Tool: "update_config", Args: object{"config": object{"user_root": "/elsewhere"},
			"confirm": "/elsewhere"}, want: needsViewer, fails: true},
		{Tool: "connect", Args: object{"host": "gpu-9"}, want: needsViewer, fails: true},
		{Tool: "start_viewer", Args: object{"connection_id": "1", "remote_root": "/data"}, want: needsViewer, fails: true},
		{Tool: "list_sessions", Args: object{}, want: needsViewer, fails: true},
		{Tool: "list_viewer_sessions", Args: object{}, want: needsViewer, fails: true},
		{Tool: "stop_viewer", Args: object{"session_id": "1"}, want: needsViewer, fails: true},
		{Tool: "disconnect", Args: object{"host": "gpu-9"}, want: needsViewer, fails: true},
	}
}

func TestCalls_haveEveryTool(t *testing.T) {
	t.Parallel()
	for _, tool := range tools.All() {
		if !slices.ContainsFunc(calls(), func(c call) bool { return c.Tool == tool.Name }) {
			t.Errorf("no call of %s", tool.Name)
		}
	}
}

// serverArgs are the arguments of a server with a demo store and a folder for exports of its own.
func serverArgs(t *testing.T) []string {
	t.Helper()
	return []string{"serve", "--storage", demotest.Store(t).Dir, "--export-dir", t.TempDir()}
}

// checkTools holds the names that a client was given against those that are served.
func checkTools(t *testing.T, names []string) {
	t.Helper()
	var want []string
	for _, tool := range tools.All() {
		want = append(want, tool.Name)
	}
	if slices.Sort(want); !slices.Equal(slices.Sorted(slices.Values(names)), want) {
		t.Errorf("the client sees the tools %q", names)
	}
}

// An answer is what a client saw of a call; Picture is true for a PNG without structured content,
// the form that hosts show.
type answer struct {
	Text           string
	Error, Picture bool
}

// check holds an answer against what is wanted of a call: one JSON object, or an error's words.
func check(t *testing.T, c call, got answer) {
	t.Helper()
	if got.Error != c.fails || !strings.Contains(got.Text, c.want) || got.Picture != c.picture {
		t.Errorf("%s %v: %+v; want error %t, picture %t and %q", c.Tool, c.Args, got, c.fails,
			c.picture, c.want)
	}
	if !got.Error && !json.Valid([]byte(got.Text)) {
		t.Errorf("%s %v: no JSON: %s", c.Tool, c.Args, got.Text)
	}
}
