// Package storage reads a Runicorn storage folder on this machine, in every layout from 0.4 to
// 0.7, without a Viewer: [Open] returns a [github.com/runicorn-mcp/runicorn-mcp/client.Source].
//
// It only reads. Whatever lies outside the folder, behind a link or not, is never opened, and
// neither is anything but directories and regular files. A training process may write at the
// same time: a file that is half written is read again, and when it stays unreadable the run is
// shown with a problem, never left out and never guessed at.
//
// [ReadEvents] and the other readers of Runicorn's file formats serve client/viewer too, which
// gets the same files over HTTP.
package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// A Store is a storage folder. It implements [client.Source], is safe for use by several
// goroutines at once and keeps nothing but the folder open.
type Store struct {
	dir  string // absolute
	root *os.Root
	host string // name of this machine, as Runicorn writes it
	now  func() time.Time
}

var _ client.Source = (*Store)(nil)

// Open opens the storage folder dir, which must exist. It may be empty: a store without runs.
// The error says what is wrong with dir.
func Open(dir string) (*Store, error) {
	whole, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(whole)
	if err != nil {
		return nil, openError(whole, err)
	}
	host, _ := os.Hostname() // "" matches no run: then no process is looked for
	return &Store{dir: whole, root: root, host: host, now: time.Now}, nil
}

func openError(dir string, err error) error {
	e := &client.Error{Kind: client.ErrConnection, Err: err}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		e.Detail = fmt.Sprintf("The storage folder %s does not exist", dir)
		e.Hint = "Give the folder that holds runs/ with --storage."
	case errors.Is(err, fs.ErrPermission):
		e.Detail = fmt.Sprintf("The storage folder %s may not be read by this user", dir)
	default:
		e.Detail = fmt.Sprintf("The storage folder %s cannot be opened: it is no folder", dir)
		e.Hint = "Give the folder that holds runs/ with --storage."
	}
	return e
}

// Close releases the folder; calls under way may fail.
func (s *Store) Close() error { return s.root.Close() }

// Describe implements [client.Source].
func (s *Store) Describe() client.Description {
	return client.Description{Kind: "storage", Location: s.dir}
}

// Health implements [client.Source]: "ok" while the folder can be listed.
func (s *Store) Health(ctx context.Context) (client.Health, error) {
	if err := ctx.Err(); err != nil {
		return client.Health{}, err
	}
	if _, err := s.names("."); err != nil {
		return client.Health{}, openError(s.dir, err)
	}
	return client.Health{Status: "ok", Storage: s.dir, Note: s.emptyNote()}, nil
}

// emptyNote says of a folder without runs what a storage folder looks like, and where one may be:
// naming runs/ or a project's folder is easily done. Nothing above the folder is looked at.
func (s *Store) emptyNote() string {
	if len(s.places("")) > 0 {
		return ""
	}
	note := "there is no run in this folder; a storage folder holds runs/, or PROJECT/NAME/runs/ " +
		"up to Runicorn 0.5"
	for dir := s.dir; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if filepath.Base(dir) == runsDir {
			return note + fmt.Sprintf("; you may mean %s", filepath.Dir(dir))
		}
	}
	return note
}

// Config implements [client.Source]: the folder is user_root, and there is no port.
func (s *Store) Config(ctx context.Context) (client.Config, error) {
	return client.Config{UserRoot: s.dir}, ctx.Err()
}

// absolute is a slash-separated path below the root as a path of this machine.
func (s *Store) absolute(dir string) string { return filepath.Join(s.dir, filepath.FromSlash(dir)) }

// relative is the inverse of absolute for a run's RunDir; false for one that is not below the
// root, such as that of another machine.
func (s *Store) relative(runDir string) (string, bool) {
	rel, err := filepath.Rel(s.dir, runDir)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return "", false
	}
	return filepath.ToSlash(rel), true
}
