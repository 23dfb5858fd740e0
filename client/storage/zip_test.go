package storage_test

import (
	"errors"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/storage"
	"github.com/runicorn-mcp/runicorn-mcp/internal/testkit"
)

func TestCode(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		zip  []byte
		want map[string]int // bytes of each file
		err  string
	}{
		{"none", nil, nil, "was not captured"},
		{"files", testkit.Zip(t, "b.py", "x", "a/c.py", "xyz", "a/", ""), map[string]int{"b.py": 1, "a/c.py": 3}, ""},
		{"elsewhere", testkit.Zip(t, "../b.py", "x", "/etc/passwd", "x", "a/../../b", "x", "ok.py", ""), map[string]int{"ok.py": 0}, ""},
		{"no zip", []byte("PK\x03\x04 no"), nil, "it is no zip"},
		{"cut off", testkit.Zip(t, "b.py", "x")[:60], nil, "it is no zip"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			const run = "p/n/20250101_100000_aaaaaa"
			testkit.WriteRun(t, root, run, "meta.json", `{"id":"20250101_100000_aaaaaa","created_at":1}`)
			if c.zip != nil {
				testkit.WriteRun(t, root, run, storage.CodeFile, string(c.zip))
			}
			s, e := onlyRun(t, root)
			got := make(map[string]int)
			err := s.Code(t.Context(), e, func(f client.CodeFile) error {
				r, err := f.Open()
				if err != nil {
					return err
				}
				defer r.Close()
				text, err := io.ReadAll(r)
				if got[f.Name] = len(text); f.Size != uint64(len(text)) || f.CRC != crc32.ChecksumIEEE(text) {
					t.Errorf("%s has %d bytes and CRC %x, said to be %d and %x", f.Name, len(text),
						crc32.ChecksumIEEE(text), f.Size, f.CRC)
				}
				return err
			})
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) || errors.Is(err, client.ErrNotFound) != (c.zip == nil) {
					t.Errorf("the error is %v", err)
				}
				return
			}
			if d := cmp.Diff(c.want, got); err != nil || d != "" {
				t.Errorf("%v (-want +got):\n%s", err, d)
			}
		})
	}
}

// onlyRun opens a store and reads its run.
func onlyRun(t *testing.T, root string) (*storage.Store, client.Experiment) {
	t.Helper()
	s, err := storage.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	e, err := s.Run(t.Context(), "20250101_100000_aaaaaa")
	if err != nil {
		t.Fatal(err)
	}
	return s, e
}

// TestCode_link is no file of the run, wherever it leads.
func TestCode_link(t *testing.T) {
	t.Parallel()
	root, outside := t.TempDir(), filepath.Join(t.TempDir(), "secret.zip")
	if err := os.WriteFile(outside, testkit.Zip(t, "s.py", "secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	const run = "p/n/20250101_100000_aaaaaa"
	testkit.WriteRun(t, root, run, "meta.json", `{"id":"20250101_100000_aaaaaa","created_at":1}`)
	if err := os.Symlink(outside, filepath.Join(root, "runs", filepath.FromSlash(run), storage.CodeFile)); err != nil {
		t.Skip("links cannot be made here: ", err)
	}
	s, e := onlyRun(t, root)
	err := s.Code(t.Context(), e, func(f client.CodeFile) error {
		t.Errorf("%s was read", f.Name)
		return nil
	})
	if err == nil {
		t.Error("a link that leads out of the store is no error")
	}
}
