package viewer

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/storage"
)

// row is an item of /api/runs (0.7).
type row struct {
	ID              string   `json:"id"`
	RunDir          string   `json:"run_dir"`
	CreatedTime     *float64 `json:"created_time"`
	Status          string   `json:"status"`
	PID             *int     `json:"pid"`
	BestMetricValue *float64 `json:"best_metric_value"`
	BestMetricName  string   `json:"best_metric_name"`
	Alias           string   `json:"alias"`
	Tags            []string `json:"tags"`
}

// Runs implements [client.Source]. The Viewer sends its list whole, so it is read whole.
func (v *Viewer) Runs(
	ctx context.Context, scope client.Scope,
) iter.Seq2[client.Experiment, error] {
	return func(yield func(client.Experiment, error) bool) {
		runs, _, err := v.list(ctx)
		if err != nil {
			yield(client.Experiment{}, err)
			return
		}
		for _, run := range runs {
			if scope.Project != "" && run.Project != scope.Project {
				continue
			}
			if !yield(run, nil) {
				return
			}
		}
	}
}

// CountRuns implements [client.Source].
func (v *Viewer) CountRuns(ctx context.Context, scope client.Scope) (client.RunCount, error) {
	runs, unlisted, err := v.list(ctx)
	count := client.RunCount{Unlisted: unlisted}
	for _, run := range runs {
		if scope.Project == "" || run.Project == scope.Project {
			count.Total++
		}
	}
	return count, err
}

// list is every run the Viewer can be brought to list, newest first, and how many more it
// counts on disk. Viewers 0.7.1 and 0.7.2 lose runs from /api/runs, and send a part of it while
// they index a store; when their count of runs on disk says so, the list is completed from one
// /api/paths/export per top-level path, which reads files. Runs at the root that are lost are in
// no route at all.
func (v *Viewer) list(ctx context.Context) (runs []client.Experiment, unlisted int, err error) {
	root, err := v.root(ctx)
	if err != nil {
		return nil, 0, err
	}
	var rows []row
	if err := v.getJSON(ctx, "/api/runs", nil, &rows); err != nil {
		return nil, 0, err
	}
	byID := make(map[string]client.Experiment, len(rows))
	for _, r := range rows {
		byID[r.ID] = r.experiment(root)
	}
	var stats struct {
		Runs struct {
			Count int `json:"runs_count"`
		}
	}
	if err := v.getJSON(ctx, "/api/storage/stats", nil, &stats); err != nil {
		return nil, 0, err
	}
	if stats.Runs.Count > len(byID) {
		if err := v.complete(ctx, root, byID); err != nil {
			return nil, 0, err
		}
	}
	runs = slices.SortedFunc(maps.Values(byID), func(a, b client.Experiment) int {
		return cmp.Or(cmp.Compare(b.CreatedAt, a.CreatedAt), cmp.Compare(b.ID, a.ID))
	})
	return runs, max(0, stats.Runs.Count-len(runs)), nil
}

// complete adds the runs that are missing in the list.
func (v *Viewer) complete(
	ctx context.Context, root string, byID map[string]client.Experiment,
) error {
	var paths struct{ Tree map[string]any }
	if err := v.getJSON(ctx, "/api/paths/tree", nil, &paths); err != nil {
		return err
	}
	for _, top := range slices.Sorted(maps.Keys(paths.Tree)) {
		if top == "" {
			continue
		}
		var export struct {
			Runs []struct {
				RunID   string   `json:"run_id"`
				Path    string   `json:"path"`
				Alias   string   `json:"alias"`
				Status  string   `json:"status"`
				Created *float64 `json:"created_time"`
				Summary struct {
					Value any    `json:"best_metric_value"`
					Name  string `json:"best_metric_name"`
				} `json:"summary"`
				Meta struct {
					Tags []string `json:"tags"`
					PID  *int     `json:"pid"`
				} `json:"meta"`
			}
		}
		query := url.Values{"path": {top}, "exact": {"false"}, "format": {"json"}}
		if err := v.getJSON(ctx, "/api/paths/export", query, &export); err != nil {
			return err
		}
		for _, r := range export.Runs {
			if _, listed := byID[r.RunID]; listed {
				continue
			}
			lost := row{ID: r.RunID, RunDir: path.Join(root, "runs", r.Path, r.RunID),
				CreatedTime: r.Created, Status: r.Status, PID: r.Meta.PID, Alias: r.Alias,
				Tags: r.Meta.Tags, BestMetricName: r.Summary.Name}
			if value, ok := r.Summary.Value.(float64); ok {
				lost.BestMetricValue = &value
			}
			byID[r.RunID] = lost.experiment(root)
		}
	}
	return nil
}

// experiment is a row in the client's terms. Project and name come from the folder: the path of
// a run at the root is null, "" or "default", by version.
func (r row) experiment(root string) client.Experiment {
	run := client.Experiment{ID: r.ID, RunDir: r.RunDir, Alias: r.Alias, Tags: r.Tags,
		Status: client.NormalizeStatus(r.Status)}
	if r.Status != run.Status {
		run.RawStatus = r.Status
	}
	run.Project, run.Name, run.Path = placeOf(root, r.RunDir)
	if run.Tags == nil {
		run.Tags = []string{}
	}
	if r.CreatedTime != nil {
		run.CreatedAt = *r.CreatedTime
	}
	if r.PID != nil {
		run.PID = *r.PID
	}
	if r.BestMetricName != "" && r.BestMetricValue != nil {
		run.Best = &client.BestMetric{Name: r.BestMetricName, Value: *r.BestMetricValue}
	}
	return run
}

// placeOf is project, name and path of a run folder on the Viewer's machine, which may write
// its paths otherwise than this one.
func placeOf(root, runDir string) (project, name, runPath string) {
	slashes := func(s string) string { return strings.TrimRight(strings.ReplaceAll(s, `\`, "/"), "/") }
	rel, ok := strings.CutPrefix(slashes(runDir), slashes(root)+"/")
	if !ok {
		return "", "", ""
	}
	project, name = storage.ProjectName(rel)
	if below, ok := strings.CutPrefix(path.Dir(rel), "runs/"); ok {
		runPath = below
	}
	return project, name, runPath
}

// root is the storage root that the Viewer uses.
func (v *Viewer) root(ctx context.Context) (string, error) {
	if _, err := v.identify(ctx, false); err != nil {
		return "", err
	}
	var config struct{ Storage string }
	err := v.getJSON(ctx, "/api/config", nil, &config)
	return config.Storage, err
}
