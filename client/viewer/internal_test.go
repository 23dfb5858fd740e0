package viewer

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// TestDo_remote sends what controls other machines once, whatever comes back.
func TestDo_remote(t *testing.T) {
	t.Parallel()
	answers := map[string]http.HandlerFunc{
		"500": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) },
		"503": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) },
		"429": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(429)
		},
		"reset":    func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"cut body": func(w http.ResponseWriter, _ *http.Request) { cutOffAnswer(w) },
	}
	for name, answer := range answers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var posts, gets atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPost {
					posts.Add(1)
				} else {
					gets.Add(1)
				}
				answer(w, r)
			}))
			defer server.Close()
			one := 1
			v := New(Options{BaseURL: server.URL, MaxRetries: &one})
			for _, path := range []string{"/api/remote/connect", "/api/remote/viewer/start"} {
				err := v.do(t.Context(), request{method: http.MethodPost, path: path, body: struct{}{},
					read: func(r io.Reader) error { _, err := io.ReadAll(r); return err }})
				if err == nil {
					t.Errorf("%s: no error", path)
				}
			}
			if posts.Load() != 2 {
				t.Errorf("2 requests were sent %d times", posts.Load())
			}
			err := v.do(t.Context(), request{path: "/api/remote/sessions",
				read: func(r io.Reader) error { _, err := io.ReadAll(r); return err }})
			if err == nil || gets.Load() != 1 {
				t.Errorf("a list is asked for %d times (%v), want 1", gets.Load(), err)
			}
		})
	}
}

// cutOffAnswer sends half an answer and closes the connection.
func cutOffAnswer(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", "100")
	io.WriteString(w, `{"half":`)
	w.(http.Flusher).Flush()
	panic(http.ErrAbortHandler)
}

// TestDo_sizeGuard ends an answer that is larger than any can be, once.
func TestDo_sizeGuard(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.Header().Set("Content-Type", "application/json")
		for range 100 {
			if _, err := io.WriteString(w, `[`+strings.Repeat(" ", 1000)); err != nil {
				return
			}
		}
	}))
	defer server.Close()
	v := New(Options{BaseURL: server.URL})
	v.maxBody = 50_000
	err := v.getJSON(t.Context(), "/api/runs", nil, new([]row))
	if !errors.Is(err, client.ErrServer) || !strings.Contains(err.Error(), "larger than") ||
		asked.Load() != 1 {
		t.Errorf("%v after %d attempts", err, asked.Load())
	}
}
