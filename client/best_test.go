package client_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// ranked is a source with one metric per run, and a configuration.
func ranked() *memory {
	m := &memory{metrics: map[string]client.Metrics{}, assets: map[string]client.RunAssets{}}
	add := func(id, label, metric string, lr float64, seed int64, values ...float64) {
		m.runs = append(m.runs, run(id, label, len(m.runs)))
		m.metrics[id] = client.Metrics{Series: []client.MetricSeries{series(metric, 1, values...)},
			Rows: len(values)}
		m.assets[id] = client.RunAssets{Config: map[string]any{
			"args": map[string]any{"lr": lr, "opt": map[string]any{"name": "sgd"},
				"output_dir": "/out/" + id},
			"extra": map[string]any{"seed": seed}}}
	}
	nan := math.NaN()
	add("a", "p/n", "val_loss", 0.1, 1, 3, 1, 2)
	add("b", "p/n", "val_loss", 0.1, 2, 3, 2, 1.5)
	add("c", "p/n", "val_loss", 1, 1, 2, 1, nan)
	add("d", "p/m", "val/loss", 1, 1, 0.1)
	add("e", "q/n", "val_loss", 1, 1, nan, math.Inf(1))
	add("f", "p/n", "val_loss", 1, 1, 5, 5, 5)
	return m
}

func order(r client.Ranking) string {
	var b strings.Builder
	for _, e := range r.Ranked {
		fmt.Fprintf(&b, "%d:%s=%v@%d ", e.Rank, e.Run.ID, e.Best, e.BestStep)
	}
	return strings.TrimSpace(b.String())
}

func TestBestRuns(t *testing.T) {
	t.Parallel()
	c := client.New(ranked())
	r, err := c.BestRuns(t.Context(), client.BestOptions{Metric: "val_loss"})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := order(r), "1:a=1@2 1:c=1@2 3:b=1.5@3 4:f=5@1"; got != want {
		t.Errorf("order is %s, want %s", got, want)
	}
	if r.Direction != "min" || r.Why != "from its name" || r.NoNumber != 1 || len(r.Without) != 1 ||
		r.Without[0].ID != "d" || !cmp.Equal(r.Nearest, []string{"val/loss"}) || r.Read != 6 ||
		!r.Coverage.Complete() {
		t.Errorf("%+v", r)
	}
	if len(r.Groups) != 2 || len(r.Groups[0].Runs) != 2 || r.Groups[0].BestMean != 1.25 ||
		math.Abs(r.Groups[0].BestDeviation-math.Sqrt(0.125)) > 1e-15 ||
		!math.IsNaN(r.Groups[1].LastMean) {
		t.Errorf("groups are %+v", r.Groups)
	}
	var all []client.Settings
	for _, e := range r.Ranked {
		all = append(all, e.Settings)
	}
	if got := client.Differing(all); !cmp.Equal(got, []string{"lr", "seed"}) {
		t.Errorf("what differs is %q", got)
	}
}

func TestBestRuns_options(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		opts client.BestOptions
		want string
	}{
		{"last", client.BestOptions{Metric: "val_loss", ByLast: true},
			"1:b=1.5@3 2:a=1@2 3:f=5@1"},
		{"given", client.BestOptions{Metric: "val_loss", Direction: "max"},
			"1:f=5@1 2:a=3@1 2:b=3@1 4:c=2@1"},
		{"path", client.BestOptions{Metric: "val/loss", Filter: client.RunFilter{Path: "p/m"}},
			"1:d=0.1@1"},
		{"the only metric", client.BestOptions{Filter: client.RunFilter{Path: "p/m"}}, "1:d=0.1@1"},
		{"project as path", client.BestOptions{Metric: "val/loss", Filter: client.RunFilter{Path: "p"}},
			"1:d=0.1@1"},
	}
	for _, tt := range tests {
		r, err := client.New(ranked()).BestRuns(t.Context(), tt.opts)
		if err != nil || order(r) != tt.want {
			t.Errorf("%s: %s (%v), want %s", tt.name, order(r), err, tt.want)
		}
	}
	for _, e := range []struct {
		opts client.BestOptions
		kind error
		want string
	}{
		{client.BestOptions{Metric: "valid_loss"}, client.ErrNotFound,
			`No metric "valid_loss". The nearest names are "val/loss", "val_loss".`},
		{client.BestOptions{}, client.ErrBadRequest, "Which metric? None of these runs recorded a " +
			`primary one. Give metric_name; there are "val/loss", "val_loss".`},
		{client.BestOptions{Direction: "up"}, client.ErrBadRequest, `direction "up" does not exist`},
		{client.BestOptions{Filter: client.RunFilter{Project: "pp"}}, client.ErrNotFound,
			`There is no project "pp". There are "p", "q".`},
		{client.BestOptions{Filter: client.RunFilter{Path: "p/nn"}}, client.ErrNotFound,
			`No run matches, of 6. The nearest names to "p/nn" are "p/n"`},
		{client.BestOptions{Filter: client.RunFilter{Status: "dead"}}, client.ErrBadRequest, "status"},
		{client.BestOptions{Filter: client.RunFilter{Tags: []string{"x"}}}, client.ErrNotFound, "No run"},
	} {
		_, err := client.New(ranked()).BestRuns(t.Context(), e.opts)
		if !errors.Is(err, e.kind) || !strings.HasPrefix(err.Error(), e.want) {
			t.Errorf("%+v: %v, want %s", e.opts, err, e.want)
		}
	}
}

