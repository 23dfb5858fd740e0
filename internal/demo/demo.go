// Package demo makes a small Runicorn store to try runicorn-mcp on, and shows a conversation
// about it. [Write] makes the store, [Run] asks the questions of a person through MCP and prints
// what comes back.
//
// The store is one that the SDK of Runicorn 0.7.2 could have written, so Viewers open it too.
// The same time gives the same bytes.
package demo

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// A Store is a written demo store.
type Store struct {
	Dir  string  // absolute
	Runs []Entry // newest first
}

// An Entry is one run of a demo store.
type Entry struct {
	ID, Path, Alias, Status string
}

// DefaultDir is where the demo store goes when nobody says otherwise: below the user's cache
// folder.
func DefaultDir() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no place for the demo store: %w", err)
	}
	return filepath.Join(cache, "runicorn-mcp", "demo"), nil
}

// Write makes the demo store in dir, its runs having begun in the days before now. An older
// demo store there is replaced, and what a Viewer has added to it with it; a folder that holds
// anything else is left as it is, and an error says so. A server that reads dir goes on with the
// new store.
func Write(dir string, now time.Time) (Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Store{}, err
	}
	store := Store{Dir: dir}
	l := layout{dir: dir, now: now, files: make(map[string][]byte)}
	for _, r := range cast() {
		store.Runs = append(store.Runs, l.add(r))
	}
	slices.SortFunc(store.Runs, func(a, b Entry) int { return cmp.Compare(b.ID, a.ID) })
	if err := replace(dir, l.files); err != nil {
		return Store{}, fmt.Errorf("the demo store cannot be written: %w", err)
	}
	return store, nil
}
