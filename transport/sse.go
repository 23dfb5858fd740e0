package transport

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"runtime/debug"
	"sync"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

// sse serves HTTP with server-sent events, the transport of 2024-11-05: a GET that lasts, over
// which all answers go, and a POST a message. The SDK's own goes on working for a client that
// has left, has no bound on what it works on, lets answers overtake progress, and cannot ask.
type sse struct {
	*network
	mu   sync.Mutex
	open map[string]*sseClient // by session id
}

// An sseClient is a client for as long as its stream.
type sseClient struct {
	calls
	questions
	ctx      context.Context // ends with the stream
	session  *server.InProcessSession
	exchange *exchange
}

// eventWriter writes lines as events.
type eventWriter struct{ events *eventStream }

// Write implements [io.Writer].
func (w eventWriter) Write(line []byte) (int, error) {
	if err := w.events.send("message", "", bytes.TrimSpace(line)); err != nil {
		return 0, err
	}
	return len(line), nil
}

// stream serves a client's GET: first where to POST to, then everything that is said to it.
func (h *sse) stream(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		onlyMethod(w, http.MethodGet)
		return
	}
	ctx, end := context.WithCancel(r.Context())
	defer end() // and with it, all work for this client
	id := rand.Text()
	events := openEvents(w, h.heartbeat)
	defer events.close()
	c := &sseClient{ctx: ctx, exchange: newExchange(eventWriter{events})}
	c.send = c.exchange.notify
	c.session = server.NewInProcessSessionWithHandlers(id, nil, &c.questions, nil)
	if err := h.server.mcp.RegisterSession(ctx, c.session); err != nil {
		return // never: ids do not repeat
	}
	defer h.server.mcp.UnregisterSession(ctx, id)
	h.mu.Lock()
	h.open[id] = c
	h.mu.Unlock()
	defer func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.open, id)
	}()
	if events.send("endpoint", "", []byte(messagePath+"?sessionId="+id)) == nil {
		h.forward(c)
	}
}

// forward sends what the SDK has to say beside answers, until the client is gone or, on
// shutdown, has its answers.
func (h *sse) forward(c *sseClient) {
	var answered <-chan struct{}
	draining := h.draining.Done()
	for {
		select {
		case note := <-c.session.ClientNotifications():
			if line, err := json.Marshal(note); err == nil {
				_ = c.exchange.notify(line)
			}
			continue
		case <-c.ctx.Done():
			return
		case <-draining:
			draining = nil
		case <-answered:
		}
		owed, next := c.exchange.owed()
		if owed == 0 {
			return
		}
		answered = next
	}
}

// message takes a POST: it is accepted, and answered over the stream.
func (h *sse) message(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		onlyMethod(w, http.MethodPost)
		return
	}
	h.mu.Lock()
	c := h.open[r.URL.Query().Get("sessionId")]
	h.mu.Unlock()
	if c == nil {
		http.Error(w, "no such session, or its stream has ended", http.StatusNotFound)
		return
	}
	body, ok := h.readBody(w, r)
	if !ok {
		return
	}
	var m message
	_ = json.Unmarshal(body, &m) // what is none is answered so
	if m.isA("notifications/cancelled") {
		c.cancel(m.Params)
		w.WriteHeader(http.StatusAccepted)
		return
	}
	if m.Method == nil && len(m.ID) > 0 {
		c.answered(m)
		w.WriteHeader(http.StatusAccepted)
		return
	}
	ctx, end := context.WithCancel(c.ctx)
	stop := context.AfterFunc(h.ctx, end)
	done := func() { stop(); end() }
	if m.isRequest() {
		done = c.begin(m.ID, done)
	}
	if m.isWork() {
		if !h.gate.enter(ctx) {
			done()
			tooMany(w)
			return
		}
		ended := done
		done = func() { h.gate.leave(); ended() }
	}
	line := c.exchange.received(body)
	w.WriteHeader(http.StatusAccepted)
	go func() {
		defer done()
		h.answer(ctx, c, line, m)
	}()
}

// answer has the SDK answer a message and sends what it says.
func (h *sse) answer(ctx context.Context, c *sseClient, line []byte, m message) {
	var id mcp.RequestId
	_ = json.Unmarshal(line, &struct{ ID *mcp.RequestId }{&id})
	defer func() {
		if p := recover(); p != nil {
			h.log.Error("internal error", "panic", p, "stack", string(debug.Stack()))
			h.send(c, id, mcp.NewJSONRPCError(id, mcp.INTERNAL_ERROR, "internal error", nil))
		}
	}()
	if m.isRequest() && isModern(nil, m.Params) {
		refusal := mcp.UnsupportedProtocolVersionError{Version: "2026-07-28 over SSE",
			Supported: legacyVersions()}.JSONRPCError()
		refusal.ID = id
		h.send(c, id, refusal)
		return
	}
	ctx = context.WithValue(h.server.mcp.WithContext(ctx, c.session), outletKey{}, outlet(c.exchange))
	if response := h.server.mcp.HandleMessage(ctx, line); response != nil {
		h.send(c, id, response)
	}
}

func (h *sse) send(c *sseClient, id mcp.RequestId, response mcp.JSONRPCMessage) {
	line, err := json.Marshal(response)
	if err != nil {
		h.log.Error("internal error", "error", fmt.Sprint(err))
		line, _ = json.Marshal(mcp.NewJSONRPCError(id, mcp.INTERNAL_ERROR, "internal error", nil))
	}
	_, _ = c.exchange.Write(line) // a client that is gone shows in its context
}

// legacyVersions are the revisions that have this transport.
func legacyVersions() (versions []string) {
	for _, v := range mcp.ValidProtocolVersions {
		if !mcp.IsModernProtocol(v) {
			versions = append(versions, v)
		}
	}
	return versions
}