// TestBestRuns_recorded ranks by the metric that the runs recorded, in their own direction.
func TestBestRuns_recorded(t *testing.T) {
	t.Parallel()
	m := ranked()
	for i := range m.runs {
		m.runs[i].Best = &client.BestMetric{Name: "val_loss", Mode: "max"}
	}
	r, err := client.New(m).BestRuns(t.Context(), client.BestOptions{})
	if err != nil || r.Metric != "val_loss" || r.Direction != "max" || r.Why != "recorded by the runs" {
		t.Errorf("%+v (%v)", r, err)
	}
	r, err = client.New(m).BestRuns(t.Context(), client.BestOptions{Direction: "min"})
	if err != nil || r.Direction != "min" || r.Why != "given" || r.Ranked[0].Run.ID != "a" {
		t.Errorf("a given direction: %s %s (%v)", r.Direction, order(r), err)
	}
}

// counting counts what is read of a source.
type counting struct {
	*memory
	metrics, assets, details atomic.Int64
}

func (c *counting) Metrics(
	ctx context.Context, run client.Experiment, names []string,
) (client.Metrics, error) {
	c.metrics.Add(1)
	return c.memory.Metrics(ctx, run, names)
}

func (c *counting) Assets(ctx context.Context, run client.Experiment) (client.RunAssets, error) {
	c.assets.Add(1)
	return c.memory.Assets(ctx, run)
}

func (c *counting) Run(ctx context.Context, id string) (client.Experiment, error) {
	c.details.Add(1)
	return c.memory.Run(ctx, id)
}

// TestBestRuns_bounded has 10,000 runs, and then long ones: the work has an end, and is said.
func TestBestRuns_bounded(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rows, read int
	}{{20, 500}, {1_000_000, 16}} {
		m := &memory{metrics: map[string]client.Metrics{}}
		for i := range 10_000 {
			id := fmt.Sprintf("run%05d", i)
			m.runs = append(m.runs, run(id, "p/n", i))
			m.metrics[id] = client.Metrics{Rows: test.rows,
				Series: []client.MetricSeries{series("acc", 1, float64(i))}}
		}
		source := &counting{memory: m}
		r, err := client.New(source).BestRuns(t.Context(), client.BestOptions{Metric: "acc"})
		if err != nil || r.Read != test.read || len(r.Ranked) != test.read || r.Ranked[0].Best != 9999 ||
			r.Coverage.Total != 10_000 || r.Coverage.Complete() {
			t.Fatalf("%d rows: read %d, %+v (%v)", test.rows, r.Read, r.Coverage, err)
		}
		if m.read > 500 || source.metrics.Load() != int64(test.read) || source.assets.Load() > 500 ||
			source.details.Load() > 10 {
			t.Errorf("%d rows: looked at %d runs, read %d curves, %d assets, %d in full", test.rows,
				m.read, source.metrics.Load(), source.assets.Load(), source.details.Load())
		}
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	got := client.RunAssets{Config: map[string]any{
		"args":         map[string]any{"lr": 0.1, "model": map[string]any{"layers": int64(3)}},
		"extra":        map[string]any{"lr": 9.0, "note": "x"},
		"config_files": []any{"a.yaml"},
	}}.Settings()
	want := client.Settings{"lr": 0.1, "model.layers": int64(3), "note": "x"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("Settings (-want +got):\n%s", d)
	}
	summary := client.SummarySettings(client.Experiment{Summary: map[string]any{"lr": 0.1,
		"best_metric_value": 3.0, "hparams": map[string]any{"depth": int64(2)}, "note": "x"}})
	if d := cmp.Diff(client.Settings{"lr": 0.1, "depth": int64(2)}, summary); d != "" {
		t.Errorf("SummarySettings (-want +got):\n%s", d)
	}
	differ := client.Differing([]client.Settings{{"a": 1.0, "b": 1, "c": true}, {"a": int64(1), "b": 2}, {"b": 1}})
	if !cmp.Equal(differ, []string{"a", "b", "c"}) {
		t.Errorf("Differing = %q", differ)
	}
	if d := client.Differing([]client.Settings{{"a": 1.0}, {"a": int64(1)}}); d != nil {
		t.Errorf("1.0 and 1 differ: %q", d)
	}
	if d := client.Differing([]client.Settings{{"output_dir": "a", "io.run_name": "x", "opt.name": "sgd"},
		{"output_dir": "b", "io.run_name": "y", "opt.name": "adam"}}); !cmp.Equal(d, []string{"opt.name"}) {
		t.Errorf("Differing = %q", d)
	}
}
