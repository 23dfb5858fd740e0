package truth

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/viewer"
	"github.com/runicorn-mcp/runicorn-mcp/internal/realtest"
)

// TestLostRuns lists a store in which a Viewer 0.7.2 loses runs for good: all are there, and
// those at the root that are in no route are counted.
func TestLostRuns(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	out, err := realtest.Command(t, "0.6.0", realtest.Program(t, "seed_lost.py"), root).Output()
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Fields(string(out))
	below, atRoot := all[:12], all[12:]
	p := realtest.StartViewer(t, "0.7.2", root, 0)
	p.Up(t)
	c := client.New(viewer.New(viewer.Options{BaseURL: p.URL}))
	lists := 0
	check := func(when string) {
		t.Helper()
		lists++
		page := must(c.ListExperiments(t.Context(), client.ListOptions{}))(t)
		var ids []string
		lost := 0
		for _, run := range page.Experiments {
			ids = append(ids, run.ID)
		}
		for _, id := range below {
			if !slices.Contains(ids, id) {
				t.Errorf("%s: %s is missing", when, id)
			}
		}
		for _, id := range atRoot {
			if !slices.Contains(ids, id) {
				lost++
			}
		}
		if page.Unlisted != lost || page.Total != len(all)-lost || len(ids) != page.Total {
			t.Errorf("%s: %d listed, total %d, %d said to be unlisted; %d of %d at the root are",
				when, len(ids), page.Total, page.Unlisted, lost, len(atRoot))
		}
		if !slices.IsSortedFunc(page.Experiments, func(a, b client.Experiment) int {
			return int(b.CreatedAt - a.CreatedAt)
		}) {
			t.Errorf("%s: the list is not newest first", when)
		}
	}
	check("right after the start")
	check("again")
	minute, tick := time.After(time.Minute), time.NewTicker(6*time.Second)
	defer tick.Stop()
	for watching := true; watching; {
		select {
		case <-tick.C:
			check("later")
		case <-minute:
			watching = false
		}
	}
	check("a minute later")

	var listed []any
	if err := realtest.GetJSON(t.Context(), p.URL+"/api/runs", &listed); err != nil {
		t.Fatal(err)
	}
	if len(listed) == len(all) {
		t.Errorf("the Viewer lists all %d runs: this store shows nothing", len(all))
	}
	t.Logf("the Viewer lists %d of %d runs, we looked %d times", len(listed), len(all), lists)
	for _, id := range all { // each is known by its id, wherever it lies
		run := must(c.GetExperiment(t.Context(), id))(t)
		if m := must(c.GetMetrics(t.Context(), id, client.MetricsOptions{}))(t); m.Rows != 1 ||
			run.ID != id || run.Status != client.StatusFinished {
			t.Errorf("%s is %s with %d rows", id, run.Status, m.Rows)
		}
	}
	artifacts := must(c.Artifacts.GetArtifact(t.Context(), "dataset/shared:v1"))(t)
	if want := []string{all[5], all[2]}; !slices.Equal(artifacts.UsedBy, want) {
		t.Errorf("the shared data set is used by %v, want %v", artifacts.UsedBy, want)
	}
}
