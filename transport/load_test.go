package transport_test

import (
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/transport"
)

// loadVariable asks TestLoad for more: 1,000 sessions, and 100 clients for 30 s.
const loadVariable = "RUNICORN_MCP_TEST_LOAD"

// A usage is what a process holds.
type usage struct {
	goroutines, descriptors int
	heap                    uint64 // bytes
}

func usageNow() usage {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	u := usage{goroutines: runtime.NumGoroutine(), heap: m.HeapAlloc}
	if entries, err := os.ReadDir("/proc/self/fd"); err == nil {
		u.descriptors = len(entries)
	}
	return u
}

func (u usage) String() string {
	return fmt.Sprintf("%d goroutines, %d descriptors, %d KiB of heap",
		u.goroutines, u.descriptors, u.heap>>10)
}

// TestLoad opens and abandons sessions, sends half requests, slow headers and long bodies, and
// calls from many clients at once, over real connections. Afterwards the server answers, and
// holds hardly more than before. It is serial: it counts what the process holds.
func TestLoad(t *testing.T) {
	sessions, rounds, lasting := 200, 1, time.Duration(0)
	if os.Getenv(loadVariable) != "" {
		sessions, rounds, lasting = 1_000, 10, 30*time.Second
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var dialer net.Dialer
	w := serveOn(t, ln, dialer.DialContext, transport.NetworkOptions{Token: testToken})
	checkAnswers(t, w)
	w.client.CloseIdleConnections()
	before, made := usageNow(), 0
	t.Run("use", func(t *testing.T) { // what it holds is let go of with it
		for range rounds {
			abuse(t, w)
		}
		for i := range sessions {
			abandon(t, w, i%10 == 0)
		}
		start := time.Now()
		clients := make(chan struct{}, 100)
		var calls sync.WaitGroup
		for made = 0; made < 2_000 || time.Since(start) < lasting; made++ {
			clients <- struct{}{}
			calls.Go(func() {
				checkAnswers(t, w)
				<-clients
			})
		}
		calls.Wait()
	})
	w.log.reset()
	checkAnswers(t, w)
	after := usageNow()
	for tries := 0; after.goroutines > before.goroutines+10 ||
		after.descriptors > before.descriptors+10; tries++ {
		if tries == 6_000 { // a minute, where ten seconds are due
			buffer := make([]byte, 1<<20)
			t.Fatalf("before %v, afterwards %v\n%s", before, after, buffer[:runtime.Stack(buffer, true)])
		}
		<-time.After(10 * time.Millisecond)
		w.client.CloseIdleConnections()
		after = usageNow()
	}
	t.Logf("before: %v; after %d sessions and %d calls: %v", before, sessions, made, after)
}

// checkAnswers makes a call of 2026-07-28.
func checkAnswers(t *testing.T, w *web) {
	c := &stateless{w: w, mail: newMail()}
	response := c.post(t, t.Context(), "tools/call", "echo", withToken("1", "echo", `{"a":1}`, modernMeta))
	defer response.Body.Close()
	if text, err := io.ReadAll(response.Body); err != nil || !strings.Contains(string(text), `{\"a\":1}`) {
		t.Errorf("a call gave %s, %s, %v", response.Status, text, err)
	}
}

// abandon begins a session, has it listen and perhaps make a call without end, and goes away.
func abandon(t *testing.T, w *web, calling bool) {
	t.Helper()
	c := newSession(t, w, "2025-11-25")
	raw(t, w, "GET /mcp HTTP/1.1\r\nMcp-Session-Id: "+c.id+"\r\n\r\n")
	raw(t, w, "GET /sse HTTP/1.1\r\n\r\n")
	if calling {
		raw(t, w, post("/mcp", "Mcp-Session-Id: "+c.id+"\r\n", withToken("1", "waits", "{}", "")))
	}
}

// abuse is what no client should do.
func abuse(t *testing.T, w *web) {
	t.Helper()
	for _, r := range []string{"", "POST /m", "POST /mcp HTTP/1.1\r\nX: ",
		"POST /mcp HTTP/1.1\r\nContent-Length: 1000\r\n\r\n{",
		"POST /mcp HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n{"} {
		for range 10 {
			raw(t, w, r)
		}
	}
}

// raw sends the beginning of a request, waits for the server to have something to say to a whole
// one, and goes away.
func raw(t *testing.T, w *web, request string) {
	t.Helper()
	conn, err := w.dial(t.Context(), "tcp", strings.TrimPrefix(w.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	line, rest, whole := strings.Cut(request, "\r\n")
	if whole {
		line += "\r\nHost: localhost\r\nAuthorization: Bearer " + testToken + "\r\n"
	}
	if _, err := io.WriteString(conn, line+rest); err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(request, "GET") || strings.Contains(request, "waits") {
		if _, err := conn.Read(make([]byte, 1)); err != nil {
			t.Errorf("%q gave %v", request, err)
		}
	}
}

func post(path, headers, body string) string {
	return fmt.Sprintf("POST %s HTTP/1.1\r\n%sContent-Type: application/json\r\nAccept: application/json,"+
		"text/event-stream\r\nContent-Length: %d\r\n\r\n%s", path, headers, len(body), body)
}
