package viewer

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// StartViewer implements [client.RemoteSource]: POST /api/remote/viewer/start, once. When ctx ends
// while it runs, it goes on, and a session that comes of it is ours.
func (v *Viewer) StartViewer(
	ctx context.Context, ref, root string, localPort, remotePort int,
) (client.ViewerSession, error) {
	rules, err := v.rules(ctx)
	if err != nil {
		return client.ViewerSession{}, err
	}
	release, err := v.take(ctx)
	if err != nil {
		return client.ViewerSession{}, err
	}
	s := start{v: v, rules: rules, root: root, localPort: localPort, remotePort: remotePort}
	found, ready, err := s.prepare(ctx, ref)
	if err != nil || !ready {
		release()
		return found, err
	}
	return s.run(ctx, release)
}

// A start is what is to be started where.
type start struct {
	v                     *Viewer
	rules                 remoteRules
	connection            client.Connection
	root                  string
	localPort, remotePort int
	notes                 []string
}

// prepare looks whether there is something to start: ready, or the session that there is.
func (s *start) prepare(
	ctx context.Context, ref string,
) (found client.ViewerSession, ready bool, err error) {
	list, err := s.v.connections(ctx)
	if err != nil {
		return found, false, err
	}
	c, ok, err := pick(list, ref)
	if err != nil {
		return found, false, err
	}
	if !ok || !c.Connected {
		return found, false, &client.Error{Kind: client.ErrBadRequest,
			Detail: fmt.Sprintf("There is no live connection %q", ref), Hint: "Call connect first."}
	}
	if err := s.v.remote.allow(c.Host, c.Port); err != nil {
		return found, false, err
	}
	s.connection = c
	if found, ok, err = s.reuse(ctx); ok || err != nil {
		return found, false, err
	}
	there, err := s.rules.folder(ctx, s.v, c.ConnectionID, s.root)
	if err != nil {
		return found, false, startFailure(err, c.Host)
	}
	if !there {
		return found, false, &client.Error{Kind: client.ErrNotFound, Detail: fmt.Sprintf(
			"There is no folder %s on %s; nothing was started", s.root, c.Host),
			Hint: "Give the storage root there, the folder that holds runs/."}
	}
	return found, true, nil
}

// reuse finds the session of ours that serves the same root. One that no longer answers is
// stopped, so that there are never two.
func (s *start) reuse(ctx context.Context) (client.ViewerSession, bool, error) {
	list, _, err := s.v.sessions(ctx)
	if err != nil {
		return client.ViewerSession{}, false, err
	}
	for _, h := range list {
		if path.Clean(h.Root) != path.Clean(s.root) || h.Username != s.connection.Username ||
			h.SSHPort != s.connection.Port {
			continue
		}
		switch {
		case !h.ours && (h.Host == s.connection.Host || !s.rules.tellsHost()):
			s.notes = append(s.notes, fmt.Sprintf("Session %s of somebody else has the same root; it "+
				"was not reused.", h.ID))
		case !h.ours || h.mine.Host != s.connection.Host:
		case h.mine.answers(ctx):
			works, view := true, h.mine.view()
			view.Working, view.Reused = &works, true
			view.Notes = []string{"This Viewer was started before, and answers."}
			return view, true, nil
		default:
			stopped, err := s.v.stop(ctx, s.rules, h.mine)
			if err != nil {
				return client.ViewerSession{}, false, err
			}
			s.notes = append(s.notes, fmt.Sprintf("Session %s answered no more and was replaced.", h.ID))
			if !stopped.Stopped {
				s.notes = append(s.notes, stopped.Notes...)
			}
			if err := s.connected(ctx, h.ID); err != nil {
				return client.ViewerSession{}, false, err
			}
		}
	}
	return client.ViewerSession{}, false, nil
}

// connected looks whether the connection is still there after a session was stopped: 0.7 closes
// it with its last one, and only who has the credentials can open it again.
func (s *start) connected(ctx context.Context, stopped string) error {
	list, err := s.v.connections(ctx)
	if err != nil {
		return err
	}
	if _, ok, _ := pick(list, s.connection.ConnectionID); ok {
		return nil
	}
	return &client.Error{Kind: client.ErrConnection, Detail: fmt.Sprintf(
		"Session %s answered no more and was stopped, and the Viewer closed the connection with it; "+
			"nothing was started", stopped), Hint: "Call connect again, then start_viewer."}
}

