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
	p, err := s.openRun(run)
	if err != nil {
		return err
	}
	dir, err := s.openRoot(p.dir)
	if err != nil {
		return vanished(run)
	}
	defer dir.Close()
	if !holdsFolder(dir, "media") {
		return nil
	}
	folder, err := dir.Open("media")
	if err != nil {
		return err
	}
	defer folder.Close()
	entries, err := folder.ReadDir(-1)
	if err != nil {
		return err
	}
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
		if !e.Type().IsRegular() {
			continue
		}
		if err := readMedia(dir, "media/"+e.Name(), each); err != nil {
			return err
		}
	}
	return nil
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
