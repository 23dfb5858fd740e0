package viewer_test

import (
	"cmp"
	"errors"
	"io"
	"log"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/viewer"
	"github.com/runicorn-mcp/runicorn-mcp/internal/testkit"
)

// A misbehaving server is a Viewer 0.7 that knows what it is, and treats every other request as
// behave does. It counts requests by method and path.
type misbehaving struct {
	behave func(w http.ResponseWriter, r *http.Request, attempt int)

	mu    sync.Mutex
	count map[string]int
}

func (m *misbehaving) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if r.URL.Path == "/openapi.json" {
		// So that no request goes over a used connection: net/http repeats a GET by itself when
		// that is closed under it, beside what is counted here.
		w.Header().Set("Connection", "close")
		io.WriteString(w, openapi)
		return
	}
	m.mu.Lock()
	m.count[r.Method+" "+r.URL.Path]++
	attempt := m.count[r.Method+" "+r.URL.Path]
	m.mu.Unlock()
	m.behave(w, r, attempt)
}

func (m *misbehaving) asked(request string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.count[request]
}

// status answers with a status and a text for ever.
func status(code int, text string, headers ...string) func(http.ResponseWriter, *http.Request, int) {
	return func(w http.ResponseWriter, _ *http.Request, _ int) {
		for _, h := range headers {
			name, value, _ := strings.Cut(h, ": ")
			w.Header().Set(name, value)
		}
		w.WriteHeader(code)
		io.WriteString(w, text)
	}
}

// twice misbehaves twice and is well then.
func twice(bad func(http.ResponseWriter, *http.Request, int)) func(http.ResponseWriter, *http.Request, int) {
	return func(w http.ResponseWriter, r *http.Request, attempt int) {
		if attempt <= 2 {
			bad(w, r, attempt)
			return
		}
		io.WriteString(w, healthy)
	}
}

func hangUp(http.ResponseWriter, *http.Request, int) { panic(http.ErrAbortHandler) }

func hangUpInBody(w http.ResponseWriter, r *http.Request, n int) {
	w.Header().Set("Content-Length", "1000")
	io.WriteString(w, `{"status":`)
	w.(http.Flusher).Flush()
	hangUp(w, r, n)
}

func stall(w http.ResponseWriter, r *http.Request, _ int) {
	w.Header().Set("Content-Length", "1000")
	io.WriteString(w, `{"status":`)
	w.(http.Flusher).Flush()
	<-r.Context().Done()
}

// serve runs a server and gives a client of it to f.
func serve(handler http.Handler, f func(transport *http.Transport)) {
	p := testkit.NewPipe()
	server := &http.Server{Handler: handler, ErrorLog: log.New(io.Discard, "", 0)}
	done := make(chan struct{})
	go func() { server.Serve(p); close(done) }()
	transport := &http.Transport{DialContext: p.Dial}
	f(transport)
	transport.CloseIdleConnections()
	server.Close()
	<-done
}

