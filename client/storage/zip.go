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
	ctx context.Context, run client.Experiment, each func(client.CodeFile) error,
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
		err = ReadCode(ctx, f, info.Size(), each)
	}
	if err != nil && ctx.Err() == nil {
		return &client.Error{Kind: client.ErrServer, Err: err, Detail: s.fileProblem(p, CodeFile, err)}
	}
	return err
}

// maxCodeZip is how large a [CodeFile] may be: Runicorn captures 500 MiB unless forced (0.6.0 and
// 0.7.2 SDK).
const maxCodeZip = 512 << 20

// ReadCode calls each with the files of a [CodeFile] of so many bytes, in name order, but for those
// whose name leads elsewhere. Nothing is unpacked unless each opens it.
func ReadCode(ctx context.Context, f io.ReaderAt, size int64, each func(client.CodeFile) error) error {
	if size > maxCodeZip {
		return fmt.Errorf("it has %d bytes, more than %d", size, maxCodeZip)
	}
	z, err := zip.NewReader(f, size)
	if err != nil {
		return fmt.Errorf("it is no zip: %w", err)
	}
	for _, entry := range byName(z) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		err := each(client.CodeFile{Name: entry.Name, Size: entry.UncompressedSize64, CRC: entry.CRC32,
			Open: entry.Open})
		if err != nil {
			return err
		}
	}
	return nil
}

// byName are the files of a zip in name order, but for those whose name leads elsewhere.
func byName(z *zip.Reader) []*zip.File {
	files := slices.DeleteFunc(slices.Clone(z.File), func(f *zip.File) bool {
		return !fs.ValidPath(f.Name) // a folder, or a name that leads elsewhere
	})
	slices.SortFunc(files, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
	return files
}

// EachInZip calls each with the files of a zip, in name order, but for those whose name leads
// elsewhere. A zip that unpacks to more than most bytes ends with [ErrTooLarge].
func EachInZip(z *zip.Reader, most int64, each func(name string, r io.Reader) error) error {
	for _, entry := range byName(z) {
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
