package viewer_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/viewer"
)

// A reply is what the fake Viewer does with one request. What an answer of HTTP comes to is in
// TestMisbehaving; here is what comes to no answer.
type reply struct {
	status int
	header string // "Name: value"
	body   string
	err    error
	cut    bool // the body breaks off
	stall  bool // the body stops and never ends
}

// fake answers /openapi.json as a Viewer 0.7 does, and everything else with its replies in
// turn, the last one for ever. It stands under the retry policy alone; what a Viewer answers is
// tested on real ones.
type fake struct {
	replies []reply
	asked   []time.Time
}

const openapi = `{"info":{"title":"Runicorn Viewer","version":"0.7.2"},` +
	`"paths":{"/api/runs":{},"/api/runs/move":{}}}`

func (f *fake) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Path == "/openapi.json" {
		return response(r, reply{status: 200, body: openapi}), nil
	}
	next := f.replies[min(len(f.asked), len(f.replies)-1)]
	f.asked = append(f.asked, time.Now())
	if next.err != nil {
		return nil, next.err
	}
	return response(r, next), nil
}

func response(r *http.Request, a reply) *http.Response {
	header := http.Header{"Content-Type": {"application/json"}}
	if name, value, ok := strings.Cut(a.header, ": "); ok {
		header.Set(name, value)
	}
	var body io.Reader = strings.NewReader(a.body)
	if a.cut {
		body = io.MultiReader(body, iotest.ErrReader(io.ErrUnexpectedEOF))
	}
	if a.stall {
		body = io.MultiReader(body, stalled{r.Context()})
	}
	return &http.Response{StatusCode: a.status, Header: header, Request: r, Body: io.NopCloser(body)}
}

type stalled struct{ ctx context.Context }

func (s stalled) Read([]byte) (int, error) {
	<-s.ctx.Done()
	return 0, s.ctx.Err()
}

const healthy = `{"status":"ok","storage":"/s","version":"0.7.2"}`

var refused = &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}

func TestRetry(t *testing.T) {
	t.Parallel()
	ok := reply{status: 200, body: healthy}
	tests := []struct {
		name     string
		replies  []reply
		kind     error // nil: it succeeds
		attempts int
		waited   time.Duration
		says     string
	}{
		{"at once", []reply{ok}, nil, 1, 0, ""},
		{"refused for ever", []reply{{err: refused}}, client.ErrConnection, 4, 3500 * time.Millisecond,
			"Nothing listens at http://viewer:1. Start `runicorn viewer`"},
		{"refused, then there", []reply{{err: refused}, ok}, nil, 2, 500 * time.Millisecond, ""},
		{"unknown name", []reply{{err: &net.DNSError{Name: "viewer"}}}, client.ErrConnection, 1, 0,
			"The name in http://viewer:1 is not known"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := &fake{replies: tt.replies}
				v := viewer.New(viewer.Options{BaseURL: "http://viewer:1/", Transport: f})
				start := time.Now()
				health, err := v.Health(t.Context())
				if tt.kind == nil && (err != nil || health.Status != "ok") {
					t.Errorf("got %+v, %v", health, err)
				}
				if tt.kind != nil && (!errors.Is(err, tt.kind) || !strings.Contains(err.Error(), tt.says)) {
					t.Errorf("got %v, want %v with %q", err, tt.kind, tt.says)
				}
				if len(f.asked) != tt.attempts {
					t.Errorf("%d attempts, want %d", len(f.asked), tt.attempts)
				}
				if waited := time.Since(start); waited != tt.waited {
					t.Errorf("waited %v, want %v", waited, tt.waited)
				}
			})
		})
	}
}

