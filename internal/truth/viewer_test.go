package truth

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/viewer"
	"github.com/runicorn-mcp/runicorn-mcp/internal/realtest"
)

// TestFolder_equalsViewer compares the folder with what a Viewer 0.7.2 says over HTTP, with
// nothing of ours between.
func TestFolder_equalsViewer(t *testing.T) {
	fakeGPUs(t)
	_, root := realtest.Seed(t, "0.7.2")
	address := realtest.Viewer(t, "0.7.2", root)
	c := client.New(open(t, root))
	const (
		notNumbers = "the Viewer sends NaN and infinities as null, as if nothing had been logged"
		tags       = "the Viewer's database keeps tags in one text: it splits at commas and sorts"
		rootRuns   = "the Viewer has no project for runs at the root"
		ownWord    = "a folder has no version and no mode"
	)
	compare(t, ourFacts(t, c), viewerFacts(t, address), []difference{
		{"list_experiments " + aaaaaa + " tags", tags},
		{"list_experiments " + aaaaaa + " tags 0", tags},
		{"list_experiments " + aaaaaa + " tags 1", tags},
		{"list_experiments " + aaaaaa + " tags 2", tags},
		{"list_experiments " + three + " best_metric_value", notNumbers},
		{"get_experiment " + three + " summary best_metric_value", notNumbers},
		{"get_experiment " + aaaaaa + " summary bad", notNumbers},
		{"get_metrics " + aaaaaa + " loss 2", notNumbers},
		{"get_metrics " + aaaaaa + " loss 5", notNumbers},
		{"get_metrics " + aaaaaa + " neg 5", notNumbers},
		{"get_metrics " + aaaaaa + " stage 2", "stage is no metric: rn.log writes it beside them"},
		{"get_metrics " + aaaaaa + " note 2", "we keep the last text alone, and how often it changes"},
		{"get_metrics " + three + " loss 1", notNumbers},
		{"list_projects ", rootRuns},
		{"health_check version", ownWord},
		{"health_check mode", ownWord},
	})
}

// ourFacts are what the client says of a store.
func ourFacts(t *testing.T, c *client.Client) facts {
	t.Helper()
	f, ctx := make(facts), t.Context()
	page := must(c.ListExperiments(ctx, client.ListOptions{}))(t)
	for i, e := range page.Experiments {
		f.add(fmt.Sprint("list_experiments ", i), e.ID)
		item := map[string]any{"run_dir": e.RunDir, "created_time": e.CreatedAt,
			"status": e.Status, "pid": e.PID, "path": e.Path, "alias": e.Alias,
			"tags": anys(e.Tags), "best_metric_name": "", "best_metric_value": ""}
		if e.Best != nil {
			item["best_metric_name"], item["best_metric_value"] = e.Best.Name, e.Best.Value
		}
		f.add("list_experiments "+e.ID, item)
		detail := must(c.GetExperiment(ctx, e.ID))(t)
		f.add("get_experiment "+e.ID, map[string]any{"run_dir": detail.RunDir,
			"start_time": detail.StartedAt, "status": detail.Status, "pid": detail.PID,
			"path": detail.Path, "alias": detail.Alias, "summary": detail.Summary})
		addMetrics(f, "get_metrics "+e.ID, must(c.GetMetrics(ctx, e.ID, client.MetricsOptions{}))(t))
		addAssets(f, "assets "+e.ID, must(c.RunAssets(ctx, e))(t))
	}
	for _, p := range must(c.ListProjects(ctx))(t) {
		f.add("list_projects "+p.Name, true)
	}
	f.add("get_config user_root", must(c.GetConfig(ctx))(t).UserRoot)
	health := must(c.HealthCheck(ctx))(t)
	f.add("health_check", map[string]any{"status": health.Status, "storage": health.Storage,
		"version": health.Version, "mode": health.Mode})
	f.addJSON(t, "get_gpu_info", must(c.GetGPUInfo(ctx))(t))
	return f
}

