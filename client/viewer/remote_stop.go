package viewer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// StopViewer implements [client.RemoteSource].
func (v *Viewer) StopViewer(ctx context.Context, id string) (client.StoppedViewer, error) {
	rules, err := v.rules(ctx)
	if err != nil {
		return client.StoppedViewer{}, err
	}
	release, err := v.take(ctx)
	if err != nil {
		return client.StoppedViewer{}, err
	}
	defer release()
	mine, ours, err := v.ourSession(ctx, id)
	if err != nil {
		return client.StoppedViewer{}, err
	}
	if !ours {
		if _, err := v.status(ctx, id); notFound(err) {
			return client.StoppedViewer{}, noSession(id)
		} else if err != nil {
			return client.StoppedViewer{}, err
		}
		return client.StoppedViewer{}, &client.Error{Kind: client.ErrBadRequest,
			Detail: fmt.Sprintf("Session %s was started by somebody else and was not stopped", id),
			Hint: "Its user can stop it in the Viewer. If you must: disconnect with this id in " +
				"stop_sessions."}
	}
	return v.stop(ctx, rules, mine)
}

// ourSession finds a session of ours, also one whose start was never answered.
func (v *Viewer) ourSession(ctx context.Context, id string) (started, bool, error) {
	known, err := v.remote.ledger.read()
	if err != nil {
		return started{}, false, err
	}
	mine, ours := known.find(v.base, id)
	if ours || len(known.Starting) == 0 {
		return mine, ours, nil
	}
	list, _, err := v.sessions(ctx)
	for _, h := range list {
		if h.ID == id && h.ours {
			return h.mine, true, nil
		}
	}
	return started{}, false, err
}

// stop stops a session: POST /api/remote/viewer/stop, once. The Viewer says ok also when it could
// not reach the process, so whether the SSH connection is alive is found out before.
func (v *Viewer) stop(
	ctx context.Context, rules remoteRules, s started,
) (client.StoppedViewer, error) {
	alive, err := v.reaches(ctx, rules, s)
	if err != nil {
		return client.StoppedViewer{}, err
	}
	if now, err := v.status(ctx, s.SessionID); err == nil && now.PID > 0 {
		s.RemotePID = now.PID
	} else if notFound(err) {
		alive = false
	}
	if err := ctx.Err(); err != nil { // nothing was done, and what was found out means nothing
		return client.StoppedViewer{}, err
	}
	stopped := client.StoppedViewer{SessionID: s.SessionID, Host: s.Host, RemotePID: s.RemotePID}
	ctx = context.WithoutCancel(ctx) // its outcome is to be known
	err = v.post(ctx, "viewer/stop", stopPatience, "stopping a Viewer on "+s.Host,
		map[string]string{"session_id": s.SessionID}, nil)
	switch {
	case notFound(err):
		alive = false
	case err != nil:
		return stopped, stopFailure(err, s)
	}
	if err := v.remote.ledger.change(func(m *memory) { m.drop(v.base, s.SessionID) }); err != nil {
		return stopped, err
	}
	if stopped.Stopped = alive; alive {
		if note := rules.stopNote(); note != "" {
			stopped.Notes = []string{note}
		}
		return stopped, nil
	}
	stopped.Notes = []string{fmt.Sprintf("The session is gone from the Viewer, but its SSH connection "+
		"was not alive, so process %d on %s probably still runs. A person ends it with: %s",
		s.RemotePID, s.Host, s.killCommand())}
	if note := rules.orphanNote(); note != "" {
		stopped.Notes = append(stopped.Notes, note)
	}
	return stopped, nil
}

