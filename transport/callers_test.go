package transport_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// A caller is one client of one revision over one of the transports.
type caller interface {
	// call sends tools/call with this id; ctx ends when the client goes away.
	call(t *testing.T, ctx context.Context, id, tool, args string)
	// cancel gives up the call with this id, as the revision has it.
	cancel(t *testing.T, id string)
	// next is the next message to the client.
	next(t *testing.T) answer
}

// over makes a client for each transport and revision.
var over = map[string]func(t *testing.T, w *web) caller{
	"http 2024-11-05": func(t *testing.T, w *web) caller { return newSession(t, w, "2024-11-05") },
	"http 2025-03-26": func(t *testing.T, w *web) caller { return newSession(t, w, "2025-03-26") },
	"http 2025-06-18": func(t *testing.T, w *web) caller { return newSession(t, w, "2025-06-18") },
	"http 2025-11-25": func(t *testing.T, w *web) caller { return newSession(t, w, "2025-11-25") },
	"http 2026-07-28": func(t *testing.T, w *web) caller {
		return &stateless{w: w, mail: newMail(), calls: make(map[string]context.CancelFunc)}
	},
	"sse 2024-11-05": func(t *testing.T, w *web) caller { return newSSE(t, w, "2024-11-05") },
	"sse 2025-11-25": func(t *testing.T, w *web) caller { return newSSE(t, w, "2025-11-25") },
}

func initialize(version string) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":"hello","method":"initialize","params":{`+
		`"protocolVersion":%q,"capabilities":{},"clientInfo":{"name":"web","version":"1"}}}`, version)
}

// withToken is a call whose progress token is the same for all clients.
func withToken(id, tool, args, meta string) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"method":"tools/call","params":{"name":%q,`+
		`"arguments":%s,"_meta":{"progressToken":"p"%s}}}`, id, tool, args, meta)
}

// mail is what came for a client.
type mail struct{ box chan answer }

func newMail() mail { return mail{make(chan answer, 1000)} }

func (m mail) next(t *testing.T) answer {
	t.Helper()
	select {
	case a := <-m.box:
		return a
	case <-time.After(time.Hour): // a time of the bubble
		t.Fatal("no message came")
		return answer{}
	}
}

// collect takes the messages of a response, a JSON object or a stream.
func (m mail) collect(response *http.Response) (lastID string) {
	defer response.Body.Close()
	if !strings.HasPrefix(response.Header.Get("Content-Type"), "text/event-stream") {
		var a answer
		if json.NewDecoder(response.Body).Decode(&a) == nil {
			m.box <- a
		}
		return ""
	}
	for e := range eventsOf(response.Body) {
		if e.id != "" {
			lastID = e.id
		}
		var a answer
		if json.Unmarshal([]byte(e.data), &a) == nil {
			m.box <- a
		}
	}
	return lastID
}

// An event is one of a stream; a comment has only that.
type event struct{ name, id, data, comment string }

func eventsOf(body io.Reader) func(yield func(event) bool) {
	return func(yield func(event) bool) {
		lines := bufio.NewReader(body)
		var e event
		for {
			line, err := lines.ReadString('\n')
			if err != nil {
				return
			}
			line = strings.TrimRight(line, "\r\n")
			field, value, _ := strings.Cut(line, ":")
			value = strings.TrimPrefix(value, " ")
			switch {
			case line == "":
				if !yield(e) {
					return
				}
				e = event{}
			case field == "":
				e.comment = "comment" + value
			case field == "event":
				e.name = value
			case field == "id":
				e.id = value
			case field == "data":
				e.data = value
			}
		}
	}
}

// A withSession is a client of streamable HTTP with a session.
type withSession struct {
	mail
	w           *web
	id, version string
}

func newSession(t *testing.T, w *web, version string) *withSession {
	t.Helper()
	response := w.do(t, t.Context(), "POST", "/mcp", initialize(version))
	c := &withSession{newMail(), w, response.Header.Get("Mcp-Session-Id"), version}
	c.collect(response)
	if a := c.next(t); string(a.ID) != `"hello"` || c.id == "" {
		t.Fatalf("initialize gave %+v, session %q", a, c.id)
	}
	r := c.post(t, t.Context(), `{"jsonrpc":"2.0","method":"notifications/initialized"}`)
	if r.StatusCode != 202 {
		t.Fatalf("initialized gave %s", r.Status)
	}
	return c
}

func (c *withSession) post(t *testing.T, ctx context.Context, body string) *http.Response {
	return c.w.do(t, ctx, "POST", "/mcp", body, "Mcp-Session-Id", c.id, "Mcp-Protocol-Version", c.version)
}

func (c *withSession) call(t *testing.T, ctx context.Context, id, tool, args string) {
	go func() { c.collect(c.post(t, ctx, withToken(id, tool, args, ""))) }()
}

func (c *withSession) cancel(t *testing.T, id string) {
	t.Helper()
	r := c.post(t, t.Context(), cancelLine(id))
	if r.StatusCode != 202 {
		t.Errorf("cancelling gave %s", r.Status)
	}
}

func cancelLine(id string) string {
	return `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":` + id + `}}`
}

