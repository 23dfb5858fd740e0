package transport_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/transport"
)

// TestGuard asks each endpoint in every way that is to be refused, and in some that are not.
func TestGuard(t *testing.T) {
	t.Parallel()
	const page = "https://app.example.org"
	none := ""
	for _, c := range []struct {
		name, method, path string
		headers            []string // in pairs; on top of a token
		status             int
		header, want       string // of the response
	}{
		{"fine", "GET", "/sse", nil, 200, "Content-Type", "text/event-stream"},
		{"health needs no token", "GET", "/healthz", []string{"Authorization", none}, 200, "", ""},
		{"no path", "GET", "/other", []string{"Authorization", none}, 404, "", ""},
		{"no token", "POST", "/mcp", []string{"Authorization", none}, 401,
			"WWW-Authenticate", `Bearer realm="runicorn-mcp"`},
		{"no token, SSE", "GET", "/sse", []string{"Authorization", none}, 401,
			"WWW-Authenticate", `Bearer realm="runicorn-mcp"`},
		{"no token, message", "POST", "/message?sessionId=x", []string{"Authorization", none}, 401,
			"WWW-Authenticate", `Bearer realm="runicorn-mcp"`},
		{"token in the address", "GET", "/sse?token=" + "a+token+of+the+tests",
			[]string{"Authorization", none}, 401, "", ""},
		{"wrong token", "POST", "/mcp", []string{"Authorization", "Bearer " + testToken + "x"}, 401,
			"WWW-Authenticate", `Bearer realm="runicorn-mcp", error="invalid_token"`},
		{"part of the token", "POST", "/mcp", []string{"Authorization", "Bearer a token"}, 401, "", ""},
		{"another scheme", "POST", "/mcp", []string{"Authorization", "Basic " + testToken}, 401, "", ""},
		{"the scheme in small letters", "GET", "/sse", []string{"Authorization", "bearer " + testToken},
			200, "", ""},
		{"rebound name", "GET", "/sse", []string{"Host", "evil.example:80"}, 403, "", ""},
		{"rebound name, same origin", "POST", "/mcp", []string{"Host", "evil.example",
			"Origin", "http://evil.example", "Sec-Fetch-Site", "same-origin"}, 403, "", ""},
		{"rebound name, health", "GET", "/healthz", []string{"Host", "localhost.evil.example"}, 403, "", ""},
		{"rebound like an address", "GET", "/sse", []string{"Host", "127.0.0.1.evil.example"}, 403, "", ""},
		{"localhost", "GET", "/sse", []string{"Host", "LOCALHOST:23380"}, 200, "", ""},
		{"IPv6", "GET", "/sse", []string{"Host", "[::1]:23380"}, 200, "", ""},
		{"a name that was given", "GET", "/sse", []string{"Host", "mcp.example.org"}, 200, "", ""},
		{"foreign page", "POST", "/mcp", []string{"Origin", "https://evil.example"}, 403,
			"Access-Control-Allow-Origin", ""},
		{"foreign page reads", "GET", "/sse", []string{"Origin", "https://evil.example"}, 403, "", ""},
		{"foreign page without a name", "GET", "/sse", []string{"Origin", "null"}, 403, "", ""},
		{"page of another port", "GET", "/sse", []string{"Origin", "http://127.0.0.1:3000",
			"Sec-Fetch-Site", "same-site"}, 403, "", ""},
		{"foreign page, hidden", "GET", "/sse", []string{"Sec-Fetch-Site", "cross-site"}, 403, "", ""},
		{"foreign preflight", "OPTIONS", "/mcp", []string{"Origin", "https://evil.example",
			"Access-Control-Request-Method", "POST", "Authorization", none}, 403,
			"Access-Control-Allow-Origin", ""},
		{"allowed page", "GET", "/sse", []string{"Origin", page, "Sec-Fetch-Site", "cross-site"}, 200,
			"Access-Control-Allow-Origin", page},
		{"allowed page without token", "GET", "/sse", []string{"Origin", page, "Authorization", none}, 401,
			"Access-Control-Allow-Origin", page},
		{"allowed preflight", "OPTIONS", "/mcp", []string{"Origin", page,
			"Access-Control-Request-Method", "POST", "Authorization", none}, 204,
			"Access-Control-Allow-Methods", "GET, POST, DELETE"},
		{"allowed page of another scheme", "GET", "/sse", []string{"Origin", "http://app.example.org"},
			403, "", ""},
		{"no session", "GET", "/mcp", nil, 400, "", ""},
		{"unknown session", "GET", "/mcp", []string{"Mcp-Session-Id", "mcp-session-" +
			"3f1d6a52-6a8e-4b59-9a0a-0d7d3f6f7a11"}, 404, "", ""},
		{"unknown session ends", "DELETE", "/mcp", []string{"Mcp-Session-Id", "x"}, 404, "", ""},
		{"unknown SSE session", "POST", "/message?sessionId=x", nil, 404, "", ""},
		{"method", "PUT", "/mcp", nil, 405, "Allow", "GET, POST, DELETE"},
		{"method of SSE", "POST", "/sse", nil, 405, "Allow", "GET"},
		{"method of messages", "GET", "/message", nil, 405, "Allow", "POST"},
		{"no sessions in 2026-07-28", "GET", "/mcp", []string{"Mcp-Protocol-Version", "2026-07-28"}, 405,
			"Allow", "POST"},
		{"no revision", "POST", "/mcp", []string{"Mcp-Protocol-Version", "1999-01-01"}, 404, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ln := newPipeListener()
				w := serveOn(t, ln, ln.dial, transport.NetworkOptions{Token: testToken,
					Origins: []string{page}, Hosts: []string{"mcp.example.org"}})
				body := callLine("1", "echo", "{}")
				headers := c.headers
				if c.name == "no revision" {
					headers = append(headers, "Mcp-Session-Id", "x")
				}
				r := w.do(t, t.Context(), c.method, c.path, body, headers...)
				if r.StatusCode != c.status {
					t.Errorf("status %s, want %d", r.Status, c.status)
				}
				if got := r.Header.Get(c.header); c.header != "" && got != c.want {
					t.Errorf("%s is %q, want %q", c.header, got, c.want)
				}
				if strings.Contains(w.log.String(), testToken) {
					t.Errorf("the log has the token:\n%s", w.log)
				}
				if refused := strings.Contains(w.log.String(), fmt.Sprintf("status=%d", c.status)); refused !=
					(c.status == 401 || c.status == 403) {
					t.Errorf("the log, after %s:\n%s", r.Status, w.log)
				}
			})
		})
	}
}

// TestServeNetwork_needsToken holds that nothing but a loopback address is served without one.
func TestServeNetwork_needsToken(t *testing.T) {
	t.Parallel()
	ln := newPipeListener()
	ln.addr = &net.TCPAddr{IP: net.IPv4zero, Port: 80}
	err := newServer(io.Discard).ServeNetwork(t.Context(), ln, transport.NetworkOptions{HTTP: true})
	if err == nil || !strings.Contains(err.Error(), "loopback") {
		t.Errorf("every address without a token gave %v", err)
	}
	if _, err := ln.Accept(); err == nil {
		t.Error("it listens")
	}
	synctest.Test(t, func(t *testing.T) {
		ln := newPipeListener()
		w := serveOn(t, ln, ln.dial, transport.NetworkOptions{})
		r := w.do(t, t.Context(), "GET", "/sse", "", "Authorization", "")
		if r.StatusCode != 200 {
			t.Errorf("loopback without a token gave %s", r.Status)
		}
	})
	bad := transport.NetworkOptions{HTTP: true, Token: testToken, Origins: []string{"*"}}
	if err := newServer(io.Discard).ServeNetwork(t.Context(), newPipeListener(), bad); err == nil {
		t.Error("every origin was taken")
	}
}

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