// TestMisbehaving holds the retry policy against a server that misbehaves: how often it is asked
// by method and path, and how long the client waits in between.
func TestMisbehaving(t *testing.T) {
	t.Parallel()
	const sec = time.Second
	const all = 3500 * time.Millisecond // 0.5 + 1 + 2 s
	date := func() string { return time.Now().Add(2 * time.Second).UTC().Format(http.TimeFormat) }
	tests := []misbehaviour{
		{"500 for ever", status(500, `{"detail":"boom"}`), client.ErrServer, 4, all, "boom", 0},
		{"502 for ever", status(502, `<html>`, "Content-Type: text/html"), client.ErrServer, 4, all,
			"<html>", 0},
		{"503 twice", twice(status(503, "")), nil, 3, 1500 * time.Millisecond, "", 0},
		{"504 twice", twice(status(504, "")), nil, 3, 1500 * time.Millisecond, "", 0},
		{"501", status(501, `{"detail":"not available"}`), client.ErrServer, 1, 0, "This Viewer cannot", 0},
		{"429 in seconds", status(429, `{"detail":"Rate limit exceeded","retry_after":1}`,
			"Retry-After: 1"), client.ErrServer, 4, 3 * sec,
			"Rate limit exceeded. The Viewer limits requests: try again in 1s", 0},
		{"429 until a date", func(w http.ResponseWriter, r *http.Request, n int) {
			status(429, "", "Retry-After: "+date())(w, r, n)
		}, client.ErrServer, 4, 6 * sec, "The Viewer limits requests", 0},
		{"400", status(400, `{"detail":"path is required"}`), client.ErrBadRequest, 1, 0,
			"path is required", 0},
		{"405", status(405, `{"detail":"Method Not Allowed"}`), client.ErrBadRequest, 1, 0,
			"Method Not Allowed", 0},
		{"409", status(409, `{"detail":{"code":"X"}}`), client.ErrBadRequest, 1, 0, "X", 0},
		{"413", status(413, "too much"), client.ErrBadRequest, 1, 0, "too much", 0},
		{"422", status(422, `{"detail":[{"type":"int","loc":["query","downsample"],"msg":"too small"}]}`),
			client.ErrBadRequest, 1, 0, "query downsample: too small", 0},
		{"401", status(401, ""), client.ErrAuthentication, 1, 0, "status 401", 0},
		{"403", status(403, `{"detail":"Unsafe path"}`), client.ErrAuthentication, 1, 0, "Unsafe path", 0},
		{"404 of a thing", status(404, `{"detail":"Run not found"}`), client.ErrNotFound, 1, 0,
			"Run not found", 0},
		{"404 of a route", status(404, `{"detail":"Not Found"}`), client.ErrNotFound, 1, 0,
			"This Viewer's version lacks /api/", 0},
		{"a web page", status(200, "<html>", "Content-Type: text/html; charset=utf-8"), client.ErrServer,
			1, 0, "There is no Runicorn Viewer at http://viewer:1", 0},
		{"no JSON", status(200, "hello"), client.ErrServer, 1, 0, "cannot be read", 0},
		{"truncated JSON", status(200, `{"status":"o`), client.ErrServer, 1, 0, "is cut off", 0},
		{"cut off in the body", func(w http.ResponseWriter, _ *http.Request, _ int) {
			w.Header().Set("Content-Length", "1000")
			io.WriteString(w, `{"status":`)
		}, client.ErrConnection, 4, all, "broke off", 1},
		{"closed at once", hangUp, client.ErrConnection, 4, all, "The connection to the Viewer at", 1},
		{"closed twice", twice(hangUp), nil, 3, 1500 * time.Millisecond, "", 1},
		{"closed in the body", hangUpInBody, client.ErrConnection, 4, all, "broke off", 1},
		{"closed in the body twice", twice(hangUpInBody), nil, 3, 1500 * time.Millisecond, "", 1},
		{"slower than the timeout", stall, client.ErrConnection, 4, all + 4*30*sec, "broke off", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				m := &misbehaving{behave: tt.behave, count: make(map[string]int)}
				serve(m, func(transport *http.Transport) {
					v := viewer.New(viewer.Options{BaseURL: "http://viewer:1", Transport: transport})
					start := time.Now()
					_, err := v.Health(t.Context())
					tt.check(t, m, "GET /api/health", tt.attempts, err)
					if got := time.Since(start); got != tt.waits {
						t.Errorf("it took %v, want %v", got, tt.waits)
					}
					_, err = v.SetUserRoot(t.Context(), "/data")
					tt.check(t, m, "POST /api/config/user_root_dir", cmp.Or(tt.post, tt.attempts), err)
				})
			})
		})
	}
}

// check holds the outcome of a request, sent so often, to a row.
func (tt misbehaviour) check(
	t *testing.T, m *misbehaving, request string, attempts int, err error,
) {
	t.Helper()
	switch wellAtLast := tt.kind == nil && attempts == tt.attempts; {
	case wellAtLast && err != nil:
		t.Errorf("%s: %v", request, err)
	case !wellAtLast && (err == nil || tt.kind != nil && !errors.Is(err, tt.kind) ||
		!strings.Contains(err.Error(), tt.says)):
		t.Errorf("%s: got %v, want %v with %q", request, err, tt.kind, tt.says)
	}
	if got := m.asked(request); got != attempts {
		t.Errorf("%s: %d attempts, want %d", request, got, attempts)
	}
}

// A misbehaviour is a row of TestMisbehaving.
type misbehaviour struct {
	name     string
	behave   func(http.ResponseWriter, *http.Request, int)
	kind     error         // nil: it succeeds at last
	attempts int           // of a GET
	waits    time.Duration // of the GET, in all
	says     string
	post     int // attempts of a POST that changes the Viewer; 0: as of a GET
}
