package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"time"
)

const maxJSON = 64 << 20 // bytes of one JSON file of a run

// errNotRegular is the fault of what is neither a file nor a folder.
var errNotRegular = errors.New("it is no regular file")

// openFile opens a regular file of dir. A FIFO or device is refused without waiting for it: the
// open itself cannot block.
func openFile(dir *os.Root, name string) (*os.File, fs.FileInfo, error) {
	f, err := dir.OpenFile(name, os.O_RDONLY|nonBlocking, 0)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: name, Err: errNotRegular}
	}
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return f, info, nil
}

// readFile reads a regular file of at most limit bytes.
func readFile(dir *os.Root, name string, limit int64) ([]byte, fs.FileInfo, error) {
	f, info, err := openFile(dir, name)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	if info.Size() > limit {
		return nil, info, fmt.Errorf("it has %d bytes, more than %d", info.Size(), limit)
	}
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("it has more than %d bytes", limit)
	}
	return data, info, err
}

// Waits between reads of a file that is being rewritten. The SDKs truncate and write in place
// (0.5.3 to 0.7.2), which takes well under a millisecond.
var tornWaits = []time.Duration{5 * time.Millisecond, 15 * time.Millisecond}

// freshFile is how recently a file must have changed for a torn one to be read again: an old
// one will not mend by waiting.
const freshFile = 10 * time.Second

// readObject reads a JSON object, again after a moment while it is torn. A file that is not
// there is fs.ErrNotExist; what ctx cut short is its error; any other error is the file's fault.
func (s *Store) readObject(
	ctx context.Context, dir *os.Root, name string,
) (map[string]any, error) {
	for try := 0; ; try++ {
		data, info, err := readFile(dir, name, maxJSON)
		if err != nil {
			return nil, err
		}
		v, err := DecodeJSON(data)
		if object, ok := v.(map[string]any); ok && err == nil {
			return object, nil
		}
		if try == len(tornWaits) || !s.fresh(info) {
			return nil, objectFault(data, err)
		}
		if err := wait(ctx, tornWaits[try]); err != nil {
			return nil, err
		}
	}
}

func objectFault(data []byte, err error) error {
	switch {
	case len(data) == 0:
		return errors.New("it is empty")
	case err != nil:
		return errors.New("it is no valid JSON")
	}
	return errors.New("it holds no JSON object")
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// exists reports whether dir has a regular file of this name that is not behind a link.
func exists(dir *os.Root, name string) bool {
	info, err := dir.Lstat(name)
	return err == nil && info.Mode().IsRegular()
}

// holdsFolder reports whether dir has a folder of this name that is not behind a link.
func holdsFolder(dir *os.Root, name string) bool {
	info, err := dir.Lstat(name)
	return err == nil && info.IsDir()
}

// names lists a folder below the root: its entries, links left out, in no particular order.
func (s *Store) names(dir string) ([]fs.DirEntry, error) {
	f, err := s.root.OpenFile(dir, os.O_RDONLY|nonBlocking, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.ReadDir(-1)
}

// folders lists the names of the folders in a folder; none when it cannot be read, which a
// folder that vanishes meanwhile cannot.
func (s *Store) folders(dir string) []string {
	entries, err := s.names(dir)
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names
}

// openRoot opens a folder below the root as a root of its own.
func (s *Store) openRoot(dir string) (*os.Root, error) {
	if dir == "" || dir == "." {
		return s.root.OpenRoot(".")
	}
	return s.root.OpenRoot(path.Clean(dir))
}
