package viewer

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// A wireKey is a host key as a Viewer shows it (≥ 0.6, in a 409) and takes it back.
type wireKey struct {
	Host        string `json:"host"`
	Port        int    `json:"port"`
	Type        string `json:"key_type"`
	Public      string `json:"public_key"` // type and base64
	Fingerprint string `json:"fingerprint_sha256"`
	Reason      string `json:"-"`
}

// unconfirmed is the failure of a request because of a host key.
type unconfirmed struct{ key wireKey }

func (u unconfirmed) Error() string { return "the host key is not confirmed" }

// readConflict reads the body of a 409.
func readConflict(body []byte) error {
	var answer struct {
		Detail struct {
			Code string
			Key  struct {
				wireKey
				Reason string `json:"reason"`
			} `json:"host_key"`
		}
	}
	if json.Unmarshal(body, &answer) != nil || answer.Detail.Code != "HOST_KEY_CONFIRMATION_REQUIRED" {
		return &client.Error{Kind: client.ErrBadRequest, Status: 409, Detail: detail(body)}
	}
	key := answer.Detail.Key.wireKey
	key.Reason = answer.Detail.Key.Reason
	return unconfirmed{key}
}

// keyType and keyPrint are what types and fingerprints of keys look like: a person reads them, and
// there is no room in them for words.
var (
	keyType  = regexp.MustCompile(`^[a-z0-9@.\-]{1,64}$`)
	keyPrint = regexp.MustCompile(`^(SHA256|MD5):[A-Za-z0-9+/:]{1,64}$`)
)

// shown is a key that was accepted before, as a person is shown it.
func (k wireKey) shown() string {
	if !keyType.MatchString(k.Type) || !keyPrint.MatchString(k.Fingerprint) {
		return "a key that the Viewer does not name properly"
	}
	return k.Type + " " + k.Fingerprint
}

// maxOld is how many of the keys that were accepted before are shown.
const maxOld = 5

// isWhole reports whether a key is one of this host and its fingerprint its own.
func (k wireKey) isWhole(host string, port int) bool {
	name, text, ok := strings.Cut(k.Public, " ")
	raw, err := base64.StdEncoding.DecodeString(text)
	sum := sha256.Sum256(raw)
	return ok && err == nil && name == k.Type && keyType.MatchString(name) && k.Host == host && k.Port == port &&
		k.Fingerprint == "SHA256:"+base64.RawStdEncoding.EncodeToString(sum[:])
}

// confirm has a human decide on the key that the Viewer showed, and has the Viewer accept exactly
// that one. Other keys of the host are removed first: 0.7 keeps a stale one of another type beside
// it, and goes on refusing.
func (v *Viewer) confirm(
	ctx context.Context, host string, port int, key wireKey,
	ask func(context.Context, client.HostKey) error,
) error {
	if !key.isWhole(host, port) {
		return &client.Error{Kind: client.ErrServer,
			Detail: "The Viewer shows a host key that is not one of " + address(host, port)}
	}
	old, err := v.knownKeys(ctx, host, port)
	if err != nil {
		return err
	}
	shown := client.HostKey{Host: host, Port: port, Type: key.Type, Fingerprint: key.Fingerprint,
		Changed: key.Reason == "changed" || len(old) > 0}
	for _, k := range old[:min(maxOld, len(old))] {
		shown.Old = append(shown.Old, k.shown())
	}
	if more := len(old) - maxOld; more > 0 {
		shown.Old = append(shown.Old, fmt.Sprintf("and %d more", more))
	}
	if ask == nil {
		return notConfirmed(shown, errors.New("nobody could be asked"))
	}
	if err := ask(ctx, shown); err != nil {
		return notConfirmed(shown, err)
	}
	for _, k := range old {
		err := v.post(ctx, "known-hosts/remove", lookPatience, "replacing a host key", map[string]any{
			"host": host, "port": port, "key_type": k.Type}, nil)
		if err != nil {
			return err
		}
	}
	return v.post(ctx, "known-hosts/accept", lookPatience, "accepting a host key", key, nil)
}

