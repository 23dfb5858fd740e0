package transport_test

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/internal/testkit"
	"github.com/runicorn-mcp/runicorn-mcp/tools"
	"github.com/runicorn-mcp/runicorn-mcp/transport"
)

const testToken = "a token of the tests"

// A safeBuffer is a log that many write.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func (b *safeBuffer) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.b = bytes.Buffer{}
}

// A web is a server of testTools over HTTP, and the way to it.
type web struct {
	client *http.Client
	dial   func(context.Context, string, string) (net.Conn, error)
	url    string
	log    *safeBuffer
	stop   context.CancelFunc
	served chan error
}

// inTime runs a test with a server in a network and a time of its own. Whatever still runs when
// the test is over fails it.
func inTime(t *testing.T, test func(t *testing.T, w *web)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ln := testkit.NewPipe()
		test(t, serveOn(t, ln, ln.Dial, transport.NetworkOptions{Token: testToken}))
	})
}

func serveOn(
	t *testing.T, ln net.Listener, dial func(context.Context, string, string) (net.Conn, error),
	opts transport.NetworkOptions,
) *web {
	t.Helper()
	return serveThis(t, ln, dial, opts, func(log *slog.Logger) *transport.Server {
		return transport.NewServer(transport.Options{Name: "test", Version: "1",
			Instructions: "Test tools.", Tools: testTools(), Env: &tools.Env{},
			CallTimeout: 10 * time.Minute, Logger: log})
	})
}

func serveThis(
	t *testing.T, ln net.Listener, dial func(context.Context, string, string) (net.Conn, error),
	opts transport.NetworkOptions, newServer func(*slog.Logger) *transport.Server,
) *web {
	t.Helper()
	opts.HTTP, opts.SSE = true, true
	w := &web{dial: dial, url: "http://" + ln.Addr().String(), log: new(safeBuffer),
		served: make(chan error, 1), client: &http.Client{Transport: &http.Transport{DialContext: dial}}}
	var ctx context.Context
	ctx, w.stop = context.WithCancel(context.Background())
	server := newServer(slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	go func() { w.served <- server.ServeNetwork(ctx, ln, opts) }()
	t.Cleanup(func() {
		w.client.CloseIdleConnections()
		w.stop()
		if err := <-w.served; err != nil {
			t.Errorf("ServeNetwork: %v", err)
		}
		w.client.CloseIdleConnections()
	})
	return w
}

// do sends a request with the token; headers come in pairs and override.
func (w *web) do(
	t *testing.T, ctx context.Context, method, path, body string, headers ...string,
) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, method, w.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+testToken)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json, text/event-stream")
	for i := 0; i < len(headers); i += 2 {
		if r.Header.Set(headers[i], headers[i+1]); headers[i] == "Host" {
			r.Host = headers[i+1]
		}
	}
	response, err := w.client.Do(r)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	t.Cleanup(func() { response.Body.Close() })
	return response
}
