package transport

import (
	"bytes"
	"maps"
	"net/http"
	"strings"
	"sync"
	"time"
)

// A reply is the HTTP response to one JSON-RPC request, as the SDK writes it and as the client
// gets it. It stays one JSON object unless something is to be said before the answer: progress,
// a request to the client, or a sign of life. Then it becomes a stream of events.
//
// The SDK has one channel of notifications for all requests of a session, where what belongs to
// one call comes out at another; a notification through reply goes the way of its own request.
type reply struct {
	w           http.ResponseWriter
	header      http.Header // as the SDK sets it, while a stream may begin beside it
	heartbeat   time.Duration
	streamable  bool               // the client takes a stream
	prime       bool               // tell the first id at once, as from 2025-11-25 on
	standIn, id []byte             // the id that the SDK sees, and the one that the client wrote
	keep        func() *keptStream // nil where a stream cannot be taken up again
	end         func()             // ends the call

	mu       sync.Mutex
	kept     *keptStream
	status   int
	body     bytes.Buffer // while it is no stream
	events   *eventStream
	silence  *time.Timer
	lost     bool // the client's connection
	finished bool
}

// start makes the reply a stream when it says nothing for a while.
func (r *reply) start() {
	if !r.streamable {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.silence = time.AfterFunc(r.heartbeat, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.stream()
	})
}

// stream makes the reply a stream and reports whether it is one. An answer that waits in the body
// for finish goes as it is. r.mu is held.
func (r *reply) stream() bool {
	if r.finished || !r.streamable || r.lost && r.events == nil {
		return false
	}
	if r.events != nil {
		return true
	}
	if r.body.Len() > 0 {
		return false
	}
	r.events = openEvents(r.w, r.heartbeat)
	if r.keep != nil {
		r.kept = r.keep()
	}
	if r.kept != nil && r.prime {
		_ = r.events.sendRaw([]byte("id: " + r.kept.eventID(0) + "\nretry: 1000\ndata: \n\n"))
	}
	return true
}

// event sends a message on the stream. r.mu is held.
func (r *reply) event(message []byte) {
	message = r.restored(bytes.TrimSpace(message))
	id, live := "", true
	if r.kept != nil {
		id, live = r.kept.add(message)
	}
	if live && !r.lost {
		_ = r.events.send("message", id, message) // a client that is gone shows in its context
	}
}

// restored is a message with the client's own id, and its error as it was meant.
func (r *reply) restored(message []byte) []byte {
	message = mended(message)
	if len(r.standIn) == 0 {
		return bytes.Clone(message)
	}
	return bytes.ReplaceAll(message, r.standIn, r.id)
}

// notify sends a notification before the answer. To a client that takes no stream it is lost.
func (r *reply) notify(message []byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stream() {
		r.event(message)
	}
	return nil
}

// Header implements [http.ResponseWriter].
func (r *reply) Header() http.Header { return r.header }

// WriteHeader implements [http.ResponseWriter].
func (r *reply) WriteHeader(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
	if strings.HasPrefix(r.header.Get("Content-Type"), "text/event-stream") {
		r.stream()
	}
}

// Write implements [http.ResponseWriter]. The SDK writes a whole message at a time, as JSON or
// as an event.
func (r *reply) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, data, isEvent := bytes.Cut(p, []byte("data: "))
	switch {
	case r.finished:
		return 0, errClosed
	case r.events == nil:
		r.body.Write(p)
	case isEvent && bytes.HasPrefix(p, []byte("event: ")):
		r.event(data)
	default:
		r.event(p)
	}
	return len(p), nil
}

// Flush implements [http.Flusher]; events are flushed as they are written.
func (r *reply) Flush() {}

// dropped is called when the client's connection has ended. Work for a client that is gone ends,
// at once where it cannot come back for the answer.
func (r *reply) dropped() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lost = true
	if r.events != nil && r.kept != nil {
		r.kept.dropped(0)
		return
	}
	r.end()
}

// finish sends what is left. Nothing is written after it.
func (r *reply) finish() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.finished = true
	if r.silence != nil {
		r.silence.Stop()
	}
	if r.events != nil {
		r.events.close()
		if r.kept != nil {
			r.kept.end()
		}
		return
	}
	if r.lost {
		return
	}
	maps.Copy(r.w.Header(), r.header)
	_ = http.NewResponseController(r.w).SetWriteDeadline(time.Now().Add(writeTimeout))
	if r.status != 0 {
		r.w.WriteHeader(r.status)
	}
	_, _ = r.w.Write(r.restored(r.body.Bytes()))
}
