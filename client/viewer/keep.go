package viewer

import (
	"context"
	"sync"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// How long answers are kept: long enough for one call of a tool to ask once, and for the assets
// of many runs to be asked for once in a conversation.
const (
	keepFor       = 2 * time.Second
	keepAssetsFor = time.Minute
	keepAssetsOf  = 2_000 // runs
)

// A kept value is what was answered a moment ago. While it is asked for, others wait for the
// same answer. The zero value holds nothing.
type kept[T any] struct {
	mu     sync.Mutex
	turn   chan struct{} // held while the value is asked for
	value  T
	until  time.Time
	change int // counts drops
}

// get is the value, asked for by fill unless there is one. A value that was dropped while it was
// asked for is not kept.
func (k *kept[T]) get(ctx context.Context, fill func() (T, error)) (T, error) {
	k.mu.Lock()
	if k.turn == nil {
		k.turn = make(chan struct{}, 1)
	}
	turn := k.turn
	k.mu.Unlock()
	select {
	case turn <- struct{}{}:
		defer func() { <-turn }()
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
	k.mu.Lock()
	value, fresh, change := k.value, time.Now().Before(k.until), k.change
	k.mu.Unlock()
	if fresh {
		return value, nil
	}
	value, err := fill()
	k.mu.Lock()
	defer k.mu.Unlock()
	if err == nil && k.change == change {
		k.value, k.until = value, time.Now().Add(keepFor)
	}
	return value, err
}

// drop forgets the value.
func (k *kept[T]) drop() {
	k.mu.Lock()
	defer k.mu.Unlock()
	var none T
	k.value, k.until = none, time.Time{}
	k.change++
}

// An assetStore keeps the assets of runs that have ended; the zero value holds none.
type assetStore struct {
	mu    sync.Mutex
	byRun map[string]keptAssets
}

type keptAssets struct {
	assets client.RunAssets
	until  time.Time
}

func (s *assetStore) get(id string) (client.RunAssets, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.byRun[id]
	return found.assets, ok && time.Now().Before(found.until)
}

func (s *assetStore) put(id string, assets client.RunAssets) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byRun == nil || len(s.byRun) >= keepAssetsOf {
		s.byRun = make(map[string]keptAssets)
	}
	s.byRun[id] = keptAssets{assets, time.Now().Add(keepAssetsFor)}
}

func (s *assetStore) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.byRun = nil
}
