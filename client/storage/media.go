package storage

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// Media implements [client.Source]: the regular files of the run's media folder. What is called
// media and is no folder, such as a link, holds none.
func (s *Store) Media(
	ctx context.Context, run client.Experiment, each func(name string, r io.Reader) error,
) error {
	dir, entries, err := s.media(run)
	if err != nil {
		return err
	}
	defer dir.Close()
	slices.SortFunc(entries, func(a, b fs.DirEntry) int {
		if a.Name() < b.Name() {
			return -1
		}
		return 1
	})
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := readMedia(dir, "media/"+e.Name(), each); err != nil {
			return err
		}
	}
	return nil
}

// CountMedia implements [client.Source].
func (s *Store) CountMedia(_ context.Context, run client.Experiment) (int, error) {
	dir, entries, err := s.media(run)
	if err != nil {
		return 0, err
	}
	return len(entries), dir.Close()
}

// media lists the regular files of the run's media folder, in no order, and opens the run's own.
func (s *Store) media(run client.Experiment) (dir *os.Root, files []fs.DirEntry, err error) {
	p, err := s.openRun(run)
	if err != nil {
		return nil, nil, err
	}
	dir, err = s.openRoot(p.dir)
	if err != nil {
		return nil, nil, vanished(run)
	}
	if !holdsFolder(dir, "media") {
		return dir, nil, nil
	}
	folder, err := dir.Open("media")
	if err == nil {
		defer folder.Close()
		files, err = folder.ReadDir(-1)
	}
	if err != nil {
		dir.Close()
		return nil, nil, err
	}
	return dir, slices.DeleteFunc(files, func(e fs.DirEntry) bool { return !e.Type().IsRegular() }), nil
}

func readMedia(dir *os.Root, name string, each func(string, io.Reader) error) error {
	f, _, err := openFile(dir, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	return each(name, f)
}
