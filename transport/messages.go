package transport

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"time"
)

// maxMessage is the longest line that is read, in bytes.
const maxMessage = 16 << 20

// A messageReader hands the SDK whole lines, one a Read, and holds the end of the input back
// until every request has its answer: the SDK cancels all work when it sees the end. It supplies
// a last newline that is missing, which the SDK insists on.
type messageReader struct {
	ctx      context.Context
	lines    *bufio.Reader
	exchange *exchange
	patience time.Duration // how long the end is held back after the latest answer

	rest []byte // of the line being handed on
	err  error  // of the input, once it has ended
}

func newMessageReader(ctx context.Context, in io.Reader, x *exchange) *messageReader {
	return &messageReader{ctx: ctx, lines: bufio.NewReaderSize(in, 64<<10), exchange: x}
}

// Read implements [io.Reader].
func (r *messageReader) Read(p []byte) (int, error) {
	for len(r.rest) == 0 {
		if r.err != nil {
			r.wait()
			return 0, r.err
		}
		line, err := r.line()
		r.err = err
		if line = bytes.TrimSpace(line); len(line) > 0 {
			r.rest = append(r.exchange.received(line), '\n')
		}
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// line reads the next line. One that is too long is read over, and stands for a message that is
// no JSON, which the SDK refuses as JSON-RPC says.
func (r *messageReader) line() ([]byte, error) {
	var line []byte
	tooLong := false
	for {
		part, err := r.lines.ReadSlice('\n')
		if tooLong = tooLong || len(line)+len(part) > maxMessage; tooLong {
			line = nil
		} else {
			line = append(line, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if tooLong {
			line = []byte("a message of more than 16 MiB")
		}
		return line, err
	}
}

// wait holds the end of the input back as long as answers are owed and come.
func (r *messageReader) wait() {
	for {
		owed, changed := r.exchange.owed()
		if owed == 0 {
			return
		}
		timer := time.NewTimer(r.patience)
		select {
		case <-changed:
			timer.Stop()
		case <-timer.C:
			return
		case <-r.ctx.Done():
			timer.Stop()
			return
		}
	}
}
