package client_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// curves is a store of three runs: two with a loss of different length, one without.
func curves() *memory {
	return &memory{
		runs: []client.Experiment{run("a", "p/x", 1), run("b", "p/y", 2), run("c", "p/z", 3)},
		metrics: map[string]client.Metrics{
			"a": {Rows: 3, LastStep: 3, Series: []client.MetricSeries{
				series("acc", 2, 0.5, 0.75), series("loss", 1, 3, 2, math.NaN()),
			}},
			"b": {Rows: 2, LastStep: 4, Series: []client.MetricSeries{series("loss", 3, 1.5, 1)}},
			"c": {Rows: 1, LastStep: 1, Series: []client.MetricSeries{series("Loss", 1, 9)}},
		},
		media: map[string]string{"media/1_cat.png": "PNG"},
		assets: map[string]client.RunAssets{"a": {
			Assets: []client.Asset{{Type: "dataset", Name: "mnist", URI: "/d", Fingerprint: "f"}},
			Config: map[string]any{"args": map[string]any{"lr": 0.1}},
		}},
	}
}

func TestGetMetrics(t *testing.T) {
	t.Parallel()
	c := client.New(curves())
	m, err := c.GetMetrics(t.Context(), "p/x", client.MetricsOptions{Names: []string{"loss", "none"}})
	if err != nil || len(m.Series) != 1 || m.Series[0].Name != "loss" {
		t.Fatalf("series %v, %v", m.Series, err)
	}
	loss := m.Series[0]
	if v, ok := loss.Last(); !ok || !math.IsNaN(v) {
		t.Errorf("Last = %v, %v", v, ok)
	}
	if v, ok := loss.Min(); !ok || v != 2 {
		t.Errorf("Min = %v, %v", v, ok)
	}
	if v, ok := loss.Max(); !ok || v != 3 {
		t.Errorf("Max = %v, %v", v, ok)
	}
	if _, ok := (client.MetricSeries{}).Min(); ok {
		t.Error("an empty series has a minimum")
	}
	m, err = c.GetMetrics(t.Context(), "a", client.MetricsOptions{Limit: 2})
	if err != nil || len(m.Series[1].Steps) != 2 || m.Series[1].Steps[1] != 3 {
		t.Errorf("thinned to %v, %v", m.Series[1].Steps, err)
	}
	if _, err := c.GetMetrics(t.Context(), "a", client.MetricsOptions{Limit: -1}); !errors.Is(err,
		client.ErrBadRequest) {
		t.Errorf("a negative limit gives %v", err)
	}
}

func TestCompareRuns(t *testing.T) {
	t.Parallel()
	c := client.New(curves())
	got, err := c.CompareRuns(t.Context(), []string{"b", "a", "c"}, "loss")
	if err != nil {
		t.Fatal(err)
	}
	want := client.Table{Header: []string{"step", "b", "a", "c"}, Rows: [][]any{
		{int64(1), nil, 3.0, nil}, {int64(2), nil, 2.0, nil},
		{int64(3), 1.5, math.NaN(), nil}, {int64(4), 1.0, nil, nil},
	}}
	equalNaN := cmp.Comparer(func(x, y float64) bool { return x == y || x != x && y != y })
	if d := cmp.Diff(want, got.Table(), equalNaN); d != "" {
		t.Errorf("Table (-want +got):\n%s", d)
	}
	if d := cmp.Diff([][]string{nil, nil, {"Loss"}}, got.Nearest); d != "" {
		t.Errorf("Nearest (-want +got):\n%s", d)
	}
	for _, tt := range []struct {
		refs         []string
		metric, want string
		kind         error
	}{
		{nil, "loss", "must not be empty", client.ErrBadRequest},
		{[]string{"a", "p/x"}, "loss", `"p/x" is run a, which is in run_ids already`,
			client.ErrBadRequest},
		{[]string{"a", "b"}, "los", `No metric "los". The nearest names are "loss".`,
			client.ErrNotFound},
		{[]string{"a", "none"}, "loss", `No run "none"`, client.ErrNotFound},
	} {
		_, err := c.CompareRuns(t.Context(), tt.refs, tt.metric)
		var e *client.Error
		if !errors.Is(err, tt.kind) || !strings.Contains(err.Error(), tt.want) ||
			!errors.As(err, &e) || e.Op != "compare_runs" {
			t.Errorf("CompareRuns(%q, %q): %v", tt.refs, tt.metric, err)
		}
	}
}

