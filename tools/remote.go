package tools

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

type connectArgs struct {
	Host           string `json:"host" jsonschema_description:"Name or address."`
	Port           int    `json:"port,omitempty" jsonschema_description:"22 by default."`
	Username       string `json:"username,omitempty" jsonschema_description:"Account there."`
	Password       string `json:"password,omitempty" jsonschema_description:"Better: ssh-agent, key file or password_env."`
	PasswordEnv    string `json:"password_env,omitempty" jsonschema_description:"Variable RUNICORN_SSH_… that holds it."`
	PrivateKeyPath string `json:"private_key_path,omitempty" jsonschema_description:"On the Viewer's machine."`
	Passphrase     string `json:"passphrase,omitempty" jsonschema_description:"Of the key."`
	PassphraseEnv  string `json:"passphrase_env,omitempty" jsonschema_description:"As password_env."`
}

// How long these may take, a person's thinking included; they show progress meanwhile.
const (
	connectTime = 8 * time.Minute
	startTime   = 7 * time.Minute
	stopTime    = 6 * time.Minute
)

var connect = changes("remote", "connect", words{
	"Connect over SSH", "Has the Viewer (0.5 or newer) connect to a host. An unknown host key is " +
		"accepted by a person only.",
}, Hints{Idempotent: true, OpenWorld: true},
	func(ctx context.Context, env *Env, args connectArgs) (client.Connection, error) {
		c, err := env.Client(ctx, "")
		if err != nil {
			return client.Connection{}, err
		}
		opts := client.ConnectOptions{Port: args.Port, Username: args.Username,
			PrivateKeyPath: args.PrivateKeyPath, Confirm: env.confirm}
		if opts.Password, err = secret("password", args.Password, args.PasswordEnv); err != nil {
			return client.Connection{}, err
		}
		if opts.Passphrase, err = secret("passphrase", args.Passphrase, args.PassphraseEnv); err != nil {
			return client.Connection{}, err
		}
		defer env.ticking(ctx, "connecting to "+args.Host)()
		connection, err := c.Remote.Connect(ctx, args.Host, opts)
		return shownConnection(connection), err
	}).within(connectTime)

// secretVariable are the variables that may be sent to another machine: not what else is in the
// environment.
var secretVariable = regexp.MustCompile(`^RUNICORN_SSH_[A-Z0-9_]+$`)

// secret is a secret that was given itself, or by the name of a variable.
func secret(name, value, variable string) (string, error) {
	if variable == "" {
		return value, nil
	}
	if value != "" {
		return "", fmt.Errorf("give %s or %s_env, not both", name, name)
	}
	if !secretVariable.MatchString(variable) {
		return "", fmt.Errorf("argument %q must name a variable that begins with RUNICORN_SSH_", name+"_env")
	}
	value, ok := os.LookupEnv(variable)
	if !ok || value == "" {
		return "", fmt.Errorf("the variable %s is not set in the environment of this server", variable)
	}
	return value, nil
}

// confirm has a person decide on a host.
func (env *Env) confirm(ctx context.Context, key client.HostKey) error {
	if env.Ask == nil {
		return errors.New("this host application cannot ask a person")
	}
	return env.Ask(ctx, Question(key))
}

// Question is what a person is asked about a host before it is connected to.
func Question(key client.HostKey) string {
	at := fmt.Sprintf("%s, port %d", name(key.Host), key.Port)
	switch {
	case key.Fingerprint == "":
		return "Let the Viewer connect to " + at + "? It is of a version (0.5) that does not verify " +
			"host keys: another machine could answer in its place and learn a password."
	case key.Changed:
		text := "WARNING: the host key of " + at + " HAS CHANGED. Somebody may be intercepting the " +
			"connection, or the host was set up anew: ask who runs it.\n"
		for _, old := range key.Old {
			text += "before: " + name(old) + "\n"
		}
		return text + "now:    " + name(key.Type+" "+key.Fingerprint) + "\nForget the old and accept the new key?"
	}
	return "The Viewer does not know the host key of " + at + ":\n" + name(key.Type+" "+key.Fingerprint) +
		"\nCompare it with what the host's owner tells you (there: ssh-keygen -lf " +
		"/etc/ssh/ssh_host_…_key.pub). Accept it?"
}

