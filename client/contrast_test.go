package client_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

func differences(c client.Contrast) string {
	var parts []string
	for _, d := range c.Differs {
		parts = append(parts, fmt.Sprint(d.What, " ", d.Name, d.Values))
	}
	return strings.Join(parts, "; ")
}

func TestContrastRuns(t *testing.T) {
	t.Parallel()
	m := ranked()
	m.metrics["a"] = client.Metrics{Series: []client.MetricSeries{series("lr", 1, 1),
		series("train_loss", 1, 1), series("val_loss", 1, 3, 1, 2)}}
	m.metrics["b"] = client.Metrics{Series: []client.MetricSeries{series("lr", 1, 1),
		series("train_loss", 1, 1), series("val_loss", 1, 3)}}
	for i, id := range []string{"a", "b"} {
		assets := m.assets[id]
		assets.Assets = []client.Asset{{Type: "dataset", Name: "cifar", Fingerprint: fmt.Sprintf(
			`{"mtime":%d}`, i)}, {Type: "pretrained", Name: "net", Fingerprint: "0123456789"}}
		m.assets[id] = assets
	}
	m.runs[0].Python, m.runs[1].Python, m.runs[1].Platform = "3.11", "3.12", "Linux"
	c := client.New(m)
	got, err := c.ContrastRuns(t.Context(), []string{"a", "b"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Metrics) != 2 || got.Metrics[0].Metric != "val_loss" || got.Metrics[0].Direction != "min" ||
		got.Metrics[1].Metric != "train_loss" || fmt.Sprint(got.Others) != "[lr]" {
		t.Errorf("chosen are %+v, others %q", got.Metrics, got.Others)
	}
	const want = "setting seed[1 2]; dataset dataset[cifar#51b99f21 cifar#48a2ae60]; " +
		"python python[3.11 3.12]"
	if s := differences(got); s != want {
		t.Errorf("differences are %s, want %s", s, want)
	}
	got, err = c.ContrastRuns(t.Context(), []string{"a", "d"}, []string{"val_loss", "loss", "val_loss"})
	if err != nil || len(got.Metrics) != 1 || fmt.Sprint(got.Metrics[0].Nearest) != "[[] [val/loss]]" ||
		fmt.Sprint(got.Missing) != "map[loss:[train_loss val_loss val/loss]]" {
		t.Errorf("%+v (%v)", got, err)
	}
}

// TestContrastRuns_nothingShared names the metrics of runs that have none in common, and what differs
// all the same.
func TestContrastRuns_nothingShared(t *testing.T) {
	t.Parallel()
	m := ranked()
	m.metrics["f"] = client.Metrics{}
	got, err := client.New(m).ContrastRuns(t.Context(), []string{"a", "d", "f"}, nil)
	if err != nil || len(got.Metrics) != 0 || fmt.Sprint(got.Own) != "[[val_loss] [val/loss] []]" ||
		differences(got) != "setting lr[0.1 1 1]" {
		t.Errorf("%+v (%v)", got, err)
	}
	got, err = client.New(m).ContrastRuns(t.Context(), []string{"a", "b"}, nil)
	if err != nil || got.Own != nil {
		t.Errorf("%+v (%v)", got, err)
	}
}

// TestContrastRuns_unrecorded says which runs have no settings, and compares those of none.
func TestContrastRuns_unrecorded(t *testing.T) {
	t.Parallel()
	m := ranked()
	delete(m.assets, "a")
	c := client.New(m)
	got, err := c.ContrastRuns(t.Context(), []string{"a", "b"}, nil)
	if err != nil || len(got.Unrecorded) != 1 || got.Unrecorded[0].ID != "a" || len(got.Differs) != 0 {
		t.Errorf("%+v (%v)", got, err)
	}
	m.runs[0].Summary = map[string]any{"lr": 0.5, "seed": int64(2)}
	if got, err = c.ContrastRuns(t.Context(), []string{"a", "b"}, nil); err != nil ||
		differences(got) != "setting lr[0.5 0.1]; setting opt.name[<nil> sgd]" {
		t.Errorf("%s (%v)", differences(got), err)
	}
}

// captured is a source of which some runs have an environment.
type captured struct {
	*memory
	environments map[string]client.Environment
}

func (c captured) Environment(_ context.Context, run client.Experiment) (client.Environment, error) {
	env, there := c.environments[run.ID]
	if !there {
		return env, &client.Error{Kind: client.ErrNotFound}
	}
	return env, nil
}

func TestContrastRuns_environments(t *testing.T) {
	t.Parallel()
	three := 3
	source := captured{ranked(), map[string]client.Environment{
		"a": {Git: &client.Git{Commit: "0123456789abcdef", Branch: "main"}, GPUs: []string{"A100"},
			Packages: []string{"torch==2.1.0", "numpy=1.26=py311", "x @ git+https://tok@host/x@v1"}},
		"b": {Git: &client.Git{Commit: "0123456789abcdef", Branch: "main", Changed: &three},
			GPUs: []string{"A100"}, Packages: []string{"torch==2.2.0", "numpy=1.26=py311", "only==1"}},
	}}
	c := client.New(source)
	got, err := c.ContrastRuns(t.Context(), []string{"a", "b", "c"}, nil)
	const want = "setting lr[0.1 0.1 1]; setting seed[1 2 1]; " +
		"git git[0123456789 main 0123456789 main +3 changed <nil>]; packages packages[only none, torch " +
		"2.1.0, x git+https://host/x@v1 only 1, torch 2.2.0, x none <nil>]"
	if s := differences(got); err != nil || s != want || len(got.Uncaptured) != 1 ||
		got.Uncaptured[0].ID != "c" {
		t.Errorf("differences are %s\nwant %s (%v)", s, want, err)
	}
	source.environments["b"] = source.environments["a"]
	got, err = c.ContrastRuns(t.Context(), []string{"a", "b"}, nil)
	if s := differences(got); err != nil || s != "setting seed[1 2]" || len(got.Uncaptured) != 0 {
		t.Errorf("differences are %s (%v)", s, err)
	}
}

func TestContrastRuns_errors(t *testing.T) {
	t.Parallel()
	m := ranked()
	for _, e := range []struct {
		refs, metrics []string
		kind          error
		want          string
	}{
		{nil, nil, client.ErrBadRequest, "run_ids must not be empty"},
		{[]string{"a", "a"}, nil, client.ErrBadRequest, `"a" is run a, which is in run_ids already`},
		{[]string{"a", "x"}, nil, client.ErrNotFound, `No run "x"`},
		{[]string{"a", "b"}, []string{"valloss"}, client.ErrNotFound,
			`No metric "valloss". The nearest names are "val_loss".`},
	} {
		_, err := client.New(m).ContrastRuns(t.Context(), e.refs, e.metrics)
		if !errors.Is(err, e.kind) || !strings.HasPrefix(err.Error(), e.want) {
			t.Errorf("%q %q: %v, want %s", e.refs, e.metrics, err, e.want)
		}
	}
}
