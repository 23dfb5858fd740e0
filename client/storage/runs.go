package storage

import (
	"cmp"
	"container/heap"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"math"
	"path"
	"slices"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// idMargin is how far the time in an id, wall-clock time of some machine taken as UTC, can be
// from the run's created_at: 14 hours east or 12 west.
const idMargin = 26 * 3600

// Runs implements [client.Source]. It lists names first and reads runs as they are wanted:
// those whose id has a time in the order of that, all others up front, and always so far ahead
// that no run yet unread can be newer than the one yielded. Only a created_at that was edited
// by more than a day against the id is out of order.
func (s *Store) Runs(
	ctx context.Context, scope client.Scope,
) iter.Seq2[client.Experiment, error] {
	return func(yield func(client.Experiment, error) bool) {
		q := s.queue(scope)
		for {
			run, ok, err := q.next(ctx)
			if err != nil {
				yield(client.Experiment{}, err)
				return
			}
			if !ok || !yield(run, nil) {
				return
			}
		}
	}
}

// A runQueue yields the runs of some places, newest first.
type runQueue struct {
	store  *Store
	unread []timedPlace // latest possible creation first
	read   runHeap
}

type timedPlace struct {
	place
	latest float64 // the run was not created after this
}

func (s *Store) queue(scope client.Scope) *runQueue {
	q := &runQueue{store: s}
	for _, p := range s.places(scope.Project) {
		latest := math.Inf(1) // unknown: read it before yielding any
		if t, ok := idTime(p.id); ok {
			latest = t + idMargin
		}
		q.unread = append(q.unread, timedPlace{p, latest})
	}
	slices.SortFunc(q.unread, func(a, b timedPlace) int {
		return cmp.Or(cmp.Compare(b.latest, a.latest), cmp.Compare(b.id, a.id),
			cmp.Compare(a.dir, b.dir))
	})
	return q
}

// next is the newest run not yet yielded; ok is false when there is none.
func (q *runQueue) next(ctx context.Context) (run client.Experiment, ok bool, err error) {
	for len(q.unread) > 0 && (len(q.read) == 0 || q.read[0].CreatedAt <= q.unread[0].latest) {
		if err := ctx.Err(); err != nil {
			return run, false, err
		}
		p := q.unread[0].place
		q.unread = q.unread[1:]
		run, err := q.store.readRun(ctx, p)
		if errors.Is(err, errGone) {
			continue
		}
		if err != nil {
			return run, false, err
		}
		heap.Push(&q.read, run)
	}
	if len(q.read) == 0 {
		return run, false, nil
	}
	return heap.Pop(&q.read).(client.Experiment), true, nil
}

// A runHeap has the newest run on top.
type runHeap []client.Experiment

func (h runHeap) Len() int      { return len(h) }
func (h runHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h runHeap) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(h[j].CreatedAt, h[i].CreatedAt), cmp.Compare(h[j].ID, h[i].ID),
		cmp.Compare(h[i].RunDir, h[j].RunDir)) < 0
}
func (h *runHeap) Push(x any) { *h = append(*h, x.(client.Experiment)) }
func (h *runHeap) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

// CountRuns implements [client.Source] from names and two looks at each run.
func (s *Store) CountRuns(ctx context.Context, scope client.Scope) (client.RunCount, error) {
	var count client.RunCount
	for _, p := range s.places(scope.Project) {
		if err := ctx.Err(); err != nil {
			return count, err
		}
		_, err := s.root.Lstat(p.dir + "/" + deleted)
		if errors.Is(err, fs.ErrNotExist) && s.isRun(p) {
			count.Total++
		}
	}
	return count, nil
}

// Run implements [client.Source]. "path/id" is as below runs/, or "project/name/id".
func (s *Store) Run(ctx context.Context, id string) (client.Experiment, error) {
	var fits []place
	binned := false
	for _, p := range s.places("") {
		if p.id != id && p.label() != id && path.Join(p.project, p.name, p.id) != id {
			continue
		}
		_, err := s.root.Lstat(p.dir + "/" + deleted)
		switch {
		case err == nil:
			binned = true
		case s.isRun(p):
			fits = append(fits, p)
		}
	}
	switch len(fits) {
	case 1:
		run, err := s.readDetail(ctx, fits[0])
		if errors.Is(err, errGone) {
			break
		}
		return run, err
	case 0:
		if binned || s.inRecycleBin(id) {
			return client.Experiment{}, client.InRecycleBin(id)
		}
	default:
		var labels []string
		for _, p := range fits {
			labels = append(labels, fmt.Sprintf("%q", p.label()))
		}
		return client.Experiment{}, &client.Error{Kind: client.ErrBadRequest,
			Detail: fmt.Sprintf("%d runs have the id %q", len(fits), id),
			Hint:   "Name one of " + strings.Join(labels[:min(10, len(labels))], ", ") + "."}
	}
	return client.Experiment{}, &client.Error{Kind: client.ErrNotFound,
		Detail: fmt.Sprintf("No run has the id %q", id)}
}

// inRecycleBin reports whether 0.7 moved a run with this id to its recycle bin.
func (s *Store) inRecycleBin(id string) bool {
	return slices.Contains(s.folders(runsDir+"/"+recycleDir), id)
}

// openRun opens the folder of a run that Run or Runs returned.
func (s *Store) openRun(run client.Experiment) (place, error) {
	rel, ok := s.relative(run.RunDir)
	if !ok {
		return place{}, &client.Error{Kind: client.ErrNotFound,
			Detail: fmt.Sprintf("Run %s does not lie in this storage folder", run.ID)}
	}
	return place{dir: rel, id: run.ID}, nil
}

// Metrics implements [client.Source] with [ReadEvents].
func (s *Store) Metrics(
	ctx context.Context, run client.Experiment, names []string,
) (client.Metrics, error) {
	p, err := s.openRun(run)
	if err != nil {
		return client.Metrics{}, err
	}
	dir, err := s.openRoot(p.dir)
	if err != nil {
		return client.Metrics{}, vanished(run)
	}
	defer dir.Close()
	f, _, err := openFile(dir, "events.jsonl")
	if errors.Is(err, fs.ErrNotExist) {
		return client.Metrics{}, nil
	}
	if err != nil {
		return client.Metrics{Problems: []string{s.fileProblem(p, "events.jsonl", err)}}, nil
	}
	defer f.Close()
	return ReadEvents(ctx, f, names)
}

func vanished(run client.Experiment) error {
	return &client.Error{Kind: client.ErrNotFound,
		Detail: fmt.Sprintf("Run %s has vanished from the storage folder", run.ID)}
}
