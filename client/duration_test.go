package client_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// TestBestRuns_duration ranks runs by how long they took: as a list says, or else their detail.
func TestBestRuns_duration(t *testing.T) {
	t.Parallel()
	took := func(seconds float64) func(*client.Experiment) {
		return func(e *client.Experiment) {
			e.StartedAt = e.CreatedAt + 1
			e.EndedAt = e.StartedAt + seconds
		}
	}
	m := &memory{runs: []client.Experiment{run("a", "p/n", 0, took(50)), run("b", "p/n", 1, took(7000)),
		run("c", "p/n", 2), run("d", "p/n", 3, func(e *client.Experiment) { e.UpdatedAt = e.CreatedAt + 300 }),
		run("e", "p/n", 4, status(client.StatusRunning))}}
	for direction, want := range map[string]string{"": "e b=7000 d=300 a=50", "min": "a=50 d=300 b=7000 e"} {
		r, err := client.New(m).BestRuns(t.Context(), client.BestOptions{Metric: client.Duration, Direction: direction})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range r.Ranked {
			text := fmt.Sprintf("%s=%g", e.Run.ID, e.Best)
			if e.Run.ID == "e" { // goes on since 2023
				text = "e"
				if now := float64(time.Now().Unix()) - e.Run.CreatedAt; e.Best < now-60 || e.Best > now+1 {
					t.Errorf("e has taken %g s, not %g", e.Best, now)
				}
			}
			got = append(got, text)
		}
		if s := strings.Join(got, " "); s != want || r.NoNumber != 1 || len(r.Without) != 0 {
			t.Errorf("%q: %s, %d without a number; want %s", direction, s, r.NoNumber, want)
		}
	}
	_, err := client.New(m).BestRuns(t.Context(), client.BestOptions{Metric: "runtime"})
	if err == nil || !strings.Contains(err.Error(), "metric_name duration_seconds") {
		t.Errorf("runtime: %v", err)
	}
}
