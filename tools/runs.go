package tools

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

type listExperimentsArgs struct {
	Project string `json:"project,omitempty" jsonschema_description:"Exact project name."`
	Name    string `json:"name,omitempty" jsonschema_description:"Exact experiment name, alias or path."`
	Status  string `json:"status,omitempty" jsonschema_description:"running, finished, failed, interrupted or unknown."`
	Limit   int    `json:"limit,omitempty" jsonschema:"minimum=0,maximum=500" jsonschema_description:"Rows to show, 20 by default."`
	Offset  int    `json:"offset,omitempty" jsonschema:"minimum=0" jsonschema_description:"Rows to skip."`
	Viewer  string `json:"viewer,omitempty" jsonschema_description:"Viewer name or session_id."`
}

var listExperiments = answering[page](reads("runs", "list_experiments", words{
	"List experiments",
	"Runs of the tracker, newest first: id, project, name, status, time, best metric. " +
		"Filters are exact and can be combined.",
}, func(ctx context.Context, env *Env, args listExperimentsArgs) (page, error) {
	c, err := env.Client(ctx, args.Viewer)
	if err != nil {
		return page{}, err
	}
	found, err := c.ListExperiments(ctx, client.ListOptions{Project: args.Project, Name: args.Name,
		Status: args.Status, Limit: cmp.Or(args.Limit, defaultRows), Offset: args.Offset})
	if err != nil {
		return page{}, err
	}
	answer := newPage(c, found.Total, args.Offset,
		"id", "project", "name", "alias", "status", "created", "best_metric", "tags")
	var problems []string
	for _, run := range found.Experiments {
		answer.add(run.ID, name(run.Project), name(run.Name), name(run.Alias), status(run),
			at(run.CreatedAt), best(run), names(run.Tags))
		problems = append(problems, run.Problems...)
	}
	answer.dropEmpty("alias", "best_metric", "tags")
	answer.count()
	answer.Notes = listNotes(args, found, problems)
	return answer, nil
}))

// listNotes says what a list does not show.
func listNotes(
	args listExperimentsArgs, page client.ExperimentPage, problems []string,
) []string {
	notes := problemNotes(append(page.Problems, problems...))
	if page.Unlisted > 0 {
		notes = append(notes, fmt.Sprintf("%d more runs exist that this Viewer cannot list",
			page.Unlisted))
	}
	switch {
	case page.Total == 0 && args.Project+args.Name+args.Status != "":
		notes = append(notes, "no run matches; list_projects shows which projects there are")
	case page.Total == 0:
		notes = append(notes, "the store has no runs")
	case len(page.Experiments) == 0:
		notes = append(notes, fmt.Sprintf("offset %d is past the last of %d runs",
			args.Offset, page.Total))
	}
	return notes
}

type getExperimentArgs struct {
	RunID  string `json:"run_id" jsonschema:"minLength=1" jsonschema_description:"Run: id, unique prefix, alias, path, name, name/latest or latest."`
	Viewer string `json:"viewer,omitempty" jsonschema_description:"Viewer name or session_id."`
}

type getExperimentAnswer struct {
	Source  string   `json:"source"`
	ID      string   `json:"id"`
	Project string   `json:"project"`
	Name    string   `json:"name"`
	Path    string   `json:"path,omitempty"`
	Alias   string   `json:"alias,omitempty"`
	Status  string   `json:"status"`
	Reason  string   `json:"status_reason,omitempty"`
	Created string   `json:"created_at"`
	Updated string   `json:"updated_at,omitempty"`
	Ended   string   `json:"ended_at,omitempty"`
	Seconds float64  `json:"duration_seconds,omitempty"`
	Tags    []string `json:"tags"`

	Best        *bestMetric    `json:"best_metric,omitempty"`
	Summary     map[string]any `json:"summary"`
	Config      map[string]any `json:"config,omitempty"`
	Assets      map[string]int `json:"assets,omitempty"` // how many of each kind
	NotCaptured []string       `json:"not_captured,omitempty"`

	Host     string   `json:"host,omitempty"`
	PID      int      `json:"pid,omitempty"`
	Python   string   `json:"python,omitempty"`
	Platform string   `json:"platform,omitempty"`
	RunDir   string   `json:"run_dir"`
	Notes    []string `json:"notes,omitempty"`
}

type bestMetric struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Step  *int64  `json:"step,omitempty"`
	Mode  string  `json:"mode,omitempty"`
}

func (a *getExperimentAnswer) shrink() bool {
	for _, part := range []struct {
		name string
		of   *map[string]any
	}{{"config", &a.Config}, {"summary", &a.Summary}} {
		if n := len(*part.of); n > 0 {
			*part.of = nil
			a.Notes = append(a.Notes, fmt.Sprintf(
				"%s has %d keys, too many to show: export_experiment writes them to a file",
				part.name, n))
			return true
		}
	}
	return false
}