func TestRetry_deadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fake{replies: []reply{{status: 503, body: `{"detail":"warming up"}`}}}
		v := viewer.New(viewer.Options{BaseURL: "http://viewer:1", Transport: f})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := v.Health(ctx)
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "warming up") {
			t.Errorf("out of time gives %v, want the last answer in it", err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		f := &fake{replies: []reply{{status: 503, body: `{"detail":"warming up"}`}}}
		v := viewer.New(viewer.Options{BaseURL: "http://viewer:1", Transport: f})
		ctx, cancel := context.WithCancel(t.Context())
		defer time.AfterFunc(time.Second, cancel).Stop()
		_, err := v.Health(ctx)
		if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "warming up") ||
			len(f.asked) != 2 {
			t.Errorf("cancelled after %d attempts: %v, want the last answer in it", len(f.asked), err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		f := &fake{replies: []reply{{status: 429, header: "Retry-After: 3600"}}}
		v := viewer.New(viewer.Options{BaseURL: "http://viewer:1", Transport: f})
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Second)
		defer cancel()
		start := time.Now()
		_, err := v.Health(ctx)
		if !errors.Is(err, client.ErrServer) || len(f.asked) != 1 || time.Since(start) != 0 {
			t.Errorf("Retry-After beyond the deadline: %v after %d attempts", err, len(f.asked))
		}
	})
}

func TestRetry_options(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		none := 0
		f := &fake{replies: []reply{{status: 500}}}
		v := viewer.New(viewer.Options{BaseURL: "viewer:1", Transport: f, MaxRetries: &none})
		if _, err := v.Health(t.Context()); !errors.Is(err, client.ErrServer) || len(f.asked) != 1 {
			t.Errorf("without retries: %v after %d attempts", err, len(f.asked))
		}
	})
}

func TestRedirect(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the redirect to another host was followed")
	}))
	defer other.Close()
	for name, target := range map[string]string{"other host": other.URL, "itself": ""} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, target+r.URL.Path, http.StatusFound)
		}))
		_, err := viewer.New(viewer.Options{BaseURL: server.URL}).Health(t.Context())
		if !errors.Is(err, client.ErrConnection) || !strings.Contains(err.Error(), "redirects") {
			t.Errorf("a redirect to %s gives %v", name, err)
		}
		server.Close()
	}
}

func TestIdentify(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, body, contentType string
		status                  int
		says                    string
	}{
		{"another service", `{"info":{"title":"Something"}}`, "application/json", 200,
			"There is no Runicorn Viewer at"},
		{"a web page", `<html>`, "text/html", 200, "it answered with a web page"},
		{"no openapi", `{"detail":"Not Found"}`, "application/json", 404, "There is no Runicorn Viewer"},
		{"a Viewer without runs", `{"info":{"title":"Runicorn Viewer","version":"9"},"paths":{}}`,
			"application/json", 200, "it answered with what no Viewer says"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", tt.contentType)
				w.WriteHeader(tt.status)
				fmt.Fprint(w, tt.body)
			}))
			defer server.Close()
			v := viewer.New(viewer.Options{BaseURL: server.URL})
			for _, err := range []error{v.Present(t.Context()), health(t.Context(), v)} {
				if err == nil || !strings.Contains(err.Error(), tt.says) {
					t.Errorf("got %v, want %q", err, tt.says)
				}
			}
		})
	}
}

func health(ctx context.Context, v *viewer.Viewer) error {
	_, err := v.Health(ctx)
	return err
}

func TestDescribe_credentials(t *testing.T) {
	t.Parallel()
	var user, password string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ = r.BasicAuth()
		w.WriteHeader(http.StatusUnauthorized)
	}))
	defer server.Close()
	v := viewer.New(viewer.Options{
		BaseURL: strings.Replace(server.URL, "://", "://ann:s3cret@", 1) + "/"})
	err := health(t.Context(), v)
	if !errors.Is(err, client.ErrAuthentication) || user != "ann" || password != "s3cret" {
		t.Errorf("%v, user %q", err, user)
	}
	if d := v.Describe().String(); strings.Contains(d+err.Error(), "s3cret") || d != "Viewer "+server.URL {
		t.Errorf("%q or %q shows the password", d, err)
	}
}
