package client_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// detailed is a source whose details take a second each and alone say when a run ended; every
// tenth fails.
type detailed struct {
	*memory
	now, most atomic.Int64
}

func (s *detailed) Run(ctx context.Context, id string) (client.Experiment, error) {
	s.most.Store(max(s.most.Load(), s.now.Add(1)))
	defer s.now.Add(-1)
	select {
	case <-ctx.Done():
		return client.Experiment{}, ctx.Err()
	case <-time.After(time.Second):
	}
	run, err := s.memory.Run(ctx, id)
	if id[len(id)-1] == '9' {
		err = &client.Error{Kind: client.ErrServer}
	}
	run.EndedAt = 5
	return run, err
}

// TestDetailsOf reads 50 runs, eight a second, with and without time for all of them.
func TestDetailsOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name       string
		time, took time.Duration
		read       int64
	}{
		{"no hurry", time.Hour, 7 * time.Second, 45},
		{"most of the time", 5 * time.Second, 3750 * time.Millisecond, 22}, // three rounds, and a fourth in vain
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				m := &memory{}
				for i := range 50 {
					m.runs = append(m.runs, run(fmt.Sprintf("run%02d", i), "p/n", i))
				}
				s := &detailed{memory: m}
				ctx, cancel := context.WithTimeout(t.Context(), c.time)
				defer cancel()
				start := time.Now()
				full, err := client.New(s).DetailsOf(ctx, m.runs)
				read := int64(0)
				for i, r := range full {
					if r.ID != m.runs[i].ID {
						t.Errorf("%s in the place of %s", r.ID, m.runs[i].ID)
					}
					if r.EndedAt > 0 {
						read++
					}
				}
				if took := time.Since(start); err != nil || read != c.read || took != c.took ||
					s.most.Load() != 8 {
					t.Errorf("%d were read in %v, %d at once: %v", read, took, s.most.Load(), err)
				}
				cancel()
				if _, err := client.New(s).DetailsOf(ctx, m.runs); err == nil {
					t.Error("cancelled, and no error")
				}
			})
		})
	}
}
