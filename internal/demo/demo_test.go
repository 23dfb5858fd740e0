package demo

import (
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/storage"
)

var now = time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC)

// written is a demo store in a folder of its own.
func written(t *testing.T, dir string) Store {
	t.Helper()
	store, err := Write(dir, now)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func opened(t *testing.T, dir string) *client.Client {
	t.Helper()
	source, err := storage.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { source.Close() })
	return client.New(source)
}

func TestWrite_readsBack(t *testing.T) {
	t.Parallel()
	store := written(t, t.TempDir())
	c := opened(t, store.Dir)
	page, err := c.ListExperiments(t.Context(), client.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var runs []Entry
	projects := make(map[string]bool)
	for _, e := range page.Experiments {
		runs = append(runs, Entry{e.ID, e.Path, e.Alias, e.Status})
		projects[e.Project] = true
		if len(e.Problems) > 0 || e.RawStatus != "" {
			t.Errorf("%s: problems %q, raw status %q", e.ID, e.Problems, e.RawStatus)
		}
		if e.Status == client.StatusFinished && (e.Best == nil || e.EndedAt <= e.StartedAt) {
			t.Errorf("%s is finished, best %v, from %f to %f", e.ID, e.Best, e.StartedAt, e.EndedAt)
		}
		_, m, err := c.RunMetrics(t.Context(), e.ID, client.MetricsOptions{})
		if err != nil || len(m.Series) != 4 || len(m.Problems) > 0 || m.Rows < 100 ||
			m.LastTime > float64(now.Unix()) {
			t.Errorf("%s: %d series, %d steps, problems %q, %v", e.ID, len(m.Series), m.Rows,
				m.Problems, err)
		}
	}
	if d := cmp.Diff(store.Runs, runs); d != "" {
		t.Errorf("the store does not hold what Write says (-said +held):\n%s", d)
	}
	if got := slices.Sorted(maps.Keys(projects)); !slices.Equal(got,
		[]string{"nlp", "speech", "vision"}) || len(runs) != 12 {
		t.Errorf("%d runs in the projects %q", len(runs), got)
	}
}

// TestWrite_stories holds what the conversation and the README say of these runs.
func TestWrite_stories(t *testing.T) {
	t.Parallel()
	c := opened(t, written(t, t.TempDir()).Dir)
	series := func(ref, name string) client.MetricSeries {
		t.Helper()
		m, err := c.GetMetrics(t.Context(), ref, client.MetricsOptions{Names: []string{name}})
		if err != nil {
			t.Fatal(err)
		}
		s, ok := m.SeriesNamed(name)
		if !ok {
			t.Fatalf("%s has no %s", ref, name)
		}
		return s
	}
	validation := series("no-augment", "val_loss")
	least, _ := validation.Min()
	if last, _ := validation.Last(); last < 2*least {
		t.Errorf("the overfitting run ends at %f, its least is %f", last, least)
	}
	loss := series("lr-1.0", "train_loss")
	if math.IsNaN(loss.Values[135]) || !math.IsNaN(loss.Values[136]) {
		t.Errorf("train_loss is %f at step 136, %f at 137", loss.Values[135], loss.Values[136])
	}
	lineage, err := c.Artifacts.GetArtifactLineage(t.Context(), "resnet50.pt")
	if err != nil || lineage.CreatedBy == "" || len(lineage.UsedBy) != 1 ||
		!slices.Contains(lineage.Inputs, "dataset/cifar10-augmented:v1") {
		t.Errorf("lineage of resnet50.pt: %+v, %v", lineage, err)
	}
	crashed, err := c.GetExperiment(t.Context(), "vision/vit-b16")
	if err != nil || crashed.Status != client.StatusFailed || !crashed.Captured.Console {
		t.Fatalf("the crashed run: %+v, %v", crashed, err)
	}
	log, err := os.ReadFile(filepath.Join(crashed.RunDir, "logs.txt"))
	if err != nil || !strings.Contains(string(log), "OutOfMemoryError: CUDA out of memory") {
		t.Errorf("its log, %v:\n%s", err, log)
	}
}

// TestWrite_oneFingerprintARun holds what keeps Viewers 0.7.1 and 0.7.2 from losing runs: see
// the type dataset.
func TestWrite_oneFingerprintARun(t *testing.T) {
	t.Parallel()
	c := opened(t, written(t, t.TempDir()).Dir)
	page, err := c.ListExperiments(t.Context(), client.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]string)
	for _, e := range page.Experiments {
		assets, err := c.RunAssets(t.Context(), e)
		if err != nil {
			t.Fatal(err)
		}
		config := fmt.Sprint(assets.Config) // a Viewer takes the config for an asset, too
		for _, a := range append(assets.Assets, client.Asset{Type: "config", Fingerprint: config}) {
			if other := seen[a.Type+a.Fingerprint]; a.Fingerprint != "" && other == "" {
				seen[a.Type+a.Fingerprint] = e.Label()
			} else if a.Fingerprint != "" {
				t.Errorf("%s and %s log the same %s %s", other, e.Label(), a.Type, a.Name)
			}
		}
	}
}

func TestWrite_sameBytes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	written(t, dir)
	first := contents(t, dir)
	written(t, dir)
	if d := cmp.Diff(first, contents(t, dir)); d != "" {
		t.Errorf("the second store differs:\n%s", d)
	}
}

func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	root := os.DirFS(dir)
	for _, name := range names(t, dir) {
		f, err := root.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		info, err := f.Stat()
		f.Close()
		if err != nil || info.IsDir() {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		files[name] = string(text)
	}
	return files
}
