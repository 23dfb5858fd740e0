package viewer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// A dialect is how one generation of Viewer is asked for what generations differ in. Its methods
// make as many requests as that takes, and answer as the [client.Source] method does that needs
// them.
type dialect interface {
	list(ctx context.Context, v *Viewer) (listing, error)
	run(ctx context.Context, v *Viewer, id string) (client.Experiment, error)
	metrics(
		ctx context.Context, v *Viewer, run client.Experiment, names []string,
	) (client.Metrics, error)
	assets(ctx context.Context, v *Viewer, run client.Experiment) (client.RunAssets, error)
	countMedia(ctx context.Context, v *Viewer, run client.Experiment) (int, error)
	log(ctx context.Context, v *Viewer, run client.Experiment) (io.ReadCloser, error)
	environment(
		ctx context.Context, v *Viewer, run client.Experiment,
	) (client.Environment, error)
	artifacts(ctx context.Context, v *Viewer) ([]client.Artifact, error)
	artifact(ctx context.Context, v *Viewer, a client.Artifact) (client.Artifact, error)
	media(
		ctx context.Context, v *Viewer, run client.Experiment,
		each func(name string, r io.Reader) error,
	) error
	code(
		ctx context.Context, v *Viewer, run client.Experiment, each func(client.CodeFile) error,
	) error
	remote() remoteRules // nil: it controls no other machines
}

// An identity is what a Viewer turned out to be.
type identity struct {
	dialect dialect
	version string // as it says; not to be relied on (0.5.3 says 0.5.2)
	marks
}

// marks are the paths of /openapi.json that tell generations apart; seen on 0.4.1, 0.5.0 to
// 0.5.3, 0.6.0, 0.7.0 to 0.7.2.
type marks struct {
	moves   bool // /api/runs/move, since 0.7.0
	paths   bool // /api/paths, since 0.6.0
	starts  bool // /api/remote/viewer/start, since 0.5.0
	thins   bool // /api/metrics/cache/stats: metrics take downsample, since 0.5.3
	indexes bool // /api/diagnostics/sources: lists come from a database, since 0.7.1
}

// dialect is the dialect of the marked generation.
func (m marks) dialect() dialect {
	switch {
	case m.moves:
		return viewer07{indexes: m.indexes}
	case m.paths:
		return viewer06{}
	case m.starts:
		return viewer05{thins: m.thins}
	}
	return viewer04{}
}

// ask runs one operation in the Viewer's dialect, and once more when a connection was lost
// meanwhile and the Viewer came back as another generation.
func ask[T any](ctx context.Context, v *Viewer, op func(dialect) (T, error)) (T, error) {
	d, err := v.dialect(ctx)
	if err != nil {
		var none T
		return none, err
	}
	answer, err := op(d)
	if again, lost := v.dialect(ctx); lost == nil && again != d {
		return op(again)
	}
	return answer, err
}

// dialect is how the Viewer is asked. It is free while a connection lasts.
func (v *Viewer) dialect(ctx context.Context) (dialect, error) {
	known, err := v.identify(ctx, false)
	return known.dialect, err
}

// Present looks once, without retries, whether a Viewer answers.
func (v *Viewer) Present(ctx context.Context) error {
	_, err := v.identify(ctx, true)
	return err
}

// identify asks on first use what the Viewer is: every version has /openapi.json, and all are
// titled "Runicorn Viewer" (0.4.1 to 0.7.2).
func (v *Viewer) identify(ctx context.Context, once bool) (identity, error) {
	v.mu.Lock()
	known := v.known
	v.mu.Unlock()
	if known != nil {
		return *known, nil
	}
	var api struct {
		Info  struct{ Title, Version string }
		Paths map[string]json.RawMessage
	}
	err := v.do(ctx, request{path: "/openapi.json", json: true, once: once, read: jsonInto(&api)})
	var e *client.Error
	if errors.As(err, &e) && e.Kind == client.ErrNotFound || err == nil &&
		api.Info.Title != "Runicorn Viewer" {
		return identity{}, v.notViewer("")
	}
	if err != nil {
		return identity{}, err
	}
	has := func(path string) bool { _, ok := api.Paths[path]; return ok }
	m := marks{moves: has("/api/runs/move"), paths: has("/api/paths"),
		starts: has("/api/remote/viewer/start"), thins: has("/api/metrics/cache/stats"),
		indexes: has("/api/diagnostics/sources")}
	if !has("/api/runs") {
		return identity{}, v.notViewer("")
	}
	known = &identity{dialect: m.dialect(), version: api.Info.Version, marks: m}
	v.mu.Lock()
	v.known = known
	v.mu.Unlock()
	return *known, nil
}

// forget drops everything known of the Viewer: after a lost connection it may come back as
// another version, or with another store.
func (v *Viewer) forget() {
	v.mu.Lock()
	v.known = nil
	v.mu.Unlock()
	v.rootKept.drop()
	v.listKept.drop()
	v.assetsKept.drop()
}

// lacks is the failure of what a generation has no route for.
func (v *Viewer) lacks(what, since string) error {
	return &client.Error{Kind: client.ErrBadRequest,
		Detail: fmt.Sprintf("The Viewer at %s cannot give %s: that needs Viewer %s or newer",
			v.base, what, since),
		Hint: "Read its storage folder instead: --storage DIR, on the machine that has it."}
}
