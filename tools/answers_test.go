package tools_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/internal/testkit"
	"github.com/runicorn-mcp/runicorn-mcp/tools"
)

// curve is a loss-like function with all the digits that training prints.
func curve(scale float64) func(int) float64 {
	return func(step int) float64 { return scale * math.Exp(-float64(step)/700) * 1.2345678901234567 }
}

func six() map[string]func(int) float64 {
	return map[string]func(int) float64{
		"train_loss": curve(2.3), "val_loss": curve(2.5), "train_accuracy": curve(0.9),
		"val_accuracy": curve(0.8), "learning_rate": curve(1e-3), "grad_norm": curve(17),
	}
}

func TestBudget_getMetrics(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	s.run("vision/resnet50/20250101_100000_aaaaaa", 1_700_000_000, "")
	s.metrics("vision/resnet50/20250101_100000_aaaaaa", 2000, six())
	text, _ := must(t, s.env(), "get_metrics", `{"run_id":"latest"}`)
	n := testkit.Tokens(t, text)
	t.Logf("%d tokens", n)
	if n > 600 {
		t.Errorf("get_metrics of 6 metrics x 2,000 steps is %d tokens, more than 600:\n%s", n, text)
	}
}

func TestBudget_listExperiments(t *testing.T) {
	t.Parallel()
	for _, place := range []string{"vision/resnet50-imagenet", "图像分类/残差网络五十层"} {
		s := newStore(t)
		for i := range 25 {
			run := fmt.Sprintf("%s/20250101_1%05d_%06x", place, i, i*1111)
			s.run(run, 1_700_000_000+i, `,"tags":["baseline"]`)
			s.write(run, "summary.json", `{"best_metric_name":"val_accuracy",`+
				`"best_metric_value":0.91234567890123,"best_metric_step":1500,"best_metric_mode":"max"}`)
		}
		text, got := must(t, s.env(), "list_experiments", `{}`)
		if n := testkit.Tokens(t, text); n > 1200 || got["returned"] != 20.0 || got["total"] != 25.0 {
			t.Errorf("list_experiments of 20 of 25 rows is %d tokens:\n%s", n, text)
		}
	}
}

func TestBudget_compareRuns(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	var ids []string
	for i := range 3 {
		run := fmt.Sprintf("图像/resnet/20250101_10000%d_aaaaaa", i)
		s.run(run, 1_700_000_000+i, "")
		s.metrics(run, 2000, six())
		s.write(run, "assets.json", fmt.Sprintf(`{"config":{"args":{"lr":0.%d,"seed":%d}}}`, i+1, i))
		ids = append(ids, fmt.Sprintf("%q", filepath.Base(run)))
	}
	for _, metrics := range []string{`"metric_name":"val_loss"`, `"metric_name":"val_loss",` +
		`"metric_names":["train_loss","val_accuracy","train_accuracy"]`, `"limit":0`} {
		text, _ := must(t, s.env(), "compare_runs", `{"run_ids":[`+strings.Join(ids, ",")+`],`+metrics+`}`)
		n := testkit.Tokens(t, text)
		t.Logf("%s: %d tokens", metrics, n)
		if n > 1200 {
			t.Errorf("compare_runs is %d tokens:\n%s", n, text)
		}
	}
}

