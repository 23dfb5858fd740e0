//go:build unix

// Package remote holds remote control to real Viewers and a real sshd: what is left running in
// the other account decides, not what an answer says.
package remote

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/viewer"
	"github.com/runicorn-mcp/runicorn-mcp/internal/realtest"
)

// A place is a local Viewer, and another machine.
type place struct {
	*realtest.Far
	version string
	local   *realtest.Process
	root    string // three runs there
	state   string
	client  *client.Client
}

func open(t *testing.T, version string) *place {
	t.Helper()
	p := &place{Far: realtest.StartFar(t, version), version: version,
		state: filepath.Join(t.TempDir(), "state", "remote.json")}
	p.root = p.Store(t)
	p.local = realtest.StartViewer(t, version, t.TempDir(), 0)
	p.local.Up(t)
	p.client = p.newClient(p.state)
	return p
}

// newClient is a client as another program of the user has it.
func (p *place) newClient(state string) *client.Client {
	return client.New(viewer.New(viewer.Options{BaseURL: p.local.URL,
		Remote: viewer.RemoteOptions{StateFile: state}}))
}

// each runs test with each release that controls other machines.
func each(t *testing.T, test func(t *testing.T, p *place)) {
	for _, version := range realtest.FarVersions {
		t.Run(version, func(t *testing.T) { test(t, open(t, version)) })
	}
}

func (p *place) byKey() client.ConnectOptions {
	return client.ConnectOptions{Port: p.Port, Username: realtest.FarUser, PrivateKeyPath: p.Key,
		Confirm: yes}
}

func yes(context.Context, client.HostKey) error { return nil }

const host = "127.0.0.1"

func (p *place) connect(t *testing.T) client.Connection {
	t.Helper()
	c, err := p.client.Remote.Connect(t.Context(), host, p.byKey())
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	return c
}

func (p *place) start(t *testing.T) client.ViewerSession {
	t.Helper()
	s, err := p.client.Remote.StartViewer(t.Context(), host, p.root, 0, 0)
	if err != nil {
		t.Fatalf("start_viewer: %v", err)
	}
	if s.Working == nil || !*s.Working || !s.Ours || s.RemotePID == 0 || s.LocalPort == 0 {
		t.Fatalf("start_viewer: %+v", s)
	}
	return s
}

// left waits for so many processes in the other account, at most 3 s.
func (p *place) left(t *testing.T, want int) {
	t.Helper()
	var got []string
	for deadline := time.Now().Add(3 * time.Second); ; {
		if got = p.Processes(t); len(got) == want {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d processes are left, want %d:\n%s", len(got), want, strings.Join(got, "\n"))
		}
		<-time.After(100 * time.Millisecond)
	}
}

// TestRemote_fromConnectToDisconnect goes the whole way (acceptance 1 to 4, 11, 15, 17).
func TestRemote_fromConnectToDisconnect(t *testing.T) {
	each(t, func(t *testing.T, p *place) {
		c := p.connect(t)
		if c.ConnectionID != realtest.FarUser+"@127.0.0.1:"+c.ConnectionID[strings.LastIndex(c.ConnectionID, ":")+1:] ||
			!c.Connected || c.Reused {
			t.Errorf("connect: %+v", c)
		}
		again := p.byKey()
		again.PrivateKeyPath = p.WrongKey
		if c, err := p.client.Remote.Connect(t.Context(), host, again); err != nil || !c.Reused {
			t.Errorf("connect again: %+v, %v", c, err)
		}
		nowhere := filepath.Join(filepath.Dir(p.root), "nowhere")
		began := time.Now()
		_, err := p.client.Remote.StartViewer(t.Context(), c.ConnectionID, nowhere, 0, 0)
		if !errors.Is(err, client.ErrNotFound) {
			t.Errorf("a root that is not there: %v", err)
		}
		if _, err := os.Stat(nowhere); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the root that was not there was made: %v", err)
		}
		t.Logf("a root that is not there was refused in %v", time.Since(began))
		s := p.start(t)
		p.left(t, 1)
		far, err := p.client.Remote.Viewer(t.Context(), s.SessionID)
		if err != nil {
			t.Fatal(err)
		}
		list, err := far.ListExperiments(t.Context(), client.ListOptions{})
		if err != nil || list.Total != 3 {
			t.Errorf("the remote Viewer lists %d runs: %v", list.Total, err)
		}
		if again := p.start(t); again.SessionID != s.SessionID || !again.Reused {
			t.Errorf("the second start: %+v", again)
		}
		p.left(t, 1)
		p.client = p.newClient(p.state) // the next program of the user
		sessions, err := p.client.Remote.ListViewerSessions(t.Context())
		if err != nil || len(sessions) != 1 || !sessions[0].Ours || !*sessions[0].Working ||
			sessions[0].ConnectionID != c.ConnectionID {
			t.Errorf("list_viewer_sessions: %+v, %v", sessions, err)
		}
		stopped, err := p.client.Remote.StopViewer(t.Context(), s.SessionID)
		if err != nil || !stopped.Stopped {
			t.Errorf("stop_viewer: %+v, %v", stopped, err)
		}
		p.left(t, 0)
		if _, err := p.client.Remote.StopViewer(t.Context(), s.SessionID); !errors.Is(err, client.ErrNotFound) {
			t.Errorf("the second stop_viewer: %v", err)
		}
		p.connect(t)
		s = p.start(t)
		gone, err := p.client.Remote.Disconnect(t.Context(), host)
		if err != nil || !gone.WasConnected || len(gone.Stopped) != 1 || !gone.Stopped[0].Stopped ||
			gone.Stopped[0].SessionID != s.SessionID {
			t.Errorf("disconnect: %+v, %v", gone, err)
		}
		p.left(t, 0)
		if list, err := p.client.Remote.ListSessions(t.Context()); err != nil || len(list) != 0 {
			t.Errorf("list_sessions: %+v, %v", list, err)
		}
		gone, err = p.client.Remote.Disconnect(t.Context(), host)
		if err != nil || gone.WasConnected {
			t.Errorf("the second disconnect: %+v, %v", gone, err)
		}
	})
}

