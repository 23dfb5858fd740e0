package viewer

import (
	"context"
	"io"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/storage"
)

// viewer06 is Viewer 0.6 (seen on 0.6.0). Unlike 0.7:
//   - lists come from the files: complete, statuses verbatim, oldest first;
//   - one run with a wrong type in its meta.json makes /api/runs fail, but not the export of
//     paths, which lacks runs at the root only;
//   - the detail has no summary and no times, and there is no list of images: both are read from
//     the run's own files, of which this generation serves any below the storage root;
//   - a run is looked for in the whole store whenever it is named, 150 ms of 10,000 runs, so the
//     assets of many runs take long;
//   - a dead run is found out when its detail is asked for.
type viewer06 struct{ viewer07 }

func (viewer06) list(ctx context.Context, v *Viewer) (listing, error) {
	root, err := v.root(ctx)
	if err != nil {
		return listing{}, err
	}
	rows, err := v.rows(ctx)
	if isPoisoned(err) {
		return v.listExported(ctx)
	}
	var list listing
	for _, r := range rows {
		list.runs = append(list.runs, r.experiment(root))
	}
	return list, err
}

// listExported is a list made of the export alone.
func (v *Viewer) listExported(ctx context.Context) (listing, error) {
	runs, err := v.exported(ctx, nil)
	if err != nil {
		return listing{}, err
	}
	list := listing{problems: []string{poisonedNote("runs outside any project are left out; each " +
		"can still be named by its id")}}
	for _, run := range runs {
		list.runs = append(list.runs, run)
	}
	return list, nil
}

func (d viewer06) run(ctx context.Context, v *Viewer, id string) (client.Experiment, error) {
	return v.fromFiles(ctx, d, id,
		func(_ context.Context, run client.Experiment) (client.Experiment, error) { return run, nil })
}

// countMedia counts the images that the run's events tell of.
func (viewer06) countMedia(ctx context.Context, v *Viewer, run client.Experiment) (int, error) {
	images := 0
	err := v.located(ctx, run, func(run client.Experiment) error {
		r := download(run, "events.jsonl")
		r.read = func(body io.Reader) (err error) {
			images, err = storage.CountImages(ctx, body)
			return err
		}
		return v.do(ctx, r)
	})
	if isNoFile(err) {
		return 0, nil
	}
	return images, err
}