// reaches reports whether the Viewer reaches the host of a session: it is connected, and a look
// there, which needs the connection, succeeds.
func (v *Viewer) reaches(ctx context.Context, rules remoteRules, s started) (bool, error) {
	list, err := v.connections(ctx)
	if err != nil {
		return false, err
	}
	id := connectionID(s.Username, s.Host, s.SSHPort)
	if !slices.ContainsFunc(list, func(c client.Connection) bool {
		return c.ConnectionID == id && (c.Connected || rules.reconnects())
	}) {
		return false, nil
	}
	_, err = rules.folder(ctx, v, id, s.Root)
	return err == nil, nil
}

// stopFailure is the failure of a stop that the Viewer did not carry out.
func stopFailure(err error, s started) error {
	told := client.Error{Kind: client.ErrServer, Err: err}
	var e *client.Error
	if errors.As(err, &e) {
		told = *e
	}
	told.Detail = fmt.Sprintf("Session %s was not stopped (%s); process %d on %s may still run",
		s.SessionID, strings.TrimRight(told.Detail, "."), s.RemotePID, s.Host)
	told.Hint = "list_viewer_sessions tells. A person ends it with: " + s.killCommand()
	return &told
}

// Disconnect implements [client.RemoteSource]: POST /api/remote/disconnect. Without stopping first,
// nothing would ever end the Viewers there.
func (v *Viewer) Disconnect(
	ctx context.Context, ref string, stopSessions []string,
) (client.Disconnected, error) {
	rules, err := v.rules(ctx)
	if err != nil {
		return client.Disconnected{}, err
	}
	release, err := v.take(ctx)
	if err != nil {
		return client.Disconnected{}, err
	}
	defer release()
	list, err := v.connections(ctx)
	if err != nil {
		return client.Disconnected{}, err
	}
	c, connected, err := pick(list, ref)
	done := client.Disconnected{ConnectionID: ref, WasConnected: connected && c.Connected,
		Stopped: []client.StoppedViewer{}}
	if err != nil || !connected {
		return done, err
	}
	done.ConnectionID = c.ConnectionID
	toStop, err := v.onConnection(ctx, rules, c, stopSessions)
	if err != nil {
		return done, err
	}
	for _, s := range toStop {
		stopped, err := v.stop(ctx, rules, s)
		if err != nil {
			return done, err
		}
		done.Stopped = append(done.Stopped, stopped)
	}
	// That there is no such connection any more is as good: 0.7 closes it with its last session.
	return done, v.post(ctx, "disconnect", stopPatience, "disconnecting from "+c.Host, map[string]any{
		"host": c.Host, "port": c.Port, "username": c.Username}, nil)
}

// onConnection are the sessions to stop before a connection is closed. One of somebody else must
// be named in stopSessions.
func (v *Viewer) onConnection(
	ctx context.Context, rules remoteRules, c client.Connection, stopSessions []string,
) (toStop []started, err error) {
	list, lost, err := v.sessions(ctx)
	if err != nil {
		return nil, err
	}
	var foreign []string
	for _, h := range list {
		if h.Username != c.Username || h.SSHPort != c.Port ||
			h.ours && h.mine.Host != c.Host || !h.ours && rules.tellsHost() && h.Host != c.Host {
			continue
		}
		switch {
		case h.ours:
			toStop = append(toStop, h.mine)
		case slices.Contains(stopSessions, h.ID):
			toStop = append(toStop, h.startedBy(v.base, c.Host))
		default:
			foreign = append(foreign, fmt.Sprintf("%s (%s)", h.ID, h.Root))
		}
	}
	for _, s := range lost {
		if connectionID(s.Username, s.Host, s.SSHPort) == c.ConnectionID {
			toStop = append(toStop, s) // which says what is left of it
		}
	}
	if len(foreign) > 0 {
		return nil, &client.Error{Kind: client.ErrBadRequest, Detail: fmt.Sprintf(
			"Nothing was disconnected: sessions that somebody else started use %s: %s",
			c.ConnectionID, strings.Join(foreign, ", ")),
			Hint: "They would run on without anybody to stop them. Only if their user agrees, name " +
				"them in stop_sessions."}
	}
	return toStop, nil
}
