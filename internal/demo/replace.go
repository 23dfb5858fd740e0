package demo

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// ours is a folder in the demo store that says that it is one: its file "files" lists what is
// ours. Viewers pass hidden folders over. The new store is made in there and the old one ends in
// there, so that a crash leaves a folder which the next Write knows as its own.
const ours = ".runicorn-mcp-demo"

// parts are what is moved in and out: dir itself stays, for servers that have it open.
var parts = []string{"runs", "archive"}

// replace makes files, by slash-separated path, the content of dir.
func replace(dir string, files map[string][]byte) error {
	old, err := claim(dir)
	if err != nil {
		return err
	}
	private := filepath.Join(dir, ours)
	if err := os.MkdirAll(private, 0o755); err != nil {
		return err
	}
	names := slices.Sorted(maps.Keys(files))
	if err := writeList(private, append(old, names...)); err != nil {
		return err
	}
	if err := clear(private); err != nil {
		return err
	}
	for name, content := range files {
		// "new.runs", never "new/runs": a Viewer takes <project>/<name>/runs for one of 0.5.
		file := filepath.Join(private, "new."+filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, content, 0o644); err != nil {
			return err
		}
	}
	if err := swap(dir, private); err != nil {
		return err
	}
	return errors.Join(writeList(private, names), clear(private))
}

// claim reports which files of an older demo store dir may hold; an error when it holds
// anything that is not a demo store's.
func claim(dir string) (old []string, err error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	list, err := os.ReadFile(filepath.Join(dir, ours, "files"))
	if err != nil {
		return nil, fmt.Errorf("%s is not empty and no demo store; name another folder", dir)
	}
	old = strings.Split(strings.TrimSpace(string(list)), "\n")
	return old, filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, file)
		if err != nil {
			return err
		}
		if name = filepath.ToSlash(name); !mayGo(name, old) {
			return fmt.Errorf("%s is no file of the demo; move it away, or name another folder", file)
		}
		return nil
	})
}

// runID is the form of the ids of runs; it is the whole name of a folder.
var runID = regexp.MustCompile(`^\d{8}_\d{6}_[0-9a-f]{6}$`)

// mayGo reports whether a file goes with an older demo store: one of its list, anything in the
// folder of one of its runs wherever a Viewer moved it, and a Viewer's database.
func mayGo(name string, old []string) bool {
	if strings.HasPrefix(name, ours+"/") || slices.Contains(old, name) {
		return true
	}
	if ok, _ := path.Match("runicorn.db*", name); ok {
		return true
	}
	for folder := range strings.SplitSeq(path.Dir(name), "/") {
		if runID.MatchString(folder) && slices.ContainsFunc(old, func(file string) bool {
			return strings.Contains(file, "/"+folder+"/")
		}) {
			return true
		}
	}
	return false
}

// swap moves the old store out of the way and the new one in.
func swap(dir, private string) error {
	databases, err := filepath.Glob(filepath.Join(dir, "runicorn.db*"))
	if err != nil {
		return err
	}
	for _, file := range databases { // it lists the runs that go
		if err := os.Remove(file); err != nil {
			return err
		}
	}
	for _, part := range parts {
		current := filepath.Join(dir, part)
		err := os.Rename(current, filepath.Join(private, "old."+part))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := os.Rename(filepath.Join(private, "new."+part), current); err != nil {
			return err
		}
	}
	return nil
}

// clear removes what lies in the private folder but the list.
func clear(private string) error {
	var errs []error
	for _, part := range parts {
		errs = append(errs, os.RemoveAll(filepath.Join(private, "new."+part)),
			os.RemoveAll(filepath.Join(private, "old."+part)))
	}
	return errors.Join(errs...)
}

func writeList(private string, names []string) error {
	return os.WriteFile(filepath.Join(private, "files"),
		[]byte(strings.Join(names, "\n")+"\n"), 0o644)
}