// TestBudget_anyAnswer asks for too much of everything: the answer fits, and says what it left
// out.
func TestBudget_anyAnswer(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	many := make(map[string]func(int) float64)
	for i := range 700 {
		many[fmt.Sprintf("layer_%03d/gradient/第%d层", i, i)] = curve(float64(i))
	}
	run := "p/n/20250101_100000_aaaaaa"
	s.run(run, 1_700_000_000, `,"tags":["`+strings.Repeat("长", 5000)+`"]`)
	s.metrics(run, 60, many)
	var summary, datasets strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&summary, `"key_%d":"%s",`, i, strings.Repeat("v", 40))
		fmt.Fprintf(&datasets, `{"name":"d%d","uri":"s3:/%d"},`, i, i)
	}
	s.write(run, "summary.json", `{`+summary.String()+`"end":1}`)
	s.write(run, "assets.json", `{"datasets":[`+datasets.String()+`{"name":"end"}]}`)
	for i := range 600 {
		s.run(fmt.Sprintf("p/%s/20250101_10%04d_bbbbbb", strings.Repeat("n", 100), i), 1_600_000_000+i,
			fmt.Sprintf(`,"alias":"%0100d"`, i))
	}
	env := s.env()
	for _, c := range []struct{ tool, args, says string }{
		{"get_metrics", `{"run_id":"20250101_100000_aaaaaa"}`, "of 700 metrics"},
		{"get_metrics", `{"run_id":"20250101_100000_aaaaaa","limit":2000}`, "metric_names"},
		{"get_experiment", `{"run_id":"20250101_100000_aaaaaa"}`, "summary has 3001 keys"},
		{"list_experiments", `{"limit":500}`, `"next_offset"`},
		{"list_artifacts", `{"limit":500}`, `"next_offset"`},
		{"list_experiment_artifacts", `{"run_id":"20250101_100000_aaaaaa"}`, "of 3001 artifacts"},
	} {
		text, err := call(t, env, c.tool, c.args)
		if n := utf8.RuneCountInString(text); err != nil || n > 40_000 || !strings.Contains(text, c.says) {
			t.Errorf("%s %s: %d characters, %v, and %q in it is %v:\n%.300s", c.tool, c.args, n, err,
				c.says, strings.Contains(text, c.says), text)
		}
	}
	for _, args := range []string{`{"run_id":"2025"}`, `{"run_id":"` + strings.Repeat("x", 1<<20) + `"}`} {
		_, err := call(t, env, "get_experiment", args)
		if err == nil || utf8.RuneCountInString(err.Error()) > 1000 {
			t.Errorf("an error has %d characters", utf8.RuneCountInString(fmt.Sprint(err)))
		}
	}
}

// TestAnswers_golden shows whole answers of a small store as a model sees them.
func TestAnswers_golden(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	good, bad := "vision/resnet/20250101_100000_aaaaaa", "vision/resnet/20250102_100000_bbbbbb"
	s.run(good, 1_735_725_600, `,"alias":"baseline","tags":["a","b"],"pid":12,"hostname":"gpu-1",`+
		`"python":"3.11.7"`)
	s.write(good, "summary.json", `{"best_metric_name":"acc","best_metric_value":0.9,`+
		`"best_metric_step":3,"best_metric_mode":"max","final":{"f1":NaN},"hf_token":"hf_abc"}`)
	s.write(good, "assets.json", `{"config":{"args":{"lr":0.1,"api_key":"sk-123","max_tokens":5}},`+
		`"datasets":[{"name":"mnist","uri":"/data","fingerprint":"f1","total_size_bytes":10}],`+
		`"outputs":[{"name":"model.pt","fingerprint":"w1","archive_path":"/store/x"}]}`)
	s.write(good, "events.jsonl", strings.Join([]string{
		`{"ts":1735725601.0,"type":"metrics","data":{"loss":2.5,"note":"warm","global_step":1,"time":1735725601.0}}`,
		`{"ts":1735725602.0,"type":"metrics","data":{"loss":NaN,"note":"hot","global_step":2,"time":1735725602.0}}`,
		`{"ts":1735725603.0,"type":"metrics","data":{"loss":1.25,"acc":0.9,"global_step":3,"time":1735725603.0}}`, ""},
		"\n"))
	s.run(bad, 1_735_812_000, "")
	s.write(bad, "status.json", `{"status":"crashed","started_at":1735812000,"exit_reason":"OOM"}`)
	s.write(bad, "events.jsonl", `{"ts":1735812001.0,"type":"metrics","data":{"loss":3,"global_step":1,"time":1735812001.0}}`+"\n")
	env := s.env()
	for _, c := range []struct{ file, tool, args string }{
		{"list_experiments", "list_experiments", `{"project":"vision"}`},
		{"list_experiments_none", "list_experiments", `{"project":"vison"}`},
		{"get_experiment", "get_experiment", `{"run_id":"baseline"}`},
		{"list_projects", "list_projects", ``},
		{"get_metrics", "get_metrics", `{"run_id":"baseline","metric_names":["loss","los","note"],"limit":2}`},
		{"compare_runs", "compare_runs", `{"run_ids":["baseline","20250102"],"metric_name":"loss"}`},
		{"list_artifacts", "list_artifacts", `{}`},
		{"get_artifact", "get_artifact", `{"artifact_id":"mnist:v1"}`},
		{"list_versions", "list_versions", `{"artifact_name":"model.pt"}`},
		{"get_artifact_lineage", "get_artifact_lineage", `{"artifact_id":"model.pt"}`},
		{"list_experiment_artifacts", "list_experiment_artifacts", `{"run_id":"baseline"}`},
		{"health_check", "health_check", `{}`},
		{"get_config", "get_config", `{}`},
	} {
		text, decoded := must(t, env, c.tool, c.args)
		checkConforms(t, c.tool, decoded)
		text = strings.ReplaceAll(text, s.dir, "STORE")
		golden(t, filepath.Join("testdata", "answers", c.file+".json"), []byte(text+"\n"))
	}
}