func TestExportMetricsCSV(t *testing.T) {
	t.Parallel()
	c := client.New(curves())
	var b bytes.Buffer
	done, err := c.ExportMetricsCSV(t.Context(), &b, "a", nil)
	want := "step,acc,loss\n1,,3\n2,0.5,2\n3,0.75,NaN\n"
	if err != nil || b.String() != want || done.Rows != 3 || done.Run.ID != "a" {
		t.Errorf("rows %d, %v, CSV:\n%s", done.Rows, err, b.String())
	}
	b.Reset()
	_, err = c.ExportMetricsCSV(t.Context(), &b, "a", []string{"loss", "acc2"})
	if !errors.Is(err, client.ErrNotFound) || b.Len() != 0 {
		t.Errorf("a missing name gives %v and %q", err, b.String())
	}
	table := client.MetricsTable(curves().metrics["a"])
	b.Reset()
	if err := table.WriteCSV(&b); err != nil || b.String() != want {
		t.Errorf("MetricsTable as CSV, %v:\n%s", err, b.String())
	}
}

func TestExperimentsTable(t *testing.T) {
	t.Parallel()
	r := run("a", "p/x", 0)
	r.Tags, r.Best = []string{"t1", "t2"}, &client.BestMetric{Name: "acc", Value: 0.5}
	got := client.ExperimentsTable([]client.Experiment{r, {ID: "b", Status: "unknown"}})
	want := [][]any{
		{"a", "p", "x", "finished", "2023-11-14T22:13:20Z", "acc", 0.5, "t1,t2"},
		{"b", "", "", "unknown", nil, nil, nil, ""},
	}
	if d := cmp.Diff(want, got.Rows); d != "" {
		t.Errorf("rows (-want +got):\n%s", d)
	}
}

func TestExportExperiment_json(t *testing.T) {
	t.Parallel()
	source := curves()
	source.runs[0].Summary = map[string]any{"best": math.Inf(1), "n": int64(3), "l": []any{math.NaN()}}
	source.runs[0].Best = &client.BestMetric{Name: "loss", Value: math.NaN(), Mode: "min"}
	data, err := client.New(source).ExportExperiment(t.Context(), "a", client.ExportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	want := map[string]any{
		"acc": []any{
			map[string]any{"step": 2.0, "value": 0.5, "timestamp": 1_700_000_000.0},
			map[string]any{"step": 3.0, "value": 0.75, "timestamp": 1_700_000_001.0},
		},
		"loss": []any{
			map[string]any{"step": 1.0, "value": 3.0, "timestamp": 1_700_000_000.0},
			map[string]any{"step": 2.0, "value": 2.0, "timestamp": 1_700_000_001.0},
			map[string]any{"step": 3.0, "value": "NaN", "timestamp": 1_700_000_002.0},
		},
	}
	if d := cmp.Diff(want, got["metrics"]); d != "" {
		t.Errorf("metrics (-want +got):\n%s", d)
	}
	if d := cmp.Diff(map[string]any{"best": "Infinity", "n": 3.0, "l": []any{"NaN"}},
		got["summary"]); d != "" {
		t.Errorf("summary (-want +got):\n%s", d)
	}
	exported, _ := got["run"].(map[string]any)
	if d := cmp.Diff(map[string]any{"name": "loss", "value": "NaN", "mode": "min"},
		exported["best_metric"]); exported["id"] != "a" || d != "" {
		t.Errorf("run %v\n%s", exported, d)
	}
	assets, _ := got["assets"].(map[string]any)
	if d := cmp.Diff([]any{map[string]any{"type": "dataset", "name": "mnist", "saved": false,
		"uri": "/d", "fingerprint": "f"}}, assets["assets"]); d != "" {
		t.Errorf("assets (-want +got):\n%s", d)
	}
}

func TestExportExperiment_zip(t *testing.T) {
	t.Parallel()
	data, err := client.New(curves()).ExportExperiment(t.Context(), "a",
		client.ExportOptions{Format: "csv", IncludeMedia: true})
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string]string)
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		got[f.Name] = string(text)
	}
	want := map[string]string{
		"metrics.csv":     "step,acc,loss\n1,,3\n2,0.5,2\n3,0.75,NaN\n",
		"media/1_cat.png": "PNG",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("zip (-want +got):\n%s", d)
	}
	_, err = client.New(curves()).ExportExperiment(t.Context(), "a", client.ExportOptions{Format: "xml"})
	if !errors.Is(err, client.ErrBadRequest) || !strings.Contains(err.Error(), "Use json or csv") {
		t.Errorf("format xml gives %v", err)
	}
}

func TestFileName(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		run  client.Experiment
		want string
	}{
		{run("a", "vision/resnet", 1), "vision-resnet_a.json"},
		{client.Experiment{ID: "../x y"}, "x-y.json"},
		{client.Experiment{ID: "运行\n1"}, "运行-1.json"},
	} {
		if got := tt.run.FileName("json"); got != tt.want {
			t.Errorf("FileName = %q, want %q", got, tt.want)
		}
	}
	if got := run(strings.Repeat("长", 300), "p", 1).FileName("json"); len(got) > 255 ||
		!strings.HasSuffix(got, ".json") {
		t.Errorf("a long id gives %d bytes: %s", len(got), got)
	}
}