func addMetrics(f facts, name string, m client.Metrics) {
	times := make(map[int64]float64)
	for _, s := range m.Series {
		for i, step := range s.Steps {
			f.add(fmt.Sprint(name, " ", s.Name, " ", step), s.Values[i])
			times[step] = s.Times[i]
		}
	}
	for _, o := range m.Other {
		f.add(fmt.Sprint(name, " ", o.Name, " ", o.LastStep), o.Last)
	}
	for step, time := range times {
		f.add(fmt.Sprint(name, " time ", step), time)
	}
	f.add(name+" rows", m.Rows)
}

func addAssets(f facts, name string, a client.RunAssets) {
	for _, asset := range a.Assets {
		f.add(name+" "+asset.Type+" "+asset.Name, map[string]any{"uri": asset.URI,
			"saved": asset.Saved, "fingerprint": asset.Fingerprint, "archive": asset.ArchivePath,
			"description": asset.Description})
	}
	if a.Config != nil {
		f.add(name+" config", a.Config)
	}
	f.add(name+" count", len(a.Assets))
}

// TestViewer_gpus asks the Viewer of each release for the GPUs that this machine says it has.
func TestViewer_gpus(t *testing.T) {
	fakeGPUs(t)
	root := t.TempDir()
	want := must(client.New(open(t, root)).GetGPUInfo(t.Context()))(t)
	if len(want.Devices) != 2 || *want.Devices[0].MemoryTotal != 81559 {
		t.Fatalf("this machine has %+v", want)
	}
	for _, version := range realtest.Versions {
		p := realtest.StartViewer(t, version, root, 0)
		p.Up(t)
		got := must(client.New(viewer.New(viewer.Options{BaseURL: p.URL})).GetGPUInfo(t.Context()))(t)
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", version, d)
		}
		p.Kill()
	}
}

// fakeGPUs puts an nvidia-smi of two GPUs first in PATH, which answers what it is asked for.
func fakeGPUs(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the fake nvidia-smi is a shell script")
	}
	const script = `#!/bin/sh
for arg; do case "$arg" in --query-gpu=*) fields="${arg#--query-gpu=}";; esac; done
line() {
	out=; IFS=,
	for field in $fields; do case "$field" in
		index) v=$1;; name) v="NVIDIA Test $1";; memory.total) v=81559;; memory.used) v=$2;;
		utilization.gpu) v=$3;; temperature.gpu) v=41;; power.draw) v=$4;; enforced.power.limit|power.limit) v=700.00;;
		*) v="[N/A]";; esac
		out="$out${out:+, }$v"
	done
	echo "$out"
}
line 0 1024 97 312.50
line 1 0 0 "[N/A]"
`
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "nvidia-smi"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
}

func anys(list []string) []any {
	all := make([]any, len(list))
	for i, s := range list {
		all[i] = s
	}
	return all
}

// must is the value of a call that may not fail.
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// TestFolder_recycleBin deletes a run in a real Viewer: 0.7 moves it away, up to 0.6 it stays in
// its place with a mark.
func TestFolder_recycleBin(t *testing.T) {
	t.Parallel()
	for _, version := range realtest.Versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			_, root := realtest.Seed(t, version)
			c := client.New(open(t, root))
			before := must(c.ListExperiments(t.Context(), client.ListOptions{}))(t).Total
			address := realtest.Viewer(t, version, root)
			deleteRun(t, address, dddddd)
			page := must(c.ListExperiments(t.Context(), client.ListOptions{}))(t)
			if page.Total != before-1 || len(page.Experiments) != before-1 {
				t.Errorf("%d of %d runs are left", len(page.Experiments), page.Total)
			}
			for _, run := range page.Experiments {
				if run.ID == dddddd {
					t.Error("the deleted run is listed")
				}
			}
			if _, err := c.GetExperiment(t.Context(), dddddd); !errors.Is(err, client.ErrInRecycleBin) {
				t.Errorf("the deleted run: %v", err)
			}
			if _, err := c.GetMetrics(t.Context(), dddddd, client.MetricsOptions{}); !errors.Is(err,
				client.ErrNotFound) {
				t.Errorf("its metrics: %v", err)
			}
		})
	}
}
