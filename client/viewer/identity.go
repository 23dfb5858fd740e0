package viewer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// An identity is what a Viewer turned out to be.
type identity struct {
	version string // as it says; not to be relied on (0.5.3 says 0.5.2)
	marker  bool   // it is of generation 0.7
}

// Present looks once, without retries, whether a Viewer that this package can read answers.
func (v *Viewer) Present(ctx context.Context) error {
	_, err := v.identify(ctx, true)
	return err
}

// identify asks on first use what the Viewer is, by the marker paths of /openapi.json: every
// version has it, and all are titled "Runicorn Viewer" (0.4.1 to 0.7.2).
func (v *Viewer) identify(ctx context.Context, once bool) (identity, error) {
	v.mu.Lock()
	known := v.known
	v.mu.Unlock()
	if known == nil {
		var api struct {
			Info  struct{ Title, Version string }
			Paths map[string]json.RawMessage
		}
		err := v.get(ctx, request{path: "/openapi.json", json: true, once: once,
			read: func(r io.Reader) error { return json.NewDecoder(r).Decode(&api) }})
		var e *client.Error
		if errors.As(err, &e) && e.Kind == client.ErrNotFound || err == nil &&
			api.Info.Title != "Runicorn Viewer" {
			return identity{}, v.notViewer("")
		}
		if err != nil {
			return identity{}, err
		}
		_, marker := api.Paths["/api/runs/move"] // since 0.7.0
		known = &identity{api.Info.Version, marker}
		v.mu.Lock()
		v.known = known
		v.mu.Unlock()
	}
	if !known.marker {
		return *known, &client.Error{Kind: client.ErrBadRequest,
			Detail: fmt.Sprintf("The Viewer at %s is of version %s; this release reads Viewers of 0.7",
				v.base, short(known.version)),
			Hint: "Read its storage folder instead: --storage DIR, on the machine that has it."}
	}
	return *known, nil
}

// forget makes the next call ask again: after a lost connection the Viewer may come back as
// another version.
func (v *Viewer) forget() {
	v.mu.Lock()
	v.known = nil
	v.mu.Unlock()
}
