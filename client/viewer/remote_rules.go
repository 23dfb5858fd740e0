package viewer

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// remote05 is how Viewer 0.5 controls other machines: over one paramiko connection each, without
// checking host keys.
type remote05 struct{}

// remote06 is how Viewer 0.6 does. Unlike 0.5 it checks host keys, and its tunnel uses the key and
// passphrase of the connection only when there is a password too.
type remote06 struct{ remote05 }

// remote07 is how Viewer 0.7 does: every command is an OpenSSH client, so that there is no
// connection, only credentials that worked. Unlike 0.6:
//   - passphrases cannot be handed over, and with a password only that is tried;
//   - some hosts that were never reached are "connected";
//   - a session tells its host, and with the last one of a connection that goes too;
//   - a started Viewer ends by itself when it was not asked anything for 30 minutes.
type remote07 struct{ remote06 }

func (viewer05) remote() remoteRules { return remote05{} }
func (viewer06) remote() remoteRules { return remote06{} }
func (viewer07) remote() remoteRules { return remote07{} }

// sent are the credentials that there are.
func sent(opts client.ConnectOptions) map[string]any {
	body := make(map[string]any)
	for name, value := range map[string]string{"password": opts.Password,
		"private_key_path": opts.PrivateKeyPath, "passphrase": opts.Passphrase} {
		if value != "" {
			body[name] = value
		}
	}
	return body
}

func (remote05) credentials(opts client.ConnectOptions) (map[string]any, error) {
	return sent(opts), nil
}

// A password that nobody has makes the tunnel of 0.6 use the key. A host that refuses the key is
// then asked once more, with it.
func (remote06) credentials(opts client.ConnectOptions) (map[string]any, error) {
	body := sent(opts)
	if opts.PrivateKeyPath != "" && opts.Password == "" {
		body["password"] = rand.Text()
	}
	return body, nil
}

func (remote07) credentials(opts client.ConnectOptions) (map[string]any, error) {
	if opts.Passphrase != "" {
		return nil, &client.Error{Kind: client.ErrBadRequest,
			Detail: "Viewer 0.7 cannot use a key that has a passphrase; nothing was tried",
			Hint: "Load the key into the ssh-agent that the Viewer sees and leave passphrase and " +
				"private_key_path out, or use a password."}
	}
	return sent(opts), nil
}

func (remote05) checksKeys() bool { return false }
func (remote06) checksKeys() bool { return true }

func (remote05) verify(context.Context, *Viewer, string) error { return nil }

// verify runs something there: GET /api/remote/config, about 3 s.
func (remote07) verify(ctx context.Context, v *Viewer, id string) error {
	var config struct{ OK bool }
	err := v.look(ctx, "config", url.Values{"connection_id": {id}}, &config)
	if err == nil {
		return nil
	}
	return &client.Error{Kind: client.ErrConnection, Err: err,
		Detail: fmt.Sprintf("The Viewer says that %s is connected, but nothing can be run there", id),
		Hint: "Either the host was not reached, or it has no Python for non-interactive shells: " +
			"check host and port."}
}

// folder asks for a path itself: GET /api/remote/fs/exists (0.5, 0.6).
func (remote05) folder(ctx context.Context, v *Viewer, id, path string) (bool, error) {
	var answer struct {
		Exists bool
		IsDir  bool `json:"is_dir"`
	}
	err := v.look(ctx, "fs/exists", url.Values{"connection_id": {id}, "path": {path}}, &answer)
	return answer.Exists && answer.IsDir, err
}

// folder looks for stores there, which fails where there is no folder: GET
// /api/remote/storage-candidates (0.7).
func (remote07) folder(ctx context.Context, v *Viewer, id, path string) (bool, error) {
	var answer struct{ Candidates []any }
	err := v.look(ctx, "storage-candidates", url.Values{"connection_id": {id}, "scan_root": {path},
		"max_depth": {"1"}}, &answer)
	if err != nil && strings.Contains(err.Error(), "Scan root does not exist") {
		return false, nil
	}
	return err == nil, err
}

func (remote05) startPatience() time.Duration { return 3 * time.Minute }
func (remote07) startPatience() time.Duration { return 5 * time.Minute }

func (remote05) stopNote() string { return "" }
func (remote07) stopNote() string {
	return "Viewer 0.7 closes the SSH connection with its last session."
}

func (remote05) orphanNote() string { return "" }
func (remote07) orphanNote() string {
	return "A Viewer 0.7 there ends by itself when it was not asked anything for 30 minutes."
}

func (remote05) reconnects() bool { return false }
func (remote07) reconnects() bool { return true }

func (remote05) tellsHost() bool { return false }
func (remote07) tellsHost() bool { return true }
