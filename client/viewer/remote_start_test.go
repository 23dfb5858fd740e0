package viewer_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/viewer"
)

// TestRemote_ambiguous names the connections that a host could mean (acceptance 18).
func TestRemote_ambiguous(t *testing.T) {
	t.Parallel()
	c := newControlled(t, "0.6")
	c.on("sessions", says(`{"sessions":[
		{"key":"a@h:22","host":"h","port":22,"username":"a","connected":true},
		{"key":"b@h:22","host":"h","port":22,"username":"b","connected":true}]}`))
	remote := c.remote(viewer.RemoteOptions{})
	_, start := remote.StartViewer(t.Context(), "h", "/r", 0, 0)
	_, disconnect := remote.Disconnect(t.Context(), "h")
	for _, err := range []error{start, disconnect} {
		if !errors.Is(err, client.ErrBadRequest) || !strings.Contains(err.Error(), "a@h:22, b@h:22") {
			t.Error(err)
		}
	}
	for _, a := range c.asked {
		if strings.HasPrefix(a, "POST") {
			t.Errorf("the Viewer was asked %q", a)
		}
	}
}

// live is a connection that 0.6 has, with a folder there.
func live(t *testing.T) *controlled {
	c := newControlled(t, "0.6")
	c.on("sessions", says(`{"sessions":[{"key":"me@h:22","host":"h","port":22,"username":"me","connected":true}]}`))
	c.on("fs/exists", says(`{"exists":true,"is_dir":true}`))
	return c
}

func sessionRow(port int) string {
	return fmt.Sprintf(`{"sessionId":"abc","host":"127.0.0.1","sshPort":22,"username":"me","localPort":%d,
		"remotePort":8080,"remoteRoot":"/r","remotePid":7,"startedAt":%d}`, port, time.Now().UnixMilli())
}

// tunnel is the near end of one, with a Viewer of the store /r behind it.
func tunnel(t *testing.T) (port int) {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path != "/api/health" {
			fails(404, `"Not Found"`)(w, r)
			return
		}
		io.WriteString(w, `{"status":"ok","storage":"/r"}`)
	}))
	t.Cleanup(s.Close)
	return s.Listener.Addr().(*net.TCPAddr).Port
}

