package tools

import (
	"context"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

type connectArgs struct {
	Host           string `json:"host" jsonschema:"minLength=1" jsonschema_description:"Host name or address."`
	Port           int    `json:"port,omitempty" jsonschema:"minimum=1,maximum=65535" jsonschema_description:"SSH port, 22 by default."`
	Username       string `json:"username,omitempty" jsonschema_description:"SSH user."`
	Password       string `json:"password,omitempty" jsonschema_description:"Better: an SSH agent or a key file."`
	PrivateKeyPath string `json:"private_key_path,omitempty" jsonschema_description:"Key file on the Viewer's machine."`
	Passphrase     string `json:"passphrase,omitempty" jsonschema_description:"Of the key file."`
}

var connect = changes("remote", "connect", words{
	"Connect over SSH", "Opens an SSH connection from the Viewer (0.5 or newer) to a host.",
}, Hints{Idempotent: true, OpenWorld: true},
	func(ctx context.Context, env *Env, args connectArgs) (client.Connection, error) {
		c, err := env.Client(ctx, "")
		if err != nil {
			return client.Connection{}, err
		}
		return c.Remote.Connect(ctx, args.Host, client.ConnectOptions{Port: args.Port,
			Username: args.Username, Password: args.Password,
			PrivateKeyPath: args.PrivateKeyPath, Passphrase: args.Passphrase})
	})

type startViewerArgs struct {
	ConnectionID string `json:"connection_id" jsonschema:"minLength=1" jsonschema_description:"From connect."`
	RemoteRoot   string `json:"remote_root" jsonschema:"minLength=1" jsonschema_description:"Absolute storage root there."`
	LocalPort    int    `json:"local_port,omitempty" jsonschema:"minimum=1,maximum=65535" jsonschema_description:"Of the tunnel; chosen when left out."`
	RemotePort   int    `json:"remote_port,omitempty" jsonschema:"minimum=1,maximum=65535" jsonschema_description:"Leave out: what listens there may be ended."`
}

var startViewer = changes("remote", "start_viewer", words{
	"Start a remote Viewer", "Starts a Viewer on a connected host and opens a tunnel to it.",
}, Hints{OpenWorld: true},
	func(ctx context.Context, env *Env, args startViewerArgs) (client.ViewerSession, error) {
		c, err := env.Client(ctx, "")
		if err != nil {
			return client.ViewerSession{}, err
		}
		return c.Remote.StartViewer(ctx, args.ConnectionID, args.RemoteRoot, args.LocalPort,
			args.RemotePort)
	})

type noArgs struct{}

type sessionsAnswer struct {
	Sessions []client.Connection `json:"sessions"`
}

var listSessions = reads("remote", "list_sessions", words{
	"List SSH connections", "SSH connections of the Viewer.",
}, func(ctx context.Context, env *Env, _ noArgs) (sessionsAnswer, error) {
	c, err := env.Client(ctx, "")
	if err != nil {
		return sessionsAnswer{}, err
	}
	sessions, err := c.Remote.ListSessions(ctx)
	return sessionsAnswer{sessions}, err
})

type viewerSessionsAnswer struct {
	Sessions []client.ViewerSession `json:"sessions"`
}

var listViewerSessions = reads("remote", "list_viewer_sessions", words{
	"List remote Viewers", "Remote Viewers that were started, with their local ports.",
}, func(ctx context.Context, env *Env, _ noArgs) (viewerSessionsAnswer, error) {
	c, err := env.Client(ctx, "")
	if err != nil {
		return viewerSessionsAnswer{}, err
	}
	sessions, err := c.Remote.ListViewerSessions(ctx)
	return viewerSessionsAnswer{sessions}, err
})

type stopViewerArgs struct {
	SessionID string `json:"session_id" jsonschema:"minLength=1" jsonschema_description:"From start_viewer."`
}

type doneAnswer struct {
	OK bool `json:"ok"`
}

var stopViewer = changes("remote", "stop_viewer", words{
	"Stop a remote Viewer", "Stops a remote Viewer that was started.",
}, Hints{Destructive: true, Idempotent: true, OpenWorld: true},
	func(ctx context.Context, env *Env, args stopViewerArgs) (doneAnswer, error) {
		c, err := env.Client(ctx, "")
		if err != nil {
			return doneAnswer{}, err
		}
		err = c.Remote.StopViewer(ctx, args.SessionID)
		return doneAnswer{err == nil}, err
	})

type disconnectArgs struct {
	Host string `json:"host" jsonschema:"minLength=1" jsonschema_description:"Host name or address, as in connect."`
}

var disconnect = changes("remote", "disconnect", words{
	"Disconnect from a host", "Closes the Viewer's SSH connection to a host.",
}, Hints{Destructive: true, Idempotent: true, OpenWorld: true},
	func(ctx context.Context, env *Env, args disconnectArgs) (doneAnswer, error) {
		c, err := env.Client(ctx, "")
		if err != nil {
			return doneAnswer{}, err
		}
		err = c.Remote.Disconnect(ctx, args.Host)
		return doneAnswer{err == nil}, err
	})