var getExperiment = reads("runs", "get_experiment", words{
	"Get an experiment",
	"Everything about one run but its curves: status and why it ended, times, summary, " +
		"configuration (hyper-parameters), tags, host, what was not captured.",
}, func(ctx context.Context, env *Env, args getExperimentArgs) (getExperimentAnswer, error) {
	return experimentAnswer(ctx, env, args, (*client.Client).GetExperiment)
})

var getRun = reads("runs", "get_run", words{
	"Get a run", "The same as get_experiment.",
}, func(ctx context.Context, env *Env, args getExperimentArgs) (getExperimentAnswer, error) {
	return experimentAnswer(ctx, env, args, (*client.Client).GetRun)
})

func experimentAnswer(
	ctx context.Context, env *Env, args getExperimentArgs,
	get func(*client.Client, context.Context, string) (client.Experiment, error),
) (getExperimentAnswer, error) {
	c, err := env.Client(ctx, args.Viewer)
	if err != nil {
		return getExperimentAnswer{}, err
	}
	run, err := get(c, ctx, args.RunID)
	if err != nil {
		return getExperimentAnswer{}, err
	}
	a := getExperimentAnswer{
		Source: c.Source().String(), ID: run.ID, Project: name(run.Project),
		Name: name(run.Name), Path: name(run.Path), Alias: name(run.Alias), Status: status(run),
		Reason: cut(run.StatusReason, maxText), Created: at(run.CreatedAt),
		Updated: at(run.UpdatedAt), Ended: at(run.EndedAt), Tags: names(run.Tags),
		Host: name(run.Hostname), PID: run.PID, Python: name(run.Python),
		Platform: name(run.Platform), RunDir: run.RunDir,
		NotCaptured: notCaptured(run), Notes: problemNotes(run.Problems),
	}
	if len(run.Unavailable) > 0 {
		a.Notes = append(a.Notes, fmt.Sprintf("not available over HTTP from this Viewer: %s; "+
			"use --storage on its machine", strings.Join(run.Unavailable, ", ")))
	}
	a.Summary, _ = safe("", run.Summary, 3).(map[string]any)
	if run.EndedAt > run.StartedAt && run.StartedAt > 0 {
		a.Seconds = brief(run.EndedAt - run.StartedAt)
	}
	if b := run.Best; b != nil {
		a.Best = &bestMetric{name(b.Name), b.Value, b.Step, b.Mode}
	}
	assets, err := c.RunAssets(ctx, run)
	if err != nil {
		return a, err
	}
	a.addAssets(assets)
	return a, nil
}

func (a *getExperimentAnswer) addAssets(assets client.RunAssets) {
	if assets.Config != nil {
		a.Config, _ = safe("", assets.Config, 4).(map[string]any)
	}
	count := make(map[string]int)
	for _, asset := range assets.Assets {
		count[asset.Type]++
	}
	for _, artifact := range assets.Created {
		count["created "+artifact.Type]++
	}
	for _, artifact := range assets.Used {
		count["used "+artifact.Type]++
	}
	if len(count) > 0 {
		a.Assets = count
	}
	a.Notes = append(a.Notes, problemNotes(assets.Problems)...)
}

// notCaptured says which records the run does not have, and how to have them next time.
func notCaptured(run client.Experiment) []string {
	c := run.Captured
	if c == nil {
		return nil
	}
	var missing []string
	for _, part := range []struct {
		there     bool
		what, how string
	}{
		{c.Console, "console", "capture_console=True"},
		{c.Environment, "environment", "capture_env=True"},
		{c.Code, "code", "snapshot_code=True"},
	} {
		if !part.there && !slices.Contains(run.Unavailable, part.what) {
			missing = append(missing, fmt.Sprintf("%s (rn.init(…, %s) captures it)",
				part.what, part.how))
		}
	}
	return missing
}

type listProjectsArgs struct {
	Viewer string `json:"viewer,omitempty" jsonschema_description:"Viewer name or session_id."`
}

type listProjectsAnswer struct {
	Source string `json:"source"`
	Total  int    `json:"total"`
	table
	Notes []string `json:"notes,omitempty"`
}

func (a *listProjectsAnswer) shrink() bool {
	if !a.halve() {
		return false
	}
	a.Notes = []string{fmt.Sprintf("the first %d of %d projects", len(a.Rows), a.Total)}
	return true
}

var listProjects = answering[listProjectsAnswer](reads("runs", "list_projects", words{
	"List projects",
	"Every project with its number of runs, how many are running, and when the newest began. " +
		"Runs outside any project have the empty name.",
}, func(ctx context.Context, env *Env, args listProjectsArgs) (listProjectsAnswer, error) {
	c, err := env.Client(ctx, args.Viewer)
	if err != nil {
		return listProjectsAnswer{}, err
	}
	projects, err := c.ListProjects(ctx)
	if err != nil {
		return listProjectsAnswer{}, err
	}
	answer := listProjectsAnswer{Source: c.Source().String(), Total: len(projects),
		table: newTable("name", "experiment_count", "running", "latest")}
	for _, p := range projects {
		answer.add(name(p.Name), p.ExperimentCount, p.Running, at(p.LatestUpdate))
	}
	return answer, nil
}))
