package truth

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/viewer"
	"github.com/runicorn-mcp/runicorn-mcp/internal/realtest"
)

// facts are single values under names such as "get_experiment <id> status".
type facts map[string]string

func (f facts) add(name string, value any) {
	switch v := value.(type) {
	case map[string]any:
		for k, e := range v {
			f.add(name+" "+k, e)
		}
		if len(v) == 0 {
			f[name] = "{}"
		}
	case []any:
		for i, e := range v {
			f.add(fmt.Sprintf("%s %d", name, i), e)
		}
		f[name] = fmt.Sprintf("%d elements", len(v))
	default:
		f[name] = fmt.Sprint(v)
	}
}

// addJSON adds any value by its JSON.
func (f facts) addJSON(t *testing.T, name string, value any) {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	f.add(name, v)
}

// A difference is where we and the Viewer must differ, and why.
type difference struct{ fact, cause string }

// compare fails for every difference that is not listed, and for every listed one that is gone.
func compare(t *testing.T, ours, theirs facts, listed []difference) {
	t.Helper()
	if len(theirs) < 100 {
		t.Errorf("only %d facts", len(theirs))
	}
	causes := make(map[string]string)
	for _, d := range listed {
		causes[d.fact] = d.cause
	}
	all := maps.Clone(ours)
	maps.Copy(all, theirs)
	for _, fact := range slices.Sorted(maps.Keys(all)) {
		we, weKnow := ours[fact]
		they, theyKnow := theirs[fact]
		same := we == they && weKnow == theyKnow
		switch cause, known := causes[fact]; {
		case !same && !known:
			t.Errorf("%s: we say %q (%t), the Viewer %q (%t)", fact, we, weKnow, they, theyKnow)
		case same && known:
			t.Errorf("%s is %q on both sides: the listed difference is gone (%s)", fact, we, cause)
		}
		delete(causes, fact)
	}
	for fact := range causes {
		t.Errorf("%s: listed as a difference, and on neither side", fact)
	}
}

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

// viewerFacts are the same, from the Viewer's own routes.
func viewerFacts(t *testing.T, address string) facts {
	t.Helper()
	f := make(facts)
	get := func(path string) map[string]any {
		var v map[string]any
		if err := realtest.GetJSON(t.Context(), address+path, &v); err != nil {
			t.Fatal(err)
		}
		return v
	}
	var runs []map[string]any
	if err := realtest.GetJSON(t.Context(), address+"/api/runs", &runs); err != nil {
		t.Fatal(err)
	}
	for i, run := range runs {
		id := run["id"].(string)
		f.add(fmt.Sprint("list_experiments ", i), id)
		f.add("list_experiments "+id, pick(run, "run_dir", "created_time", "status", "pid", "path",
			"alias", "tags", "best_metric_name", "best_metric_value"))
		route := "/api/runs/" + url.PathEscape(id)
		f.add("get_experiment "+id, pick(get(route), "run_dir", "start_time", "status", "pid", "path",
			"alias", "summary"))
		addViewerMetrics(f, "get_metrics "+id, get(route+"/metrics"))
		addViewerAssets(f, "assets "+id, get(route + "/assets")["assets"].(map[string]any))
	}
	for _, p := range get("/api/projects")["projects"].([]any) {
		f.add("list_projects "+p.(string), true)
	}
	f.add("get_config user_root", get("/api/config")["user_root_dir"])
	health := get("/api/health")
	f.add("health_check", pick(health, "status", "storage", "version"))
	f.add("health_check mode", health["storage_backend"].(map[string]any)["mode"])
	addViewerGPUs(f, get("/api/gpu/telemetry"))
	return f
}

// pick takes members of an object; null is as good as an empty text.
func pick(o map[string]any, keys ...string) map[string]any {
	picked := make(map[string]any)
	for _, k := range keys {
		if picked[k] = o[k]; o[k] == nil {
			picked[k] = ""
		}
	}
	return picked
}

func addViewerMetrics(f facts, name string, m map[string]any) {
	for _, r := range m["rows"].([]any) {
		row := r.(map[string]any)
		for column, value := range row {
			if value != nil && column != "global_step" {
				f.add(fmt.Sprint(name, " ", column, " ", row["global_step"]), value)
			}
		}
	}
	f.add(name+" rows", m["total"])
}

func addViewerAssets(f facts, name string, assets map[string]any) {
	count := 0
	add := func(kind, label string, o map[string]any, uri string) {
		count++
		p := pick(o, "archive_path", "fingerprint", "description", uri)
		f.add(name+" "+kind+" "+label, map[string]any{"uri": p[uri], "saved": o["saved"],
			"fingerprint": p["fingerprint"], "archive": p["archive_path"],
			"description": p["description"]})
	}
	for _, list := range []struct{ key, kind, uri string }{{"datasets", "dataset", "uri"},
		{"pretrained", "pretrained", "path_or_uri"}, {"outputs", "output", "path"}} {
		for _, e := range assets[list.key].([]any) {
			o := e.(map[string]any)
			add(list.kind, o["name"].(string), o, list.uri)
		}
	}
	if code, ok := assets["code"].(map[string]any)["snapshot"].(map[string]any); ok {
		add("code", filepath.Base(code["workspace_root"].(string)), code, "workspace_root")
	}
	if config := assets["config"].(map[string]any); len(config) > 0 {
		f.add(name+" config", config)
	}
	f.add(name+" count", count)
}

