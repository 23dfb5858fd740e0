package truth

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/viewer"
	"github.com/runicorn-mcp/runicorn-mcp/internal/realtest"
)

const (
	manyRuns     = 10_000
	manySteps    = 1_000_000
	millionSteps = "20240601_000000_ffffff"
)

// largeStore is a store of many runs, one of which has many steps of four metrics, in the layout
// of a release. Its files are as the SDKs write them.
func largeStore(t *testing.T, version string) (root string) {
	t.Helper()
	root = t.TempDir()
	begin := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range manyRuns {
		at := begin.Add(time.Duration(i) * time.Minute)
		id := fmt.Sprintf("%s_%06x", at.Format("20060102_150405"), i)
		if i == manyRuns-1 {
			id = millionSteps
		}
		project, name := fmt.Sprintf("p%d", i%20), fmt.Sprintf("n%d", i%200)
		dir := filepath.Join(root, "runs", project, name, id)
		if realtest.HasRegistry(version) {
			dir = filepath.Join(root, project, name, "runs", id)
		}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		for file, text := range map[string]string{
			"meta.json": fmt.Sprintf(`{"id":%q,"path":"%s/%s","project":%[2]q,"name":%[3]q,"created_at":%d}`,
				id, project, name, at.Unix()),
			"status.json": fmt.Sprintf(`{"status":"finished","started_at":%d,"ended_at":%[1]d}`, at.Unix()),
			"assets.json": `{}`,
		} {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if id == millionSteps {
			writeEvents(t, filepath.Join(dir, "events.jsonl"))
		}
	}
	return root
}

func writeEvents(t *testing.T, file string) {
	t.Helper()
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	for i := 1; i <= manySteps; i++ {
		v := strconv.FormatFloat(1/float64(i), 'f', 20, 64)
		fmt.Fprintf(w, `{"ts": 17%08d.5, "type": "metrics", "data": {"train_loss": %s, "val_loss": %s1, `+
			`"lr": %s2, "acc": %s3, "global_step": %d, "time": 17%08[1]d.5}}`+"\n", i, v, v, v, v, i)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestLarge lists 10,000 runs and reads a run of 1,000,000 steps through the Viewer of each
// release: both come back right, within the 50 s of a call, with less than three times the
// memory of the columns. It is not parallel, so that the memory is its own.
func TestLarge(t *testing.T) {
	stores := make(map[bool]string) // of either layout
	for _, version := range realtest.Versions {
		realtest.Python(t, version)
		layout := realtest.HasRegistry(version)
		if stores[layout] == "" {
			stores[layout] = largeStore(t, version)
		}
		t.Run(version, func(t *testing.T) {
			p := realtest.StartViewer(t, version, stores[layout], 0)
			defer p.Kill()
			p.Up(t)
			c := client.New(viewer.New(viewer.Options{BaseURL: p.URL}))
			started := time.Now()
			page := must(c.ListExperiments(t.Context(), client.ListOptions{}))(t)
			listed := time.Since(started)
			if page.Total != manyRuns || len(page.Experiments) != manyRuns || page.Unlisted != 0 ||
				page.Experiments[0].ID != millionSteps || page.Experiments[0].Project != "p19" {
				t.Errorf("%d of %d runs, %d unlisted, the newest is %s", len(page.Experiments), page.Total,
					page.Unlisted, page.Experiments[0].ID)
			}
			page = client.ExperimentPage{}

			peak, stop := watchHeap()
			started = time.Now()
			m := must(c.GetMetrics(t.Context(), millionSteps, client.MetricsOptions{}))(t)
			read := time.Since(started)
			stop()
			if m.Rows != manySteps || len(m.Series) != 4 {
				t.Fatalf("%d rows, %d series", m.Rows, len(m.Series))
			}
			for _, s := range m.Series {
				last := s.Values[manySteps-1]
				if len(s.Values) != manySteps || s.Steps[999] != 1000 || last < 1e-6 || last > 1.01e-6 {
					t.Errorf("%s has %d values, the last is %v", s.Name, len(s.Values), last)
				}
			}
			columns := int64((4 + 2) * 8 * manySteps) // values, steps and times
			if *peak > 3*columns {
				t.Errorf("the peak of memory was %d MB for %d MB of columns", *peak>>20, columns>>20)
			}
			t.Logf("list %v, metrics %v, peak %d MB for %d MB of columns", listed.Round(time.Millisecond),
				read.Round(time.Millisecond), *peak>>20, columns>>20)
		})
	}
}

// watchHeap watches the heap until stop is called; peak is what it grew by at most.
func watchHeap() (peak *int64, stop func()) {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	before, done, ended := int64(m.HeapAlloc), make(chan struct{}), make(chan struct{})
	peak = new(int64)
	go func() {
		defer close(ended)
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			runtime.ReadMemStats(&m)
			*peak = max(*peak, int64(m.HeapAlloc)-before)
			select {
			case <-tick.C:
			case <-done:
				return
			}
		}
	}()
	return peak, func() { close(done); <-ended }
}
