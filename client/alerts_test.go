package client_test

import (
	"context"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// hiding is a source of one run that shows NaN and infinities as missing.
type hiding struct {
	memory
	open   func(ctx context.Context) (io.ReadCloser, error)
	opened int
}

func (s *hiding) Log(ctx context.Context, _ client.Experiment) (io.ReadCloser, error) {
	s.opened++
	return s.open(ctx)
}

// A file is a log that can be sought in.
type file struct{ *strings.Reader }

func (file) Close() error { return nil }

// diagnosed are the findings and what was not checked, a line each, of one run whose log is opened
// so.
func diagnosed(
	ctx context.Context, t *testing.T, status string, known bool,
	open func(context.Context) (io.ReadCloser, error),
) (lines []string, opened int) {
	t.Helper()
	one := run("r", "p/n", 0)
	one.Status = status
	m := client.Metrics{Series: []client.MetricSeries{series("loss", 1, 3, 2, 1)}, Rows: 3, LastStep: 3,
		NonFiniteUnknown: !known}
	s := &hiding{open: open, memory: memory{runs: []client.Experiment{one},
		metrics: map[string]client.Metrics{"r": m}}}
	d, err := client.New(s).DiagnoseRun(ctx, "r", time.Unix(1_800_000_000, 0))
	if err != nil {
		return []string{"error: " + err.Error()}, s.opened
	}
	for _, f := range d.Findings {
		lines = append(lines, f.Rule+" "+f.Metric+": "+f.Text)
	}
	for _, u := range d.Unchecked {
		if strings.Contains(u, "NaN") || strings.Contains(u, "console") {
			lines = append(lines, u)
		}
	}
	return lines, s.opened
}

// TestDiagnoseRun_alerts has a source that hides NaN: the SDK's alerts in the log stand in, and the
// log is opened once at most.
func TestDiagnoseRun_alerts(t *testing.T) {
	t.Parallel()
	const (
		alert   = "12:00:01 | ⚠️ Alert: loss is NAN\n12:00:09 | ⚠️ Alert: loss is NAN\n"
		finding = "non_finite loss: NaN 2 times by the SDK's alerts in the log, the first at 12:00:01, " +
			"the last at 12:00:09; the log has no steps"
		hidden  = "NaN and infinities: this Viewer shows them as missing; --storage on that machine tells"
		others  = "other " + hidden
		without = "NaN and infinities: this Viewer shows them as missing, and the log has no alert of any; " +
			"--storage on that machine tells"
		crash = "Traceback (most recent call last):\n  File \"a.py\", line 3, in f\n    g()\nValueError: bad\n"
	)
	var never func(context.Context) (io.ReadCloser, error)
	fails := func(kind error, detail string) func(context.Context) (io.ReadCloser, error) {
		return func(context.Context) (io.ReadCloser, error) {
			return nil, &client.Error{Kind: kind, Detail: detail}
		}
	}
	text := func(log string) func(context.Context) (io.ReadCloser, error) {
		return func(context.Context) (io.ReadCloser, error) {
			return file{strings.NewReader(log)}, nil
		}
	}
	early := alert + strings.Repeat("12:30:00 | step\n", 100_000) // in a file before what a crash is sought in
	for _, c := range []struct {
		name, status string
		known        bool
		open         func(context.Context) (io.ReadCloser, error)
		want         []string
	}{
		{"alerts", client.StatusFinished, false, text(early), []string{finding, others}},
		{"of a failed run", client.StatusFailed, false, text(alert + crash),
			[]string{"crash : ValueError: bad, raised at a.py:3 in f", finding, others}},
		{"none", client.StatusFinished, false, text("12:00:00 | hello\n"), []string{without}},
		{"no log", client.StatusFinished, false, fails(client.ErrNotFound, ""), []string{hidden}},
		{"no log of a failed run", client.StatusFailed, false, fails(client.ErrNotFound, ""), []string{
			"crash : no reason is recorded",
			"console output: not captured (rn.init(…, capture_console=True) captures it)", hidden}},
		{"no WebSocket", client.StatusFinished, false, fails(client.ErrServer, "it is not opened"),
			[]string{"console output: it is not opened", hidden}},
		{"no WebSocket of a failed run", client.StatusFailed, false, fails(client.ErrServer, "it is not opened"),
			[]string{"crash : no reason is recorded", "console output: it is not opened", hidden}},
		{"NaN is known", client.StatusFinished, true, never, nil},
	} {
		lines, opened := diagnosed(t.Context(), t, c.status, c.known, c.open)
		if d := cmp.Diff(c.want, lines); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
		if opened != 1 && !c.known || opened > 0 && c.known {
			t.Errorf("%s: the log was opened %d times", c.name, opened)
		}
	}
}

// stuck is a log to which nothing more comes.
type stuck struct{ ctx context.Context }

func (e stuck) Read([]byte) (int, error) {
	<-e.ctx.Done()
	return 0, e.ctx.Err()
}

func (stuck) Close() error { return nil }

// TestDiagnoseRun_slowLog gives up a log that takes half of the call's time: the rest of the
// diagnosis is answered.
func TestDiagnoseRun_slowLog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		open := func(ctx context.Context) (io.ReadCloser, error) { return stuck{ctx}, nil }
		ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second)
		defer cancel()
		start := time.Now()
		lines, _ := diagnosed(ctx, t, client.StatusFinished, false, open)
		want := []string{"console output: reading it takes too long",
			"NaN and infinities: this Viewer shows them as missing; --storage on that machine tells"}
		if d := cmp.Diff(want, lines); d != "" || time.Since(start) != 20*time.Second {
			t.Errorf("after %v (-want +got):\n%s", time.Since(start), d)
		}
		ctx, cancel = context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		lines, _ = diagnosed(ctx, t, client.StatusFinished, false, open)
		if d := cmp.Diff([]string{"error: context canceled"}, lines); d != "" {
			t.Errorf("cancelled (-want +got):\n%s", d)
		}
	})
}
