package completion_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/completion"
)

// A source has runs, newest first, of which one has metrics. Once it has yielded so many, stop is
// called.
type source struct {
	client.Source
	runs    []client.Experiment
	metrics []string
	after   int
	stop    func()
}

func (s *source) Runs(ctx context.Context, _ client.Scope) iter.Seq2[client.Experiment, error] {
	return func(yield func(client.Experiment, error) bool) {
		for i, run := range s.runs {
			if s.stop != nil && i == s.after {
				s.stop()
			}
			if err := ctx.Err(); err != nil {
				yield(client.Experiment{}, err)
				return
			}
			if !yield(run, nil) {
				return
			}
		}
	}
}

func (s *source) Run(_ context.Context, id string) (client.Experiment, error) {
	for _, run := range s.runs {
		if run.ID == id {
			return run, nil
		}
	}
	return client.Experiment{}, &client.Error{Kind: client.ErrNotFound, Detail: "none"}
}

func (s *source) Metrics(context.Context, client.Experiment, []string) (m client.Metrics, err error) {
	for _, name := range s.metrics {
		m.Series = append(m.Series, client.MetricSeries{Name: name})
	}
	return m, nil
}

func many(n int) *source {
	s := &source{}
	for i := range n {
		s.runs = append(s.runs, client.Experiment{ID: fmt.Sprintf("20250101_%06d_abcdef", n-i),
			Path: fmt.Sprintf("project%d/name%d", i%7, i%40), Project: fmt.Sprintf("project%d", i%7),
			Alias: fmt.Sprintf("alias-%d", i)})
	}
	return s
}

func TestComplete_order(t *testing.T) {
	t.Parallel()
	s := &source{metrics: []string{"loss", "train/loss", "val_loss", "acc", "损失"}, runs: []client.Experiment{
		{ID: "3", Alias: "Baseline", Path: "vision/net", Project: "vision"},
		{ID: "2", Alias: "new-baseline", Path: "vision/net", Project: "vision"},
		{ID: "1", Path: "语音/基线", Project: "语音"},
		{ID: "0", Alias: "hidden\u202e", Path: strings.Repeat("x", 300), Project: "line\nbreak"},
	}}
	for _, c := range []struct {
		kind       completion.Kind
		typed, run string
		want       string
	}{
		{completion.Run, "", "", "latest Baseline vision/net/latest 3 new-baseline 2 语音/基线 1 0"},
		{completion.Run, "base", "", "Baseline new-baseline"},
		{completion.Run, "baselin3", "", "Baseline new-baseline"},
		{completion.Run, "语", "", "语音/基线"},
		{completion.Run, "vision/", "", "vision/net/latest"},
		{completion.Run, "zzzz", "", ""},
		{completion.Project, "", "", "vision 语音"},
		{completion.Project, "visoin", "", "vision"},
		{completion.Metric, "loss", "3", "loss train/loss val_loss"},
		{completion.Metric, "损", "3", "损失"},
		{completion.Metric, "loss", "", ""},
		{completion.Metric, "loss", "none", ""},
		{completion.Nothing, "loss", "3", ""},
	} {
		found, err := completion.Complete(t.Context(), client.New(s), c.kind, c.typed, c.run)
		if got := strings.Join(found.Values, " "); err != nil || got != c.want || found.More ||
			found.Total != len(found.Values) {
			t.Errorf("%s %q: %q, %+v, %v; want %q", c.kind, c.typed, got, found, err, c.want)
		}
	}
}

// TestComplete_resolves holds that what is offered means one run.
func TestComplete_resolves(t *testing.T) {
	t.Parallel()
	s := many(60)
	s.runs[3].Alias = s.runs[9].Alias
	c := client.New(s)
	found, err := completion.Complete(t.Context(), c, completion.Run, "", "")
	if err != nil || len(found.Values) != completion.Max {
		t.Fatal(found, err)
	}
	for _, value := range found.Values {
		if _, err := c.Resolve(t.Context(), value); err != nil {
			t.Errorf("%q means no run: %v", value, err)
		}
	}
}

func TestComplete_atMostAHundred(t *testing.T) {
	t.Parallel()
	for _, typed := range []string{"", "alias", "2025", "alais-77", "e"} {
		found, err := completion.Complete(t.Context(), client.New(many(10_000)), completion.Run, typed, "")
		if err != nil || len(found.Values) > completion.Max || len(found.Values) == 0 {
			t.Errorf("%q: %d values, %v", typed, len(found.Values), err)
		}
		if typed == "alias" && (found.Total != 10_000 || !found.More || found.Values[0] != "alias-0") {
			t.Errorf("%q: %d of %d, more %t", typed, len(found.Values), found.Total, found.More)
		}
	}
}

// TestComplete_inTime ends the time while runs are read: those read until then are offered.
func TestComplete_inTime(t *testing.T) {
	t.Parallel()
	for _, kind := range []completion.Kind{completion.Run, completion.Project} {
		ctx, cancel := context.WithCancel(t.Context())
		s := many(1000)
		s.after, s.stop = 5, cancel
		found, err := completion.Complete(ctx, client.New(s), kind, "", "")
		if err != nil || !found.More || !slices.Contains(found.Values, "alias-4") && kind == completion.Run ||
			!slices.Contains(found.Values, "project4") && kind == completion.Project ||
			slices.Contains(found.Values, "alias-5") {
			t.Errorf("%s: %+v, %v", kind, found, err)
		}
	}
}

func TestComplete_brokenSource(t *testing.T) {
	t.Parallel()
	for _, kind := range []completion.Kind{completion.Run, completion.Project} {
		found, err := completion.Complete(t.Context(), client.New(broken{}), kind, "a", "")
		if err == nil || len(found.Values) > 0 {
			t.Errorf("%s: %+v, %v", kind, found, err)
		}
	}
}

// A broken source cannot be read.
type broken struct{ client.Source }

func (broken) Runs(context.Context, client.Scope) iter.Seq2[client.Experiment, error] {
	return func(yield func(client.Experiment, error) bool) {
		yield(client.Experiment{}, &client.Error{Kind: client.ErrConnection, Detail: "no answer"})
	}
}
