package storage

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// CodeFile is the name of the zip that holds the code captured with a run (0.6 and later, with
// snapshot_code=True). Its names are relative to the workspace.
const CodeFile = "code_snapshot.zip"

// ErrTooLarge is the error of [EachInZip] for a zip that holds more than may be unpacked.
var ErrTooLarge = errors.New("the zip holds too much")

// Code implements [client.Source].
func (s *Store) Code(
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
	f, info, err := openFile(dir, CodeFile)
	if errors.Is(err, fs.ErrNotExist) {
		return client.NoCode(run)
	}
	if err == nil {
		defer f.Close()
		err = ReadCode(f, info.Size(), func(name string, r io.Reader) error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return each(name, r)
		})
	}
	if err != nil && ctx.Err() == nil {
		return &client.Error{Kind: client.ErrServer, Err: err, Detail: s.fileProblem(p, CodeFile, err)}
	}
	return err
}

// ReadCode calls each with the files of a [CodeFile] of so many bytes, as [EachInZip] does, of at
// most [client.MaxCode] bytes in all.
func ReadCode(f io.ReaderAt, size int64, each func(name string, r io.Reader) error) error {
	z, err := zip.NewReader(f, size)
	if err != nil {
		return fmt.Errorf("it is no zip: %w", err)
	}
	return EachInZip(z, client.MaxCode, each)
}

// EachInZip calls each with the files of a zip, in name order, but for those whose name leads
// elsewhere. A zip that unpacks to more than most bytes ends with [ErrTooLarge].
func EachInZip(z *zip.Reader, most int64, each func(name string, r io.Reader) error) error {
	files := slices.SortedFunc(slices.Values(z.File), func(a, b *zip.File) int {
		return strings.Compare(a.Name, b.Name)
	})
	for _, entry := range files {
		if !fs.ValidPath(entry.Name) { // a folder, or a name that leads elsewhere
			continue
		}
		r, err := entry.Open()
		if err != nil {
			return err
		}
		limited := &io.LimitedReader{R: r, N: most + 1}
		err = each(entry.Name, limited)
		r.Close()
		if err != nil {
			return err
		}
		if most = limited.N - 1; most < 0 {
			return ErrTooLarge
		}
	}
	return nil
}
