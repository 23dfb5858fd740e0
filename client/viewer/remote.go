package viewer

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// RemoteOptions configure what a [Viewer] does on other machines. The zero value allows every
// host, knows none, and remembers sessions only as long as the program runs.
type RemoteOptions struct {
	// Hosts are the hosts, as "host" or "host:port", that may be connected to; empty: all.
	Hosts []string
	// Known reports whether the user's own settings name a host. Of others, a Viewer that checks
	// no host keys (0.5) is not let connect without a human's consent. nil: none is known.
	Known func(host string) bool
	// StateFile remembers which sessions are ours, for the next program. "": none does.
	StateFile string
}

// A remote is what a Viewer holds for controlling other machines.
type remote struct {
	opts   RemoteOptions
	ledger ledger
	turn   chan struct{}          // one start or stop at a time
	busy   atomic.Pointer[string] // what freezes the Viewer now
	mu     sync.Mutex
	secret []sentSecret       // to be kept out of errors and answers
	opened map[string]*Viewer // started ones, by session id and port
}

func newRemote(opts RemoteOptions) remote {
	return remote{opts: opts, turn: make(chan struct{}, 1), ledger: ledger{path: opts.StateFile},
		opened: make(map[string]*Viewer)}
}

// How long the Viewer may take. It answers nothing else meanwhile.
const (
	lookPatience    = time.Minute
	connectPatience = 3 * time.Minute
	stopPatience    = 2 * time.Minute
)

// remoteRules are how a generation controls other machines, where generations differ.
type remoteRules interface {
	// credentials is what to send of them, or why they cannot work.
	credentials(opts client.ConnectOptions) (map[string]any, error)
	// checksKeys reports whether the Viewer refuses hosts whose key it does not know.
	checksKeys() bool
	// verify finds out whether a new connection was really made.
	verify(ctx context.Context, v *Viewer, id string) error
	// folder reports whether there is such a folder on the other machine. It uses the connection,
	// so that an error also means that this one is dead.
	folder(ctx context.Context, v *Viewer, id, path string) (bool, error)
	// startPatience is how long a start may take.
	startPatience() time.Duration
	// stopNote is what else goes when a session is stopped.
	stopNote() string
	// orphanNote is what becomes of a process that nobody stops.
	orphanNote() string
	// reconnects reports whether each command is a log-in of its own, so that a connection that
	// was cut comes back by itself.
	reconnects() bool
	// tellsHost reports whether a session names its host; else it is always 127.0.0.1.
	tellsHost() bool
}

// rules are those of the Viewer; before 0.5 there are none, and nothing is sent.
func (v *Viewer) rules(ctx context.Context) (remoteRules, error) {
	d, err := v.dialect(ctx)
	if err != nil {
		return nil, err
	}
	if r := d.remote(); r != nil {
		return r, nil
	}
	return nil, &client.Error{Kind: client.ErrBadRequest, Detail: fmt.Sprintf(
		"Remote control needs Viewer 0.5 or newer; the one at %s is older", v.base),
		Hint: "Update Runicorn on its machine, or name another Viewer with --base-url."}
}

// allow refuses hosts that --remote-hosts leaves out.
func (r *remote) allow(host string, port int) error {
	if len(r.opts.Hosts) == 0 || r.named(host, port) {
		return nil
	}
	return &client.Error{Kind: client.ErrBadRequest,
		Detail: fmt.Sprintf("%s is not among the hosts that this server may connect to", address(host, port)),
		Hint:   "They are given with --remote-hosts: " + strings.Join(r.opts.Hosts, ", ") + "."}
}

func (r *remote) named(host string, port int) bool {
	return slices.ContainsFunc(r.opts.Hosts, func(h string) bool {
		return strings.EqualFold(h, host) || strings.EqualFold(h, address(host, port))
	})
}

// take waits for the turn of an operation that changes something.
func (v *Viewer) take(ctx context.Context) (release func(), err error) {
	select {
	case v.remote.turn <- struct{}{}:
		return func() { <-v.remote.turn }, nil
	case <-ctx.Done():
		return nil, &client.Error{Kind: client.ErrConnection,
			Detail: "Another remote operation is under way, and nothing was done",
			Hint:   "Try again in a minute."}
	}
}

// post has the Viewer do something, once; what says so while it is frozen.
func (v *Viewer) post(
	ctx context.Context, path string, patience time.Duration, what string, body, into any,
) error {
	v.remote.busy.Store(&what)
	defer v.remote.busy.Store(nil)
	r := request{method: http.MethodPost, path: "/api/remote/" + path, body: body, json: true,
		patience: patience, conflict: readConflict}
	if into != nil {
		r.read = jsonInto(into)
	}
	return v.scrubbed(v.do(ctx, r))
}

// look asks about the other machine, once.
func (v *Viewer) look(ctx context.Context, path string, query url.Values, into any) error {
	return v.scrubbed(v.do(ctx, request{path: "/api/remote/" + path, query: query, json: true,
		patience: lookPatience, read: jsonInto(into)}))
}

