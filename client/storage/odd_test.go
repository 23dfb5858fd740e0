package storage

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// TestHealth_emptyFolder says where the runs may be when the wrong folder is named.
func TestHealth_emptyFolder(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	run := filepath.Join(root, "runs", "vision", "20250101_000000_000001")
	if err := os.MkdirAll(run, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(run, "meta.json"), []byte(`{}`), 0o644); err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]string{root: "", filepath.Join(root, "runs"): "you may mean " + root,
		filepath.Join(root, "runs", "vision"): "you may mean " + root,
		t.TempDir():                           "a storage folder holds runs/"} {
		store, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		health, err := store.Health(t.Context())
		if err != nil || health.Status != "ok" || !strings.Contains(health.Note, want) ||
			want == "" && health.Note != "" {
			t.Errorf("%s: %+v (%v), want %q", dir, health, err, want)
		}
		store.Close()
	}
}

// TestRun_silent says of a running run how long it has written nothing.
func TestRun_silent(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	dir := filepath.Join(root, "runs", "vision", "20250101_000000_000001")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"meta.json": `{"hostname":"far"}`,
		"status.json": `{"status":"running"}`, "events.jsonl": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	store, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	for ago, want := range map[time.Duration]string{0: "", 50 * time.Minute: "",
		61 * time.Minute: "has written nothing for 1 h", 47 * time.Hour: "has written nothing for 47 h",
		46 * 24 * time.Hour: "has written nothing for 46 days"} {
		store.now = func() time.Time { return time.Now().Add(ago) }
		run, err := store.Run(t.Context(), "20250101_000000_000001")
		if err != nil || run.Status != client.StatusRunning || run.StatusReason != want {
			t.Errorf("after %v: %s, %q (%v)", ago, run.Status, run.StatusReason, err)
		}
	}
}
