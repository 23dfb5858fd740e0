//go:build unix

package remote

import (
	"context"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/internal/realtest"
)

// frozen waits until a start is under way and the Viewer answers nothing.
func (p *place) frozen(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		if state, err := os.ReadFile(p.state); err != nil || !strings.Contains(string(state), `"begun"`) {
			<-time.After(10 * time.Millisecond)
			continue
		}
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		err := realtest.GetJSON(ctx, p.local.URL+"/api/health", new(any))
		cancel()
		if err != nil {
			return
		}
	}
	t.Fatal("the Viewer was never frozen")
}

// TestRemote_frozen lists while a start freezes the Viewer: that waits, or says why it cannot,
// and does not tell of no sessions. Starts at the same time are one (acceptance 12).
func TestRemote_frozen(t *testing.T) {
	each(t, func(t *testing.T, p *place) {
		p.connect(t)
		type outcome struct {
			s   client.ViewerSession
			err error
		}
		starts := make(chan outcome, 2)
		for range 2 {
			go func() {
				s, err := p.client.Remote.StartViewer(t.Context(), host, p.root, 0, 0)
				starts <- outcome{s, err}
			}()
		}
		p.frozen(t)
		for name, c := range map[string]*client.Client{"same": p.client, "another": p.newClient(p.state)} {
			list, err := c.Remote.ListViewerSessions(t.Context())
			if err == nil && (len(list) != 1 || !list[0].Ours) || err != nil && !strings.Contains(err.Error(), "busy") {
				t.Errorf("%s program: %+v, %v", name, list, err)
			}
		}
		one, two := <-starts, <-starts
		if one.err != nil || two.err != nil || one.s.SessionID != two.s.SessionID || one.s.Reused == two.s.Reused {
			t.Errorf("two starts: %+v, %+v", one, two)
		}
		p.left(t, 1)
		if stopped, err := p.client.Remote.StopViewer(t.Context(), one.s.SessionID); err != nil || !stopped.Stopped {
			t.Errorf("%+v, %v", stopped, err)
		}
		p.left(t, 0)
		for deadline := time.Now().Add(3 * time.Second); ; {
			conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", one.s.LocalPort))
			if err != nil {
				break
			}
			conn.Close()
			if time.Now().After(deadline) {
				t.Fatal("the local port still answers")
			}
			<-time.After(50 * time.Millisecond)
		}
	})
}

// TestRemote_logins lists without a log-in each time (acceptance 19).
func TestRemote_logins(t *testing.T) {
	each(t, func(t *testing.T, p *place) {
		p.connect(t)
		p.start(t)
		before, began := p.Log(t), time.Now()
		for range 10 {
			if _, err := p.client.Remote.ListSessions(t.Context()); err != nil {
				t.Error(err)
			}
			if _, err := p.client.Remote.ListViewerSessions(t.Context()); err != nil {
				t.Error(err)
			}
		}
		logins := strings.Count(strings.TrimPrefix(p.Log(t), before), "Accepted publickey")
		if most := 1 + int(time.Since(began)/(5*time.Second)); logins > most {
			t.Errorf("%d log-ins in %v", logins, time.Since(began))
		}
		if _, err := p.client.Remote.Disconnect(t.Context(), host); err != nil {
			t.Error(err)
		}
		p.left(t, 0)
	})
}
