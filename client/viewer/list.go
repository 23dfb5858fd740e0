package viewer

import (
	"cmp"
	"context"
	"math"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/storage"
)

// A listing is what a Viewer can be brought to list.
type listing struct {
	runs     []client.Experiment // newest first
	links    map[string]bool     // up to 0.5: ids of runs that made or used artifacts
	unlisted int                 // runs that are counted on disk and listed nowhere
	problems []string            // what else is missing, one sentence each
}

// named is the run with this id; a zero one when it is not listed.
func (l listing) named(id string) client.Experiment {
	i := slices.IndexFunc(l.runs, func(r client.Experiment) bool { return r.ID == id })
	if i < 0 {
		return client.Experiment{}
	}
	return l.runs[i]
}

// list is what the Viewer lists, asked for at most every two seconds.
func (v *Viewer) list(ctx context.Context) (listing, error) {
	return v.listKept.get(ctx, func() (listing, error) {
		return ask(ctx, v, func(d dialect) (listing, error) {
			list, err := d.list(ctx, v)
			slices.SortFunc(list.runs, func(a, b client.Experiment) int {
				return cmp.Or(cmp.Compare(b.CreatedAt, a.CreatedAt), cmp.Compare(b.ID, a.ID))
			})
			return list, err
		})
	})
}

// A row is an item of /api/runs, and of the other routes that list runs.
type row struct {
	ID              string   `json:"id"`
	RunDir          string   `json:"run_dir"`
	CreatedTime     *number  `json:"created_time"`
	Status          string   `json:"status"`
	PID             pid      `json:"pid"`
	BestMetricValue *number  `json:"best_metric_value"`
	BestMetricName  string   `json:"best_metric_name"`
	Project         string   `json:"project"` // up to 0.5, as the next three
	Name            string   `json:"name"`
	CreatedCount    int      `json:"artifacts_created_count"`
	UsedCount       int      `json:"artifacts_used_count"`
	Path            string   `json:"path"` // from 0.6 on, as the next two
	Alias           string   `json:"alias"`
	Tags            []string `json:"tags"`
}

// A pid is a process id; 0 where a damaged run has something else, which a detail repeats.
type pid int

// UnmarshalJSON implements [json.Unmarshaler].
func (p *pid) UnmarshalJSON(text []byte) error {
	n, err := strconv.Atoi(string(text))
	if err != nil {
		n = 0
	}
	*p = pid(n)
	return nil
}

// rows asks for /api/runs.
func (v *Viewer) rows(ctx context.Context) (list []row, err error) {
	err = v.getJSON(ctx, "/api/runs", nil, &list)
	return list, err
}

// experiment is a row in the client's terms. Project and name come from the folder: the path of
// a run at the root is null, "" or "default", by version, and that of a run in an older layout
// is cut (0.6).
func (r row) experiment(root string) client.Experiment {
	run := client.Experiment{ID: r.ID, RunDir: r.RunDir, PID: int(r.PID), Alias: r.Alias,
		Tags: r.Tags}
	run.Status, run.RawStatus = statusOf(r.Status)
	run.Project, run.Name, run.Path = r.place(root)
	if run.Tags == nil {
		run.Tags = []string{}
	}
	if r.CreatedTime != nil {
		run.CreatedAt = float64(*r.CreatedTime)
	}
	if r.BestMetricName != "" { // with null for a value, which is what Viewers make of NaN
		run.Best = &client.BestMetric{Name: r.BestMetricName, Value: math.NaN()}
		if r.BestMetricValue != nil {
			run.Best.Value = float64(*r.BestMetricValue)
		}
	}
	return run
}

// place is project, name and path of a row's run. The folder of a store that was moved lies
// elsewhere: then the row's own words count.
func (r row) place(root string) (project, name, runPath string) {
	if project, name, runPath, ok := placeOf(root, r.RunDir); ok {
		return project, name, runPath
	}
	if r.Project != "" || r.Path == "" {
		return r.Project, r.Name, ""
	}
	project, name = storage.ProjectName("runs/" + r.Path + "/" + r.ID)
	return project, name, r.Path
}

// placeOf is project, name and path of a run folder on the Viewer's machine, which may write its
// paths otherwise than this one; false for a folder that is not below root.
func placeOf(root, runDir string) (project, name, runPath string, ok bool) {
	slashes := func(s string) string { return strings.TrimRight(strings.ReplaceAll(s, `\`, "/"), "/") }
	rel, ok := strings.CutPrefix(slashes(runDir), slashes(root)+"/")
	if !ok {
		return "", "", "", false
	}
	project, name = storage.ProjectName(rel)
	if below, isPath := strings.CutPrefix(path.Dir(rel), "runs/"); isPath {
		runPath = below
	}
	return project, name, runPath, true
}

// statusOf is a Viewer's word for a status, normalised, and the word itself where it differs.
func statusOf(word string) (status, raw string) {
	if status = client.NormalizeStatus(word); status != word {
		raw = word
	}
	return status, raw
}

// root is the storage root that the Viewer uses.
func (v *Viewer) root(ctx context.Context) (string, error) {
	return v.rootKept.get(ctx, func() (string, error) {
		var config struct{ Storage string }
		err := v.getJSON(ctx, "/api/config", nil, &config)
		return config.Storage, err
	})
}

// isPoisoned reports whether a list failed because of one run: a wrong type in its meta.json
// (0.5.3, 0.6.0), or NaN as its best metric where fastapi is older than 0.130 (all generations).
func isPoisoned(err error) bool {
	e, ok := err.(*client.Error)
	return ok && e.Status == http.StatusInternalServerError
}