// TestStart_lost reports an outcome that is not known, asks once, and knows the session as its
// own when it shows itself (acceptance 12).
func TestStart_lost(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{
		"lost":    func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"cut off": func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"ok":tr`) },
	} {
		c := live(t)
		c.on("viewer/start", answer)
		state := filepath.Join(t.TempDir(), "s", "state.json")
		_, err := c.remote(viewer.RemoteOptions{StateFile: state}).StartViewer(t.Context(), "h", "/r", 0, 0)
		if !errors.Is(err, client.ErrConnection) ||
			!strings.Contains(err.Error(), "unknown") || !strings.Contains(err.Error(), "list_viewer_sessions") {
			t.Errorf("%s: %v", name, err)
		}
		if n := len(c.posts("viewer/start")); n != 1 {
			t.Errorf("%s: sent %d times", name, n)
		}
		c.on("viewer/sessions", says(`{"sessions":[`+sessionRow(1)+`]}`))
		list, err := c.remote(viewer.RemoteOptions{StateFile: state}).ListViewerSessions(t.Context())
		if err != nil || len(list) != 1 || !list[0].Ours || *list[0].Working || list[0].ConnectionID != "me@h:22" {
			t.Errorf("%s: %+v, %v", name, list, err)
		}
	}
}

// TestStart_cancelled returns at once; the start goes on, once, and its session is ours.
func TestStart_cancelled(t *testing.T) {
	t.Parallel()
	c := live(t)
	port := tunnel(t)
	began, finish := make(chan bool), make(chan bool)
	c.on("viewer/start", func(w http.ResponseWriter, _ *http.Request) {
		close(began)
		<-finish
		io.WriteString(w, `{"ok":true,"session":`+sessionRow(port)+`}`)
	})
	remote := c.remote(viewer.RemoteOptions{})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-began; cancel() }()
	_, err := remote.StartViewer(ctx, "h", "/r", 0, 0)
	if err == nil || !strings.Contains(err.Error(), "unknown") {
		t.Errorf("start_viewer: %v", err)
	}
	short, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	if _, err := remote.StartViewer(short, "h", "/r", 0, 0); err == nil || !strings.Contains(err.Error(), "under way") {
		t.Errorf("a second start: %v", err)
	}
	close(finish)
	c.on("viewer/sessions", says(`{"sessions":[`+sessionRow(port)+`]}`))
	c.on("viewer/status/abc", says(sessionRow(port)))
	c.on("viewer/stop", says(`{"ok":true}`))
	stopped, err := remote.StopViewer(t.Context(), "abc") // waits for the start
	if err != nil || !stopped.Stopped || len(c.posts("viewer/start")) != 1 {
		t.Errorf("stop_viewer: %+v, %v after %q", stopped, err, c.asked)
	}
}

// TestRemote_hostKey gives back exactly the key that was shown, and shows none that is not whole.
func TestRemote_hostKey(t *testing.T) {
	t.Parallel()
	const public = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPzu9HXeTsp9xEGJqnBSbUbSVv4EwLWWAMLMTlEGQ8pL"
	key := func(fingerprint string) http.HandlerFunc {
		return fails(409, `{"code":"HOST_KEY_CONFIRMATION_REQUIRED","host_key":{"host":"h","port":22,
			"key_type":"ssh-ed25519","public_key":"`+public+`","fingerprint_sha256":"`+fingerprint+`","reason":"unknown"}}`)
	}
	c := newControlled(t, "0.7")
	c.on("connect", key("SHA256:AAAA"))
	remote := c.remote(viewer.RemoteOptions{})
	opts := client.ConnectOptions{Username: "me", Confirm: func(context.Context, client.HostKey) error {
		t.Error("asked about a key that is not whole")
		return nil
	}}
	if _, err := remote.Connect(t.Context(), "h", opts); err == nil || len(c.posts("known-hosts/accept")) > 0 {
		t.Errorf("%v, %q", err, c.asked)
	}
	fingerprint := fingerprintOf(public)
	c.on("connect", key(fingerprint))
	c.on("known-hosts/accept", says(`{"ok":true}`))
	c.on("known-hosts/remove", says(`{"ok":true,"changed":true}`))
	c.on("known-hosts/list", says(`{"entries":[{"host":"h","port":22,"key_type":"ssh-rsa","fingerprint_sha256":"SHA256:old"},
		{"host":"other","port":22,"key_type":"ssh-rsa","fingerprint_sha256":"SHA256:other"}]}`))
	opts.Confirm = func(_ context.Context, k client.HostKey) error {
		if k.Fingerprint != fingerprint || !k.Changed || !slices.Equal(k.Old, []string{"ssh-rsa SHA256:old"}) {
			t.Errorf("shown was %+v", k)
		}
		return nil
	}
	_, err := remote.Connect(t.Context(), "h", opts)
	if err == nil || !strings.Contains(err.Error(), "another host key") { // and again 409: one round only
		t.Errorf("connect: %v", err)
	}
	want := `{"host":"h","port":22,"key_type":"ssh-ed25519","public_key":"` + public + `","fingerprint_sha256":"` + fingerprint + `"}`
	if got := c.posts("known-hosts/accept"); len(got) != 1 || got[0] != want {
		t.Errorf("accepted was %q, want %s", got, want)
	}
	if got := c.posts("known-hosts/remove"); len(got) != 1 || got[0] != `{"host":"h","key_type":"ssh-rsa","port":22}` {
		t.Errorf("removed was %q", got)
	}
	if n := len(c.posts("connect")); n != 3 {
		t.Errorf("connect was sent %d times", n)
	}
}

// TestState_shared merges by session what several programs write, and is the user's alone.
func TestState_shared(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "new", "state.json")
	port := tunnel(t)
	var programs sync.WaitGroup
	for i := range 8 {
		c := live(t)
		c.on("viewer/start", says(fmt.Sprintf(`{"ok":true,"session":{"sessionId":"s%d","sshPort":22,"username":"me",
			"remoteRoot":"/r","localPort":%d}}`, i, port)))
		programs.Go(func() {
			s, err := c.remote(viewer.RemoteOptions{StateFile: state}).StartViewer(t.Context(), "h", "/r", 0, 0)
			if err != nil || s.SessionID != fmt.Sprint("s", i) || !*s.Working {
				t.Errorf("%+v, %v", s, err)
			}
		})
	}
	programs.Wait()
	info, err := os.Stat(state)
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
	text, _ := os.ReadFile(state)
	var m struct{ Started, Starting []json.RawMessage }
	if err := json.Unmarshal(text, &m); err != nil || len(m.Started) != 8 || len(m.Starting) > 0 {
		t.Errorf("%v, %d and %d of 8 are remembered", err, len(m.Started), len(m.Starting))
	}
}

// fingerprintOf is what ssh-keygen -l says of a public key.
func fingerprintOf(public string) string {
	raw, _ := base64.StdEncoding.DecodeString(strings.Fields(public)[1])
	sum := sha256.Sum256(raw)
	return "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])
}
