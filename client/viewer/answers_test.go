package viewer_test

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/viewer"
)

// A counting transport counts what it is given to send.
type counting struct {
	http.RoundTripper
	n int
}

func (c *counting) RoundTrip(r *http.Request) (*http.Response, error) {
	c.n++
	return c.RoundTripper.RoundTrip(r)
}

// TestUnreachable holds the policy against addresses where no HTTP answer comes from.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	plain := httptest.NewUnstartedServer(http.NotFoundHandler())
	plain.Config.ErrorLog = log.New(io.Discard, "", 0)
	plain.Start()
	t.Cleanup(plain.Close)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := listener.Addr().String()
	listener.Close()
	for _, tt := range []struct {
		name, url string
		attempts  int
		says      string
	}{
		{"nothing listens", "http://" + nobody, 4, "Nothing listens at http://127.0.0.1:"},
		{"no such name", "http://no-such-host.invalid", 1, "The name in http://no-such-host.invalid"},
		{"TLS on a plain port", strings.Replace(plain.URL, "http:", "https:", 1), 1,
			"http and not https or the other way round"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			sent := &counting{RoundTripper: &http.Transport{}}
			v := viewer.New(viewer.Options{BaseURL: tt.url, Transport: sent})
			_, err := v.Health(t.Context())
			if !errors.Is(err, client.ErrConnection) || !strings.Contains(err.Error(), tt.says) ||
				sent.n != tt.attempts {
				t.Errorf("%v after %d attempts, want %q after %d", err, sent.n, tt.says, tt.attempts)
			}
		})
	}
}

// TestKeepAlive uses a connection again that the server has closed meanwhile.
func TestKeepAlive(t *testing.T) {
	t.Parallel()
	m := &misbehaving{behave: func(w http.ResponseWriter, _ *http.Request, _ int) {
		io.WriteString(w, healthy)
	}, count: make(map[string]int)}
	server := httptest.NewServer(m)
	defer server.Close()
	v := viewer.New(viewer.Options{BaseURL: server.URL})
	for range 5 {
		if _, err := v.Health(t.Context()); err != nil {
			t.Fatal(err)
		}
		server.CloseClientConnections()
	}
	if n := m.asked("GET /api/health"); n < 5 {
		t.Errorf("asked %d times", n)
	}
}

// TestNaN reads what servers in Python write for NaN.
func TestNaN(t *testing.T) {
	t.Parallel()
	m := &misbehaving{count: make(map[string]int)}
	m.behave = func(w http.ResponseWriter, r *http.Request, _ int) {
		switch r.URL.Path {
		case "/api/config":
			io.WriteString(w, `{"storage":"/s"}`)
		case "/api/runs":
			io.WriteString(w, `[{"id":"NaN","run_dir":"/s/runs/a/NaN","created_time":1,"status":"finished",`+
				`"best_metric_value":NaN,"best_metric_name":"a \" NaN"},{"id":"b","run_dir":"/s/runs/a/b",`+
				`"created_time":Infinity,"status":"finished","best_metric_value":-Infinity,"best_metric_name":"n"}]`)
		}
	}
	server := httptest.NewServer(m)
	defer server.Close()
	c := client.New(viewer.New(viewer.Options{BaseURL: server.URL}))
	page, err := c.ListExperiments(t.Context(), client.ListOptions{})
	if err != nil || len(page.Experiments) != 2 {
		t.Fatalf("%d runs (%v)", len(page.Experiments), err)
	}
	got := fmt.Sprintf("%v %v %s %s", page.Experiments[0].Best.Value, page.Experiments[1].Best.Value,
		page.Experiments[1].ID, page.Experiments[1].Best.Name)
	if want := `-Inf NaN NaN a " NaN`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
