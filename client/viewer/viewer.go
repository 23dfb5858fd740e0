// Package viewer reads experiments from a running Runicorn Viewer over HTTP, of any generation
// from 0.4 to 0.7: [New] returns a [github.com/runicorn-mcp/runicorn-mcp/client.Source].
//
// The generations differ in routes and rows, which the files dialect_04.go to dialect_07.go
// tell; which one answers is asked on first use, by the paths of /openapi.json and never by a
// version number, and again whenever a connection was lost. What a Viewer lists is kept for two
// seconds, so that one call of a tool asks for it once. Only the Viewer's own address is ever
// contacted, and the local ports of remote Viewers that we started, whatever an answer says.
package viewer

import (
	"context"
	"io"
	"iter"
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
	Remote    RemoteOptions // what it may do on other machines
}

// A Viewer is a running Viewer. It implements [client.Source] and is safe for use by several
// goroutines at once.
type Viewer struct {
	base    string // without a slash at the end, without credentials
	user    *url.Userinfo
	http    *http.Client
	slow    *http.Client // waits for an answer as long as its request says
	timeout time.Duration
	retries int
	maxBody int64 // bytes of one answer

	mu    sync.Mutex
	known *identity // nil until asked, and again after a lost connection

	rootKept   kept[string]
	listKept   kept[listing]
	assetsKept assetStore

	remote remote
}

var (
	_ client.Source       = (*Viewer)(nil)
	_ client.RemoteSource = (*Viewer)(nil)
)

// New returns the Viewer at opts.BaseURL. Nothing is asked of it before the first call.
func New(opts Options) *Viewer {
	v := &Viewer{base: strings.TrimRight(opts.BaseURL, "/"), timeout: opts.Timeout, retries: 3,
		maxBody: maxBody, remote: newRemote(opts.Remote)}
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
	quick, slow := opts.Transport, opts.Transport
	if opts.Transport == nil {
		patient := newTransport(v.timeout, v.forget)
		patient.ResponseHeaderTimeout = 0
		quick, slow = newTransport(v.timeout, v.forget), patient
	}
	v.http = &http.Client{Transport: quick, CheckRedirect: sameHost}
	v.slow = &http.Client{Transport: slow, CheckRedirect: sameHost}
	return v
}

// Describe implements [client.Source].
func (v *Viewer) Describe() client.Description {
	return client.Description{Kind: "viewer", Location: v.base, AssetRuns: 500}
}

// Runs implements [client.Source]. A Viewer sends its list whole, so it is read whole.
func (v *Viewer) Runs(
	ctx context.Context, scope client.Scope,
) iter.Seq2[client.Experiment, error] {
	return func(yield func(client.Experiment, error) bool) {
		list, err := v.list(ctx)
		if err != nil {
			yield(client.Experiment{}, err)
			return
		}
		for _, run := range list.runs {
			if scope.Project != "" && run.Project != scope.Project {
				continue
			}
			if !yield(run, nil) {
				return
			}
		}
	}
}

// CountRuns implements [client.Source].
func (v *Viewer) CountRuns(ctx context.Context, scope client.Scope) (client.RunCount, error) {
	list, err := v.list(ctx)
	count := client.RunCount{Unlisted: list.unlisted, Problems: list.problems}
	for _, run := range list.runs {
		if scope.Project == "" || run.Project == scope.Project {
			count.Total++
		}
	}
	return count, err
}

// Run implements [client.Source]. A Viewer knows each id once, so of "path/id" it is asked for
// the id, and the run must lie there.
func (v *Viewer) Run(ctx context.Context, ref string) (client.Experiment, error) {
	id := ref[strings.LastIndexByte(ref, '/')+1:]
	if id == "" {
		return client.Experiment{}, noRun(ref)
	}
	run, err := ask(ctx, v, func(d dialect) (client.Experiment, error) { return d.run(ctx, v, id) })
	if err == nil && id != ref && ref != run.Label()+"/"+id && ref != run.Project+"/"+run.Name+"/"+id {
		return client.Experiment{}, noRun(ref)
	}
	return run, err
}

// Metrics implements [client.Source]: from 0.6 on by reading the run's events.jsonl as it comes,
// up to 0.5 from the Viewer's table, in which NaN and infinities are not told from nothing.
func (v *Viewer) Metrics(
	ctx context.Context, run client.Experiment, names []string,
) (client.Metrics, error) {
	return ask(ctx, v, func(d dialect) (client.Metrics, error) {
		return d.metrics(ctx, v, run, names)
	})
}

// Assets implements [client.Source]. From 0.6 on an answer is kept for a minute.
func (v *Viewer) Assets(ctx context.Context, run client.Experiment) (client.RunAssets, error) {
	return ask(ctx, v, func(d dialect) (client.RunAssets, error) { return d.assets(ctx, v, run) })
}

// RegistryArtifacts implements [client.Source]: from 0.6 on there is no registry.
func (v *Viewer) RegistryArtifacts(ctx context.Context) ([]client.Artifact, error) {
	return ask(ctx, v, func(d dialect) ([]client.Artifact, error) { return d.artifacts(ctx, v) })
}

// CompleteArtifact implements [client.Source].
func (v *Viewer) CompleteArtifact(
	ctx context.Context, a client.Artifact,
) (client.Artifact, error) {
	return ask(ctx, v, func(d dialect) (client.Artifact, error) { return d.artifact(ctx, v, a) })
}

// Media implements [client.Source]. Up to 0.5 it is ErrBadRequest: there is no route for media.
func (v *Viewer) Media(
	ctx context.Context, run client.Experiment, each func(name string, r io.Reader) error,
) error {
	d, err := v.dialect(ctx)
	if err != nil {
		return err
	}
	return d.media(ctx, v, run, each)
}

// Code implements [client.Source].
func (v *Viewer) Code(
	ctx context.Context, run client.Experiment, each func(client.CodeFile) error,
) error {
	d, err := v.dialect(ctx)
	if err != nil {
		return err
	}
	return d.code(ctx, v, run, each)
}
