package viewer

import (
	"context"
	"io"
	"net/url"

	"golang.org/x/sync/errgroup"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// viewer05 is Viewer 0.5 (seen on 0.5.0 to 0.5.3). Unlike 0.6:
//   - rows and details have project and name, no path, alias and tags, which its stores lack;
//   - no route serves a run's files: summary, times but for created_time, host and media cannot
//     be had, the log comes by a WebSocket, and metrics are a table in which NaN and infinities
//     are null, as what was not logged is;
//   - artifacts are a registry, with routes of its own, in which "latest" sticks to every
//     version and a version that was promoted or evaluated has no detail (500);
//   - one run with a wrong type in its meta.json makes /api/runs fail; the lists of the other
//     experiments do not.
//
// 0.5.3 takes downsample for metrics; it reports its version as 0.5.2.
type viewer05 struct{ thins bool }

// unavailable05 is what no route of 0.4 and 0.5 tells of a run.
var unavailable05 = []string{"summary", "media", "started_at", "ended_at", "hostname",
	"python", "platform"}

func (viewer05) list(ctx context.Context, v *Viewer) (listing, error) {
	root, err := v.root(ctx)
	if err != nil {
		return listing{}, err
	}
	var list listing
	rows, err := v.rows(ctx)
	if isPoisoned(err) {
		rows, list.problems, err = v.rowsByName(ctx)
	}
	if err != nil {
		return listing{}, err
	}
	list.links = make(map[string]bool)
	for _, r := range rows {
		list.runs = append(list.runs, r.experiment(root))
		if r.CreatedCount+r.UsedCount > 0 {
			list.links[r.ID] = true
		}
	}
	return list, nil
}

// rowsByName lists each experiment by itself, and says which cannot be listed. Only runs below
// a project are in these routes.
func (v *Viewer) rowsByName(ctx context.Context) (rows []row, problems []string, err error) {
	var projects struct{ Projects []string }
	if err := v.getJSON(ctx, "/api/projects", nil, &projects); err != nil {
		return nil, nil, err
	}
	for _, project := range projects.Projects {
		var names struct{ Names []string }
		below := "/api/projects/" + url.PathEscape(project) + "/names"
		if err := v.getJSON(ctx, below, nil, &names); err != nil {
			return nil, nil, err
		}
		for _, name := range names.Names {
			var part []row
			err := v.getJSON(ctx, below+"/"+url.PathEscape(name)+"/runs", nil, &part)
			if isPoisoned(err) {
				problems = append(problems, poisonedNote("the runs of "+project+"/"+name+
					" are left out; each can still be named by its id"))
				continue
			}
			if err != nil {
				return nil, nil, err
			}
			rows = append(rows, part...)
		}
	}
	return rows, problems, nil
}

func (d viewer05) run(ctx context.Context, v *Viewer, id string) (client.Experiment, error) {
	root, err := v.root(ctx)
	if err != nil {
		return client.Experiment{}, err
	}
	detail, err := v.detail(ctx, id)
	if err != nil {
		return client.Experiment{}, err
	}
	run := detail.experiment(root)
	list, err := v.list(ctx) // which alone has the time and the best metric
	if err != nil && !isPoisoned(err) {
		return run, err
	}
	listed := list.named(id)
	run.CreatedAt, run.Best = listed.CreatedAt, listed.Best
	run.Unavailable = unavailable05
	run.Captured = &client.Captured{}
	run.Captured.Console, err = v.hasLog(ctx, run)
	if err != nil && ctx.Err() != nil {
		return run, err
	}
	if err != nil { // no WebSocket there: it is an extra of the Viewer's web server
		run.Unavailable = append([]string{"console"}, unavailable05...)
	}
	if run.Captured.Environment, err = v.hasEnvironment(ctx, id); err != nil {
		return run, err
	}
	m, err := d.table(ctx, v, run, []string{}, d.thins)
	run.UpdatedAt = max(m.LastTime, run.CreatedAt)
	return run, err
}

// hasEnvironment asks /api/environment/{id} (0.4 and later) whether the environment of a run was
// captured.
func (v *Viewer) hasEnvironment(ctx context.Context, id string) (bool, error) {
	var environment struct{ Available bool }
	err := v.getJSON(ctx, "/api/environment/"+url.PathEscape(id), nil, &environment)
	if notFound(err) {
		return false, nil
	}
	return environment.Available, err
}

func (d viewer05) metrics(
	ctx context.Context, v *Viewer, run client.Experiment, names []string,
) (client.Metrics, error) {
	return d.table(ctx, v, run, names, false)
}

// table reads the table of metrics, whole or, where only its last time matters, thinned.
func (viewer05) table(
	ctx context.Context, v *Viewer, run client.Experiment, names []string, thin bool,
) (m client.Metrics, err error) {
	r := request{path: "/api/runs/" + url.PathEscape(run.ID) + "/metrics", json: true}
	if thin {
		r.query = url.Values{"downsample": {"100"}}
	}
	r.read = func(body io.Reader) error {
		m, err = readTable(ctx, body, names)
		return err
	}
	err = v.do(ctx, r)
	return m, err
}

func (viewer05) assets(
	ctx context.Context, v *Viewer, run client.Experiment,
) (client.RunAssets, error) {
	list, err := v.list(ctx)
	if err != nil && !isPoisoned(err) {
		return client.RunAssets{}, err
	}
	if err == nil && len(list.problems) == 0 && !list.links[run.ID] {
		return client.RunAssets{}, nil
	}
	var links struct{ Created, Used []client.Artifact }
	err = v.getJSON(ctx, "/api/runs/"+url.PathEscape(run.ID)+"/artifacts", nil, &links)
	return client.RunAssets{Created: links.Created, Used: links.Used}, err
}

func (viewer05) media(
	_ context.Context, v *Viewer, _ client.Experiment, _ func(string, io.Reader) error,
) error {
	return v.lacks("media files", "0.6")
}

// code is none: SDKs up to 0.5 capture none.
func (viewer05) code(
	_ context.Context, _ *Viewer, run client.Experiment, _ func(client.CodeFile) error,
) error {
	return client.NoCode(run)
}

// countMedia is 0: a run names its media as unavailable.
func (viewer05) countMedia(context.Context, *Viewer, client.Experiment) (int, error) {
	return 0, nil
}

func (viewer05) artifacts(ctx context.Context, v *Viewer) ([]client.Artifact, error) {
	var list []struct {
		Name, Type string
		Aliases    map[string]int
	}
	if err := v.getJSON(ctx, "/api/artifacts", nil, &list); err != nil {
		return nil, err
	}
	versions := make([][]client.Artifact, len(list))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(requestsAtOnce)
	for i, a := range list {
		group.Go(func() (err error) {
			versions[i], err = v.versions(ctx, a.Type, a.Name, a.Aliases)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var all []client.Artifact
	for _, part := range versions {
		all = append(all, part...)
	}
	return all, nil
}
