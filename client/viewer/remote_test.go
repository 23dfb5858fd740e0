package viewer_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/viewer"
)

// A controlled Viewer answers what a test says, and remembers what it was asked.
type controlled struct {
	*httptest.Server
	mu     sync.Mutex
	asked  []string                    // "POST /api/remote/connect {…}", without /openapi.json
	answer map[string]http.HandlerFunc // by path below /api/remote/
}

func newControlled(t *testing.T, version string) *controlled {
	t.Helper()
	paths := map[string]any{"/api/runs": 1}
	for path, since := range map[string]string{"/api/remote/viewer/start": "0.5", "/api/paths": "0.6",
		"/api/runs/move": "0.7"} {
		if version >= since {
			paths[path] = 1
		}
	}
	c := &controlled{answer: map[string]http.HandlerFunc{
		"sessions":         says(`{"sessions":[]}`),
		"viewer/sessions":  says(`{"sessions":[]}`),
		"known-hosts/list": says(`{"entries":[]}`),
	}}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path == "/openapi.json" {
			json.NewEncoder(w).Encode(map[string]any{"info": map[string]string{"title": "Runicorn Viewer"},
				"paths": paths})
			return
		}
		body, _ := io.ReadAll(r.Body)
		c.mu.Lock()
		c.asked = append(c.asked, strings.TrimSpace(r.Method+" "+r.URL.Path+" "+string(body)))
		answer := c.answer[strings.TrimPrefix(r.URL.Path, "/api/remote/")]
		c.mu.Unlock()
		if answer == nil {
			fails(404, `"Not Found"`)(w, r)
			return
		}
		answer(w, r)
	}))
	t.Cleanup(c.Close)
	return c
}

func says(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, text) }
}

func fails(status int, detail string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"detail":%s}`, detail)
	}
}

func (c *controlled) on(path string, answer http.HandlerFunc) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answer[path] = answer
}

// posts are the bodies of the POSTs to a path.
func (c *controlled) posts(path string) (bodies []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, a := range c.asked {
		if body, ok := strings.CutPrefix(a, "POST /api/remote/"+path+" "); ok {
			bodies = append(bodies, body)
		}
	}
	return bodies
}

func (c *controlled) remote(opts viewer.RemoteOptions) *client.Remote {
	return client.New(viewer.New(viewer.Options{BaseURL: c.URL, Remote: opts})).Remote
}

const connected = `{"ok":true,"connection_id":"me@h:22","host":"h","port":22,"username":"me","connected":true}`

// TestRemote_arguments sends nothing at all of what cannot be right (acceptance 10).
func TestRemote_arguments(t *testing.T) {
	t.Parallel()
	c := newControlled(t, "0.6")
	remote := c.remote(viewer.RemoteOptions{})
	for _, host := range []string{"", "-oProxyCommand=x", "a b", "u@h", "h\n", "h;x", "$(x)", "h'", "a\u200bb"} {
		_, err := remote.Connect(t.Context(), host, client.ConnectOptions{Username: "me"})
		checkRefused(t, "host "+host, err)
		if host != "u@h" {
			_, err = remote.Disconnect(t.Context(), host)
			checkRefused(t, "disconnect "+host, err)
		}
	}
	for _, user := range []string{"", "-oX", "a b", "a@b", "a:b", "a\x00"} {
		_, err := remote.Connect(t.Context(), "h", client.ConnectOptions{Username: user})
		checkRefused(t, "user "+user, err)
	}
	for _, port := range []int{-1, 65536} {
		_, err := remote.Connect(t.Context(), "h", client.ConnectOptions{Username: "me", Port: port})
		checkRefused(t, "port", err)
		_, err = remote.StartViewer(t.Context(), "h", "/r", port, 0)
		checkRefused(t, "local_port", err)
		_, err = remote.StartViewer(t.Context(), "h", "/r", 0, port)
		checkRefused(t, "remote_port", err)
	}
	for _, root := range []string{"", "~/x", "x", "./x", "/a'b", "/a\"b", "/a\nb", "/a`b", "/a$b", `/a\b`, "/a ", "/\u202ea"} {
		_, err := remote.StartViewer(t.Context(), "h", root, 0, 0)
		checkRefused(t, "root "+root, err)
	}
	for _, id := range []string{"-x", "u@-x:22", "-u@h:22", "u@h:x", "u@h"} {
		_, err := remote.StartViewer(t.Context(), id, "/r", 0, 0)
		checkRefused(t, "connection "+id, err)
	}
	if len(c.asked) > 0 {
		t.Errorf("the Viewer was asked %q", c.asked)
	}
}

func checkRefused(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, client.ErrBadRequest) {
		t.Errorf("%q: %v", what, err)
	}
}

// TestRemote_tooOld asks a Viewer 0.4 for nothing (acceptance 20).
func TestRemote_tooOld(t *testing.T) {
	t.Parallel()
	c := newControlled(t, "0.4")
	remote := c.remote(viewer.RemoteOptions{})
	_, err := remote.Connect(t.Context(), "h", client.ConnectOptions{Username: "me"})
	if !errors.Is(err, client.ErrBadRequest) || !strings.Contains(err.Error(), "needs Viewer 0.5 or newer") {
		t.Errorf("connect: %v", err)
	}
	if _, err := remote.ListSessions(t.Context()); err == nil {
		t.Error("list_sessions: no error")
	}
	if len(c.asked) > 0 {
		t.Errorf("the Viewer was asked %q", c.asked)
	}
}

