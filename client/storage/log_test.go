package storage

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

func TestLog(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	dir := filepath.Join(root, "runs", "p", "20250101_100000_aaaaaa")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "logs.txt")
	store, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	run := client.Experiment{ID: "20250101_100000_aaaaaa", RunDir: dir}
	if _, err := store.Log(t.Context(), run); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("without a log: %v", err)
	}
	if err := os.WriteFile(file, []byte("12:00:00 | hello\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	log, err := store.Log(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	if text, err := io.ReadAll(log); string(text) != "12:00:00 | hello\n" || err != nil {
		t.Errorf("%q (%v)", text, err)
	}
	run.RunDir = "/elsewhere"
	if _, err := store.Log(t.Context(), run); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("outside of the store: %v", err)
	}
}
