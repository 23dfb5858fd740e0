package viewer

import (
	"context"
	"io"
	"sync/atomic"
	"time"
)

// A stallReader ends a body that sends nothing for longer than the timeout.
type stallReader struct {
	r       io.Reader
	cancel  context.CancelFunc
	timeout time.Duration
	timer   *time.Timer
	stalled atomic.Bool

	n   int64
	err error // of the last read
}

// Read implements [io.Reader].
func (s *stallReader) Read(p []byte) (int, error) {
	if s.timer == nil {
		s.timer = time.AfterFunc(s.timeout, func() {
			s.stalled.Store(true)
			s.cancel()
		})
	} else {
		s.timer.Reset(s.timeout)
	}
	n, err := s.r.Read(p)
	s.timer.Stop()
	s.n += int64(n)
	s.err = err
	return n, err
}

func (s *stallReader) stop() {
	if s.timer != nil {
		s.timer.Stop()
	}
}
