package client

import (
	"context"
	"errors"
	"io"

	"github.com/runicorn-mcp/runicorn-mcp/analysis"
)

// A console is what a run's console output tells of what went wrong.
type console struct {
	crash analysis.Crash
	// last is the last line, and clock when it was logged, where that is known.
	last, clock string

	alerts  []analysis.Alert // only where the whole log was wanted
	missing string           // why there is nothing to look in; "" where it was read
}

const (
	// logTail is how much of the end of a log in a folder is searched for what ended the run. From a
	// Viewer it comes whole.
	logTail = 1 << 20

	notCapturedNote = "console output: not captured (rn.init(…, capture_console=True) captures it)"
)

// readConsole reads a run's console output, or its end unless whole is wanted, once. It takes at
// most half of the time that ctx leaves. A log that cannot be read is no error: missing says why.
func readConsole(
	ctx context.Context, source Source, run Experiment, whole bool,
) (console, error) {
	within, cancel := forShare(ctx, 0.5)
	defer cancel()
	out, err := searchLog(within, source, run, whole)
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return console{}, ctx.Err()
	case isKind(err, ErrNotFound):
		return console{missing: notCapturedNote}, nil
	case errors.Is(err, context.DeadlineExceeded):
		return console{missing: "console output: reading it takes too long"}, nil
	default: // such as a Viewer that serves no files, or has no WebSocket
		return console{missing: "console output: " + err.Error()}, nil
	}
	return out, nil
}

// searchLog looks for a crash and for alerts in the run's console output.
func searchLog(ctx context.Context, source Source, run Experiment, whole bool) (console, error) {
	log, err := source.Log(ctx, run)
	if err != nil {
		return console{}, err
	}
	defer log.Close()
	if file, ok := log.(io.Seeker); ok && !whole {
		if size, err := file.Seek(0, io.SeekEnd); err == nil {
			if _, err := file.Seek(max(0, size-logTail), io.SeekStart); err != nil {
				return console{}, err
			}
		}
	}
	var crashes analysis.CrashFinder
	var alerts analysis.AlertFinder
	lines := analysis.NewLogReader(crashes.Add)
	if _, err := io.Copy(io.MultiWriter(lines, &alerts), log); err != nil {
		return console{}, err
	}
	_ = lines.Close() // it never fails
	out := console{alerts: alerts.Alerts()}
	out.crash, _ = crashes.Crash()
	out.last, out.clock = crashes.Last()
	return out, nil
}
