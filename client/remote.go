package client

import "context"

// Remote is the documented extension client.remote: Viewers on other machines over SSH. In this
// release every method is ErrBadRequest, saying what it needs; a storage folder has none.
type Remote struct{ client *Client }

// ConnectOptions are the optional arguments of [Remote.Connect].
type ConnectOptions struct {
	Port           int // 0: 22
	Username       string
	Password       string
	PrivateKeyPath string // on the Viewer's machine
	Passphrase     string
}

// A Connection is an SSH connection that a Viewer holds.
type Connection struct {
	ConnectionID string `json:"connection_id"` // user@host:port
	Host         string `json:"host"`
	Port         int    `json:"port"`
	Username     string `json:"username"`
	Connected    bool   `json:"connected"`
}

// A ViewerSession is a Viewer started on another machine, reachable through a tunnel.
type ViewerSession struct {
	SessionID    string `json:"session_id"`
	ConnectionID string `json:"connection_id"`
	LocalPort    int    `json:"local_port"`
	RemotePort   int    `json:"remote_port"`
	RemotePID    int    `json:"remote_pid"`
	RemoteRoot   string `json:"remote_root"`
	URL          string `json:"url"`
}

// Connect opens an SSH connection: documented remote.connect(host, port, username, password,
// private_key_path, passphrase), POST /api/remote/connect (Viewer ≥ 0.5).
func (r *Remote) Connect(ctx context.Context, host string, opts ConnectOptions) (Connection, error) {
	return Connection{}, r.unavailable("connect")
}

// StartViewer starts a Viewer over a connection: documented remote.start_viewer(connection_id,
// remote_root, local_port, remote_port), POST /api/remote/viewer/start (Viewer ≥ 0.5). Ports of
// 0 are left to the Viewer.
func (r *Remote) StartViewer(
	ctx context.Context, connectionID, remoteRoot string, localPort, remotePort int,
) (ViewerSession, error) {
	return ViewerSession{}, r.unavailable("start_viewer")
}

// ListSessions lists SSH connections: documented remote.list_sessions(),
// GET /api/remote/sessions (Viewer ≥ 0.5).
func (r *Remote) ListSessions(ctx context.Context) ([]Connection, error) {
	return nil, r.unavailable("list_sessions")
}

// ListViewerSessions lists started Viewers: documented remote.list_viewer_sessions(),
// GET /api/remote/viewer/sessions (Viewer ≥ 0.5).
func (r *Remote) ListViewerSessions(ctx context.Context) ([]ViewerSession, error) {
	return nil, r.unavailable("list_viewer_sessions")
}

// StopViewer stops a started Viewer: documented remote.stop_viewer(session_id),
// POST /api/remote/viewer/stop (Viewer ≥ 0.5).
func (r *Remote) StopViewer(ctx context.Context, sessionID string) error {
	return r.unavailable("stop_viewer")
}

// Disconnect closes an SSH connection: documented remote.disconnect(host),
// POST /api/remote/disconnect (Viewer ≥ 0.5).
func (r *Remote) Disconnect(ctx context.Context, host string) error {
	return r.unavailable("disconnect")
}

func (r *Remote) unavailable(op string) error {
	return r.client.needsViewer(op, "a running Viewer 0.5, 0.6 or 0.7",
		"Use the Remote page of the Viewer itself.")
}
