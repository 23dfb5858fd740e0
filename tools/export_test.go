package tools_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestExport(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	run := "vision/resnet/20250101_100000_aaaaaa"
	s.run(run, 1_700_000_000, "")
	s.metrics(run, 3, map[string]func(int) float64{"loss": func(i int) float64 { return float64(i) / 2 }})
	env := s.env()
	want := "step,loss\n1,0.5\n2,1\n3,1.5\n"
	_, got := must(t, env, "export_metrics_to_csv", `{"run_id":"latest","output_path":"a/b/loss.csv"}`)
	file, _ := got["path"].(string)
	if text, err := os.ReadFile(file); err != nil || string(text) != want || got["steps"] != 3.0 ||
		got["bytes"] != float64(len(want)) || file != filepath.Join(env.ExportDir, "a", "b", "loss.csv") {
		t.Errorf("%v: %q, %v", got, text, err)
	}
	for _, c := range []struct{ args, want string }{
		{`{"run_id":"latest","output_path":"a/b/loss.csv"}`, `output_path "a/b/loss.csv" exists already`},
		{`{"run_id":"latest","output_path":"../x.csv"}`, `output_path "../x.csv" must name a file inside`},
		{`{"run_id":"latest","output_path":"/tmp/x.csv"}`, `output_path "/tmp/x.csv" must name a file inside`},
		{`{"run_id":"latest","output_path":"a/"}`, `output_path "a/" must name a file inside`},
		{`{"run_id":"latest","output_path":"a/b/loss.csv/x"}`, `output_path: "a/b/loss.csv" is no folder`},
		{`{"run_id":"latest","output_path":"y.csv","metric_names":["acc"]}`, `No metric "acc"`},
		{`{"run_id":"none","output_path":"z.csv"}`, `No run "none"`},
	} {
		if _, err := call(t, env, "export_metrics_to_csv", c.args); err == nil ||
			!strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s\n got %v\nwant %s", c.args, err, c.want)
		}
	}
	left, err := filepath.Glob(filepath.Join(env.ExportDir, "*.csv"))
	if err != nil || len(left) != 0 {
		t.Errorf("failed exports left %q, %v", left, err)
	}
	for _, base := range []string{"vision-resnet_20250101_100000_aaaaaa.json",
		"vision-resnet_20250101_100000_aaaaaa-2.json"} {
		_, got := must(t, env, "export_experiment", `{"run_id":"latest"}`)
		if file, _ := got["path"].(string); filepath.Base(file) != base {
			t.Errorf("export_experiment wrote %s, want %s", file, base)
		}
	}
}

func TestExport_link(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	s.run("p/n/20250101_100000_aaaaaa", 1_700_000_000, "")
	env := s.env()
	outside := t.TempDir()
	if err := os.MkdirAll(env.ExportDir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(env.ExportDir, "own"), 0o755); err != nil {
		t.Fatal(err)
	}
	for link, target := range map[string]string{"out": outside, "in": "own"} {
		if err := os.Symlink(target, filepath.Join(env.ExportDir, link)); err != nil {
			t.Fatal(err)
		}
		_, err := call(t, env, "export_metrics_to_csv",
			`{"run_id":"latest","output_path":"`+link+`/x.csv"}`)
		if err == nil || !strings.Contains(err.Error(), "is no folder of its own") {
			t.Errorf("a path through the link %s gives %v", link, err)
		}
	}
	if entries, err := os.ReadDir(outside); err != nil || len(entries) != 0 {
		t.Errorf("something was written outside: %v, %v", entries, err)
	}
}
