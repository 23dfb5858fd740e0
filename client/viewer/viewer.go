// Package viewer reads experiments from a running Runicorn Viewer over HTTP: [New] returns a
// [github.com/runicorn-mcp/runicorn-mcp/client.Source].
//
// This release reads Viewers of generation 0.7 (0.7.0 to 0.7.2). Another generation is told by
// the paths of its /openapi.json, never by its version, and answered with an error that says
// what to do instead. Only GETs are ever sent.
package viewer

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// Options configure a [Viewer]. The zero value is the documented default.
type Options struct {
	BaseURL    string        // "": http://127.0.0.1:23300; a path in it is kept
	Timeout    time.Duration // per attempt: to the first byte, then between bytes; 0: 30 s
	MaxRetries *int          // further attempts after a failure that may pass; nil: 3
	// Transport sends the requests; nil: a pool of connections, never through a proxy to
	// loopback and private addresses.
	Transport http.RoundTripper
}

// A Viewer is a running Viewer. It implements [client.Source] and is safe for use by several
// goroutines at once.
type Viewer struct {
	base    string // without a slash at the end, without credentials
	user    *url.Userinfo
	http    *http.Client
	timeout time.Duration
	retries int

	mu    sync.Mutex
	known *identity // nil until asked, and again after a lost connection
}

var _ client.Source = (*Viewer)(nil)

// New returns the Viewer at opts.BaseURL. Nothing is asked of it before the first call.
func New(opts Options) *Viewer {
	v := &Viewer{base: strings.TrimRight(opts.BaseURL, "/"), timeout: opts.Timeout, retries: 3}
	if v.base == "" {
		v.base = "http://127.0.0.1:23300"
	}
	if !strings.Contains(v.base, "://") {
		v.base = "http://" + v.base
	}
	if u, err := url.Parse(v.base); err == nil && u.User != nil {
		v.user, u.User = u.User, nil
		v.base = u.String()
	}
	if v.timeout <= 0 {
		v.timeout = 30 * time.Second
	}
	if opts.MaxRetries != nil {
		v.retries = max(0, *opts.MaxRetries)
	}
	transport := opts.Transport
	if transport == nil {
		transport = newTransport(v.timeout)
	}
	v.http = &http.Client{Transport: transport, CheckRedirect: sameHost}
	return v
}

// Describe implements [client.Source]. Metrics come from the run's own events.jsonl, so NaN and
// infinities are told apart from what was not logged.
func (v *Viewer) Describe() client.Description {
	return client.Description{Kind: "viewer", Location: v.base, CountsNonFinite: true,
		AssetRuns: 500}
}
