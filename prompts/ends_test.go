package prompts_test

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/storage"
	"github.com/runicorn-mcp/runicorn-mcp/tools"
)

// terse is a source whose lists do not say when runs began and ended, as those of Viewers.
type terse struct {
	client.Source
	unavailable []string // of a detail, which has no end then
	details     atomic.Int64
}

func (s *terse) Runs(ctx context.Context, scope client.Scope) iter.Seq2[client.Experiment, error] {
	return func(yield func(client.Experiment, error) bool) {
		for run, err := range s.Source.Runs(ctx, scope) {
			run.StartedAt, run.EndedAt = 0, 0
			if !yield(run, err) {
				return
			}
		}
	}
}

func (s *terse) Run(ctx context.Context, id string) (client.Experiment, error) {
	s.details.Add(1)
	run, err := s.Source.Run(ctx, id)
	if s.unavailable != nil {
		run.StartedAt, run.EndedAt, run.Unavailable = 0, 0, s.unavailable
	}
	return run, err
}

// TestWhatHappened_asksWhenRunsEnded has lists that do not say so: details do, of the 50 newest, and
// none is asked where the first has no way to tell.
func TestWhatHappened_asksWhenRunsEnded(t *testing.T) {
	t.Parallel()
	const first = "2000-01-02 22:00Z failed vision/long [20000101_100000_aaaaaa] after 28h0m0s\n" +
		"2000-01-02 20:00Z finished vision/new [20000102_190000_cccccc] after 1h0m0s\n"
	for _, c := range []struct {
		name        string
		older       int // runs that ended before
		unavailable []string
		details     int64
		want        string
	}{
		{"few", 0, nil, 3, "4 runs of all projects: 1 failed, 1 finished, 1 running since before.\n" + first},
		{"many", 60, nil, 50, "64 runs of all projects: 1 failed, 1 finished, 1 running since before. " +
			"Of 13 older ones it is not known when they ended.\n" + first},
		{"no way", 60, []string{"summary", "ended_at"}, 1, "64 runs of all projects: 1 finished, 1 running " +
			"since before. Of 62 older ones it is not known when they ended.\n" +
			"2000-01-02 19:00Z started and finished vision/new [20000102_190000_cccccc]\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				s := store{t, dir}
				time.Sleep(48 * time.Hour)
				now, hour := time.Now().Unix(), int64(3600)
				s.run("vision/new/20000102_190000_cccccc", "", "finished", now-5*hour, now-4*hour)
				s.run("vision/long/20000101_100000_aaaaaa", "", "failed", now-30*hour, now-2*hour)
				s.run("vision/live/20000101_090000_bbbbbb", "", "running", now-31*hour, 0)
				s.run("vision/old/20000101_080000_dddddd", "", "finished", now-32*hour, now-31*hour)
				for i := range c.older {
					s.run(fmt.Sprintf("vision/old/19991231_0800%02d_eeeeee", i), "", "finished",
						now-60*hour-int64(i), now-59*hour)
				}
				folder, err := storage.Open(dir)
				if err != nil {
					t.Fatal(err)
				}
				defer folder.Close()
				source := &terse{Source: folder, unavailable: c.unavailable}
				env := &tools.Env{Client: func(context.Context, string) (*client.Client, error) {
					return client.New(source), nil
				}}
				text, err := get(t, env, "what_happened_since", map[string]string{"since": "24"})
				if err != nil {
					t.Fatal(err)
				}
				_, told, _ := strings.Cut(text, "\n\n")
				if told != c.want || source.details.Load() != c.details {
					t.Errorf("%d details, got\n%s\nwant\n%s", source.details.Load(), told, c.want)
				}
			})
		})
	}
}