// TestRemote_foreign leaves alone what somebody else started (acceptance 16).
func TestRemote_foreign(t *testing.T) {
	each(t, func(t *testing.T, p *place) {
		p.connect(t)
		ours := p.client
		p.client = p.newClient("") // somebody else
		s := p.start(t)
		p.client = ours
		list, err := p.client.Remote.ListViewerSessions(t.Context())
		if err != nil || len(list) != 1 || list[0].Ours || list[0].Working != nil {
			t.Errorf("list_viewer_sessions: %+v, %v", list, err)
		}
		if _, err := p.client.Remote.StopViewer(t.Context(), s.SessionID); !errors.Is(err, client.ErrBadRequest) {
			t.Errorf("stop_viewer: %v", err)
		}
		if _, err := p.client.Remote.Viewer(t.Context(), s.SessionID); !errors.Is(err, client.ErrNotFound) {
			t.Errorf("it was asked: %v", err)
		}
		_, err = p.client.Remote.Disconnect(t.Context(), host)
		if !errors.Is(err, client.ErrBadRequest) || !strings.Contains(err.Error(), s.SessionID) {
			t.Errorf("disconnect: %v", err)
		}
		p.left(t, 1)
		gone, err := p.client.Remote.Disconnect(t.Context(), host, s.SessionID)
		if err != nil || len(gone.Stopped) != 1 || !gone.Stopped[0].Stopped {
			t.Errorf("disconnect with stop_sessions: %+v, %v", gone, err)
		}
		p.left(t, 0)
	})
}

// TestRemote_died starts anew what no longer answers (acceptance 5).
func TestRemote_died(t *testing.T) {
	each(t, func(t *testing.T, p *place) {
		p.connect(t)
		s := p.start(t)
		p.Kill(t)
		p.left(t, 0)
		list, err := p.client.Remote.ListViewerSessions(t.Context())
		if err != nil || len(list) != 1 || *list[0].Working {
			t.Errorf("list_viewer_sessions: %+v, %v", list, err)
		}
		again, err := p.client.Remote.StartViewer(t.Context(), host, p.root, 0, 0)
		// 0.7 closes the connection with its last session.
		if err != nil && p.version >= "0.7" && strings.Contains(err.Error(), "Call connect again") {
			p.connect(t)
			again, err = p.client.Remote.StartViewer(t.Context(), host, p.root, 0, 0)
		}
		if err != nil || !*again.Working || again.SessionID == s.SessionID {
			t.Errorf("start_viewer: %+v, %v", again, err)
		}
		p.left(t, 1)
		if gone, err := p.client.Remote.Disconnect(t.Context(), host); err != nil {
			t.Errorf("disconnect: %+v, %v", gone, err)
		}
		p.left(t, 0)
	})
}

// TestRemote_cut claims no success of a stop that could not arrive (acceptance 13, 14).
func TestRemote_cut(t *testing.T) {
	each(t, func(t *testing.T, p *place) {
		p.connect(t)
		s := p.start(t)
		p.Cut(t)
		stopped, err := p.client.Remote.StopViewer(t.Context(), s.SessionID)
		if err != nil {
			t.Fatal(err)
		}
		if p.version >= "0.7" { // which logs in anew
			if !stopped.Stopped {
				t.Errorf("stop_viewer: %+v", stopped)
			}
			p.left(t, 0)
		} else {
			checkOrphan(t, stopped)
			p.left(t, 1)
			p.Kill(t)
		}
		p.connect(t)
		s = p.start(t)
		p.Stop(t)
		stopped, err = p.client.Remote.StopViewer(t.Context(), s.SessionID)
		if err != nil {
			t.Fatal(err)
		}
		checkOrphan(t, stopped)
		p.left(t, 1)
	})
}

func checkOrphan(t *testing.T, s client.StoppedViewer) {
	t.Helper()
	if s.Stopped || !slices.ContainsFunc(s.Notes, func(n string) bool {
		return strings.Contains(n, "kill") && strings.Contains(n, host) && strings.Contains(n, "probably still runs")
	}) {
		t.Errorf("stop_viewer claims %+v", s)
	}
}
