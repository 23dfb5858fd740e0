package interop

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/internal/realtest"
)

// TestBrowser has pages in a real browser try to read from and to call a server: one of another
// origin, one whose name was made to point at the server (DNS rebinding), and, so that the tries
// are worth something, one that is allowed.
func TestBrowser(t *testing.T) {
	t.Parallel()
	browser := realtest.Chromium(t)
	for name, c := range map[string]struct {
		flags   []string // ORIGIN stands for that of the page
		host    string   // of the page
		rebound bool     // what the page asks of its own origin goes to the server
		reads   bool     // the page may call, with the token
	}{
		"foreign":                {host: "127.0.0.1"},
		"foreign, no token":      {host: "127.0.0.1", flags: []string{"--insecure-no-token"}},
		"foreign name, no token": {host: "evil.example", flags: []string{"--insecure-no-token"}},
		"rebound":                {host: "evil.example", rebound: true},
		"rebound, no token":      {host: "evil.example", rebound: true, flags: []string{"--insecure-no-token"}},
		"allowed":                {host: "app.example", flags: []string{"--allow-origin", "ORIGIN"}, reads: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			site := newSite(t)
			origin := "http://" + c.host + ":" + site.port
			args := append(serverArgs(t), "--transport", "http,sse", "--addr", "127.0.0.1:0")
			for _, flag := range c.flags {
				args = append(args, strings.ReplaceAll(flag, "ORIGIN", origin))
			}
			cmd := exec.Command(program, args...)
			server := startServed(t, cmd)
			page := url.Values{"base": {server.base}}
			if c.rebound {
				site.rebind(t, server.base)
				page.Set("base", "")
			}
			if c.reads {
				page.Set("token", server.token)
			}
			tried := site.open(t, browser, origin+"/page.html#"+page.Encode())
			if len(tried) != 8 {
				t.Errorf("the page tried %q", tried)
			}
			for what, got := range tried {
				could := strings.Contains(got, "result") || strings.Contains(got, "endpoint") ||
					strings.Contains(got, "ok\n")
				may := c.reads && (what == "call" || what == "health")
				if could != may {
					t.Errorf("%s: the page got %q", what, got)
				}
			}
			if refused := strings.Contains(server.log(), "status=403"); refused == c.reads {
				t.Errorf("refused by its origin or name: %t:\n%s", refused, server.log())
			}
			if calls := strings.Count(server.log(), "tool=list_projects"); calls != map[bool]int{true: 1}[c.reads] {
				t.Errorf("%d calls were made:\n%s", calls, server.log())
			}
		})
	}
}

// A site is a web server with the page.
type site struct {
	port  string
	tried chan map[string]string
	other http.Handler // what else is asked of it
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{tried: make(chan map[string]string, 1), other: http.NotFoundHandler()}
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/page.html":
			http.ServeFile(w, r, "testdata/page.html")
		case "/tried":
			text, _ := io.ReadAll(r.Body)
			tried := make(map[string]string)
			if json.Unmarshal(text, &tried) == nil {
				s.tried <- tried
			}
		default:
			s.other.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(web.Close)
	_, s.port, _ = net.SplitHostPort(web.Listener.Addr().String())
	return s
}

// rebind has the server answer in the site's name, as if that name pointed at it by now: the
// requests are those that the browser makes, headers and all.
func (s *site) rebind(t *testing.T, base string) {
	t.Helper()
	target, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	s.other = &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Host = r.In.Host
	}}
}

// open opens a page of the site and returns what it tells.
func (s *site) open(t *testing.T, browser, page string) map[string]string {
	t.Helper()
	profile, err := os.MkdirTemp("", "runicorn-mcp-browser-")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), browser, "--headless", "--no-sandbox", "--disable-gpu",
		"--disable-dev-shm-usage", "--no-first-run", "--user-data-dir="+profile,
		"--host-resolver-rules=MAP *.example 127.0.0.1", page)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	defer func() {
		_ = cmd.Process.Signal(os.Interrupt) // so that it ends what it has started, too
		<-ended
		_ = os.RemoveAll(profile)
	}()
	select {
	case tried := <-s.tried:
		return tried
	case err := <-ended:
		ended <- err
		t.Fatalf("the browser ended with %v", err)
		return nil
	}
}
