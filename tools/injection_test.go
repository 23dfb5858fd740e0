package tools_test

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/runicorn-mcp/runicorn-mcp/internal/testkit"
	"github.com/runicorn-mcp/runicorn-mcp/tools"
)

// named stands in arguments for the token of a place: <alias>.
var named = regexp.MustCompile(`<[a-z, ]+>`)

// hostileCalls are calls of every tool that can be made of a folder, asking for all it has.
var hostileCalls = map[string][]string{
	"list_experiments": {`{}`, `{"status":"failed"}`, `{"project":"evil"}`,
		`{"name":"<alias>"}`, `{"tags":["<tag>"]}`, `{"project":"<project>"}`, `{"project":"x-<project>"}`, `{"status":"<alias>"}`, `{"limit":"<alias>"}`},
	"get_experiment": {`{"run_id":"first","packages":"*"}`, `{"run_id":"second"}`, `{"run_id":"nobody"}`,
		`{"run_id":"<alias>","packages":"*"}`, `{"run_id":"<id>"}`, `{"run_id":"x-<alias>"}`, `{"run_id":"<folder>"}`, `{"run_id":"fourth"}`, `{"run_id":"<alias>","packages":"<package>"}`},
	"get_run":       {`{"run_id":"first","packages":"*"}`},
	"list_projects": {`{}`},
	"get_metrics": {`{"run_id":"first","limit":10}`, `{"run_id":"first","at_step":1}`, `{"run_id":"first","metric_names":["loss","los"]}`,
		`{"run_id":"<alias>","limit":5}`, `{"run_id":"<alias>","metric_names":["<metric>","x-<metric>"]}`, `{"run_id":"<alias>","at_step":1}`, `{"run_id":"<alias>","since":"<alias>"}`},
	"compare_runs": {`{"run_ids":["first","second"]}`, `{"run_ids":["first","second"],"metric_name":"los"}`,
		`{"run_ids":["<alias>","first","fourth"]}`, `{"run_ids":["<alias>","<alias>"]}`, `{"run_ids":["<alias>","first"],"metric_name":"<metric>"}`, `{"run_ids":["first","second"],"metric_name":"<metric>"}`},
	"best_runs": {`{}`, `{"metric_name":"loss"}`, `{"metric_name":"los"}`,
		`{"metric_name":"<metric>"}`, `{"metric_name":"<best metric>"}`, `{"metric_name":"loss","path":"evil/<folder>"}`, `{"path":"evil/x-<folder>"}`},
	"diagnose_run": {`{}`, `{"run_id":"first"}`, `{"status":"failed"}`,
		`{"run_id":"<alias>"}`, `{"project":"x-<project>"}`, `{"days":1}`, `{"days":1,"project":"<project>"}`},
	"get_logs": {`{"run_id":"first"}`, `{"run_id":"first","head":50}`, `{"run_id":"first","search":"token"}`, `{"run_id":"first","search":"hf_"}`,
		`{"run_id":"first","search":"hf_QzT"}`, `{"run_id":"first","around":1}`, `{"run_id":"first","search":"("}`,
		`{"run_id":"<alias>"}`, `{"run_id":"first","search":"<metric>"}`},
	"plot_metrics": {`{"run_ids":["first","second"]}`, `{"run_ids":["first"],"metric_names":["loss"],"output_path":"a.png"}`,
		`{"run_ids":["<alias>","first"],"metric_names":["loss","<metric>","x-<metric>"]}`, `{"run_ids":["<alias>"]}`, `{"run_ids":["<alias>"],"metric_names":["x-<metric>"]}`},
	"watch_run": {`{"run_id":"first","seconds":1}`,
		`{"run_id":"<alias>","seconds":1}`},
	"list_artifacts": {`{}`,
		`{"type":"<alias>"}`},
	"get_artifact": {`{"artifact_id":"model.pt"}`, `{"artifact_id":"model"}`, `{"artifact_id":"dataset/DATA"}`,
		`{"artifact_id":"<output>"}`, `{"artifact_id":"<output>:v9"}`, `{"artifact_id":"x-<output>"}`, `{"artifact_id":"<dataset>"}`},
	"list_versions": {`{"artifact_name":"model.pt"}`, `{"artifact_name":"DATA"}`,
		`{"artifact_name":"<output>"}`},
	"get_artifact_lineage": {`{"artifact_id":"model.pt"}`, `{"artifact_id":"DATA"}`,
		`{"artifact_id":"<output>"}`, `{"artifact_id":"<dataset>"}`},
	"list_experiment_artifacts": {`{"run_id":"first"}`,
		`{"run_id":"<alias>"}`, `{"run_id":"<alias>","relation":"<alias>"}`},
	"export_experiment": {`{"run_id":"first"}`, `{"run_id":"first","format":"csv"}`,
		`{"run_id":"<alias>"}`, `{"run_id":"<alias>","format":"csv"}`, `{"run_id":"fourth"}`},
	"export_metrics_to_csv": {`{"run_id":"first","output_path":"m.csv"}`,
		`{"run_id":"<alias>","output_path":"../<alias>.csv"}`, `{"run_id":"<alias>","output_path":"m.csv"}`},
	"health_check":  {`{}`},
	"get_config":    {`{}`},
	"get_gpu_info":  {`{}`},
	"update_config": {`{"config":{"user_root":"/pwned"},"confirm":"/pwned"}`},
}

