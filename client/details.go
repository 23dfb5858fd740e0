package client

import (
	"context"
	"slices"
)

// DetailsOf reads runs of a list in full, the first of them first and eight at once, in most of the
// time that ctx leaves. One that cannot be read, or not in time, is as the list had it, which shows
// in that it has no Captured. The error is ctx's. No documented method.
func (c *Client) DetailsOf(ctx context.Context, runs []Experiment) ([]Experiment, error) {
	within, cancel := forMost(ctx)
	defer cancel()
	full := slices.Clone(runs)
	// Its error is the end of within, which is no more than that.
	_ = inParallel(within, len(runs), requests, func(ctx context.Context, i int) error {
		if run, err := c.detail(ctx, runs[i]); err == nil {
			full[i] = run
		}
		return nil
	})
	return full, ctx.Err()
}