// knownKeys are the keys of a host that were accepted before, in order of type.
func (v *Viewer) knownKeys(ctx context.Context, host string, port int) ([]wireKey, error) {
	var known struct{ Entries []wireKey }
	if err := v.look(ctx, "known-hosts/list", nil, &known); err != nil {
		return nil, err
	}
	var keys []wireKey
	for _, k := range known.Entries {
		if k.Host == host && k.Port == port {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, func(a, b wireKey) int { return strings.Compare(a.Type, b.Type) })
	return keys, nil
}

// consent has a human decide on a host whose key the Viewer does not check (0.5), unless the
// user's settings name it.
func (v *Viewer) consent(
	ctx context.Context, host string, port int, ask func(context.Context, client.HostKey) error,
) error {
	if v.remote.named(host, port) || v.remote.opts.Known != nil && v.remote.opts.Known(host) {
		return nil
	}
	remembered, err := v.remote.ledger.read()
	if err != nil {
		return err
	}
	if slices.Contains(remembered.Hosts, address(host, port)) {
		return nil
	}
	shown := client.HostKey{Host: host, Port: port}
	if ask == nil {
		return notConfirmed(shown, errors.New("nobody could be asked"))
	}
	if err := ask(ctx, shown); err != nil {
		return notConfirmed(shown, err)
	}
	return nil
}

// notConfirmed is the failure of a host that no human has confirmed. It says all that one needs
// to decide, and how.
func notConfirmed(key client.HostKey, cause error) error {
	at := address(key.Host, key.Port)
	e := &client.Error{Kind: client.ErrAuthentication, Err: cause}
	how := fmt.Sprintf("Only a person can confirm, by typing in a terminal (with the same "+
		"--base-url): runicorn-mcp trust %s", at)
	switch {
	case key.Fingerprint == "":
		e.Detail = fmt.Sprintf("%s was not confirmed (%v): Viewer 0.5 does not verify host keys, so "+
			"another machine could answer in its place", at, cause)
		e.Hint = how + "; or name the host in --remote-hosts or ~/.ssh/config."
	case key.Changed:
		e.Detail = fmt.Sprintf("The host key of %s has CHANGED and was not confirmed (%v). Somebody may "+
			"be intercepting the connection, or the host was set up anew. Now: %s %s. Before: %s",
			at, cause, key.Type, key.Fingerprint, strings.Join(key.Old, ", "))
		e.Hint = "Ask who runs the host first. " + how
	default:
		e.Detail = fmt.Sprintf("The host key of %s is unknown and was not confirmed (%v): %s %s",
			at, cause, key.Type, key.Fingerprint)
		e.Hint = how
	}
	return e
}

// trustUser is who a host sees when only its key is wanted.
const trustUser = "runicorn-mcp-trust"

// Trust implements [client.RemoteSource]. To see the key it has the Viewer connect without any
// credentials, which no host accepts.
func (v *Viewer) Trust(
	ctx context.Context, host string, port int, confirm func(context.Context, client.HostKey) error,
) (string, error) {
	rules, err := v.rules(ctx)
	if err != nil {
		return "", err
	}
	if err := v.remote.allow(host, port); err != nil {
		return "", err
	}
	at := address(host, port)
	if !rules.checksKeys() {
		if err := v.consent(ctx, host, port, confirm); err != nil {
			return "", err
		}
		err := v.remote.ledger.change(func(m *memory) {
			if !slices.Contains(m.Hosts, at) {
				m.Hosts = append(m.Hosts, at)
			}
		})
		return at + " may be connected to. This Viewer does not verify host keys.", err
	}
	err = v.post(ctx, "connect", connectPatience, "connecting to "+host, map[string]any{"host": host,
		"port": port, "username": trustUser, "use_agent": false}, nil)
	var refused unconfirmed
	switch {
	case errors.As(err, &refused):
		if err := v.confirm(ctx, host, port, refused.key, confirm); err != nil {
			return "", err
		}
		return fmt.Sprintf("The key %s %s of %s is accepted.", refused.key.Type,
			refused.key.Fingerprint, at), nil
	case err == nil: // 0.7 says so of hosts that it never reached
		defer v.drop(ctx, client.Connection{Host: host, Port: port, Username: trustUser})
		if err := rules.verify(ctx, v, connectionID(trustUser, host, port)); err != nil {
			return "", err
		}
	case !errors.Is(connectFailure(err, host, port), client.ErrAuthentication):
		return "", connectFailure(err, host, port)
	}
	return "The key of " + at + " is accepted already.", nil
}
