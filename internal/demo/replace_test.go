package demo

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// names are all files and folders below dir.
func names(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, _ fs.DirEntry, err error) error {
		names = append(names, name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func put(t *testing.T, file string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestWrite_again holds that an open reader goes on with the newer store.
func TestWrite_again(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	old := written(t, dir)
	c := opened(t, dir)
	put(t, filepath.Join(dir, "runicorn.db-wal")) // a Viewer has looked at it
	put(t, filepath.Join(dir, "runs", ".recycle", old.Runs[3].ID, ".deleted"))
	put(t, filepath.Join(dir, "runs", "moved", old.Runs[4].ID, "meta.json.lock"))
	later, err := Write(dir, now.Add(24*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	page, err := c.ListExperiments(t.Context(), client.ListOptions{})
	if err != nil || page.Total != 12 || page.Experiments[0].ID != later.Runs[0].ID {
		t.Errorf("an open reader sees %d runs, %v", page.Total, err)
	}
	for _, name := range names(t, dir) {
		if strings.Contains(name, "runicorn.db") || strings.Contains(name, old.Runs[0].ID) {
			t.Errorf("%s is still there", name)
		}
	}
}

func TestWrite_afterACrash(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	written(t, dir)
	private := filepath.Join(dir, ours)
	err := os.Rename(filepath.Join(dir, "runs"), filepath.Join(private, "old.runs"))
	if err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(private, "new.archive", "blobs", "x"))
	written(t, dir)
	page, err := opened(t, dir).ListExperiments(t.Context(), client.ListOptions{})
	if err != nil || page.Total != 12 {
		t.Errorf("%d runs, %v", page.Total, err)
	}
}

func TestWrite_leavesOthersAlone(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]string{
		"no demo store":         "notes.txt",
		"a store of somebody":   "runs/vision/x/20260101_100000_abcdef/meta.json",
		"a file in the archive": "archive/blobs/ab/abcdef",
		"a file like a run's":   "runs/vision/20260101_100000_abcdef/logs.txt",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if name != "no demo store" && name != "a store of somebody" {
				written(t, dir)
			}
			put(t, filepath.Join(dir, filepath.FromSlash(file)))
			before := contents(t, dir)
			if _, err := Write(dir, now.Add(time.Hour)); err == nil {
				t.Error("Write went ahead")
			}
			if after := contents(t, dir); len(after) != len(before) {
				t.Errorf("%d files were there, %d are", len(before), len(after))
			}
		})
	}
}
