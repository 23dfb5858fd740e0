package tools_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/internal/testkit"
	"github.com/runicorn-mcp/runicorn-mcp/tools"
)

// drawing is a store of two runs with Chinese names, one of which becomes NaN.
func drawing(t *testing.T) (*tools.Env, *[]byte) {
	t.Helper()
	s := newStore(t)
	for i, alias := range []string{"基线", "大学习率"} {
		run := fmt.Sprintf("图像/resnet/20250101_10000%d_aaaaaa", i)
		s.run(run, 1_700_000_000+i, fmt.Sprintf(`,"alias":%q`, alias))
		s.metrics(run, 400, map[string]func(int) float64{
			"train_loss": func(step int) float64 {
				if i == 1 && step > 300 {
					return math.NaN()
				}
				return 2*math.Exp(-float64(step)/100) + float64(i)
			},
			"acc": func(step int) float64 { return 1 - math.Exp(-float64(step)/100) },
			"lr":  func(step int) float64 { return 1e-4 * float64(step) },
			"gpu": func(step int) float64 { return 97 }, "z": func(step int) float64 { return -5 },
		})
	}
	env := s.env()
	var picture []byte
	env.Picture = func(png []byte) { picture = png }
	return env, &picture
}

func TestPlotMetrics(t *testing.T) {
	t.Parallel()
	tests := []struct{ args, has, not string }{
		{`"metric_names":["train_loss"]`, `"picture":"2 curves over steps; axes: train_loss","columns":["run","legend",` +
			`"metric","count","first","last","min","min_step","max","max_step"],"rows":[["20250101_100000_aaaaaa","基线",` +
			`"train_loss",400,`, `"notes"`},
		{`"metric_names":["train_loss"]`, `"non_finite":["20250101_100001_aaaaaa: train_loss: 100 of 400 values, ` +
			`from step 301 to step 400"]`, ""},
		{`"metric_names":["train_loss"],"smooth":0.9,"log":true`, `log scale; EMA of weight 0.9, the values as logged ` +
			`pale behind"`, ""},
		{`"metric_names":["acc","loss"]`, `"missing":[{"name":"20250101_100000_aaaaaa: loss","nearest":["train_loss"]}`, ""},
		{`"metric_names":[]`, `"4 of 5 metrics are drawn; name others with metric_names"`, `"z"`},
		{`"metric_names":["z","gpu"]`, `axes: z | gpu"`, ""},
	}
	env, picture := drawing(t)
	for _, tt := range tests {
		*picture = nil
		text, _ := must(t, env, "plot_metrics", `{"run_ids":["基线","大学习率"],`+tt.args+`}`)
		if !strings.Contains(text, tt.has) || tt.not != "" && strings.Contains(text, tt.not) {
			t.Errorf("%s: wants %s, not %s:\n%s", tt.args, tt.has, tt.not, text)
		}
		if n := testkit.Tokens(t, text); n > 900 {
			t.Errorf("%s: %d tokens", tt.args, n)
		}
		if _, err := png.Decode(bytes.NewReader(*picture)); err != nil || len(*picture) > 100_000 {
			t.Errorf("%s: a picture of %d bytes, %v", tt.args, len(*picture), err)
		}
	}
	for args, want := range map[string]string{
		`"metric_names":["loss"]`:                "loss does not exist, the nearest are train_loss",
		`"metric_names":["z"],"log":true`:        "nothing was drawn: there is no value that can be drawn",
		`"output_path":"a.jpg"`:                  `output_path "a.jpg" must end in .png`,
		`"output_path":"../a.png"`:               "must name a file inside the export folder",
		`"metric_names":["a","b","c","d","e"]`:   "metric_names",
		`"metric_names":["acc"],"smooth":1`:      "smooth",
		`"metric_names":["acc"],"viewer":[1, 2]`: "viewer",
	} {
		*picture = nil
		_, err := call(t, env, "plot_metrics", `{"run_ids":["基线"],`+args+`}`)
		if err == nil || !strings.Contains(err.Error(), want) || *picture != nil {
			t.Errorf("%s: %v, want %s", args, err, want)
		}
	}
}

func TestPlotMetrics_file(t *testing.T) {
	t.Parallel()
	env, picture := drawing(t)
	const args = `{"run_ids":["基线"],"metric_names":["acc"],"output_path":"plots/acc.png"}`
	_, got := must(t, env, "plot_metrics", args)
	file := filepath.Join(env.ExportDir, "plots", "acc.png")
	if text, err := os.ReadFile(file); err != nil || got["path"] != file || !bytes.Equal(text, *picture) {
		t.Errorf("%v: %d bytes of %d, %v", got["path"], len(text), len(*picture), err)
	}
	if _, err := call(t, env, "plot_metrics", args); err == nil || !strings.Contains(err.Error(), "exists already") {
		t.Errorf("a second time: %v", err)
	}
	env.Picture = nil
	if text, _ := must(t, env, "plot_metrics", `{"run_ids":["基线"]}`); !strings.Contains(text, "output_path writes it") {
		t.Errorf("without a taker of pictures: %s", text)
	}
}

// TestPlotMetrics_readOnly holds that the tool stays, and cannot write.
func TestPlotMetrics_readOnly(t *testing.T) {
	t.Parallel()
	list, err := tools.Select(nil, true)
	if err != nil {
		t.Fatal(err)
	}
	tool, err := tools.Find(list, "plot_metrics")
	if err != nil || !tool.Hints.ReadOnly || strings.Contains(string(tool.In), "output_path") {
		t.Fatalf("under --read-only: %+v, %v", tool, err)
	}
	env, picture := drawing(t)
	_, err = tool.Call(t.Context(), env, json.RawMessage(`{"run_ids":["基线"],"output_path":"a.png"}`))
	if err == nil || !strings.Contains(err.Error(), `"output_path" does not exist`) {
		t.Errorf("output_path gives %v", err)
	}
	if _, err = tool.Call(t.Context(), env, json.RawMessage(`{"run_ids":["基线"]}`)); err != nil || *picture == nil {
		t.Errorf("no picture: %v", err)
	}
	if entries, err := os.ReadDir(env.ExportDir); err == nil && len(entries) > 0 {
		t.Errorf("something was written: %v", entries)
	}
}
