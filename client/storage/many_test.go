package storage

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// manyRuns is a store of n runs in 25 paths, one a minute.
func manyRuns(tb testing.TB, n int) (root string) {
	tb.Helper()
	root = tb.TempDir()
	begin := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range n {
		at := begin.Add(time.Duration(i) * time.Minute)
		dir := filepath.Join(root, "runs", fmt.Sprintf("project%d", i%5), fmt.Sprintf("name%d", i%25),
			fmt.Sprintf("%s_%06x", at.Format("20060102_150405"), i))
		if err := os.MkdirAll(dir, 0o755); err != nil {
			tb.Fatal(err)
		}
		for name, text := range map[string]string{
			"meta.json":   fmt.Sprintf(`{"created_at": %d}`, at.Unix()),
			"status.json": `{"status": "finished"}`,
		} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
				tb.Fatal(err)
			}
		}
	}
	return root
}

// TestRuns_lazy has 10,000 runs: all are there in order, and a caller that wants ten reads those
// of a few days, not of a week.
func TestRuns_lazy(t *testing.T) {
	t.Parallel()
	const runs = 10_000
	store, err := Open(manyRuns(t, runs))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	c := client.New(store)
	page, err := c.ListExperiments(t.Context(), client.ListOptions{})
	if err != nil || page.Total != runs || len(page.Experiments) != runs {
		t.Fatalf("%d of %d runs (%v)", len(page.Experiments), page.Total, err)
	}
	for i, run := range page.Experiments {
		if want := fmt.Sprintf("%06x", runs-1-i); run.ID[16:] != want {
			t.Fatalf("run %d is %s, want …_%s", i, run.ID, want)
		}
	}
	q := store.queue(client.Scope{})
	for range 10 {
		if _, ok, err := q.next(t.Context()); !ok || err != nil {
			t.Fatal(ok, err)
		}
	}
	const window = idMargin/60 + 10 // a run a minute
	if read := runs - len(q.unread); read > window {
		t.Errorf("%d runs were read to yield 10, want at most %d", read, window)
	}
	first, err := c.ListExperiments(t.Context(), client.ListOptions{Project: "project3", Limit: 2})
	if err != nil || first.Total != runs/5 || first.Experiments[0].ID[16:] != fmt.Sprintf("%06x", 9998) {
		t.Errorf("%+v (%v)", first, err)
	}
}
