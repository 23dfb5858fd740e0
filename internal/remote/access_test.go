//go:build unix

package remote

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/internal/realtest"
)

// attempts counts the log-ins that the sshd refused since it had logged before.
func (p *place) attempts(t *testing.T, before string) int {
	t.Helper()
	n := 0
	for line := range strings.Lines(strings.TrimPrefix(p.Log(t), before)) {
		if strings.HasPrefix(line, "Failed ") {
			n++
		}
	}
	return n
}

// checksKeys reports whether the Viewer refuses unknown host keys.
func (p *place) checksKeys() bool { return p.version >= "0.6" }

// TestRemote_credentials tries what is wrong once, and says what it is (acceptance 6, 9).
func TestRemote_credentials(t *testing.T) {
	each(t, func(t *testing.T, p *place) {
		p.connect(t) // so that the host key is known
		if _, err := p.client.Remote.Disconnect(t.Context(), host); err != nil {
			t.Fatal(err)
		}
		const secret = "not-The-Passw0rd"
		for name, c := range map[string]struct {
			opts client.ConnectOptions
			most int // log-ins that the host refuses
			kind error
		}{
			"wrong password": {client.ConnectOptions{Password: secret}, 1, client.ErrAuthentication},
			"wrong key":      {client.ConnectOptions{PrivateKeyPath: p.WrongKey}, 1, client.ErrAuthentication},
			"no key file":    {client.ConnectOptions{PrivateKeyPath: p.Key + "x"}, 1, client.ErrAuthentication},
			"wrong passphrase": {client.ConnectOptions{PrivateKeyPath: p.LockedKey, Passphrase: secret}, 0,
				client.ErrAuthentication},
		} {
			c.opts.Port, c.opts.Username = p.Port, realtest.FarUser
			if !p.checksKeys() {
				c.opts.Confirm = yes
			}
			if p.version == "0.6.0" && c.opts.Password == "" {
				c.most = 2
			}
			if p.version >= "0.7" && c.opts.Passphrase != "" {
				c.kind = client.ErrBadRequest
			}
			before := p.Log(t)
			_, err := p.client.Remote.Connect(t.Context(), host, c.opts)
			if !errors.Is(err, c.kind) || strings.Contains(err.Error(), secret) {
				t.Errorf("%s: %v", name, err)
			}
			n := p.attempts(t, before)
			if n > c.most || name == "wrong password" && n != c.most || name == "wrong key" && n == 0 {
				t.Errorf("%s: %d log-ins, want %d:\n%s", name, n, c.most, strings.TrimPrefix(p.Log(t), before))
			}
			t.Logf("%s: %d log-ins, %v", name, n, err)
		}
		other := p.byKey()
		other.Port++
		if _, err := p.client.Remote.Connect(t.Context(), host, other); !errors.Is(err, client.ErrConnection) {
			t.Errorf("a port where nothing listens: %v", err)
		}
		p.left(t, 0)
		for name, opts := range map[string]client.ConnectOptions{
			"password":       {Password: p.Password},
			"key and phrase": {PrivateKeyPath: p.LockedKey, Passphrase: p.Passphrase},
		} {
			opts.Port, opts.Username = p.Port, realtest.FarUser
			if !p.checksKeys() {
				opts.Confirm = yes
			}
			if _, err := p.client.Remote.Connect(t.Context(), host, opts); err != nil {
				if name == "key and phrase" && p.version >= "0.7" && strings.Contains(err.Error(), "ssh-agent") {
					continue
				}
				t.Fatalf("%s: %v", name, err)
			}
			p.start(t)
			p.left(t, 1)
			if _, err := p.client.Remote.Disconnect(t.Context(), host); err != nil {
				t.Fatal(err)
			}
			p.left(t, 0)
		}
	})
}

// TestRemote_hostKeys accepts no key but the one that a person was shown (acceptance 7, 8).
func TestRemote_hostKeys(t *testing.T) {
	each(t, func(t *testing.T, p *place) {
		opts := p.byKey()
		checks := p.checksKeys()
		opts.Confirm = nil
		refused := func(name string) {
			t.Helper()
			_, err := p.client.Remote.Connect(t.Context(), host, opts)
			if !errors.Is(err, client.ErrAuthentication) || !strings.Contains(err.Error(), "not confirmed") ||
				!strings.Contains(err.Error(), "runicorn-mcp trust 127.0.0.1:") {
				t.Errorf("%s: %v", name, err)
			}
			if checks && !p.shows(t, err.Error()) {
				t.Errorf("%s: no fingerprint of the host in %v", name, err)
			}
			if list, err := p.client.Remote.ListSessions(t.Context()); err != nil || len(list) > 0 {
				t.Errorf("%s: connected: %+v, %v", name, list, err)
			}
		}
		refused("nobody can be asked")
		opts.Confirm = func(context.Context, client.HostKey) error { return errors.New("no") }
		refused("declined")
		var shown client.HostKey
		opts.Confirm = func(_ context.Context, key client.HostKey) error { shown = key; return nil }
		if _, err := p.client.Remote.Connect(t.Context(), host, opts); err != nil {
			t.Fatal(err)
		}
		if checks != p.shows(t, shown.Fingerprint) || shown.Changed {
			t.Errorf("shown was %+v", shown)
		}
		if !checks {
			return
		}
		for _, kind := range []string{"rsa", "ecdsa", "ed25519"} {
			if _, err := p.client.Remote.Disconnect(t.Context(), host); err != nil {
				t.Fatal(err)
			}
			old := shown
			p.Stop(t)
			p.NewHostKeys(t, kind)
			p.Start(t)
			opts.Confirm = nil
			_, err := p.client.Remote.Connect(t.Context(), host, opts)
			if err == nil || !strings.Contains(err.Error(), "CHANGED") || !p.shows(t, err.Error()) ||
				!strings.Contains(err.Error(), old.Fingerprint) {
				t.Errorf("a changed key: %v", err)
			}
			opts.Confirm = func(_ context.Context, key client.HostKey) error { shown = key; return nil }
			if _, err := p.client.Remote.Connect(t.Context(), host, opts); err != nil || !shown.Changed {
				t.Fatalf("a changed key that is confirmed (%s): %+v, %v", kind, shown, err)
			}
		}
		p.left(t, 0)
	})
}

// shows reports whether a text has a fingerprint of the host.
func (p *place) shows(t *testing.T, text string) bool {
	t.Helper()
	for _, fingerprint := range p.HostKeys(t) {
		if strings.Contains(text, fingerprint) {
			return true
		}
	}
	return false
}

// TestRemote_trust is the command of a terminal: with it connect asks nobody (acceptance 7).
func TestRemote_trust(t *testing.T) {
	each(t, func(t *testing.T, p *place) {
		no := func(context.Context, client.HostKey) error { return errors.New("no") }
		if _, err := p.client.Remote.Trust(t.Context(), host, p.Port, no); err == nil {
			t.Error("declined, and yet")
		}
		for range 2 {
			said, err := p.client.Remote.Trust(t.Context(), host, p.Port, yes)
			if err != nil {
				t.Fatal(err)
			}
			t.Log(said)
		}
		opts := p.byKey()
		opts.Confirm = no
		if _, err := p.client.Remote.Connect(t.Context(), host, opts); err != nil {
			t.Error(err)
		}
		p.left(t, 0)
	})
}
