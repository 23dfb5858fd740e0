package truth

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/internal/realtest"
)

// TestFolder_besideAWriter reads a store for as long as the SDK writes it: no wrong number, no error,
// no run that comes and goes.
func TestFolder_besideAWriter(t *testing.T) {
	t.Parallel()
	for _, version := range realtest.Versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			during := 2 * time.Second
			if os.Getenv("CI") != "" {
				during = 30 * time.Second
			}
			root := filepath.Join(t.TempDir(), "store")
			finish := startWriter(t, version, root)
			if err := os.MkdirAll(root, 0o755); err != nil {
				t.Fatal(err)
			}
			watch := watcher{t: t, c: client.New(open(t, root)), steps: make(map[string]int)}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			for watch.steps[longRun] == 0 && ctx.Err() == nil && !t.Failed() { // Python takes its time
				watch.look(t.Context())
			}
			ctx, cancel = context.WithTimeout(t.Context(), during)
			defer cancel()
			looks := 0
			for ; ctx.Err() == nil && !t.Failed(); looks++ {
				watch.look(t.Context())
			}
			steps, short := finish()
			watch.look(t.Context())
			if got := watch.steps[longRun]; got != steps || len(watch.steps) != short+1 {
				t.Errorf("at the end %d steps and %d runs, want %d and %d", got, len(watch.steps),
					steps, short+1)
			}
			if looks < 5 || steps < 50 {
				t.Errorf("%d looks at %d steps prove nothing", looks, steps)
			}
			t.Logf("%d looks, %d steps, %d short runs", looks, steps, short)
		})
	}
}

const longRun = "20250101_000000_00000a"

// startWriter starts writer.py; finish ends it and tells how much it wrote.
func startWriter(t *testing.T, version, root string) (finish func() (steps, short int)) {
	t.Helper()
	cmd := realtest.Command(t, version, realtest.Program(t, "writer.py"), root)
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return func() (steps, short int) {
		stdin.Close()
		if err := cmd.Wait(); err != nil {
			t.Fatalf("the writer: %v\n%s", err, log.String())
		}
		if _, err := fmt.Sscan(out.String(), &steps, &short); err != nil {
			t.Fatalf("the writer said %q: %v", out.String(), err)
		}
		return steps, short
	}
}

// A watcher looks at a store again and again.
type watcher struct {
	t     *testing.T
	c     *client.Client
	steps map[string]int // of every run seen so far
}

func (w *watcher) look(ctx context.Context) {
	page, err := w.c.ListExperiments(ctx, client.ListOptions{})
	if err != nil {
		w.t.Errorf("list_experiments: %v", err)
		return
	}
	listed := make(map[string]bool)
	for _, run := range page.Experiments {
		listed[run.ID] = true
		w.check(run)
	}
	for id := range w.steps {
		if !listed[id] {
			w.t.Errorf("%s is gone", id)
		}
	}
	for _, id := range []string{longRun, "latest"} {
		run, m, err := w.c.RunMetrics(ctx, id, client.MetricsOptions{})
		if errors.Is(err, client.ErrNotFound) && len(page.Experiments) == 0 {
			continue // not begun
		}
		if err != nil {
			w.t.Errorf("get_metrics %s: %v", id, err)
			continue
		}
		w.checkMetrics(run.ID, m)
		detail, err := w.c.GetExperiment(ctx, run.ID)
		if err != nil {
			w.t.Errorf("get_experiment %s: %v", id, err)
			continue
		}
		w.check(detail)
	}
}

func (w *watcher) check(run client.Experiment) {
	if len(run.Problems) > 0 || run.CreatedAt == 0 || run.PID == 0 || run.Project != "live" ||
		run.Status != client.StatusRunning && run.Status != client.StatusFinished {
		w.t.Errorf("a wrong run: %+v", run)
	}
	if done, _ := run.Summary["done"].(bool); run.Best != nil && run.Best.Value != 0.75 ||
		done && run.ID == longRun {
		w.t.Errorf("a wrong summary: %+v", run)
	}
	if _, seen := w.steps[run.ID]; !seen {
		w.steps[run.ID] = 0
	}
}

// checkMetrics holds the numbers of a run against what writer.py logs.
func (w *watcher) checkMetrics(id string, m client.Metrics) {
	if len(m.Problems) > 0 || m.Rows < w.steps[id] || int64(m.Rows) != m.LastStep {
		w.t.Errorf("%s: %d rows to step %d after %d, problems %q", id, m.Rows, m.LastStep,
			w.steps[id], m.Problems)
	}
	w.steps[id] = m.Rows
	for _, s := range m.Series {
		for i, step := range s.Steps {
			want := float64(step) / 4
			if s.Name == "b" {
				want = -float64(step)
			}
			if step%10 == 0 && s.Name == "b" {
				want = math.NaN()
			}
			if got := s.Values[i]; got != want && !(math.IsNaN(got) && math.IsNaN(want)) {
				w.t.Errorf("%s: %s is %v at step %d, want %v", id, s.Name, got, step, want)
				return
			}
		}
	}
	if a, ok := m.SeriesNamed("a"); m.Rows > 0 && (!ok || len(a.Steps) != m.Rows) {
		w.t.Errorf("%s: %d values of a in %d rows", id, len(a.Steps), m.Rows)
	}
}
