package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/storage"
	"github.com/runicorn-mcp/runicorn-mcp/client/viewer"
)

// defaultViewer is where a Viewer listens unless told otherwise (all versions).
const defaultViewer = "http://127.0.0.1:23300"

// How long a look for a Viewer at the default address may take, and how long what was found
// without one holds.
const (
	lookTimeout = 2 * time.Second
	lookAgain   = 30 * time.Second
)

// sources gives tools their client, and decides at the first call which source that is when no
// flag says it.
type sources struct {
	named   func() (*client.Client, error) // opens what the flags name; nil: decide
	viewers map[string]*client.Client      // those of --viewer
	viewer  func() *viewer.Viewer
	find    func() (dir, rule string)
	now     func() time.Time

	mu      sync.Mutex
	found   *client.Client
	folder  string    // of found, when it was decided on
	decided time.Time // when that was
	forGood bool      // a Viewer was used
}

func newSources(o options, getenv func(string) string) *sources {
	s := &sources{now: time.Now, find: func() (string, string) { return storage.Find(getenv) }}
	remote := remoteOptions(o, getenv)
	open := func(url string) *viewer.Viewer {
		return viewer.New(viewer.Options{BaseURL: url, Timeout: o.Timeout, MaxRetries: &o.MaxRetries,
			Remote: remote})
	}
	s.viewer = func() *viewer.Viewer { return open(defaultViewer) }
	s.viewers = make(map[string]*client.Client, len(o.Viewer))
	for name, url := range o.Viewer {
		s.viewers[name] = client.New(open(url))
	}
	switch {
	case o.Storage != "":
		s.named = func() (*client.Client, error) {
			store, err := storage.Open(o.Storage)
			if err != nil {
				return nil, err
			}
			if o.BaseURL != "" {
				beside := open(o.BaseURL)
				return client.New(folderBesideViewer{store, beside, beside}), nil
			}
			return client.New(store), nil
		}
	case o.BaseURL != "":
		s.named = func() (*client.Client, error) { return client.New(open(o.BaseURL)), nil }
	}
	return s
}

// folderBesideViewer reads a folder, and has a Viewer do what a folder cannot: tell the GPUs of
// the Viewer's machine, and control Viewers on others.
type folderBesideViewer struct {
	*storage.Store
	client.RemoteSource
	viewer *viewer.Viewer
}

// GPU implements [client.Source].
func (f folderBesideViewer) GPU(ctx context.Context) (client.GPUInfo, error) {
	return f.viewer.GPU(ctx)
}

// client is the client of a tool call; name is its viewer argument.
func (s *sources) client(ctx context.Context, name string) (*client.Client, error) {
	if name != "" {
		return s.namedViewer(ctx, name)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.named == nil {
		return s.decide(ctx)
	}
	if s.found == nil { // a folder that is not there yet may come
		c, err := s.named()
		if err != nil {
			return nil, err
		}
		s.found = c
	}
	return s.found, nil
}

// namedViewer is the client of one of --viewer, or of a remote Viewer that was started.
func (s *sources) namedViewer(ctx context.Context, name string) (*client.Client, error) {
	if c := s.viewers[name]; c != nil {
		return c, nil
	}
	known := "none is named with --viewer"
	if len(s.viewers) > 0 {
		known = "there is " + strings.Join(slices.Sorted(maps.Keys(s.viewers)), ", ")
	}
	unknown := fmt.Errorf("there is no Viewer %q: %s, and no remote Viewer that was started here has "+
		"this session_id. Leave the argument viewer out for the source that this server reads", name, known)
	c, err := s.client(ctx, "")
	if err != nil {
		return nil, unknown
	}
	far, err := c.Remote.Viewer(ctx, name)
	if errors.Is(err, client.ErrNotFound) || errors.Is(err, client.ErrBadRequest) {
		return nil, unknown
	}
	return far, err
}

// decide picks the Viewer at the default address when one answers, else Runicorn's own folder.
// A Viewer is kept for good: a server that has read one never changes to a folder silently.
// s.mu is held.
func (s *sources) decide(ctx context.Context) (*client.Client, error) {
	if s.found != nil && (s.forGood || s.now().Sub(s.decided) < lookAgain) {
		return s.found, nil
	}
	v := s.viewer()
	look, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	if err := v.Present(look); err == nil {
		s.found, s.forGood = client.New(v), true
		return s.found, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	dir, rule := s.find()
	if dir == "" {
		return nil, &client.Error{Kind: client.ErrConnection,
			Detail: "There is nothing to read: no Viewer answers at " + defaultViewer +
				", and neither RUNICORN_DIR nor Runicorn's config.json nor ./.runicorn names a folder",
			Hint: "Start `runicorn viewer`, or start this server with --storage DIR or --base-url URL. " +
				"`runicorn-mcp demo` shows it on example runs."}
	}
	if s.found != nil && s.folder == dir {
		s.decided = s.now()
		return s.found, nil
	}
	store, err := storage.Open(dir)
	if err != nil {
		return nil, &client.Error{Kind: client.ErrConnection, Err: err,
			Detail: fmt.Sprintf("No Viewer answers at %s, and %s names the folder %s, which cannot be read",
				defaultViewer, rule, dir),
			Hint: fmt.Sprintf("Correct %s, start `runicorn viewer`, or start this server with --storage DIR "+
				"or --base-url URL.", rule)}
	}
	s.found, s.folder, s.decided = client.New(store), dir, s.now()
	return s.found, nil
}