// TestRemote_credentials sends what each generation can use, and says early what it cannot.
func TestRemote_credentials(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		version string
		opts    client.ConnectOptions
		want    string // the body, but for host, port and user; "" refused
	}{
		{"0.5", client.ConnectOptions{PrivateKeyPath: "/k"}, `"private_key_path":"/k"`},
		{"0.6", client.ConnectOptions{PrivateKeyPath: "/k"}, `"password":"RANDOM","private_key_path":"/k"`},
		{"0.6", client.ConnectOptions{PrivateKeyPath: "/k", Passphrase: "p"},
			`"passphrase":"p","password":"RANDOM","private_key_path":"/k"`},
		{"0.6", client.ConnectOptions{PrivateKeyPath: "/k", Password: "p"}, `"password":"p","private_key_path":"/k"`},
		{"0.6", client.ConnectOptions{}, ""},
		{"0.7", client.ConnectOptions{PrivateKeyPath: "/k"}, `"private_key_path":"/k"`},
		{"0.7", client.ConnectOptions{PrivateKeyPath: "/k", Passphrase: "p"}, "refused"},
	} {
		v := newControlled(t, c.version)
		v.on("connect", says(connected))
		v.on("config", says(`{"ok":true}`))
		c.opts.Username = "me"
		_, err := v.remote(viewer.RemoteOptions{Known: func(string) bool { return true }}).
			Connect(t.Context(), "h", c.opts)
		got := v.posts("connect")
		if c.want == "refused" {
			if !errors.Is(err, client.ErrBadRequest) || len(got) > 0 {
				t.Errorf("%s %+v: %v, %q", c.version, c.opts, err, got)
			}
			continue
		}
		if err != nil || len(got) != 1 {
			t.Fatalf("%s %+v: %v, %q", c.version, c.opts, err, got)
		}
		var body map[string]any
		json.Unmarshal([]byte(got[0]), &body)
		if p, _ := body["password"].(string); len(p) > 20 {
			body["password"] = "RANDOM"
		}
		for _, key := range []string{"host", "port", "username"} {
			delete(body, key)
		}
		if text, _ := json.Marshal(body); string(text) != "{"+c.want+"}" {
			t.Errorf("%s %+v: sent %s, want {%s}", c.version, c.opts, text, c.want)
		}
	}
}

// TestRemote_neverReached finds out a host that 0.7 calls connected.
func TestRemote_neverReached(t *testing.T) {
	t.Parallel()
	c := newControlled(t, "0.7")
	c.on("connect", says(connected))
	c.on("config", fails(500, `"Python3 not found on remote server"`))
	c.on("disconnect", says(`{"ok":true}`))
	_, err := c.remote(viewer.RemoteOptions{}).Connect(t.Context(), "h", client.ConnectOptions{Username: "me"})
	if !errors.Is(err, client.ErrConnection) || len(c.posts("disconnect")) != 1 {
		t.Errorf("%v, disconnected %q", err, c.posts("disconnect"))
	}
}

// TestRemote_hosts connects only to the hosts that are allowed.
func TestRemote_hosts(t *testing.T) {
	t.Parallel()
	c := newControlled(t, "0.6")
	c.on("connect", says(connected))
	remote := c.remote(viewer.RemoteOptions{Hosts: []string{"h", "g:2222"}})
	for _, at := range []struct {
		host string
		port int
		ok   bool
	}{{"h", 22, true}, {"g", 2222, true}, {"g", 22, false}, {"hh", 22, false}} {
		_, err := remote.Connect(t.Context(), at.host, client.ConnectOptions{Username: "me", Port: at.port})
		if (err == nil) != at.ok {
			t.Errorf("%+v: %v", at, err)
		}
	}
	if n := len(c.posts("connect")); n != 2 {
		t.Errorf("%d were sent", n)
	}
}

// TestRemote_secrets keeps a secret out of an error, however the Viewer writes it.
func TestRemote_secrets(t *testing.T) {
	t.Parallel()
	const secret = `S3c"ret &é`
	quoted, _ := json.Marshal(secret)
	twice, _ := json.Marshal("bad: " + string(quoted))
	for _, detail := range []string{string(quoted), string(twice), `"x S3c%22ret+%26%C3%A9 x"`,
		`"x S3c%22ret%20&%C3%A9 x"`, `"Permission denied ` + `S3c\"ret &é"`,
		`"` + strings.Repeat("x", 292) + `S3c\"ret &é"`} {
		for _, opts := range []client.ConnectOptions{{Password: secret}, {Passphrase: secret}} {
			c := newControlled(t, "0.6")
			c.on("connect", fails(500, detail))
			opts.Username = "me"
			_, err := c.remote(viewer.RemoteOptions{}).Connect(t.Context(), "h", opts)
			if err == nil || len(c.posts("connect")) != 1 {
				t.Fatalf("%v after %q", err, c.asked)
			}
			for cause := err; cause != nil; cause = errors.Unwrap(cause) {
				if strings.Contains(cause.Error(), "S3c") {
					t.Errorf("%s: %v", detail, cause)
				}
			}
		}
	}
}
