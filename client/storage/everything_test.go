package storage_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/storage"
)

// everything is all that a store says, as text, over every method: what must not be in it is
// looked for there.
func everything(t *testing.T, store *storage.Store) string {
	t.Helper()
	ctx := t.Context()
	var b strings.Builder
	for run, err := range store.Runs(ctx, client.Scope{}) {
		if err != nil {
			t.Fatal(err)
		}
		detail, err := store.Run(ctx, run.ID)
		if err != nil && !errors.Is(err, client.ErrBadRequest) {
			t.Errorf("%q: %v", run.ID, err)
		}
		m, err := store.Metrics(ctx, run, nil)
		if err != nil {
			t.Errorf("%q: %v", run.ID, err)
		}
		assets, err := store.Assets(ctx, run)
		if err != nil {
			t.Errorf("%q: %v", run.ID, err)
		}
		fmt.Fprintf(&b, "%+v\n%+v\n%+v\n%+v\n", run, detail, m, assets)
		if log, err := store.Log(ctx, run); err == nil {
			data, err := io.ReadAll(log)
			fmt.Fprintf(&b, "logs.txt: %s %v\n", data, err)
			log.Close()
		} else if !errors.Is(err, client.ErrNotFound) && !errors.Is(err, client.ErrServer) {
			t.Errorf("log of %q: %v", run.ID, err)
		}
		env, err := store.Environment(ctx, run)
		fmt.Fprintf(&b, "environment.json: %+v %v\n", env, err)
		listed := 0
		err = store.Media(ctx, run, func(name string, r io.Reader) error {
			listed++
			data, err := io.ReadAll(r)
			fmt.Fprintf(&b, "%s: %s\n", name, data)
			return err
		})
		if err != nil {
			t.Errorf("media of %q: %v", run.ID, err)
		}
		if n, err := store.CountMedia(ctx, run); n != listed || err != nil {
			t.Errorf("%q: %d media files are counted, %d were read (%v)", run.ID, n, listed, err)
		}
	}
	registry, err := store.RegistryArtifacts(ctx)
	if err != nil {
		t.Error(err)
	}
	fmt.Fprintf(&b, "%+v\n", registry)
	return b.String()
}
