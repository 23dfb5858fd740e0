package transport_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestLimits_body holds that a message that is too long is refused, said to be or not.
func TestLimits_body(t *testing.T) {
	t.Parallel()
	inTime(t, func(t *testing.T, w *web) {
		const size = 64 << 20
		for _, path := range []string{"/mcp", newSSE(t, w, "2024-11-05").path} {
			for _, length := range []int64{size, -1} {
				r := newRequest(t.Context(), w, "POST", path, "")
				r.Body, r.ContentLength = io.NopCloser(io.LimitReader(blanks{}, size)), length
				response, err := w.client.Do(r)
				if err != nil {
					t.Fatalf("%s: %v", path, err)
				}
				if response.Body.Close(); response.StatusCode != http.StatusRequestEntityTooLarge {
					t.Errorf("%s with 64 MiB gave %s", path, response.Status)
				}
			}
		}
	})
}

type blanks struct{}

func (blanks) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// TestLimits_slow holds that a client that does not finish its request is not waited for.
func TestLimits_slow(t *testing.T) {
	t.Parallel()
	head := "POST /mcp HTTP/1.1\r\nHost: localhost\r\n"
	whole := head + "Authorization: Bearer " + testToken + "\r\nContent-Length: 100\r\n\r\n"
	for name, c := range map[string]struct {
		sent    string
		seconds time.Duration
		status  int
	}{
		"nothing":       {"", 10, 0},
		"half a header": {head + "Authorization: Bea", 10, 0},
		"half a body":   {whole + `{"jsonrpc":`, 30, http.StatusRequestTimeout},
		"no token":      {head + "Content-Length: 100\r\n\r\n", 30, http.StatusUnauthorized},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inTime(t, func(t *testing.T, w *web) {
				conn, err := w.dial(t.Context(), "tcp", "")
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				start := time.Now()
				go io.WriteString(conn, c.sent)
				in := bufio.NewReader(conn)
				response, err := http.ReadResponse(in, nil)
				if took := time.Since(start); took > c.seconds*time.Second+time.Second {
					t.Errorf("it took %v", took)
				}
				if err == nil && response.StatusCode != c.status {
					t.Errorf("the response is %s", response.Status)
				} else if err != nil && c.status != 0 {
					t.Errorf("no response: %v", err)
				}
				go io.Copy(io.Discard, in)
			})
		})
	}
}

// TestLimits_idle holds that a connection that nothing comes over is closed.
func TestLimits_idle(t *testing.T) {
	t.Parallel()
	inTime(t, func(t *testing.T, w *web) {
		conn, err := w.dial(t.Context(), "tcp", "")
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		go io.WriteString(conn, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
		start := time.Now()
		text, err := io.ReadAll(conn)
		if took := time.Since(start); err != nil || took != 2*time.Minute ||
			!strings.HasSuffix(string(text), "ok\n") {
			t.Errorf("after %v there came %q, %v", took, text, err)
		}
	})
}

// TestLimits_deafClient holds that a client that reads nothing is given up.
func TestLimits_deafClient(t *testing.T) {
	t.Parallel()
	inTime(t, func(t *testing.T, w *web) {
		conn, err := w.dial(t.Context(), "tcp", "")
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "GET /sse HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n", testToken)
		after(5 * 60)
		// A pipe holds nothing back: what the server wrote last is what it gave up on.
		if text, err := io.ReadAll(conn); err != nil || len(text) > 0 {
			t.Errorf("after five minutes there came %q, %v", text, err)
		}
	})
}

// TestLimits_calls holds that so many calls run at once, that others wait for a place, and that
// the rest is told to come back.
func TestLimits_calls(t *testing.T) {
	t.Parallel()
	const running, waiting = 32, 256
	inTime(t, func(t *testing.T, w *web) {
		c, many := newSession(t, w, "2025-11-25"), newSession(t, w, "2025-11-25")
		statuses := make(chan int, running+waiting+1)
		post := func(id int, tool string) {
			statuses <- many.post(t, t.Context(), callLine(fmt.Sprint(id), tool, "{}")).StatusCode
		}
		for i := range running + waiting {
			go post(i, "waits")
		}
		synctest.Wait()
		r := c.post(t, t.Context(), callLine("1", "echo", "{}"))
		if r.StatusCode != http.StatusTooManyRequests || r.Header.Get("Retry-After") != "1" {
			t.Errorf("one call too many gave %s", r.Status)
		}
		if r := c.post(t, t.Context(), `{"jsonrpc":"2.0","id":2,"method":"ping"}`); r.StatusCode != 200 {
			t.Errorf("a ping gave %s", r.Status)
		}
		many.cancel(t, "0") // one that runs, or one that waits
		after(11)           // those that wait give up
		refused := 0
		for len(statuses) > 0 {
			if s := <-statuses; s == http.StatusTooManyRequests {
				refused++
			}
		}
		if refused != waiting-1 && refused != waiting {
			t.Errorf("%d were told to come back, want %d", refused, waiting)
		}
		if n := w.cancelled(); refused == waiting-1 && n != 1 {
			t.Errorf("%d calls were cancelled", n)
		}
		w.do(t, t.Context(), "DELETE", "/mcp", "", "Mcp-Session-Id", many.id)
		synctest.Wait()
		if r := c.post(t, t.Context(), callLine("3", "echo", "{}")); r.StatusCode != 200 {
			t.Errorf("afterwards a call gave %s", r.Status)
		}
	})
}

// TestLimits_connections holds that so many connections are open at a time, and others closed.
func TestLimits_connections(t *testing.T) {
	t.Parallel()
	const most = 4_000
	inTime(t, func(t *testing.T, w *web) {
		dial := func() net.Conn {
			conn, err := w.dial(t.Context(), "tcp", "")
			if err != nil {
				t.Fatal(err)
			}
			return conn
		}
		isOpen := func(conn net.Conn) bool {
			_ = conn.SetReadDeadline(time.Now().Add(time.Second))
			_, err := conn.Read(make([]byte, 1))
			return errors.Is(err, os.ErrDeadlineExceeded)
		}
		var conns []net.Conn
		for range most {
			conns = append(conns, dial())
		}
		if !isOpen(conns[most-1]) || isOpen(dial()) {
			t.Errorf("connection %d is open: %t, and one more: %t", most, isOpen(conns[most-1]), isOpen(dial()))
		}
		for _, conn := range conns {
			conn.Close()
		}
		synctest.Wait()
		if r := w.do(t, t.Context(), "GET", "/healthz", ""); r.StatusCode != 200 {
			t.Errorf("afterwards it gives %s", r.Status)
		}
	})
}
