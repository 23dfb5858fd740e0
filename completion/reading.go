package completion

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

const (
	// keep is how long what was read is used: a person types several letters in it.
	keep = 15 * time.Second
	// readTime is how long the runs are read, and maxRuns how many.
	readTime = 10 * time.Second
	maxRuns  = 100_000
)

// A reading is the runs of a source, newest first, as far as they are read. It goes on when the
// completion that began it is over, so that the next letter finds more.
type reading struct {
	client *client.Client
	begun  time.Time
	done   chan struct{} // closed when it has ended

	mu    sync.Mutex
	runs  []client.Experiment // with no more than what they are called
	whole bool                // all that there are
	err   error
}

// reading is the latest reading of c, or a new one.
func (k *Completer) reading(c *client.Client) *reading {
	k.mu.Lock()
	defer k.mu.Unlock()
	if r := k.last; r != nil && r.client == c && !r.stale() {
		return r
	}
	k.last = &reading{client: c, begun: time.Now(), done: make(chan struct{})}
	go k.last.read()
	return k.last
}

// stale tells whether to read anew: it has failed, or it was long ago.
func (r *reading) stale() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err != nil || time.Since(r.begun) > keep
}

func (r *reading) read() {
	defer close(r.done)
	ctx, cancel := context.WithTimeout(context.Background(), readTime)
	defer cancel()
	n := 0
	for run, err := range r.client.Runs(ctx) {
		r.mu.Lock()
		if err == nil {
			r.runs = append(r.runs, client.Experiment{ID: run.ID, Alias: run.Alias, Path: run.Path,
				Project: run.Project, Name: run.Name})
		} else if ctx.Err() == nil {
			r.err = err
		}
		r.mu.Unlock()
		if n++; err != nil || n == maxRuns {
			return
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.whole = true
}

// known are the runs read when ctx has ended or, where that is sooner, the reading has.
func (r *reading) known(ctx context.Context) (runs []client.Experiment, whole bool, err error) {
	select {
	case <-r.done:
	case <-ctx.Done():
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clip(r.runs), r.whole, r.err
}
