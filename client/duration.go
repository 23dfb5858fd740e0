package client

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/analysis"
)

// Duration is the name under which [Client.BestRuns] ranks runs by how long they took, in seconds.
const Duration = "duration_seconds"

// Seconds is how long the run took, or has taken by now while it goes on; where its end is not
// recorded, as that of a dead process, until the last that is known of it. 0: not known. Lists of
// Viewers do not say when runs ended (0.4 to 0.7), their details do (0.6 and later).
func (e Experiment) Seconds(now time.Time) float64 {
	end := cmp.Or(e.EndedAt, e.UpdatedAt)
	if e.Status == StatusRunning {
		end = float64(now.UnixMilli()) / 1e3
	}
	return max(0, end-cmp.Or(e.StartedAt, e.CreatedAt))
}

// readDurations ranks runs by how long they took.
func (c *Client) readDurations(ctx context.Context, r *Ranking, runs []Experiment) error {
	runs = slices.Clone(runs)
	var at []int
	var unknown []Experiment
	now := time.Now()
	for i, run := range runs {
		if run.Seconds(now) == 0 {
			at, unknown = append(at, i), append(unknown, run)
		}
	}
	full, err := c.DetailsOf(ctx, unknown)
	if err != nil {
		return err
	}
	for i, run := range full {
		runs[at[i]] = run
	}
	for _, run := range runs {
		seconds := run.Seconds(now)
		if seconds == 0 {
			r.NoNumber++
			continue
		}
		r.Ranked = append(r.Ranked, RankedRun{Run: run, Best: seconds,
			Stats: analysis.Stats{Count: 1, Last: seconds}})
	}
	r.Read = len(runs)
	return nil
}
