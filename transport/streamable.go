package transport

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

// Headers of streamable HTTP (MCP 2025-11-25, transports).
const (
	sessionHeader = "Mcp-Session-Id"
	versionHeader = "Mcp-Protocol-Version"
	eventHeader   = "Last-Event-ID"
)

// streamable serves streamable HTTP: it stands between a client and the SDK's handler. Each
// request is given an id of its own among those of all clients, since the SDK finds requests by
// session and id, and those of 2026-07-28 have no session; the answer gets the client's id back.
type streamable struct {
	*network
	sdk      *server.StreamableHTTPServer
	sessions *sessions
	standIn  string // the beginning of stand-ins, which no client can know
	number   atomic.Uint64
}

func newStreamable(n *network) *streamable {
	h := &streamable{network: n, sessions: newSessions(n.ctx), standIn: rand.Text()}
	h.sdk = server.NewStreamableHTTPServer(n.server.mcp, server.WithSessionIdManager(h.sessions),
		server.WithDisableLocalhostProtection(true), // the guard has looked
		server.WithStreamableHTTPLogger(messagesOnly(n.log)))
	h.sessions.forget = func(id string) {
		r := (&http.Request{Method: http.MethodDelete, Header: http.Header{}}).WithContext(n.ctx)
		r.Header.Set(sessionHeader, id)
		h.sdk.ServeHTTP(nowhere{}, r)
	}
	go h.sessions.keepSweeping(n.ctx)
	return h
}

// nowhere is the response to a request of our own.
type nowhere struct{}

func (nowhere) Header() http.Header         { return http.Header{} }
func (nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (nowhere) WriteHeader(int)             {}

// ServeHTTP implements [http.Handler].
func (h *streamable) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	sessionless := mcp.IsModernProtocol(r.Header.Get(versionHeader))
	switch {
	case r.Method == http.MethodPost:
		h.post(w, r)
	case r.Method != http.MethodGet && r.Method != http.MethodDelete:
		w.Header().Set("Allow", "GET, POST, DELETE")
		http.Error(w, "only GET, POST and DELETE", http.StatusMethodNotAllowed)
	case sessionless:
		h.sdk.ServeHTTP(w, r) // which refuses it in the words of 2026-07-28
	default:
		one, leave := h.enter(w, r)
		if one == nil {
			return
		}
		defer leave()
		switch id := r.Header.Get(eventHeader); {
		case r.Method == http.MethodDelete:
			h.sdk.ServeHTTP(w, r)
		case id != "":
			h.resume(w, r, one, id)
		default:
			h.listen(w, r, one)
		}
	}
}

// enter is the session that a request names; without one the request is refused, in the way
// that makes a client begin anew where it was forgotten (MCP 2025-11-25, "Session Management").
func (h *streamable) enter(w http.ResponseWriter, r *http.Request) (*session, func()) {
	id := r.Header.Get(sessionHeader)
	if id == "" {
		http.Error(w, sessionHeader+" is missing; initialize first", http.StatusBadRequest)
		return nil, nil
	}
	one, leave := h.sessions.enter(id)
	if one == nil {
		http.Error(w, "no such session, or it has expired; initialize again", http.StatusNotFound)
	}
	return one, leave
}

func (h *streamable) post(w http.ResponseWriter, r *http.Request) {
	body, ok := h.readBody(w, r)
	if !ok {
		return
	}
	var m message
	if json.Unmarshal(body, &m) != nil {
		h.sdk.ServeHTTP(w, withBody(r, body)) // which refuses it
		return
	}
	var one *session
	switch {
	case isModern(r.Header, m.Params):
	case m.isA("initialize"):
		h.sessions.sweep(time.Now())
	default:
		var leave func()
		if one, leave = h.enter(w, r); one == nil {
			return
		}
		defer leave()
	}
	switch {
	case m.isRequest():
		h.answer(w, r, body, m, one)
	case m.isA("notifications/cancelled"):
		// From 2026-07-28 on a client closes the stream of its request instead.
		if one != nil {
			one.cancel(m.Params)
		}
		w.WriteHeader(http.StatusAccepted)
	default:
		h.sdk.ServeHTTP(w, withBody(r, body))
	}
}

