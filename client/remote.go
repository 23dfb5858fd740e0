package client

import (
	"context"
	"fmt"
)

// Remote is the documented extension client.remote: Viewers on other machines, over SSH, which a
// Viewer 0.5, 0.6 or 0.7 controls. With another source every method is ErrBadRequest, saying what
// it needs.
//
// Arguments are checked before anything is sent, nothing is ever sent twice by a retry, and what
// changes something says honestly what became of it. A host key is accepted by nobody but
// [ConnectOptions.Confirm].
type Remote struct{ client *Client }

// ConnectOptions are the optional arguments of [Remote.Connect].
type ConnectOptions struct {
	Port           int // 0: 22
	Username       string
	Password       string
	PrivateKeyPath string // on the Viewer's machine
	Passphrase     string
	// Confirm asks a human whether to go on with a host; an error means that it was not confirmed
	// and is part of what Connect returns. nil: nobody can be asked, and nothing is confirmed.
	Confirm func(context.Context, HostKey) error
}

// A HostKey is what a human is asked to confirm: the key that a host presents. Key, Fingerprint
// and Old are empty where the Viewer (0.5) checks no host keys at all.
type HostKey struct {
	Host        string
	Port        int
	Type        string   // "ssh-ed25519"
	Fingerprint string   // "SHA256:…"
	Changed     bool     // other keys of this host were accepted before
	Old         []string // those, as "type SHA256:…"
}

// A Connection is an SSH connection that a Viewer holds.
type Connection struct {
	ConnectionID string   `json:"connection_id"` // user@host:port
	Host         string   `json:"host"`
	Port         int      `json:"port"`
	Username     string   `json:"username"`
	Connected    bool     `json:"connected"`
	Reused       bool     `json:"reused,omitempty"` // it was there; the credentials were not checked
	Notes        []string `json:"notes,omitempty"`
}

// A ViewerSession is a Viewer started on another machine, reachable through a tunnel.
type ViewerSession struct {
	SessionID    string   `json:"session_id"`
	ConnectionID string   `json:"connection_id"`
	LocalPort    int      `json:"local_port"`
	RemotePort   int      `json:"remote_port"`
	RemotePID    int      `json:"remote_pid"`
	RemoteRoot   string   `json:"remote_root"`
	URL          string   `json:"url"`
	Ours         bool     `json:"ours"`             // started by this server, or an earlier one of this user
	Working      *bool    `json:"working"`          // it answers; nil: not asked, as somebody else's is not
	Reused       bool     `json:"reused,omitempty"` // it was started before
	Notes        []string `json:"notes,omitempty"`
}

// A StoppedViewer is what became of a session that was stopped.
type StoppedViewer struct {
	SessionID string   `json:"session_id"`
	Stopped   bool     `json:"stopped"` // false: the remote process probably still runs, see Notes
	Host      string   `json:"host"`
	RemotePID int      `json:"remote_pid"`
	Notes     []string `json:"notes,omitempty"`
}

// A Disconnected is what [Remote.Disconnect] did.
type Disconnected struct {
	ConnectionID string          `json:"connection_id"`
	WasConnected bool            `json:"was_connected"`
	Stopped      []StoppedViewer `json:"stopped_viewers"` // first, in order
}

// A RemoteSource is a [Source] that controls Viewers on other machines. Arguments come checked;
// connection ids as they were given, and sessions of others are only stopped when named.
type RemoteSource interface {
	Connect(ctx context.Context, host string, opts ConnectOptions) (Connection, error)
	StartViewer(ctx context.Context, connectionID, root string, localPort, remotePort int) (ViewerSession, error)
	Connections(ctx context.Context) ([]Connection, error)
	ViewerSessions(ctx context.Context) ([]ViewerSession, error)
	StopViewer(ctx context.Context, sessionID string) (StoppedViewer, error)
	Disconnect(ctx context.Context, host string, stopSessions []string) (Disconnected, error)
	Trust(ctx context.Context, host string, port int, confirm func(context.Context, HostKey) error) (string, error)
	SessionSource(ctx context.Context, sessionID string) (Source, error)
}

// Connect opens an SSH connection: documented remote.connect(host, port, username, password,
// private_key_path, passphrase), POST /api/remote/connect (Viewer ≥ 0.5). A live connection is
// reused and says so. ErrAuthentication: the host refused the credentials, which were tried once
// (with a key on Viewer 0.6, twice), or the host was not confirmed. ErrConnection: the host
// cannot be reached.
func (r *Remote) Connect(ctx context.Context, host string, opts ConnectOptions) (Connection, error) {
	const op = "connect"
	source, err := r.source(op)
	if err != nil {
		return Connection{}, err
	}
	if opts.Port == 0 {
		opts.Port = 22
	}
	if err := checkHost(host, opts.Port); err != nil {
		return Connection{}, r.client.named(op, err)
	}
	if err := checkUser(opts.Username); err != nil {
		return Connection{}, r.client.named(op, err)
	}
	c, err := source.Connect(ctx, host, opts)
	return c, r.client.named(op, err)
}

