package truth

import (
	"fmt"
	"net/url"
	"path/filepath"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/internal/realtest"
)

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
