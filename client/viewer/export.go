package viewer

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/storage"
)

// exported are the runs that /api/paths/export gives, by id, asked once for each top-level path
// (0.6 and later). It reads every run's own files, so it knows runs that a list has lost or
// stumbles over, but none at the root. A run that is not in rows has no RunDir: no answer says
// where it lies.
func (v *Viewer) exported(
	ctx context.Context, rows map[string]client.Experiment,
) (map[string]client.Experiment, error) {
	var paths struct {
		Tree map[string]json.RawMessage `json:"tree"`
	}
	if err := v.getJSON(ctx, "/api/paths", nil, &paths); err != nil {
		return nil, err
	}
	found := make(map[string]client.Experiment)
	for _, top := range slices.Sorted(maps.Keys(paths.Tree)) {
		if top == "" {
			continue
		}
		var export struct {
			Runs []exportedRun `json:"runs"`
		}
		query := url.Values{"path": {top}, "exact": {"false"}, "format": {"json"}}
		if err := v.getJSON(ctx, "/api/paths/export", query, &export); err != nil {
			return nil, err
		}
		for _, r := range export.Runs {
			found[r.RunID] = r.experiment(rows[r.RunID])
		}
	}
	return found, nil
}

// An exportedRun is an item of /api/paths/export, with the run's own files in it.
type exportedRun struct {
	RunID   string          `json:"run_id"`
	Path    string          `json:"path"`
	Status  string          `json:"status"`
	Created *number         `json:"created_time"`
	Summary json.RawMessage `json:"summary"`
	Meta    json.RawMessage `json:"meta"`
}

// experiment is the run as a list tells it. listed is what the list has of it, if anything.
func (r exportedRun) experiment(listed client.Experiment) client.Experiment {
	run := client.Experiment{ID: r.RunID, RunDir: listed.RunDir}
	status, err := json.Marshal(map[string]string{"status": r.Status})
	if err != nil {
		status = nil
	}
	storage.RunFiles{Meta: object(r.Meta), Status: status, Summary: object(r.Summary)}.Decode(&run)
	run.Summary = nil
	run.Project, run.Name = storage.ProjectName("runs/" + r.Path + "/" + r.RunID)
	if r.Created != nil && run.CreatedAt == 0 {
		run.CreatedAt = float64(*r.Created)
	}
	return run
}

// object is a JSON object, nil for anything else: a file that is not there is exported as null
// or {}.
func object(text json.RawMessage) []byte {
	if !strings.HasPrefix(strings.TrimSpace(string(text)), "{") {
		return nil
	}
	return text
}

// gone reports which of the runs that are only listed have vanished from the disk. A Viewer
// 0.7.1 or 0.7.2 goes on listing them; the detail of such a run is not found.
func (v *Viewer) gone(ctx context.Context, id string) (bool, error) {
	err := v.getJSON(ctx, "/api/runs/"+url.PathEscape(id), nil, new(json.RawMessage))
	if notFound(err) {
		return true, nil
	}
	return false, err
}

// poisonedNote says why a list is not the Viewer's own.
func poisonedNote(missing string) string {
	return fmt.Sprintf("the Viewer fails to list because of a damaged run; %s", missing)
}