// ticking tells every second that something lasts, until the returned function is called.
func (env *Env) ticking(ctx context.Context, what string) (stop func()) {
	if env.Progress == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		for seconds := 1; ; seconds++ {
			env.Progress(float64(seconds), 0, fmt.Sprintf("%s: %d s", what, seconds))
			select {
			case <-ticker.C:
			case <-ctx.Done():
				return
			}
		}
	}()
	return cancel
}

type startViewerArgs struct {
	ConnectionID string `json:"connection_id" jsonschema_description:"From connect; or its host."`
	RemoteRoot   string `json:"remote_root" jsonschema_description:"Absolute storage root."`
	LocalPort    int    `json:"local_port,omitempty" jsonschema_description:"Chosen when left out."`
	RemotePort   int    `json:"remote_port,omitempty" jsonschema_description:"Leave out: what listens there may be killed."`
}

var startViewer = changes("remote", "start_viewer", words{
	"Start a remote Viewer", "Starts a Viewer on a connected host (4-65 s); pass its " +
		"session_id as viewer.",
}, Hints{Idempotent: true, OpenWorld: true},
	func(ctx context.Context, env *Env, args startViewerArgs) (client.ViewerSession, error) {
		c, err := env.Client(ctx, "")
		if err != nil {
			return client.ViewerSession{}, err
		}
		defer env.ticking(ctx, "starting a Viewer over "+args.ConnectionID)()
		session, err := c.Remote.StartViewer(ctx, args.ConnectionID, args.RemoteRoot, args.LocalPort,
			args.RemotePort)
		return shownSession(session), err
	}).within(startTime)

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
	return sessionsAnswer{each(sessions, shownConnection)}, err
})

type viewerSessionsAnswer struct {
	Sessions []client.ViewerSession `json:"sessions"`
}

var listViewerSessions = reads("remote", "list_viewer_sessions", words{
	"List remote Viewers", "Started remote Viewers; working: ours answers.",
}, func(ctx context.Context, env *Env, _ noArgs) (viewerSessionsAnswer, error) {
	c, err := env.Client(ctx, "")
	if err != nil {
		return viewerSessionsAnswer{}, err
	}
	sessions, err := c.Remote.ListViewerSessions(ctx)
	return viewerSessionsAnswer{each(sessions, shownSession)}, err
})

type stopViewerArgs struct {
	SessionID string `json:"session_id" jsonschema_description:"From start_viewer."`
}

var stopViewer = changes("remote", "stop_viewer", words{
	"Stop a remote Viewer", "Stops a remote Viewer of ours.",
}, Hints{Destructive: true, Idempotent: true, OpenWorld: true},
	func(ctx context.Context, env *Env, args stopViewerArgs) (client.StoppedViewer, error) {
		c, err := env.Client(ctx, "")
		if err != nil {
			return client.StoppedViewer{}, err
		}
		defer env.ticking(ctx, "stopping "+args.SessionID)()
		stopped, err := c.Remote.StopViewer(ctx, args.SessionID)
		return shownStopped(stopped), err
	}).within(stopTime)

type disconnectArgs struct {
	Host         string   `json:"host" jsonschema_description:"Host or connection_id."`
	StopSessions []string `json:"stop_sessions,omitempty" jsonschema_description:"Others' sessions to stop too."`
}

var disconnect = changes("remote", "disconnect", words{
	"Disconnect from a host", "Stops our Viewers on a host, then closes its SSH connection.",
}, Hints{Destructive: true, Idempotent: true, OpenWorld: true},
	func(ctx context.Context, env *Env, args disconnectArgs) (client.Disconnected, error) {
		c, err := env.Client(ctx, "")
		if err != nil {
			return client.Disconnected{}, err
		}
		defer env.ticking(ctx, "disconnecting from "+args.Host)()
		done, err := c.Remote.Disconnect(ctx, args.Host, args.StopSessions...)
		done.ConnectionID, done.Stopped = name(done.ConnectionID), each(done.Stopped, shownStopped)
		return done, err
	}).within(stopTime)