// isModern says whether a request is of revision 2026-07-28 or later, which say it in each.
func isModern(header http.Header, params json.RawMessage) bool {
	var p struct {
		Meta *mcp.Meta `json:"_meta"`
	}
	_ = json.Unmarshal(params, &p)
	return mcp.IsModernProtocol(header.Get(versionHeader)) ||
		mcp.IsModernProtocol(p.Meta.ProtocolVersion())
}

func withBody(r *http.Request, body []byte) *http.Request {
	r = r.WithContext(r.Context()) // a copy
	r.Body = io.NopCloser(bytes.NewReader(body))
	return r
}

// answer has the SDK answer a request, in a context that does not end with the connection where
// the client can come back for the answer; one is nil where there is no session.
func (h *streamable) answer(
	w http.ResponseWriter, r *http.Request, body []byte, m message, one *session,
) {
	ctx, end := context.WithCancel(context.WithoutCancel(r.Context()))
	defer end()
	defer context.AfterFunc(h.ctx, end)()
	rep := &reply{w: w, header: make(http.Header), heartbeat: h.heartbeat, end: end, id: m.ID,
		standIn:    fmt.Appendf(nil, `"%s.%d"`, h.standIn, h.number.Add(1)),
		streamable: !m.isA("initialize") && takesEvents(r)}
	if one != nil {
		defer context.AfterFunc(one.ctx, end)()
		defer one.begin(m.ID, end)()
		rep.prime = r.Header.Get(versionHeader) >= mcp.ProtocolVersion20251125
		rep.keep = func() *keptStream {
			kept := newKeptStream(rand.Text(), end)
			one.keep(kept)
			return kept
		}
	}
	defer context.AfterFunc(r.Context(), rep.dropped)()
	if m.isA("subscriptions/listen") { // has no end of its own
		defer context.AfterFunc(h.draining, end)()
	}
	if m.isWork() {
		if !h.gate.enter(ctx) {
			tooMany(w)
			return
		}
		defer h.gate.leave()
	}
	rep.start()
	defer rep.finish()
	ctx = context.WithValue(ctx, outletKey{}, outlet(rep))
	if m.isWork() {
		ctx = context.WithValue(context.WithoutCancel(ctx), lifeKey{}, ctx)
	}
	h.sdk.ServeHTTP(rep, withBody(r.WithContext(ctx), withField(body, "id", string(rep.standIn))))
}

// takesEvents says whether the client reads a stream of events.
func takesEvents(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "text/event-stream")
}

// listen serves the stream on which a client waits for what no request of its own asked for.
func (h *streamable) listen(w http.ResponseWriter, r *http.Request, one *session) {
	ctx, end := context.WithCancel(r.Context())
	defer end()
	defer context.AfterFunc(one.ctx, end)()
	defer context.AfterFunc(h.draining, end)()
	rep := &reply{w: w, header: make(http.Header), heartbeat: h.heartbeat, streamable: true, end: end}
	defer rep.finish()
	h.sdk.ServeHTTP(rep, r.WithContext(ctx))
}

// resume serves a stream from where the client's connection broke.
func (h *streamable) resume(w http.ResponseWriter, r *http.Request, one *session, eventID string) {
	kept, n, ok := one.keptOf(eventID)
	if !ok {
		http.Error(w, "no event of this id is kept; ask again", http.StatusBadRequest)
		return
	}
	reader := kept.taken()
	defer kept.dropped(reader)
	events := openEvents(w, h.heartbeat)
	defer events.close()
	for {
		missed, next, more := kept.after(n, reader)
		for _, message := range missed {
			n++
			if events.send("message", kept.eventID(n), message) != nil {
				return
			}
		}
		if !more {
			return
		}
		if len(missed) > 0 {
			continue
		}
		select {
		case <-next:
		case <-r.Context().Done():
			return
		case <-h.ctx.Done():
			return
		}
	}
}