// run starts, and waits for it no longer than ctx does.
func (s *start) run(ctx context.Context, release func()) (client.ViewerSession, error) {
	c := s.connection
	pending := starting{Viewer: s.v.base, Username: c.Username, Host: c.Host, SSHPort: c.Port,
		Root: s.root, Begun: time.Now().UnixMilli()}
	if err := s.v.remote.ledger.change(func(m *memory) {
		m.Starting = append(m.Starting, pending)
	}); err != nil {
		release()
		return client.ViewerSession{}, err
	}
	type outcome struct {
		session client.ViewerSession
		err     error
	}
	done := make(chan outcome, 1)
	go func() {
		defer release()
		long := context.WithoutCancel(ctx)
		mine, err := s.post(long, pending)
		if err != nil {
			done <- outcome{err: err}
			return
		}
		done <- outcome{session: s.check(long, mine)}
	}()
	select {
	case o := <-done:
		return o.session, o.err
	case <-ctx.Done():
		return client.ViewerSession{}, s.unknown()
	}
}

// post sends the one request, and writes down what came of it.
func (s *start) post(ctx context.Context, pending starting) (started, error) {
	c := s.connection
	body := map[string]any{"host": c.Host, "port": c.Port, "username": c.Username, "remote_root": s.root}
	if s.localPort > 0 {
		body["local_port"] = s.localPort
	}
	if s.remotePort > 0 {
		body["remote_port"] = s.remotePort
	}
	var answer struct{ Session session }
	err := s.v.post(ctx, "viewer/start", s.rules.startPatience(), "starting a Viewer on "+c.Host,
		body, &answer)
	if isUnknown(err) { // the session, if there is one, is ours when it shows itself
		return started{}, s.unknown()
	}
	mine := answer.Session.startedBy(s.v.base, c.Host)
	mine.Username, mine.SSHPort, mine.Root = c.Username, c.Port, s.root // whatever it says
	if err == nil {
		mine.Storage = settle(ctx, mine.LocalPort)
	}
	kept := s.v.remote.ledger.change(func(m *memory) {
		m.settle(pending)
		if err == nil {
			m.keep(mine)
		}
	})
	if err != nil {
		return started{}, startFailure(err, c.Host)
	}
	return mine, kept
}

// check asks the started Viewer what it is.
func (s *start) check(ctx context.Context, mine started) client.ViewerSession {
	view := mine.view()
	works := mine.answers(ctx)
	view.Working, view.Notes = &works, s.notes
	switch {
	case mine.Storage == "":
		view.Notes = append(view.Notes, "It does not answer yet; list_viewer_sessions tells when it does.")
		return view
	case path.Clean(mine.Storage) != path.Clean(s.root):
		view.Notes = append(view.Notes, fmt.Sprintf("It reads %s.", s.v.unsaid(mine.Storage)))
	}
	if far, err := s.v.SessionSource(ctx, mine.SessionID); err == nil {
		count, err := far.CountRuns(ctx, client.Scope{})
		if err == nil && count.Total == 0 {
			view.Notes = append(view.Notes, "It lists no runs: is remote_root the folder that holds runs/?")
		}
	}
	return view
}

// unknown is the failure of a start that may yet succeed.
func (s *start) unknown() error {
	return &client.Error{Kind: client.ErrConnection, Detail: fmt.Sprintf(
		"The outcome of starting a Viewer on %s is unknown: no answer came in time, and it may be "+
			"running", s.connection.Host),
		Hint: "Do not start another: list_viewer_sessions tells what became of it, as soon as the " +
			"Viewer answers again."}
}

// startFailure says what helps against a failed start, which leaves nothing running.
func startFailure(err error, host string) error {
	var refused unconfirmed
	if errors.As(err, &refused) {
		return &client.Error{Kind: client.ErrAuthentication, Detail: fmt.Sprintf(
			"The host key of %s is not confirmed any more", host), Hint: "Call connect again."}
	}
	var e *client.Error
	if !errors.As(err, &e) || e.Status < 500 {
		return err
	}
	told := *e
	for _, c := range []struct{ words, hint string }{
		{"Python3 not found", "Python with Runicorn must be in the path of non-interactive shells " +
			"there; or the host was not reached at all."},
		{"tunnel", "The tunnel was not made. Viewer 0.6 needs the key or password at the call of " +
			"connect that made the connection: disconnect and connect again with it. Or local_port is " +
			"taken: leave it out."},
		{"already in use", "local_port is taken: leave it out."},
		{"health check", "It did not come up: is remote_root a folder that this account may write to?"},
		{"runicorn", "Install Runicorn for Python on that host."},
	} {
		if strings.Contains(e.Detail, c.words) {
			told.Hint = c.hint
			break
		}
	}
	return &told
}