func addViewerGPUs(f facts, telemetry map[string]any) {
	f.add("get_gpu_info available", telemetry["available"])
	list := telemetry["gpus"].([]any)
	f.add("get_gpu_info devices", fmt.Sprintf("%d elements", len(list)))
	for i, g := range list {
		for key, name := range map[string]string{"index": "index", "name": "name",
			"mem_total_mib": "memory_total", "mem_used_mib": "memory_used",
			"util_gpu": "utilization", "temp_c": "temperature", "power_w": "power",
			"power_limit_w": "power_limit"} {
			f.add(fmt.Sprintf("get_gpu_info devices %d %s", i, name), g.(map[string]any)[key])
		}
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
		utilization.gpu) v=$3;; temperature.gpu) v=41;; power.draw) v=$4;; enforced.power.limit) v=700.00;;
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

// TestViewer compares client/viewer with the folder, through the same methods.
func TestViewer(t *testing.T) {
	t.Parallel()
	_, root := realtest.Seed(t, "0.7.2")
	address := realtest.Viewer(t, "0.7.2", root)
	folder := client.New(open(t, root))
	through := client.New(viewer.New(viewer.Options{BaseURL: address}))
	const (
		tags    = "the Viewer's list splits tags at commas and sorts; its detail reads the file"
		nan     = "the Viewer's list has no NaN"
		listing = "the Viewer's list has no such field; get_experiment has it"
		ownWord = "a folder has no version, mode and port"
	)
	var listed []difference
	for _, run := range expectedRuns("0.7.2") {
		for _, field := range []string{"started_at", "ended_at", "hostname", "python", "platform"} {
			if field != "ended_at" || run.EndedAt > 0 {
				listed = append(listed, difference{"list_experiments " + run.ID + " " + field, listing})
			}
		}
	}
	for _, field := range []string{"", " 0", " 1", " 2"} {
		listed = append(listed, difference{"list_experiments " + aaaaaa + " tags" + field, tags})
	}
	for _, field := range []string{"name", "value", "step", "mode"} {
		listed = append(listed, difference{"list_experiments " + three + " best_metric " + field, nan})
	}
	listed = append(listed, difference{"list_experiments " + ffffff + " ended_at", listing},
		difference{"list_experiments " + aaaaaa + " best_metric step", listing},
		difference{"list_experiments " + aaaaaa + " best_metric mode", listing},
		difference{"list_experiments " + ffffff + " status_reason", listing},
		difference{"health_check version", ownWord}, difference{"health_check mode", ownWord},
		difference{"get_config port", ownWord})
	compare(t, methodFacts(t, folder), methodFacts(t, through), listed)
}

// methodFacts are the answers of every reading method.
func methodFacts(t *testing.T, c *client.Client) facts {
	t.Helper()
	f, ctx := make(facts), t.Context()
	for _, e := range must(c.ListExperiments(ctx, client.ListOptions{}))(t).Experiments {
		f.addJSON(t, "list_experiments "+e.ID, e)
		detail := must(c.GetExperiment(ctx, e.ID))(t)
		detail.Summary = jsonNames(detail.Summary).(map[string]any)
		f.addJSON(t, "get_experiment "+e.ID, detail)
		addMetrics(f, "get_metrics "+e.ID, must(c.GetMetrics(ctx, e.ID, client.MetricsOptions{}))(t))
		_, links, err := c.Artifacts.ListExperimentArtifacts(ctx, e.ID, "")
		if err != nil {
			t.Fatal(err)
		}
		f.addJSON(t, "list_experiment_artifacts "+e.ID, links)
		for _, format := range []string{"json", "csv"} {
			data := must(c.ExportExperiment(ctx, e.ID, client.ExportOptions{Format: format}))(t)
			f.add("export_experiment "+e.ID+" "+format, string(data))
		}
	}
	f.addJSON(t, "list_projects", must(c.ListProjects(ctx))(t))
	for _, a := range must(c.Artifacts.ListArtifacts(ctx, client.ArtifactOptions{}))(t).Artifacts {
		f.addJSON(t, "list_artifacts "+a.Name, a)
		f.addJSON(t, "list_versions "+a.Name, must(c.Artifacts.ListVersions(ctx, a.Name))(t))
		l := must(c.Artifacts.GetArtifactLineage(ctx, a.Name))(t)
		f.addJSON(t, "get_artifact_lineage "+a.Name, []any{l.CreatedBy, l.UsedBy, l.Inputs, l.Derived})
	}
	f.addJSON(t, "get_config", must(c.GetConfig(ctx))(t))
	f.addJSON(t, "health_check", must(c.HealthCheck(ctx))(t))
	return f
}

// jsonNames is v with NaN and infinities by name, which JSON lacks.
func jsonNames(v any) any {
	switch v := v.(type) {
	case map[string]any:
		named := make(map[string]any, len(v))
		for k, e := range v {
			named[k] = jsonNames(e)
		}
		return named
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Sprint(v)
		}
	}
	return v
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
			resp, err := http.Post(address+"/api/runs/soft-delete", "application/json",
				strings.NewReader(`{"run_ids":["`+dddddd+`"]}`))
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode != http.StatusOK {
				t.Fatalf("the Viewer answers %s", resp.Status)
			}
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