// A sentSecret is a secret and the connection that it was sent for.
type sentSecret struct{ text, id string }

// hide remembers secrets that a Viewer could repeat.
func (r *remote) hide(id string, secrets ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, text := range secrets {
		if s := (sentSecret{text, id}); text != "" && !slices.Contains(r.secret, s) {
			r.secret = append(r.secret, s)
		}
	}
	if n := len(r.secret) - 32; n > 0 {
		r.secret = r.secret[n:]
	}
}

// scrubbed is an error without the text of the Viewer when that repeats a secret, in whatever
// way it is written.
func (v *Viewer) scrubbed(err error) error {
	var e *client.Error
	if !errors.As(err, &e) {
		return err
	}
	v.remote.mu.Lock()
	defer v.remote.mu.Unlock()
	text := unescaped(e.Detail)
	for _, s := range v.remote.secret {
		if strings.Contains(e.Detail, s.text) || repeats(text, unescaped(s.text)) {
			hidden := *e
			hidden.Detail, hidden.Err = "The Viewer's words are hidden: they repeat a password", nil
			return &hidden
		}
	}
	return err
}

// unsaid is a text of an answer, unless that repeats a secret. Short ones are in many words, and one
// that is part of the user's name or the host's is no secret.
func (v *Viewer) unsaid(text string) string {
	v.remote.mu.Lock()
	defer v.remote.mu.Unlock()
	for _, s := range v.remote.secret {
		if len(s.text) >= 4 && !strings.Contains(s.id, s.text) && repeats(unescaped(text), unescaped(s.text)) {
			return "(hidden: it repeats a password)"
		}
	}
	return text
}

// repeats reports whether a text holds a secret, or was cut off in the middle of it.
func repeats(text, secret string) bool {
	if strings.Contains(text, secret) {
		return true
	}
	rest, cut := strings.CutSuffix(text, "…")
	for n := len(secret) - 1; cut && n >= 4; n-- {
		if strings.HasSuffix(rest, secret[:n]) {
			return true
		}
	}
	return false
}

// escapes are how texts are written in JSON, Python and addresses.
var escapes = regexp.MustCompile(`\\+u[0-9a-fA-F]{4}|\\+x[0-9a-fA-F]{2}|%[0-9a-fA-F]{2}`)

// unescaped is a text in one form, whichever it was written in, for comparing alone: without
// escapes, and without what some of them stand for or what cannot be seen.
func unescaped(s string) string {
	s = escapes.ReplaceAllStringFunc(s, func(e string) string {
		hex := strings.TrimLeft(e, `\ux%`)
		n, _ := strconv.ParseUint(hex, 16, 32)
		if e[0] == '%' {
			return string([]byte{byte(n)}) // part of a character, maybe
		}
		return string(rune(n))
	})
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`\+ `, r) || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co) {
			return -1
		}
		return r
	}, s)
}

// Connections implements [client.RemoteSource].
func (v *Viewer) Connections(ctx context.Context) ([]client.Connection, error) {
	list, err := v.connections(ctx)
	for i := range list {
		for _, text := range []*string{&list[i].ConnectionID, &list[i].Host, &list[i].Username} {
			*text = v.unsaid(*text)
		}
	}
	return list, err
}

// connections asks GET /api/remote/sessions.
func (v *Viewer) connections(ctx context.Context) ([]client.Connection, error) {
	if _, err := v.rules(ctx); err != nil {
		return nil, err
	}
	var answer struct {
		Sessions []struct {
			Key, Host, Username string
			Port                int
			Connected           bool
		}
	}
	if err := v.look(ctx, "sessions", nil, &answer); err != nil {
		return nil, err
	}
	list := make([]client.Connection, 0, len(answer.Sessions))
	for _, s := range answer.Sessions {
		list = append(list, client.Connection{ConnectionID: s.Key, Host: s.Host, Port: s.Port,
			Username: s.Username, Connected: s.Connected})
	}
	return list, nil
}

// connectionID is the id that all Viewers give a connection.
func connectionID(user, host string, port int) string { return user + "@" + address(host, port) }

func address(host string, port int) string { return host + ":" + strconv.Itoa(port) }

// pick finds the connection that an id or a host means. Several: ErrBadRequest naming them. None:
// ok is false.
func pick(list []client.Connection, ref string) (found client.Connection, ok bool, err error) {
	var ids []string
	for _, c := range list {
		if c.ConnectionID == ref || !strings.Contains(ref, "@") && c.Host == ref {
			found = c
			ids = append(ids, c.ConnectionID)
		}
	}
	if len(ids) > 1 {
		slices.Sort(ids)
		return client.Connection{}, false, &client.Error{Kind: client.ErrBadRequest,
			Detail: fmt.Sprintf("There are %d connections to %s: %s", len(ids), ref, strings.Join(ids, ", ")),
			Hint:   "Name one of them."}
	}
	return found, len(ids) == 1, nil
}