// TestInjection calls every tool on a folder that is full of instructions and secrets: no secret is
// answered, every text is one capped line without invisible characters, nothing in the folder
// changes, and nothing is written but the exports that were asked for.
func TestInjection(t *testing.T) {
	t.Parallel()
	root, tokens := testkit.HostileStore(t)
	before, env := contents(t, root), testkit.Env(t, root)
	for _, tool := range tools.All() {
		if hostileCalls[tool.Name] == nil && tool.Group != "remote" {
			t.Errorf("%s is not called", tool.Name)
		}
		for _, args := range hostileCalls[tool.Name] {
			args = named.ReplaceAllStringFunc(args, func(place string) string {
				return tokens.Of(strings.Trim(place, "<>"))
			})
			args = strings.ReplaceAll(args, "DATA", "data "+testkit.Long)
			text, err := call(t, env, tool.Name, args)
			longest := 520 // a text of 500 characters, and what says whose it is
			if err != nil {
				longest = 1000
				quoted, _ := json.Marshal(err.Error())
				text = string(quoted)
			}
			testkit.CheckHarmless(t, tool.Name+" "+args, text, longest, tokens)
		}
	}
	if d := cmp.Diff(before, contents(t, root)); d != "" {
		t.Errorf("the folder has changed:\n%s", d)
	}
	for file, text := range contents(t, env.ExportDir) { // a copy of the run, but for its environment
		for token, place := range tokens {
			if strings.HasPrefix(place, "variable") && strings.Contains(text, token) {
				t.Errorf("%s has the secret of: %s", file, place)
			}
		}
	}
	want := []string{"[hidden]-y_[hidden].json", "a.png", "evil-[hidden]_20250103_100000_cccccc.csv", "evil-[hidden]_20250103_100000_cccccc.json", "evil-x_20250101_100000_aaaaaa.csv", "evil-x_20250101_100000_aaaaaa.json", "m.csv"}
	got := slices.Sorted(maps.Keys(contents(t, env.ExportDir)))
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("files written (-want +got):\n%s", d)
	}
}

// TestInjection_names holds that what is called like a token can still be asked for.
func TestInjection_names(t *testing.T) {
	t.Parallel()
	root, tokens := testkit.HostileStore(t)
	env := testkit.Env(t, root)
	for _, c := range []struct{ tool, args, want string }{
		{"get_experiment", `{"run_id":"<alias>"}`, `"id":"20250103_100000_cccccc","project":"evil","name":"[hidden]"`},
		{"get_experiment", `{"run_id":"evil/<folder>"}`, `"id":"20250103_100000_cccccc"`},
		{"get_experiment", `{"run_id":"20250103"}`, `"config":{"args":{"[hidden]":1,"[hidden]′":{"[hidden]":"x"},"lr":0.3}}`},
		{"get_experiment", `{"run_id":"<id>"}`, `"alias":"fourth"`},
		{"list_experiments", `{"name":"<alias>"}`, `"total":1,`},
		{"list_experiments", `{"project":"<project>"}`, `[["[hidden]","[hidden]","y","fourth",`},
		{"get_metrics", `{"run_id":"<alias>","metric_names":["<metric>"]}`, `"non_finite":["[hidden]: 1 value at step 1"]`},
		{"list_versions", `{"artifact_name":"<output>"}`, `"name":"[hidden]"`},
	} {
		args := named.ReplaceAllStringFunc(c.args, func(place string) string { return tokens.Of(strings.Trim(place, "<>")) })
		if text, _ := must(t, env, c.tool, args); !strings.Contains(text, c.want) {
			t.Errorf("%s %s does not have %s:\n%s", c.tool, args, c.want, text)
		}
	}
}

// contents are the files below a folder.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		rel, _ := filepath.Rel(dir, name)
		files[filepath.ToSlash(rel)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
