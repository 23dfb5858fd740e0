package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/analysis"
	"github.com/runicorn-mcp/runicorn-mcp/client"
)

func TestReadLog(t *testing.T) {
	t.Parallel()
	c := client.New(&memory{
		runs: []client.Experiment{run("a", "p/n", 1), run("b", "p/m", 2)},
		logs: map[string]func() io.Reader{"a": func() io.Reader { return strings.NewReader("x\n\ny\nz") }},
	})
	got, log, err := c.ReadLog(t.Context(), "n", analysis.LogQuery{Tail: 2})
	if err != nil || got.ID != "a" || log.Total != 4 || len(log.Lines) != 2 || log.Lines[1].Text != "z" {
		t.Errorf("%s: %+v, %v", got.ID, log, err)
	}
	_, _, err = c.ReadLog(t.Context(), "b", analysis.LogQuery{})
	var e *client.Error
	if !errors.As(err, &e) || e.Op != "get_logs" || e.Kind != client.ErrNotFound ||
		!strings.Contains(err.Error(), "run b was not captured. For the next run: rn.init(…, capture_console=True)") {
		t.Errorf("without a log: %v", err)
	}
}

// endless is a log without an end; each is called after every read.
type endless struct {
	line func(n int) string
	n    int
	each func(bytes int)
	rest string
	all  int
}

func (e *endless) Read(p []byte) (int, error) {
	if e.rest == "" {
		e.n++
		e.rest = e.line(e.n)
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	e.all += n
	e.each(e.all)
	return n, nil
}

// TestReadLog_bounded reads 64 MiB of logs that go on for ever: little of it is held, and the
// end of the context ends it. It is serial, as it measures the memory of the process.
func TestReadLog_bounded(t *testing.T) {
	for name, line := range map[string]func(int) string{
		"lines": func(n int) string {
			return fmt.Sprintf("12:00:00 | step %d loss 0.5 ERROR %0900d\n", n, n)
		},
		"one line":          func(int) string { return strings.Repeat("x", 1000) },
		"one line, redrawn": func(n int) string { return fmt.Sprintf("%d%% it/s %0900d\r", n%100, n) },
	} {
		ctx, cancel := context.WithCancel(t.Context())
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		c := client.New(&memory{
			runs: []client.Experiment{run("a", "p/n", 1)},
			logs: map[string]func() io.Reader{"a": func() io.Reader {
				return &endless{line: line, each: func(n int) {
					if n > 64<<20 {
						runtime.GC()
						runtime.ReadMemStats(&after)
						cancel()
					}
				}}
			}},
		})
		_, _, err := c.ReadLog(ctx, "a", analysis.LogQuery{Search: "loss", Head: 10, Tail: 10, Context: 5})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: it ended with %v", name, err)
		}
		if held := int64(after.HeapAlloc) - int64(before.HeapAlloc); held > 16<<20 {
			t.Errorf("%s: %d bytes are held of 64 MiB", name, held)
		}
		cancel()
	}
}
