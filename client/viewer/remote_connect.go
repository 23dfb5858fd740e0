package viewer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// Connect implements [client.RemoteSource]: POST /api/remote/connect, once, and once more after a
// human confirmed the host key on account of which the first was refused before any log-in.
func (v *Viewer) Connect(
	ctx context.Context, host string, opts client.ConnectOptions,
) (client.Connection, error) {
	rules, err := v.rules(ctx)
	if err != nil {
		return client.Connection{}, err
	}
	if err := v.remote.allow(host, opts.Port); err != nil {
		return client.Connection{}, err
	}
	id := connectionID(opts.Username, host, opts.Port)
	v.remote.hide(id, opts.Password, opts.Passphrase)
	list, err := v.connections(ctx)
	if err != nil {
		return client.Connection{}, err
	}
	c := client.Connection{ConnectionID: id, Host: host, Port: opts.Port, Username: opts.Username}
	if found, ok, _ := pick(list, id); ok && found.Connected {
		c.Connected, c.Reused = true, true
		c.Notes = []string{"This connection was open already; the credentials were not checked."}
		return c, nil
	}
	credentials, err := rules.credentials(opts)
	if err != nil {
		return client.Connection{}, err
	}
	if !rules.checksKeys() {
		if err := v.consent(ctx, host, opts.Port, opts.Confirm); err != nil {
			return client.Connection{}, err
		}
	}
	body := map[string]any{"host": host, "port": opts.Port, "username": opts.Username}
	maps.Copy(body, credentials)
	c.Connected, err = v.connect(ctx, body)
	var refused unconfirmed
	if errors.As(err, &refused) {
		if err := v.confirm(ctx, host, opts.Port, refused.key, opts.Confirm); err != nil {
			return client.Connection{}, err
		}
		c.Connected, err = v.connect(ctx, body)
	}
	if err != nil {
		return client.Connection{}, connectFailure(err, host, opts.Port)
	}
	if err := rules.verify(ctx, v, id); err != nil {
		v.drop(ctx, client.Connection{Host: host, Port: opts.Port, Username: opts.Username})
		return client.Connection{}, err
	}
	if !rules.checksKeys() {
		c.Notes = []string{"This Viewer (0.5) does not verify host keys."}
	}
	return c, nil
}

// connect reports whether the connection that was asked for is there. What else the answer says of it
// is known, and not repeated.
func (v *Viewer) connect(ctx context.Context, body map[string]any) (connected bool, err error) {
	var c struct{ Connected bool }
	err = v.post(ctx, "connect", connectPatience, fmt.Sprint("connecting to ", body["host"]), body, &c)
	return c.Connected, err
}

// drop closes a connection that is of no use.
func (v *Viewer) drop(ctx context.Context, c client.Connection) {
	ctx = context.WithoutCancel(ctx)
	_ = v.post(ctx, "disconnect", lookPatience, "disconnecting", map[string]any{
		"host": c.Host, "port": c.Port, "username": c.Username}, nil)
}

// causes are the words of paramiko (up to 0.6) and OpenSSH (0.7) that tell why a connection was
// not made, what to say instead, and what helps.
var causes = []struct {
	words []string
	kind  error
	what  string // after the address
	hint  string
}{
	{[]string{"private key file is encrypted", "checkints do not match", "not a valid", "Bad passphrase"},
		client.ErrAuthentication, "was not tried: the Viewer cannot read the key file",
		"Check private_key_path and passphrase; or load the key into the ssh-agent that the Viewer sees."},
	{[]string{"No such file", "not accessible"}, client.ErrAuthentication,
		"refused the log-in, and the Viewer has no such key file",
		"private_key_path is a path on the Viewer's machine."},
	{[]string{"Authentication failed", "Permission denied", "No authentication methods"},
		client.ErrAuthentication, "refused the credentials",
		"Check username and key; a key with a passphrase may need the ssh-agent that the Viewer " +
			"sees. Do not just try again: hosts lock accounts."},
	{[]string{"Unable to connect", "Connection refused"}, client.ErrConnection,
		"does not take connections on this port", "Check host and port; is sshd running there?"},
	{[]string{"Name or service not known", "Could not resolve", "Temporary failure in name"},
		client.ErrConnection, "has a name that the Viewer's machine does not know", "Check host."},
	{[]string{"timed out", "unreachable", "No route"}, client.ErrConnection,
		"cannot be reached from the Viewer's machine", "Check host, port and network."},
}

// connectFailure says in our words why no connection was made, where that can be told.
func connectFailure(err error, host string, port int) error {
	var refused unconfirmed
	var e *client.Error
	at := address(host, port)
	switch {
	case errors.As(err, &refused):
		return &client.Error{Kind: client.ErrAuthentication, Detail: fmt.Sprintf(
			"%s showed another host key (%s %s) right after one was confirmed; it was not accepted",
			at, refused.key.Type, refused.key.Fingerprint), Hint: "Ask who runs the host."}
	case isUnknown(err):
		return &client.Error{Kind: client.ErrConnection, Detail: fmt.Sprintf(
			"The outcome of connecting to %s is unknown: no answer came in time", at),
			Hint: "list_sessions tells whether it is connected."}
	case !errors.As(err, &e) || e.Status < 500:
		return err
	}
	for _, c := range causes {
		for _, w := range c.words {
			if strings.Contains(e.Detail, w) {
				return &client.Error{Kind: c.kind, Status: e.Status, Detail: at + " " + c.what, Hint: c.hint}
			}
		}
	}
	return &client.Error{Kind: client.ErrConnection, Status: e.Status, Detail: cmp.Or(e.Detail,
		"The connection failed"), Hint: "Check host, port and credentials before trying again."}
}

// isUnknown reports whether it is not known what became of a request: no answer came, or one that
// cannot be read.
func isUnknown(err error) bool {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return true
	}
	var e *client.Error
	return errors.As(err, &e) && e.Kind != client.ErrBadRequest && e.Status == 0 && !isRefused(err)
}
