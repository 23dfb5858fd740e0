package tools

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/analysis"
	"github.com/runicorn-mcp/runicorn-mcp/client"
)

type watchRunArgs struct {
	RunID   string `json:"run_id" jsonschema_description:"Run, as in get_metrics."`
	Step    int64  `json:"until_step,omitempty" jsonschema_description:"Also end at this step."`
	Seconds *int   `json:"seconds,omitempty" jsonschema:"minimum=0,maximum=604800" jsonschema_description:"Longest wait, 45 by default; a host may allow less."`
	Viewer  string `json:"viewer,omitempty" jsonschema_description:"Name or session_id."`
}

type watchRunAnswer struct {
	Source string `json:"source"`
	Run    string `json:"run"`
	Label  string `json:"label,omitempty"`
	Status string `json:"status"`
	// Outcome is why the wait ended: finished, failed, interrupted or unknown (the run has ended
	// so), reached_step, non_finite, stalled, or time_up.
	Outcome  string  `json:"outcome"`
	Why      string  `json:"why,omitempty"`
	Waited   float64 `json:"waited_seconds"`
	LastStep int64   `json:"last_step"`
	NewSteps int64   `json:"new_steps"` // while waiting
	LastTime string  `json:"last_logged,omitempty"`
	pace
	Remaining float64 `json:"seconds_to_step,omitempty"` // to until_step
	Cursor    string  `json:"cursor,omitempty"`          // as in get_metrics
	table
	Notes []string `json:"notes,omitempty"`
}

const (
	defaultWatch = 45 * time.Second // hosts give a call up after 60 s
	watchPause   = 5 * time.Second  // between looks; longer where a look takes long
	lastWord     = 3 * time.Second  // left of a call's time to answer in
	watchMetrics = 6
)

var watchRun = reads("runs", "watch_run", words{
	"Watch a run",
	"Waits until a run ends, logs NaN or infinity, stalls, or reaches a step; then its state and " +
		"rate. Call again on time_up.",
}, func(ctx context.Context, env *Env, args watchRunArgs) (watchRunAnswer, error) {
	c, err := env.Client(ctx, args.Viewer)
	if err != nil {
		return watchRunAnswer{}, err
	}
	run, err := c.GetExperiment(ctx, args.RunID)
	if err != nil {
		return watchRunAnswer{}, err
	}
	w := watcher{client: c, run: run, args: args, start: time.Now(), limit: defaultWatch}
	if args.Seconds != nil { // 0: one look
		w.limit = time.Duration(*args.Seconds) * time.Second
	}
	if deadline, ok := ctx.Deadline(); ok {
		w.limit = min(w.limit, time.Until(deadline)-lastWord)
	}
	return w.watch(ctx, env)
})

// A watcher looks at a run again and again.
type watcher struct {
	client *client.Client
	args   watchRunArgs
	start  time.Time
	limit  time.Duration

	run       client.Experiment
	metrics   client.Metrics
	read      float64 // UpdatedAt of the run when metrics were read
	looks     int
	firstStep int64
	nonFinite int // of the first look
}

func (w *watcher) watch(ctx context.Context, env *Env) (watchRunAnswer, error) {
	for {
		began := time.Now()
		if err := w.look(ctx); err != nil {
			return watchRunAnswer{}, err
		}
		waited := time.Since(w.start)
		if outcome, why := w.outcome(); outcome != "" {
			return w.answer(ctx, outcome, why, waited), nil
		}
		left := w.limit - waited
		if left <= 0 {
			return w.answer(ctx, "time_up", "", waited), nil
		}
		if env.Progress != nil {
			env.Progress(waited.Seconds(), w.limit.Seconds(), fmt.Sprintf("step %d", w.metrics.LastStep))
		}
		pause := time.NewTimer(min(left, max(watchPause, 10*time.Since(began))))
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return watchRunAnswer{}, ctx.Err()
		}
	}
}

// look reads the run again, and its metrics when it has logged since.
func (w *watcher) look(ctx context.Context) error {
	if w.looks++; w.looks > 1 {
		run, err := w.client.GetExperiment(ctx, reference(w.run))
		if err != nil {
			return err
		}
		w.run = run
		if run.UpdatedAt == w.read {
			return nil
		}
	}
	m, err := w.client.MetricsOf(ctx, w.run)
	if err != nil {
		return err
	}
	w.metrics, w.read = m, w.run.UpdatedAt
	if w.looks == 1 {
		w.firstStep, w.nonFinite = m.LastStep, w.countNonFinite()
	}
	return nil
}

// reference is what names a run for certain, also where several share an id.
func reference(run client.Experiment) string {
	if label := run.Label(); label != "" {
		return label + "/" + run.ID
	}
	return run.ID
}

func (w *watcher) countNonFinite() int {
	n := 0
	for _, s := range w.metrics.Series {
		n += analysis.Describe(s.Steps, s.Values).NonFinite
	}
	return n
}

// outcome is why the wait is over; "" when it is not.
func (w *watcher) outcome() (outcome, why string) {
	if w.run.Status != client.StatusRunning {
		return w.run.Status, said(w.run.StatusReason, maxText)
	}
	if w.args.Step > 0 && w.metrics.LastStep >= w.args.Step {
		return "reached_step", ""
	}
	if w.countNonFinite() > w.nonFinite {
		for _, s := range w.metrics.Series {
			if note := nonFinite(s); note != "" {
				return "non_finite", note
			}
		}
	}
	now := float64(time.Now().UnixMilli()) / 1e3
	if f, _ := analysis.Stall(w.times(), cmp.Or(w.run.StartedAt, w.run.CreatedAt), now); f != nil {
		return "stalled", said(f.Text, maxText)
	}
	return "", ""
}

// times are when the run logged its longest series.
func (w *watcher) times() []float64 {
	return longest(w.metrics.Series).Times
}

func (w *watcher) answer(
	ctx context.Context, outcome, why string, waited time.Duration,
) watchRunAnswer {
	a := watchRunAnswer{Source: w.client.Source().String(), Run: name(w.run.ID),
		Label: name(w.run.Label()), Status: status(w.run), Outcome: outcome, Why: why,
		Waited: brief(waited.Round(100 * time.Millisecond).Seconds()), LastStep: w.metrics.LastStep,
		NewSteps: w.metrics.LastStep - w.firstStep, LastTime: at(w.metrics.LastTime),
		Cursor: cursorOf(w.run, w.metrics), table: newTable("metric", "last")}
	for _, s := range directedFirst(w.metrics.Series)[:min(watchMetrics, len(w.metrics.Series))] {
		last, _ := s.Last()
		a.add(name(s.Name), last)
	}
	if w.run.Status != client.StatusRunning && w.looks == 1 {
		a.Notes = append(a.Notes, "the run had ended before")
	}
	var err error
	if a.pace, err = paceOf(ctx, w.client, w.run, w.metrics, time.Now()); err != nil {
		a.Notes = append(a.Notes, "the settings could not be read: "+said(err.Error(), maxText))
	}
	if missing := w.args.Step - w.metrics.LastStep; missing > 0 && a.Rate > 0 {
		a.Remaining = digits(float64(missing)/stepRate(w.metrics.Series), 3)
	}
	return a
}
