package viewer

import (
	"context"
	"io"
	"maps"
	"net/url"
	"slices"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// viewer07 is Viewer 0.7 (seen on 0.7.0 to 0.7.2).
//   - 0.7.0 lists from the files, as 0.6 does; 0.7.1 and 0.7.2 from a database, which has lost
//     runs for good, has a part of them while a store is indexed, splits tags at commas, and
//     goes on listing runs whose folders have vanished. Such a list is told by the number of
//     runs that /api/storage/stats counts on disk, and completed from the export of paths.
//   - What is lost at the root is in no list at all.
//   - A file of a run is served only from the folder that the database has for it.
//   - The list finds out dead runs, the detail does not.
//   - A GET that it does not know is answered by a web page.
type viewer07 struct{ indexes bool }

func (d viewer07) list(ctx context.Context, v *Viewer) (listing, error) {
	root, err := v.root(ctx)
	if err != nil {
		return listing{}, err
	}
	rows, err := v.rows(ctx)
	if isPoisoned(err) {
		return v.listExported(ctx)
	}
	if err != nil {
		return listing{}, err
	}
	byID := make(map[string]client.Experiment, len(rows))
	for _, r := range rows {
		byID[r.ID] = r.experiment(root)
	}
	var list listing
	if d.indexes {
		if list.unlisted, err = v.complete(ctx, byID); err != nil {
			return listing{}, err
		}
	}
	list.runs = slices.Collect(maps.Values(byID))
	return list, nil
}

// maxChecked bounds how many runs that a list has and the disk has not are asked for one by one.
const maxChecked = 100

// complete adds the runs that the database has lost and drops those whose folders have vanished,
// where the number of runs on disk says that there are such. It returns how many runs on disk
// are in no list.
func (v *Viewer) complete(
	ctx context.Context, byID map[string]client.Experiment,
) (unlisted int, err error) {
	var stats struct {
		Runs struct {
			Count int `json:"runs_count"`
		}
	}
	if err := v.getJSON(ctx, "/api/storage/stats", nil, &stats); err != nil {
		return 0, err
	}
	if stats.Runs.Count == len(byID) {
		return 0, nil
	}
	exported, err := v.exported(ctx, byID)
	if err != nil {
		return 0, err
	}
	checked := 0
	for id, run := range byID {
		if _, onDisk := exported[id]; onDisk || run.Project == "" {
			continue
		}
		gone := true
		if checked++; checked <= maxChecked {
			if gone, err = v.gone(ctx, id); err != nil {
				return 0, err
			}
		}
		if gone {
			delete(byID, id)
		}
	}
	maps.Copy(byID, exported)
	return max(0, stats.Runs.Count-len(byID)), nil
}

func (d viewer07) run(ctx context.Context, v *Viewer, id string) (client.Experiment, error) {
	return v.fromFiles(ctx, d, id, v.listedStatus)
}

func (viewer07) countMedia(ctx context.Context, v *Viewer, run client.Experiment) (int, error) {
	var list struct{ Images []struct{} }
	err := v.getJSON(ctx, "/api/runs/"+url.PathEscape(run.ID)+"/images", nil, &list)
	return len(list.Images), err
}

// listedStatus is a run that its detail calls running, with the status that the list has.
func (v *Viewer) listedStatus(
	ctx context.Context, run client.Experiment,
) (client.Experiment, error) {
	list, err := v.list(ctx)
	if err != nil {
		return run, err
	}
	listed := list.named(run.ID)
	if listed.ID == "" || listed.Status == client.StatusRunning {
		return run, nil
	}
	err = v.readFiles(ctx, &run) // to have what the list has just written
	run.Status, run.RawStatus = listed.Status, listed.RawStatus
	return run, err
}

func (viewer07) metrics(
	ctx context.Context, v *Viewer, run client.Experiment, names []string,
) (client.Metrics, error) {
	return v.fileMetrics(ctx, run, names)
}

func (viewer07) assets(
	ctx context.Context, v *Viewer, run client.Experiment,
) (client.RunAssets, error) {
	return v.fileAssets(ctx, run)
}

func (viewer07) media(
	ctx context.Context, v *Viewer, run client.Experiment, each func(string, io.Reader) error,
) error {
	return v.located(ctx, run, func(run client.Experiment) error {
		return v.mediaZip(ctx, run, each)
	})
}

func (viewer07) code(
	ctx context.Context, v *Viewer, run client.Experiment, each func(client.CodeFile) error,
) error {
	return v.located(ctx, run, func(run client.Experiment) error {
		return v.codeZip(ctx, run, each)
	})
}

func (viewer07) artifacts(context.Context, *Viewer) ([]client.Artifact, error) { return nil, nil }

func (viewer07) artifact(
	_ context.Context, _ *Viewer, a client.Artifact,
) (client.Artifact, error) {
	return a, nil
}