// checkConforms holds that an answer is what the tool's output schema announces.
func checkConforms(t *testing.T, name string, answer map[string]any) {
	t.Helper()
	for _, tool := range tools.All() {
		if tool.Name != name || tool.Out == nil {
			continue
		}
		var s jsonschema.Schema
		if err := json.Unmarshal(tool.Out, &s); err != nil {
			t.Fatal(err)
		}
		resolved, err := s.Resolve(nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := resolved.Validate(answer); err != nil {
			t.Errorf("%s: the answer is not what its schema says: %v", name, err)
		}
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	s.run("vision/resnet/20250101_100000_aaaaaa", 1_700_000_000, "")
	env := s.env()
	for _, c := range []struct{ tool, args, want string }{
		{"get_run", `{"run":"x"}`, `argument "run" does not exist, did you mean "run_id"; valid are run_id, packages, since, viewer`},
		{"get_run", `{}`, `argument "run_id" is required: a string`},
		{"get_metrics", `{"run_id":"vision/resnext"}`, `No run "vision/resnext" among 1 runs. The nearest names are "vision/resnet".`},
		{"list_experiments", `{"status":"dead"}`, `status "dead" does not exist. Use running, finished, failed, interrupted or unknown.`},
		{"compare_runs", `{"run_ids":"latest","metric_name":"loss"}`, `No metric "loss". No numbers were logged.`},
		{"export_experiment", `{"run_id":"latest","format":"xml"}`, `argument "format" must be one of json, csv, not "xml"`},
		{"update_config", `{"config":{"user_root":"/x"},"confirm":"/y"}`, `argument "confirm" must repeat config.user_root; nothing was changed`},
		{"update_config", `{"config":{"user_root":"/x"},"confirm":"/x"}`, "update_config needs a running Viewer (0.4 to 0.7); this is a storage folder. Start `runicorn viewer` and name it with --base-url, http://127.0.0.1:23300 by default."},
		{"connect", `{"host":"h","password":"pw"}`, "connect needs a running Viewer 0.5, 0.6 or 0.7; this is a storage folder."},
		{"start_viewer", `{"connection_id":"c","remote_root":"/r"}`, "start_viewer needs a running Viewer"},
		{"list_sessions", `{}`, "list_sessions needs a running Viewer"},
		{"list_viewer_sessions", ``, "list_viewer_sessions needs a running Viewer"},
		{"stop_viewer", `{"session_id":"s"}`, "stop_viewer needs a running Viewer"},
		{"disconnect", `{"host":"h"}`, "disconnect needs a running Viewer"},
		{"get_artifact", `{"artifact_id":"m"}`, `No artifact "m". No run has recorded any artifact or asset.`},
	} {
		_, err := call(t, env, c.tool, c.args)
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s %s\n got %v\nwant %s", c.tool, c.args, err, c.want)
		}
	}
}

func TestHealthCheck_unavailable(t *testing.T) {
	t.Parallel()
	env := &tools.Env{Client: func(context.Context, string) (*client.Client, error) {
		return nil, errors.New("nothing found; give --storage")
	}}
	_, got := must(t, env, "health_check", `{}`)
	if got["status"] != "unavailable" || got["problem"] != "nothing found; give --storage" {
		t.Errorf("health_check without a source: %v", got)
	}
	checkConforms(t, "health_check", got)
	if _, err := call(t, env, "list_projects", ``); err == nil ||
		err.Error() != "nothing found; give --storage" {
		t.Errorf("list_projects without a source: %v", err)
	}
}

// TestHostileText holds that what a tracker says cannot hide, and cannot pose as structure.
func TestHostileText(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	s.run("p/n/20250101_100000_aaaaaa", 1_700_000_000,
		`,"alias":"a\u202eb\u001b[31mc\nd","tags":["x\u200by","`+strings.Repeat("t", 500)+`"]`)
	text, got := must(t, s.env(), "get_experiment", `{"run_id":"20250101_100000_aaaaaa"}`)
	for _, bad := range []string{"\u202e", "\u001b", `\u001b`, "\u200b", strings.Repeat("t", 200)} {
		if strings.Contains(text, bad) {
			t.Errorf("the answer contains %q", bad)
		}
	}
	if got["alias"] != "ab[31mc d" {
		t.Errorf("alias is %q", got["alias"])
	}
}