// StartViewer starts a Viewer over a connection, and returns when it answers through its tunnel:
// documented remote.start_viewer(connection_id, remote_root, local_port, remote_port), POST
// /api/remote/viewer/start (Viewer ≥ 0.5), 4 to 65 s. connectionID is that of a connection, or a
// host that only one connection has. Ports of 0 are left to the Viewer. A session of ours with
// the same root that answers is reused. A remote root that is not an absolute path of an existing
// folder is refused.
func (r *Remote) StartViewer(
	ctx context.Context, connectionID, remoteRoot string, localPort, remotePort int,
) (ViewerSession, error) {
	const op = "start_viewer"
	source, err := r.source(op)
	if err != nil {
		return ViewerSession{}, err
	}
	if err := checkConnection(connectionID); err != nil {
		return ViewerSession{}, r.client.named(op, err)
	}
	if err := checkRemoteRoot(remoteRoot); err != nil {
		return ViewerSession{}, r.client.named(op, err)
	}
	for name, port := range map[string]int{"local_port": localPort, "remote_port": remotePort} {
		if port < 0 || port > 65535 {
			return ViewerSession{}, r.client.named(op, badRequest(
				fmt.Sprintf("%s %d is no port", name, port), "Leave it out, and one is chosen."))
		}
	}
	s, err := source.StartViewer(ctx, connectionID, remoteRoot, localPort, remotePort)
	return s, r.client.named(op, err)
}

// ListSessions lists SSH connections: documented remote.list_sessions(),
// GET /api/remote/sessions (Viewer ≥ 0.5).
func (r *Remote) ListSessions(ctx context.Context) ([]Connection, error) {
	const op = "list_sessions"
	source, err := r.source(op)
	if err != nil {
		return nil, err
	}
	list, err := source.Connections(ctx)
	return list, r.client.named(op, err)
}

// ListViewerSessions lists started Viewers: documented remote.list_viewer_sessions(),
// GET /api/remote/viewer/sessions (Viewer ≥ 0.5). Those that we started are asked whether they
// answer.
func (r *Remote) ListViewerSessions(ctx context.Context) ([]ViewerSession, error) {
	const op = "list_viewer_sessions"
	source, err := r.source(op)
	if err != nil {
		return nil, err
	}
	list, err := source.ViewerSessions(ctx)
	return list, r.client.named(op, err)
}

// StopViewer stops a started Viewer of ours: documented remote.stop_viewer(session_id),
// POST /api/remote/viewer/stop (Viewer ≥ 0.5). A Viewer says ok whether or not the process ended,
// so Stopped is true only when its SSH connection was alive. No such session: ErrNotFound.
func (r *Remote) StopViewer(ctx context.Context, sessionID string) (StoppedViewer, error) {
	const op = "stop_viewer"
	source, err := r.source(op)
	if err != nil {
		return StoppedViewer{}, err
	}
	s, err := source.StopViewer(ctx, sessionID)
	return s, r.client.named(op, err)
}

// Disconnect closes an SSH connection: documented remote.disconnect(host),
// POST /api/remote/disconnect (Viewer ≥ 0.5). host is a connection id, or a host that only one
// connection has. Sessions on it that we started are stopped first; one of somebody else is
// ErrBadRequest naming it, unless stopSessions has its id: then it is stopped too. That there is
// no such connection is no error.
func (r *Remote) Disconnect(
	ctx context.Context, host string, stopSessions ...string,
) (Disconnected, error) {
	const op = "disconnect"
	source, err := r.source(op)
	if err != nil {
		return Disconnected{}, err
	}
	if err := checkConnection(host); err != nil {
		return Disconnected{}, r.client.named(op, err)
	}
	d, err := source.Disconnect(ctx, host, stopSessions)
	return d, r.client.named(op, err)
}

// Trust has confirm accept the key of a host, or on Viewer 0.5, which checks none, the host
// itself, and returns in a sentence what holds then. Only a human may answer confirm.
func (r *Remote) Trust(
	ctx context.Context, host string, port int, confirm func(context.Context, HostKey) error,
) (string, error) {
	const op = "trust"
	source, err := r.source(op)
	if err != nil {
		return "", err
	}
	if err := checkHost(host, port); err != nil {
		return "", r.client.named(op, err)
	}
	text, err := source.Trust(ctx, host, port, confirm)
	return text, r.client.named(op, err)
}

// Viewer returns a client of the Viewer behind a session that we started, through its tunnel and
// in its own dialect.
func (r *Remote) Viewer(ctx context.Context, sessionID string) (*Client, error) {
	source, err := r.source("viewer")
	if err != nil {
		return nil, err
	}
	started, err := source.SessionSource(ctx, sessionID)
	if err != nil {
		return nil, err
	}
	return New(started), nil
}

// source is the source, when it controls other machines.
func (r *Remote) source(op string) (RemoteSource, error) {
	if s, ok := r.client.source.(RemoteSource); ok {
		return s, nil
	}
	return nil, r.client.needsViewer(op, "a running Viewer 0.5, 0.6 or 0.7",
		"Use the Remote page of the Viewer itself.")
}
