package transport

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"time"
)

const (
	// sessionTTL is how long a session with nothing under way is remembered.
	sessionTTL = 30 * time.Minute
	// maxSessions are remembered at most, at some 13 KiB each, most of it in the SDK; the one that
	// was quiet longest makes room.
	maxSessions = 1_000
)

// A session is a client of the revisions 2025-03-26 to 2025-11-25 that has said initialize over
// streamable HTTP. Its id is all that tells it from the others.
type session struct {
	ctx context.Context // ends with the session
	end context.CancelFunc
	calls

	mu   sync.Mutex
	used time.Time
	busy int // requests and streams under way
	kept []*keptStream
}

// sessions are the sessions that exist; others are refused. It is the SDK's
// server.SessionIdManager.
type sessions struct {
	ctx    context.Context
	ttl    time.Duration
	most   int
	forget func(id string) // ends a session in the SDK too, which calls Terminate

	mu   sync.Mutex
	open map[string]*session
}

func newSessions(ctx context.Context) *sessions {
	return &sessions{ctx: ctx, ttl: sessionTTL, most: maxSessions, open: make(map[string]*session)}
}

// Generate makes a session and returns its id, 130 random bits.
func (s *sessions) Generate() string {
	id := rand.Text()
	one := &session{used: time.Now()}
	one.ctx, one.end = context.WithCancel(s.ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open[id] = one
	return id
}

// Validate is an error for a session that does not exist.
func (s *sessions) Validate(id string) (terminated bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open[id] == nil {
		return false, errors.New("no such session")
	}
	return false, nil
}

// Terminate ends a session and what is under way in it.
func (s *sessions) Terminate(id string) (notAllowed bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if one := s.open[id]; one != nil {
		one.end()
		delete(s.open, id)
	}
	return false, nil
}

// enter returns a session for as long as something is under way in it, until leave is called;
// nil when there is none of this id.
func (s *sessions) enter(id string) (one *session, leave func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if one = s.open[id]; one == nil {
		return nil, nil
	}
	one.step(1)
	return one, func() { one.step(-1) }
}

func (one *session) step(by int) {
	one.mu.Lock()
	defer one.mu.Unlock()
	one.busy += by
	one.used = time.Now()
}

// sweep forgets the sessions that were idle for too long and, beyond the most that may be, those
// that were idle longest.
func (s *sessions) sweep(now time.Time) {
	for _, id := range s.stale(now) {
		s.forget(id)
	}
}

func (s *sessions) stale(now time.Time) (ids []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	oldest, oldestUsed := "", now
	for id, one := range s.open {
		one.mu.Lock()
		used, busy := one.used, one.busy
		one.mu.Unlock()
		switch {
		case busy > 0:
		case now.Sub(used) >= s.ttl:
			ids = append(ids, id)
		case !used.After(oldestUsed):
			oldest, oldestUsed = id, used
		}
	}
	if len(s.open)-len(ids) >= s.most && oldest != "" {
		ids = append(ids, oldest)
	}
	return ids
}

// keepSweeping sweeps until ctx ends.
func (s *sessions) keepSweeping(ctx context.Context) {
	ticker := time.NewTicker(s.ttl / 10)
	defer ticker.Stop()
	for {
		select {
		case now := <-ticker.C:
			s.sweep(now)
		case <-ctx.Done():
			return
		}
	}
}

// keep notes a stream that can be taken up again, and lets go of the oldest.
func (one *session) keep(k *keptStream) {
	one.mu.Lock()
	defer one.mu.Unlock()
	one.kept = append(one.kept, k)
	if len(one.kept) > keptStreams {
		one.kept = one.kept[1:]
	}
}

// keptOf finds the stream of an event of this session, and the event's number.
func (one *session) keptOf(eventID string) (k *keptStream, n int, ok bool) {
	one.mu.Lock()
	defer one.mu.Unlock()
	for _, k := range one.kept {
		if n, ok := k.numberOf(eventID); ok {
			return k, n, true
		}
	}
	return nil, 0, false
}
