package viewer_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/viewer"
)

// TestStop_verdict claims that a Viewer ended only where it can have: a Viewer says ok anyhow
// (acceptance 13, 14).
func TestStop_verdict(t *testing.T) {
	t.Parallel()
	gone := fails(404, `"Session not found: abc"`)
	for name, c := range map[string]struct {
		path   string // answered otherwise than in a live connection
		answer http.HandlerFunc
		want   bool
	}{
		"alive":          {"none", nil, true},
		"not connected":  {"sessions", says(`{"sessions":[{"key":"me@h:22","host":"h","port":22,"username":"me"}]}`), false},
		"no connection":  {"sessions", says(`{"sessions":[]}`), false},
		"a dead one":     {"fs/exists", fails(500, `"Failed"`), false},
		"unknown there":  {"viewer/status/abc", gone, false},
		"gone meanwhile": {"viewer/stop", gone, false},
	} {
		v := live(t)
		port := tunnel(t)
		v.on("viewer/start", says(`{"ok":true,"session":`+sessionRow(port)+`}`))
		v.on("viewer/status/abc", says(sessionRow(port)))
		v.on("viewer/stop", says(`{"ok":true}`))
		remote := v.remote(viewer.RemoteOptions{})
		if _, err := remote.StartViewer(t.Context(), "h", "/r", 0, 0); err != nil {
			t.Fatal(err)
		}
		v.on(c.path, c.answer)
		stopped, err := remote.StopViewer(t.Context(), "abc")
		if err != nil || stopped.Stopped != c.want || len(v.posts("viewer/stop")) != 1 {
			t.Errorf("%s: %+v, %v", name, stopped, err)
		}
		if says := strings.Join(stopped.Notes, " "); strings.Contains(says, "ssh -p 22 me@h kill 7") == c.want {
			t.Errorf("%s: %q", name, says)
		}
	}
}

// TestStop_others stops nothing of somebody else, and disconnects nothing that they use, unless
// it is named (acceptance 16); and the connection is closed last.
func TestStop_others(t *testing.T) {
	t.Parallel()
	v := live(t)
	v.on("viewer/sessions", says(`{"sessions":[`+sessionRow(1)+`]}`))
	v.on("viewer/status/abc", says(sessionRow(1)))
	v.on("viewer/stop", says(`{"ok":true}`))
	v.on("disconnect", says(`{"ok":true}`))
	remote := v.remote(viewer.RemoteOptions{})
	_, stop := remote.StopViewer(t.Context(), "abc")
	_, disconnect := remote.Disconnect(t.Context(), "h")
	_, other := remote.Disconnect(t.Context(), "h", "abd")
	for _, err := range []error{stop, disconnect, other} {
		if !errors.Is(err, client.ErrBadRequest) || !strings.Contains(err.Error(), "abc") {
			t.Error(err)
		}
	}
	if len(v.posts("viewer/stop"))+len(v.posts("disconnect")) > 0 {
		t.Errorf("the Viewer was asked %q", v.asked)
	}
	done, err := remote.Disconnect(t.Context(), "h", "abc")
	if err != nil || !done.WasConnected || len(done.Stopped) != 1 || !done.Stopped[0].Stopped {
		t.Errorf("%+v, %v", done, err)
	}
	if last := v.asked[len(v.asked)-1]; !strings.HasPrefix(last, "POST /api/remote/disconnect") {
		t.Errorf("the last was %s", last)
	}
}
