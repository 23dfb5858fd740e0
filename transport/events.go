package transport

import (
	"errors"
	"net/http"
	"sync"
	"time"
)

const (
	// heartbeatInterval is the longest silence on a stream; proxies close streams after a minute.
	heartbeatInterval = 15 * time.Second
	// writeTimeout is how long a client that reads nothing may block a write.
	writeTimeout = 30 * time.Second
)

// An eventStream is an HTTP response that goes on: server-sent events as in the HTML standard,
// section 9.2, with a comment whenever there was nothing to send for a while.
type eventStream struct {
	interval time.Duration
	control  *http.ResponseController

	mu   sync.Mutex
	w    http.ResponseWriter
	beat *time.Timer
	err  error // of the first write that failed, or errClosed
}

var errClosed = errors.New("the stream is closed")

// openEvents starts the response. The stream must be closed before its handler returns.
func openEvents(w http.ResponseWriter, heartbeat time.Duration) *eventStream {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx would hold events back
	w.WriteHeader(http.StatusOK)
	e := &eventStream{interval: heartbeat, control: http.NewResponseController(w), w: w}
	_ = e.control.SetReadDeadline(time.Time{}) // that of the request; a recorder has none
	e.mu.Lock()
	defer e.mu.Unlock()
	e.beat = time.AfterFunc(heartbeat, e.heartbeat)
	e.write(nil)
	return e
}

// heartbeat shows that the stream lives, unless something else does so at this moment.
func (e *eventStream) heartbeat() {
	if e.mu.TryLock() {
		defer e.mu.Unlock()
		e.write([]byte(":\n\n"))
	}
}

// send writes one event; without an id it leaves the client's last id as it is.
func (e *eventStream) send(event, id string, data []byte) error {
	var p []byte
	if id != "" {
		p = append(append(p, "id: "...), id+"\n"...)
	}
	p = append(append(p, "event: "...), event+"\n"...)
	return e.sendRaw(append(append(append(p, "data: "...), data...), "\n\n"...))
}

// sendRaw writes whole events.
func (e *eventStream) sendRaw(p []byte) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.write(p)
	return e.err
}

// write writes and flushes p, unless an earlier write failed. e.mu is held.
func (e *eventStream) write(p []byte) {
	if e.err != nil {
		return
	}
	_ = e.control.SetWriteDeadline(time.Now().Add(writeTimeout))
	if _, e.err = e.w.Write(p); e.err == nil {
		e.err = e.control.Flush()
	}
	if e.err == nil {
		e.beat.Reset(e.interval)
	}
}

// close ends the stream: nothing is written from here on.
func (e *eventStream) close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.err = errClosed
	e.beat.Stop()
}
