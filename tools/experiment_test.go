package tools_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/storage"
	"github.com/runicorn-mcp/runicorn-mcp/tools"
)

const environment = `{"python_version":"3.11","pip_packages":["torch==2.1.0","torchvision==0.16.0",
	"private @ https://me:SECRET@host/x.whl","numpy==1.26.0"],"conda_env":"ml",
	"env_variables":{"PATH":"/SECRET/bin","HF_TOKEN":"SECRET"},"gpu_info":[{"name":"A100"}],
	"git_info":{"commit":"0123456789abcdef","branch":"main","has_changes":true,"changed_files_count":2,
	"remote":"https://me:SECRET@host/r.git","last_commit_message":"try password=SECRET1"}}`

func TestGetExperiment(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	s.run(logged, 1_700_000_000, "")
	s.write(logged, "environment.json", environment)
	s.write(logged, "summary.json", `{"best_metric_name":"acc","best_metric_value":0.9,"note":"x"}`)
	s.write(logged, "events.jsonl", `{"ts":1,"type":"metrics","data":{"loss":2,"acc":0.5,"lr":0.1,"global_step":1}}
{"ts":2,"type":"image","data":{"key":"a","path":"media/a.png","step":1,"caption":null}}
{"ts":3,"type":"metrics","data":{"loss":1,"acc":0.9,"lr":0.1,"global_step":2}}
{"ts":4,"type":"image","data":{"key":"b","path":"media/b.png","step":2,"caption":"type"}}
{"ts":5,"type":"metrics","data":{"loss":NaN,"acc":0.7,"lr":0.2,"global_step":3}}
`)
	s.write(logged, "media/1_a.png", "x")
	s.write(logged, "media/2_b.png", "x")
	env := s.env()
	text, got := must(t, env, "get_experiment", `{"run_id":"latest"}`)
	for _, has := range []string{
		`"last_step":3,"metrics":{"columns":["metric","last","best","best_step","non_finite"],"rows":[` +
			`["acc",0.7,0.9,2,0],["loss","NaN",1,2,1],["lr",0.2,null,null,0]]}`,
		`"summary":{"note":"x"}`, `"media_files":2`,
		`"git":{"commit":"0123456789abcdef","branch":"main","changed_files":2,"remote":"https://host/r.git",` +
			`"message":"try password=[hidden]"}`,
		`"environment":{"conda":"ml","gpus":["A100"],"packages_count":4,"variables":["HF_TOKEN","PATH"]}`,
	} {
		if !strings.Contains(text, has) {
			t.Errorf("it lacks %s:\n%s", has, text)
		}
	}
	if strings.Contains(text, "SECRET") || got["page"] != nil {
		t.Errorf("a secret, or a page of no Viewer: %s", text)
	}
	for packages, want := range map[string]string{
		"TORCH": `"packages":["torch==2.1.0","torchvision==0.16.0"]`, "numpy": `"packages":["numpy==1.26.0"]`,
		"*":   `"packages":["torch==2.1.0","torchvision==0.16.0","private @ https://[hidden]@host/x.whl","numpy==1.26.0"]`,
		"jax": `no package has \"jax\" in its name`,
	} {
		text, _ := must(t, env, "get_run", fmt.Sprintf(`{"run_id":"latest","packages":%q}`, packages))
		if !strings.Contains(text, want) || strings.Contains(text, "SECRET") {
			t.Errorf("packages=%s: it lacks %s:\n%s", packages, want, text)
		}
	}
	s.write(logged, "environment.json", `{"broken`)
	if text, _ := must(t, env, "get_experiment", `{"run_id":"latest"}`); !strings.Contains(text, "environment.json") {
		t.Errorf("a damaged environment.json is not told of: %s", text)
	}
}

func TestGetExperiment_much(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	s.run(logged, 1_700_000_000, "")
	many := map[string]func(int) float64{"val_loss": curve(1)}
	for i := range 30 {
		many[fmt.Sprintf("a%02d", i)] = curve(float64(i))
	}
	s.metrics(logged, 2, many)
	var packages []string
	for i := range 4000 {
		packages = append(packages, fmt.Sprintf("%q", fmt.Sprintf("package-%d==1.0.0", i)))
	}
	s.write(logged, "environment.json", `{"pip_packages":[`+strings.Join(packages, ",")+`]}`)
	text, _ := must(t, s.env(), "get_experiment", `{"run_id":"latest"}`)
	if !strings.Contains(text, `"rows":[["val_loss",`) || !strings.Contains(text, "12 of 31 metrics are shown") ||
		len(text) > 2_000 {
		t.Errorf("%d bytes: %s", len(text), text)
	}
	text, _ = must(t, s.env(), "get_experiment", `{"run_id":"latest","packages":"package"}`)
	if len(text) > 40_000 || !strings.Contains(text, "the first 1000 packages of those that match") ||
		strings.Contains(text, "the first 2000") {
		t.Errorf("%d bytes, ending with %s", len(text), text[max(0, len(text)-300):])
	}
}

// asViewer is a store that says that it is a Viewer of some version.
type asViewer struct {
	*storage.Store
	version string
}

func (asViewer) Describe() client.Description {
	return client.Description{Kind: "viewer", Location: "http://viewer:1"}
}

func (v asViewer) Health(context.Context) (client.Health, error) {
	return client.Health{Status: "ok", Version: v.version}, nil
}

func TestGetExperiment_page(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	s.run("p/odd id", 1_700_000_000, "")
	store, err := storage.Open(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	for version, want := range map[string]string{
		"0.7.2": "http://viewer:1/runs/odd%20id", "0.10.0": "http://viewer:1/runs/odd%20id",
		"0.6.0": "http://viewer:1, page of run odd id", "0.5.2": "http://viewer:1, page of run odd id",
	} {
		c := client.New(asViewer{store, version})
		env := &tools.Env{Client: func(context.Context, string) (*client.Client, error) { return c, nil }}
		if _, got := must(t, env, "get_experiment", `{"run_id":"latest"}`); got["page"] != want {
			t.Errorf("%s: page is %v, want %s", version, got["page"], want)
		}
	}
}
