package transport_test

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/runicorn-mcp/runicorn-mcp/internal/testkit"
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
				ln := testkit.NewPipe()
				w := serveOn(t, ln, ln.Dial, transport.NetworkOptions{Token: testToken,
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
	ln := testkit.NewPipe()
	ln.Address = &net.TCPAddr{IP: net.IPv4zero, Port: 80}
	err := newServer(io.Discard).ServeNetwork(t.Context(), ln, transport.NetworkOptions{HTTP: true})
	if err == nil || !strings.Contains(err.Error(), "loopback") {
		t.Errorf("every address without a token gave %v", err)
	}
	if _, err := ln.Accept(); err == nil {
		t.Error("it listens")
	}
	synctest.Test(t, func(t *testing.T) {
		ln := testkit.NewPipe()
		w := serveOn(t, ln, ln.Dial, transport.NetworkOptions{})
		r := w.do(t, t.Context(), "GET", "/sse", "", "Authorization", "")
		if r.StatusCode != 200 {
			t.Errorf("loopback without a token gave %s", r.Status)
		}
	})
	bad := transport.NetworkOptions{HTTP: true, Token: testToken, Origins: []string{"*"}}
	if err := newServer(io.Discard).ServeNetwork(t.Context(), testkit.NewPipe(), bad); err == nil {
		t.Error("every origin was taken")
	}
}
