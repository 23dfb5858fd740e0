package completion_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/completion"
)

// A source has runs, newest first, and pauses before each; all have the same metrics.
type source struct {
	client.Source
	runs    []client.Experiment
	metrics []string
	pause   time.Duration
	read    atomic.Int32 // how often its runs were
	broken  atomic.Bool
}

func (s *source) CountRuns(context.Context, client.Scope) (client.RunCount, error) {
	return client.RunCount{}, nil
}

func (s *source) Runs(ctx context.Context, _ client.Scope) iter.Seq2[client.Experiment, error] {
	return func(yield func(client.Experiment, error) bool) {
		s.read.Add(1)
		if s.broken.Load() {
			yield(client.Experiment{}, &client.Error{Kind: client.ErrConnection, Detail: "no answer"})
			return
		}
		for _, run := range s.runs {
			if s.pause > 0 {
				time.Sleep(s.pause)
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
		found, err := new(completion.Completer).Complete(t.Context(), client.New(s), c.kind, c.typed, c.run)
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
	found, err := new(completion.Completer).Complete(t.Context(), c, completion.Run, "", "")
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
		found, err := new(completion.Completer).Complete(t.Context(), client.New(many(10_000)), completion.Run, typed, "")
		if err != nil || len(found.Values) > completion.Max || len(found.Values) == 0 {
			t.Errorf("%q: %d values, %v", typed, len(found.Values), err)
		}
		if typed == "alias" && (found.Total != 10_000 || !found.More || found.Values[0] != "alias-0") {
			t.Errorf("%q: %d of %d, more %t", typed, len(found.Values), found.Total, found.More)
		}
	}
}

// TestComplete_inTime is at synctest's time, with a source that yields a run every 10 ms: what is
// read in time is offered, the next letter finds the rest, and after a while the runs are read
// anew.
func TestComplete_inTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := many(100)
		s.pause = 10 * time.Millisecond
		c, k := client.New(s), new(completion.Completer)
		ask := func(kind completion.Kind, typed string) (completion.Found, time.Duration) {
			begun := time.Now()
			ctx, cancel := context.WithTimeout(t.Context(), 55*time.Millisecond)
			defer cancel()
			found, err := k.Complete(ctx, c, kind, typed, "")
			if err != nil {
				t.Fatal(err)
			}
			return found, time.Since(begun)
		}
		found, took := ask(completion.Run, "alias-")
		if took > 55*time.Millisecond || !found.More || !slices.Equal(found.Values,
			[]string{"alias-0", "alias-1", "alias-2", "alias-3", "alias-4"}) {
			t.Errorf("%+v after %v", found, took)
		}
		time.Sleep(time.Second)
		for _, kind := range []completion.Kind{completion.Run, completion.Project} {
			found, took = ask(kind, "")
			if took > 0 || s.read.Load() != 1 || kind == completion.Project && (found.More || found.Total != 7) {
				t.Errorf("%s: %+v after %v, in %d readings", kind, found, took, s.read.Load())
			}
		}
		if found, _ = ask(completion.Run, "alias-99"); !slices.Equal(found.Values, []string{"alias-99"}) {
			t.Errorf("the oldest run: %+v", found)
		}
		time.Sleep(20 * time.Second)
		if ask(completion.Run, ""); s.read.Load() != 2 {
			t.Errorf("%d readings", s.read.Load())
		}
		time.Sleep(time.Minute) // the end of the second
	})
}

// TestComplete_brokenSource has one that cannot be read, and then can: it is not left at that.
func TestComplete_brokenSource(t *testing.T) {
	t.Parallel()
	for _, kind := range []completion.Kind{completion.Run, completion.Project} {
		s := many(3)
		s.broken.Store(true)
		c, k := client.New(s), new(completion.Completer)
		found, err := k.Complete(t.Context(), c, kind, "a", "")
		if !errors.Is(err, client.ErrConnection) || len(found.Values) > 0 {
			t.Errorf("%s: %+v, %v", kind, found, err)
		}
		s.broken.Store(false)
		if found, err = k.Complete(t.Context(), c, kind, "", ""); err != nil || len(found.Values) < 3 {
			t.Errorf("%s, when it answers again: %+v, %v", kind, found, err)
		}
	}
}
