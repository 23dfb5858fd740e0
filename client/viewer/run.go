package viewer

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"golang.org/x/sync/errgroup"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/storage"
)

// detail asks for /api/runs/{id}, which names a run's folder and status in every generation. A
// deleted run is told from one that never was.
func (v *Viewer) detail(ctx context.Context, id string) (row, error) {
	var detail row
	err := v.getJSON(ctx, "/api/runs/"+url.PathEscape(id), nil, &detail)
	if err != nil && !notFound(err) {
		return row{}, err
	}
	if err == nil && detail.ID == id {
		return detail, nil
	}
	var bin struct {
		Deleted []struct{ ID string } `json:"deleted_runs"`
	}
	if err := v.getJSON(ctx, "/api/recycle-bin", nil, &bin); err != nil {
		return row{}, err
	}
	for _, deleted := range bin.Deleted {
		if deleted.ID == id {
			return row{}, client.InRecycleBin(id)
		}
	}
	return row{}, noRun(id)
}

func noRun(id string) error {
	return &client.Error{Kind: client.ErrNotFound, Status: http.StatusNotFound,
		Detail: fmt.Sprintf("No run has the id %q", id)}
}

// readFiles fills run from its own files (0.6 and later), which are asked for at the same time.
func (v *Viewer) readFiles(ctx context.Context, run *client.Experiment) error {
	var files storage.RunFiles
	captured := &client.Captured{}
	var assets, events []byte
	var snapshot bool
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(requestsAtOnce)
	read := func(name string, into *[]byte) {
		group.Go(func() (err error) { *into, err = v.file(ctx, *run, name); return err })
	}
	look := func(name string, into *bool) {
		group.Go(func() (err error) { *into, err = v.has(ctx, *run, name); return err })
	}
	read("meta.json", &files.Meta)
	read("status.json", &files.Status)
	read("summary.json", &files.Summary)
	read("assets.json", &assets)
	look("logs.txt", &captured.Console)
	look("environment.json", &captured.Environment)
	look(storage.CodeFile, &snapshot)
	group.Go(func() (err error) {
		events, err = v.tail(ctx, *run, "events.jsonl", storage.EventsTail)
		return err
	})
	if err := group.Wait(); err != nil {
		return err
	}
	project, name, dir := run.Project, run.Name, run.RunDir
	files.Decode(run)
	run.Project, run.Name, run.RunDir = project, name, dir
	captured.Code = snapshot || storage.HasCode(assets)
	run.Captured = captured
	if run.UpdatedAt = run.EndedAt; run.UpdatedAt == 0 {
		run.UpdatedAt = max(storage.LastEventTime(events), run.CreatedAt)
	}
	return nil
}

// fromFiles is a run of 0.6 or later in full: its place and the Viewer's word from the detail,
// everything else from its own files, images counted as d does. settle says what the Viewer makes
// of a run that its files and its detail call running.
func (v *Viewer) fromFiles(
	ctx context.Context, d dialect, id string,
	settle func(context.Context, client.Experiment) (client.Experiment, error),
) (client.Experiment, error) {
	root, err := v.root(ctx)
	if err != nil {
		return client.Experiment{}, err
	}
	detail, err := v.detail(ctx, id)
	if err != nil {
		return client.Experiment{}, err
	}
	run := detail.experiment(root)
	said := run
	err = v.readFiles(ctx, &run)
	if hasStatus(err, http.StatusForbidden) {
		said.Problems = append(said.Problems, fmt.Sprintf("the store of this Viewer was moved: it "+
			"looks for the run's files in %q and serves none of them", said.RunDir))
		said.Unavailable = append([]string{"tags", "console"}, unavailable05...)
		return said, nil
	}
	if err != nil {
		return client.Experiment{}, err
	}
	if run.CreatedAt == 0 { // not recorded: the list has the time of the folder
		list, err := v.list(ctx)
		if err != nil {
			return client.Experiment{}, err
		}
		run.CreatedAt = list.named(id).CreatedAt
	}
	if run.Status == client.StatusUnknown || run.Status == client.StatusRunning {
		run.Status, run.RawStatus = said.Status, said.RawStatus
	}
	if run.Status == client.StatusRunning {
		if run, err = settle(ctx, run); err != nil {
			return run, err
		}
	}
	images, err := d.countMedia(ctx, v, run)
	run.Captured.Media = images > 0
	return run, err
}

// fileMetrics reads a run's events.jsonl as it comes (0.6 and later). Where the files of a moved
// store are refused, the Viewer's table stands in.
func (v *Viewer) fileMetrics(
	ctx context.Context, run client.Experiment, names []string,
) (client.Metrics, error) {
	var m client.Metrics
	err := v.located(ctx, run, func(run client.Experiment) error {
		r := download(run, "events.jsonl")
		r.read = func(body io.Reader) (err error) {
			m, err = storage.ReadEvents(ctx, body, names)
			return err
		}
		return v.do(ctx, r)
	})
	switch {
	case isNoFile(err):
		return client.Metrics{}, nil
	case hasStatus(err, http.StatusForbidden):
		m, tableErr := viewer05{}.table(ctx, v, run, names, false)
		m.Problems = append(m.Problems, err.Error())
		return m, tableErr
	}
	return m, err
}

// fileAssets reads a run's assets.json (0.6 and later); what it says of a run that has ended is
// kept for a minute. Where the files of a moved store are refused, the Viewer reads it itself.
func (v *Viewer) fileAssets(
	ctx context.Context, run client.Experiment,
) (client.RunAssets, error) {
	if assets, ok := v.assetsKept.get(run.ID); ok {
		return assets, nil
	}
	var data []byte
	err := v.located(ctx, run, func(run client.Experiment) (err error) {
		data, err = v.file(ctx, run, "assets.json")
		return err
	})
	if hasStatus(err, http.StatusForbidden) {
		var answer struct{ Assets json.RawMessage }
		err = v.getJSON(ctx, "/api/runs/"+url.PathEscape(run.ID)+"/assets", nil, &answer)
		data = answer.Assets
	}
	var assets client.RunAssets
	if err != nil {
		return assets, err
	}
	if data != nil {
		assets.Assets, assets.Config, err = storage.ReadAssets(data)
		if err != nil {
			assets.Problems = []string{"assets.json of " + run.ID + " is no valid JSON"}
		}
	}
	if run.Status != client.StatusRunning {
		v.assetsKept.put(run.ID, assets)
	}
	return assets, nil
}
