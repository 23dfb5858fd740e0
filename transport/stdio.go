package transport

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"log/slog"
	"sync"
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
	// maxMessage is the longest line that is read, in bytes.
	maxMessage = 16 << 20
)

// ServeStdio serves MCP on in and out, a message a line, until in ends or ctx does; there can be
// one at a time in a process. Everything that was read before the end of in is answered before
// ServeStdio returns nil; only a call that outlives its deadline by far is given up then. The
// end of ctx ends calls under way and is no error either.
func (s *Server) ServeStdio(ctx context.Context, in io.Reader, out io.Writer) error {
	stdio := server.NewStdioServer(s.mcp)
	server.WithWorkerPoolSize(callsAtOnce)(stdio)
	server.WithQueueSize(callQueue)(stdio)
	stdio.SetErrorLogger(log.New(logWriter{s.log}, "", 0))
	pending := newPendingAnswers()
	reader := &messageReader{ctx: ctx, lines: bufio.NewReaderSize(in, 64<<10), pending: pending,
		patience: s.timeout + 5*time.Second}
	err := stdio.Listen(ctx, reader, answerWriter{out, pending})
	if errors.Is(err, context.Canceled) || ctx.Err() != nil {
		return nil
	}
	return err
}

// logWriter takes the SDK's own log lines.
type logWriter struct{ log *slog.Logger }

func (w logWriter) Write(line []byte) (int, error) {
	w.log.Warn(string(bytes.TrimSpace(line)))
	return len(line), nil
}

// pendingAnswers counts messages that are still to be answered.
type pendingAnswers struct {
	mu    sync.Mutex
	count int
	none  chan struct{} // closed while count is 0
}

func newPendingAnswers() *pendingAnswers {
	p := &pendingAnswers{none: make(chan struct{})}
	close(p.none)
	return p
}

func (p *pendingAnswers) add(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	before := p.count
	p.count = max(0, p.count+n)
	switch {
	case before == 0 && p.count > 0:
		p.none = make(chan struct{})
	case before > 0 && p.count == 0:
		close(p.none)
	}
}

func (p *pendingAnswers) answered() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.none
}

// A messageReader hands the SDK whole lines and holds the end of the input back until every
// message has its answer: the SDK cancels all work when it sees the end. It supplies a last
// newline that is missing, which the SDK insists on.
type messageReader struct {
	ctx      context.Context
	lines    *bufio.Reader
	pending  *pendingAnswers
	patience time.Duration // how long the end is held back at most

	rest []byte // of the line being handed on
	err  error  // of the input, once it has ended
}

// Read implements [io.Reader].
func (r *messageReader) Read(p []byte) (int, error) {
	for len(r.rest) == 0 {
		if r.err != nil {
			r.wait()
			return 0, r.err
		}
		r.next()
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// next reads the next line that is not blank. One that is too long is read over, and stands for
// a message that is no JSON.
func (r *messageReader) next() {
	var line []byte
	tooLong := false
	for {
		part, err := r.lines.ReadSlice('\n')
		if len(line)+len(part) > maxMessage {
			tooLong, line = true, nil
		}
		if !tooLong {
			line = append(line, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		r.err = err
		break
	}
	line = bytes.TrimSpace(line)
	if tooLong {
		line = []byte(`"a message of more than 16 MiB"x`)
	}
	if len(line) == 0 {
		return
	}
	if wantsAnswer(line) {
		r.pending.add(1)
	}
	r.rest = append(line, '\n')
}

// wait holds the end of the input back.
func (r *messageReader) wait() {
	timer := time.NewTimer(r.patience)
	defer timer.Stop()
	select {
	case <-r.pending.answered():
	case <-timer.C:
	case <-r.ctx.Done():
	}
}

// wantsAnswer reports whether a line is answered: a request, or what is no JSON-RPC message of
// one object.
func wantsAnswer(line []byte) bool {
	var message struct {
		Method *string         `json:"method"`
		ID     json.RawMessage `json:"id"`
	}
	if json.Unmarshal(line, &message) != nil {
		return !json.Valid(line) || line[0] == '['
	}
	return message.Method != nil && len(message.ID) > 0 && string(message.ID) != "null"
}

// An answerWriter counts off the answers that the SDK writes, one Write each.
type answerWriter struct {
	out     io.Writer
	pending *pendingAnswers
}

// Write implements [io.Writer].
func (w answerWriter) Write(line []byte) (int, error) {
	n, err := w.out.Write(line)
	var message struct {
		Method *string `json:"method"`
	}
	if json.Unmarshal(line, &message) == nil && message.Method == nil {
		w.pending.add(-1)
	}
	return n, err
}
