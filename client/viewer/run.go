package viewer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/storage"
)

// Run implements [client.Source] from /api/runs/{id} and the run's own files. The Viewer's word
// for the status counts.
func (v *Viewer) Run(ctx context.Context, id string) (client.Experiment, error) {
	root, err := v.root(ctx)
	if err != nil {
		return client.Experiment{}, err
	}
	if strings.Contains(id, "/") { // "path/id" is told by the id alone: a Viewer knows each once
		id = path.Base(id)
	}
	var detail struct {
		ID     string `json:"id"`
		RunDir string `json:"run_dir"`
		Status string `json:"status"`
	}
	if err := v.getJSON(ctx, "/api/runs/"+url.PathEscape(id), nil, &detail); err != nil {
		return client.Experiment{}, err
	}
	if detail.ID != id {
		return client.Experiment{}, &client.Error{Kind: client.ErrNotFound,
			Detail: fmt.Sprintf("No run has the id %q", id)}
	}
	run := client.Experiment{ID: id, RunDir: detail.RunDir}
	run.Project, run.Name, _ = placeOf(root, detail.RunDir)
	var files storage.RunFiles
	for name, into := range map[string]*[]byte{"meta.json": &files.Meta,
		"status.json": &files.Status, "summary.json": &files.Summary} {
		if *into, err = v.file(ctx, run, name); err != nil {
			return client.Experiment{}, err
		}
	}
	files.Decode(&run)
	run.Status, run.RawStatus = client.NormalizeStatus(detail.Status), ""
	if run.Status != detail.Status {
		run.RawStatus = detail.Status
	}
	return v.completeDetail(ctx, run)
}

// completeDetail fills in what no single file says.
func (v *Viewer) completeDetail(
	ctx context.Context, run client.Experiment,
) (client.Experiment, error) {
	captured := &client.Captured{}
	for name, there := range map[string]*bool{"logs.txt": &captured.Console,
		"environment.json": &captured.Environment, "code_snapshot.zip": &captured.Code} {
		err := v.get(ctx, v.download(run, name))
		if err != nil && !errors.Is(err, client.ErrNotFound) {
			return run, err
		}
		*there = err == nil
	}
	images, err := v.images(ctx, run)
	if err != nil {
		return run, err
	}
	captured.Media = len(images) > 0
	run.Captured = captured
	run.UpdatedAt = run.EndedAt
	if run.UpdatedAt == 0 {
		m, err := v.Metrics(ctx, run, []string{})
		if err != nil {
			return run, err
		}
		run.UpdatedAt = cmp.Or(m.LastTime, run.CreatedAt)
	}
	return run, nil
}

// download is the request for a file of a run (0.6 and later; inside the run only from 0.7 on).
func (v *Viewer) download(run client.Experiment, name string) request {
	separator := "/"
	if strings.Contains(run.RunDir, `\`) {
		separator = `\`
	}
	return request{path: "/api/runs/" + url.PathEscape(run.ID) + "/assets/download",
		query: url.Values{"path": {run.RunDir + separator + name}}}
}

// file reads a small file of a run; nil when it is not there.
func (v *Viewer) file(ctx context.Context, run client.Experiment, name string) ([]byte, error) {
	var data []byte
	r := v.download(run, name)
	r.read = func(body io.Reader) (err error) {
		data, err = io.ReadAll(io.LimitReader(body, 64<<20))
		return err
	}
	err := v.get(ctx, r)
	if errors.Is(err, client.ErrNotFound) {
		return nil, nil
	}
	return data, err
}

// Metrics implements [client.Source] by reading the run's events.jsonl as it comes.
func (v *Viewer) Metrics(
	ctx context.Context, run client.Experiment, names []string,
) (client.Metrics, error) {
	if _, err := v.identify(ctx, false); err != nil {
		return client.Metrics{}, err
	}
	var m client.Metrics
	r := v.download(run, "events.jsonl")
	r.read = func(body io.Reader) (err error) {
		m, err = storage.ReadEvents(ctx, body, names)
		return err
	}
	err := v.get(ctx, r)
	if errors.Is(err, client.ErrNotFound) {
		return client.Metrics{}, nil
	}
	return m, err
}
