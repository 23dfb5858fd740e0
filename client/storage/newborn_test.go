package storage

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// TestRun_newborn reads runs that are being made: what comes within a moment is waited for.
func TestRun_newborn(t *testing.T) {
	t.Parallel()
	const meta, status = `{"created_at": 1.7e9, "alias": "a"}`, `{"status": "finished"}`
	type file struct {
		after      time.Duration
		name, text string
	}
	for _, test := range []struct {
		name  string
		files []file
		want  string // status and alias, or why there is none
	}{
		{"meta, then status", []file{{0, "meta.json", meta}, {3 * time.Millisecond, "status.json", status}},
			"finished a"},
		{"late status", []file{{0, "meta.json", meta}, {18 * time.Millisecond, "status.json", status}},
			"finished a"},
		{"half a status", []file{{0, "meta.json", meta}, {0, "status.json", `{"sta`},
			{3 * time.Millisecond, "status.json", status}}, "finished a"},
		{"an empty meta", []file{{0, "meta.json", ""}, {0, "status.json", status},
			{18 * time.Millisecond, "meta.json", meta}}, "finished a"},
		{"never a status", []file{{0, "meta.json", meta}}, "unknown a"},
		{"nothing yet", []file{{0, "logs.txt", ""}}, "not there"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			dir := filepath.Join(root, "p", "n", "runs", "20250101_100000_aaaaaa")
			if err := os.MkdirAll(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			store, err := Open(root)
			if err != nil {
				t.Fatal(err)
			}
			defer store.Close()
			synctest.Test(t, func(t *testing.T) {
				write := func(f file) {
					if err := os.WriteFile(filepath.Join(dir, f.name), []byte(f.text), 0o644); err != nil {
						t.Error(err)
					}
				}
				for _, f := range test.files {
					if f.after == 0 {
						write(f)
					} else {
						go func() { time.Sleep(f.after); write(f) }()
					}
				}
				got := "not there"
				for run, err := range store.Runs(context.Background(), client.Scope{}) {
					if err != nil {
						t.Fatal(err)
					}
					got = run.Status + " " + run.Alias
				}
				if got != test.want {
					t.Errorf("%s, want %s", got, test.want)
				}
			})
		})
	}
}

// TestRuns_cancelled ends a read that waits for a torn file.
func TestRuns_cancelled(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	dir := filepath.Join(root, "runs", "p", "r")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "meta.json"), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	store, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Millisecond)
		defer cancel()
		for run, err := range store.Runs(ctx, client.Scope{}) {
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%+v, %v", run, err)
			}
		}
		if ctx.Err() == nil {
			t.Error("nothing was waited for")
		}
	})
}
