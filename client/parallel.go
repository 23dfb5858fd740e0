package client

import (
	"context"
	"sync"
)

const (
	requests = 8 // runs that are asked for a little at once
	readers  = 3 // runs whose curves are read whole at once: a long one takes 50 MB and more
)

// inParallel calls do with 0 to n-1, at most so many at once. The first error ends it and is
// returned, and so does the end of ctx.
func inParallel(
	ctx context.Context, n, atOnce int, do func(ctx context.Context, i int) error,
) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	var once sync.Once
	var first error
	next := make(chan int)
	for range min(atOnce, n) {
		wg.Go(func() {
			for i := range next {
				if err := do(ctx, i); err != nil {
					once.Do(func() { first = err })
					cancel()
				}
			}
		})
	}
feed:
	for i := range n {
		select {
		case next <- i:
		case <-ctx.Done():
			break feed
		}
	}
	close(next)
	wg.Wait()
	if first != nil {
		return first
	}
	return ctx.Err()
}
