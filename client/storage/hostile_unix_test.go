//go:build unix

package storage_test

import (
	"errors"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// TestHostile_fifos has FIFOs without a writer wherever a file or folder is looked for: nothing
// waits for one.
func TestHostile_fifos(t *testing.T) {
	t.Parallel()
	root := tree{
		"runs/p/r/status.json": finished, "runs/p/empty/": "", "artifacts/model/net/v1/": "",
		"runs/p/s/meta.json": meta(1), "nlp/": "",
	}.write(t)
	for _, name := range []string{"runs/p/r/meta.json", "runs/p/r/summary.json", "runs/p/r/events.jsonl",
		"runs/p/r/assets.json", "runs/p/r/media", "runs/p/r/artifacts_used.json", "runs/p/fifo",
		"runs/p/empty/meta.json", "runs/fifo", "fifo", "nlp/exp", "artifacts/fifo",
		"artifacts/model/net/versions.json", "artifacts/model/net/v1/metadata.json",
		"artifacts/model/net/v2", "runs/p/s/status.json", "runs/p/r/logs.txt",
		"runs/p/r/environment.json"} {
		if err := syscall.Mkfifo(filepath.Join(root, name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	store := open(t, root)
	var got []string
	for run, err := range store.Runs(t.Context(), client.Scope{}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, run.ID)
		detail, err := store.Run(t.Context(), run.ID)
		if err != nil || !strings.Contains(strings.Join(detail.Problems, "\n"), "no regular file") {
			t.Errorf("%s: problems %q (%v)", run.ID, detail.Problems, err)
		}
		if m, err := store.Metrics(t.Context(), run, nil); err != nil || m.Rows > 0 {
			t.Errorf("metrics: %+v (%v)", m, err)
		}
		if a, err := store.Assets(t.Context(), run); err != nil || run.ID == "r" && len(a.Problems) != 2 {
			t.Errorf("assets: %+v (%v)", a, err)
		}
		if run.ID == "r" {
			_, err := store.Log(t.Context(), run)
			_, envErr := store.Environment(t.Context(), run)
			if !errors.Is(err, client.ErrServer) || !errors.Is(envErr, client.ErrServer) {
				t.Errorf("log: %v, environment: %v", err, envErr)
			}
		}
		if err := store.Media(t.Context(), run, nil); err != nil {
			t.Errorf("media: %v", err)
		}
	}
	if strings.Join(got, " ") != "r s" && strings.Join(got, " ") != "s r" {
		t.Errorf("runs %q", got)
	}
	if _, err := store.RegistryArtifacts(t.Context()); err != nil {
		t.Error(err)
	}
}
