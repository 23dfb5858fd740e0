package transport

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"log/slog"
	"time"

	"github.com/mark3labs/mcp-go/server"
)

const (
	// callsAtOnce are tool calls that run at the same time; the SDK's 5 make many quick calls
	// wait for a few slow ones.
	callsAtOnce = 32
	// callQueue is how many more may wait. Beyond it the SDK runs calls on its reading loop,
	// deaf to cancellation.
	callQueue = 10_000
	// stopGrace is how long calls and writes under way have to end once ServeStdio's ctx has.
	stopGrace = time.Second
)

// ServeStdio serves MCP on in and out, a message a line, until in ends or ctx does; there can be
// one at a time in a process. Everything that was read before the end of in is answered before
// ServeStdio returns nil; only a call that outlives its deadline by far is given up then. The
// end of ctx ends calls under way, within about a second, and is no error either.
func (s *Server) ServeStdio(ctx context.Context, in io.Reader, out io.Writer) error {
	stdio := server.NewStdioServer(s.mcp)
	server.WithWorkerPoolSize(callsAtOnce)(stdio)
	server.WithQueueSize(callQueue)(stdio)
	stdio.SetErrorLogger(log.New(logWriter{s.log}, "", 0))
	x := newExchange(out)
	stdio.SetContextFunc(func(ctx context.Context) context.Context {
		return context.WithValue(ctx, outletKey{}, outlet(x))
	})
	reader := newMessageReader(ctx, in, x)
	reader.patience = s.timeout + 5*time.Second
	served := make(chan error, 1)
	go func() { served <- stdio.Listen(ctx, reader, x) }()
	select {
	case err := <-served:
		if errors.Is(err, context.Canceled) || ctx.Err() != nil {
			return nil
		}
		return err
	case <-ctx.Done():
	}
	select { // the SDK waits without end, for a client that reads no more too
	case <-served:
	case <-time.After(stopGrace):
	}
	return nil
}

// logWriter takes the SDK's own log lines.
type logWriter struct{ log *slog.Logger }

// Write implements [io.Writer].
func (w logWriter) Write(line []byte) (int, error) {
	w.log.Warn(cut(string(bytes.TrimSpace(line)), maxError))
	return len(line), nil
}
