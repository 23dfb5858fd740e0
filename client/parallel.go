package client

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"
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
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for i := range n {
		if groupCtx.Err() != nil {
			break
		}
		group.Go(func() error { return do(groupCtx, i) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return ctx.Err()
}

// most is the share of a call's time after which work on many runs stops, and says of how many it is.
const most = 0.75

// mostOf returns a function that tells when most of the time is over that ctx has left now; that
// never is without a deadline.
func mostOf(ctx context.Context) (over func() bool) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return func() bool { return false }
	}
	enough := time.Now().Add(share(most, deadline))
	return func() bool { return time.Now().After(enough) }
}

// forMost is [forShare] of most of the time.
func forMost(ctx context.Context) (context.Context, context.CancelFunc) { return forShare(ctx, most) }

// forShare is ctx until a share of the time is over that it has left now, and as it is without a
// deadline.
func forShare(ctx context.Context, of float64) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, share(of, deadline))
}

func share(of float64, deadline time.Time) time.Duration {
	return time.Duration(of * float64(time.Until(deadline)))
}
