package truth

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/viewer"
	"github.com/runicorn-mcp/runicorn-mcp/internal/realtest"
)

// edit changes a field of a run's JSON file.
func edit(t *testing.T, dir, name, field string, value any) {
	t.Helper()
	file := filepath.Join(dir, name)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var object map[string]any
	if err := json.Unmarshal(text, &object); err != nil {
		t.Fatal(err)
	}
	object[field] = value
	if text, err = json.Marshal(object); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestViewer_poisonedList gives one run a meta.json of which every list of its Viewer fails: the
// other runs are listed all the same, and what cannot be is said.
func TestViewer_poisonedList(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		version string
		missing []string
		says    string
	}{
		{"0.5.3", []string{dddddd, eeeeee, ffffff, one}, "the runs of nlp/bert are left out"},
		{"0.6.0", []string{custom}, "runs outside any project are left out"},
	} {
		t.Run(tt.version, func(t *testing.T) {
			t.Parallel()
			_, root := realtest.Seed(t, tt.version)
			bad := expectedRun(tt.version, dddddd)
			edit(t, strings.Replace(bad.RunDir, "$BASE/store", root, 1), "meta.json", "pid", "many")
			p := realtest.StartViewer(t, tt.version, root, 0)
			p.Up(t)
			resp, err := http.Get(p.URL + "/api/runs")
			if err != nil || resp.StatusCode != http.StatusInternalServerError {
				t.Fatalf("the Viewer's own list is %v (%v): this store shows nothing", resp, err)
			}
			resp.Body.Close()
			none := 0
			c := client.New(viewer.New(viewer.Options{BaseURL: p.URL, MaxRetries: &none}))
			page := must(c.ListExperiments(t.Context(), client.ListOptions{}))(t)
			for _, run := range expectedRuns(tt.version) {
				there := slices.ContainsFunc(page.Experiments, func(e client.Experiment) bool {
					return e.ID == run.ID && e.Project == run.Project && e.Name == run.Name &&
						e.CreatedAt == run.CreatedAt
				})
				if want := !slices.Contains(tt.missing, run.ID); there != want {
					t.Errorf("%s is listed: %t", run.ID, there)
				}
				if got := must(c.GetExperiment(t.Context(), run.ID))(t); got.ID != run.ID {
					t.Errorf("get_experiment %s gives %s", run.ID, got.ID)
				}
			}
			if len(page.Problems) != 1 || !strings.Contains(page.Problems[0], tt.says) {
				t.Errorf("it says %q", page.Problems)
			}
		})
	}
}

// TestViewer_movedStore moves the store of a Viewer 0.7.2, whose database keeps the old folders:
// what the Viewer still gives is given, and the rest is said to be missing.
func TestViewer_movedStore(t *testing.T) {
	t.Parallel()
	base, root := realtest.Seed(t, "0.7.2")
	p := realtest.StartViewer(t, "0.7.2", root, 0)
	p.Settle(t)
	p.Kill()
	moved := filepath.Join(base, "moved")
	if err := os.CopyFS(moved, os.DirFS(root)); err != nil {
		t.Fatal(err)
	}
	for _, old := range []string{"there", "gone"} {
		if old == "gone" {
			p.Kill()
			if err := os.RemoveAll(root); err != nil {
				t.Fatal(err)
			}
		}
		p = realtest.StartViewer(t, "0.7.2", moved, 0)
		p.Settle(t)
		c := client.New(viewer.New(viewer.Options{BaseURL: p.URL}))
		page := must(c.ListExperiments(t.Context(), client.ListOptions{}))(t)
		if page.Total != 9 || page.Experiments[8].Project != "vision" {
			t.Errorf("old store %s: %d runs, the oldest in project %q", old, page.Total,
				page.Experiments[8].Project)
		}
		for _, ref := range []string{aaaaaa, "baseline"} { // by its detail, and by the list
			run := must(c.GetExperiment(t.Context(), ref))(t)
			m := must(c.GetMetrics(t.Context(), ref, client.MetricsOptions{}))(t)
			assets := must(c.RunAssets(t.Context(), run))(t)
			if m.Rows != 4 || len(assets.Assets) != 5 || run.Project != "vision" || run.Name != "resnet" {
				t.Errorf("old store %s: %d rows, %d assets, %s/%s", old, m.Rows, len(assets.Assets),
					run.Project, run.Name)
			}
			says := strings.Join(append(run.Problems, m.Problems...), " ")
			if saysSo := strings.Contains(says, "was moved"); saysSo != (old == "there") ||
				saysSo != m.NonFiniteUnknown || saysSo == (len(run.Unavailable) == 0) {
				t.Errorf("old store %s: it says %q, NaN unknown %t, unavailable %q", old, says,
					m.NonFiniteUnknown, run.Unavailable)
			}
		}
	}
}

// TestViewer_recycleBin deletes a run: it is not there any more, and the error says where it is.
func TestViewer_recycleBin(t *testing.T) {
	t.Parallel()
	for _, version := range realtest.Versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			_, root := realtest.Seed(t, version)
			address := realtest.Viewer(t, version, root)
			deleteRun(t, address, dddddd)
			c := client.New(viewer.New(viewer.Options{BaseURL: address}))
			if page := must(c.ListExperiments(t.Context(), client.ListOptions{}))(t); page.Total != 8 ||
				page.Unlisted != 0 {
				t.Errorf("%d runs are left, %d unlisted", page.Total, page.Unlisted)
			}
			if _, err := c.GetExperiment(t.Context(), dddddd); !errors.Is(err, client.ErrInRecycleBin) {
				t.Errorf("the deleted run: %v", err)
			}
		})
	}
}

// deleteRun moves a run to the recycle bin of a Viewer.
func deleteRun(t *testing.T, address, id string) {
	t.Helper()
	resp, err := http.Post(address+"/api/runs/soft-delete", "application/json",
		strings.NewReader(`{"run_ids":["`+id+`"]}`))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("the Viewer answers %s", resp.Status)
	}
}