// A stateless client is one of 2026-07-28.
type stateless struct {
	mail
	w     *web
	mu    sync.Mutex
	calls map[string]context.CancelFunc
}

const modernMeta = `,"io.modelcontextprotocol/protocolVersion":"2026-07-28",` +
	`"io.modelcontextprotocol/clientCapabilities":{},` +
	`"io.modelcontextprotocol/clientInfo":{"name":"web","version":"1"}`

func (c *stateless) post(t *testing.T, ctx context.Context, method, name, body string) *http.Response {
	return c.w.do(t, ctx, "POST", "/mcp", body, "Mcp-Protocol-Version", "2026-07-28",
		"Mcp-Method", method, "Mcp-Name", name)
}

func (c *stateless) call(t *testing.T, ctx context.Context, id, tool, args string) {
	ctx, cancel := context.WithCancel(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls[id] = cancel
	go func() { c.collect(c.post(t, ctx, "tools/call", tool, withToken(id, tool, args, modernMeta))) }()
}

// cancel closes the stream of the request, and says so besides as older revisions do.
func (c *stateless) cancel(t *testing.T, id string) {
	t.Helper()
	c.post(t, t.Context(), "notifications/cancelled", "", `{"jsonrpc":"2.0","method":`+
		`"notifications/cancelled","params":{"requestId":`+id+`,"_meta":{"x":1`+modernMeta+`}}}`)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls[id]()
}

// An sseCaller is a client of the transport of 2024-11-05.
type sseCaller struct {
	mail
	w    *web
	path string
	gone context.CancelFunc
}

func newSSE(t *testing.T, w *web, version string) *sseCaller {
	t.Helper()
	ctx, gone := context.WithCancel(t.Context())
	t.Cleanup(gone)
	response := w.do(t, ctx, "GET", "/sse", "")
	c := &sseCaller{mail: newMail(), w: w, gone: gone}
	paths := make(chan string, 1)
	go func() {
		for e := range eventsOf(response.Body) {
			var a answer
			if e.name == "endpoint" {
				paths <- e.data
			} else if json.Unmarshal([]byte(e.data), &a) == nil {
				c.box <- a
			}
		}
	}()
	c.path = <-paths
	c.send(t, initialize(version))
	if a := c.next(t); string(a.ID) != `"hello"` {
		t.Fatalf("initialize gave %+v", a)
	}
	c.send(t, `{"jsonrpc":"2.0","method":"notifications/initialized"}`)
	return c
}

func (c *sseCaller) send(t *testing.T, body string) {
	t.Helper()
	r := c.w.do(t, t.Context(), "POST", c.path, body)
	r.Body.Close()
	if r.StatusCode != 202 {
		t.Errorf("a message gave %s", r.Status)
	}
}

func (c *sseCaller) call(t *testing.T, _ context.Context, id, tool, args string) {
	c.send(t, withToken(id, tool, args, ""))
}

func (c *sseCaller) cancel(t *testing.T, id string) { c.send(t, cancelLine(id)) }
