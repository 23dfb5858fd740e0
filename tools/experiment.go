package tools

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

type getExperimentArgs struct {
	RunID    string `json:"run_id" jsonschema_description:"Run, as in get_metrics."`
	Packages string `json:"packages,omitempty" jsonschema_description:"Also packages with this in their name; * for all."`
	Since    string `json:"since,omitempty" jsonschema_description:"Cursor: only news."`
	Viewer   string `json:"viewer,omitempty" jsonschema_description:"Name or session_id."`
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
	Created string   `json:"created_at,omitempty"`
	Updated string   `json:"updated_at,omitempty"`
	Ended   string   `json:"ended_at,omitempty"`
	Seconds float64  `json:"duration_seconds,omitempty"` // so far, while it runs
	Tags    []string `json:"tags,omitzero"`

	Best     *bestMetric    `json:"best_metric,omitempty"`
	LastStep int64          `json:"last_step,omitempty"`
	Cursor   string         `json:"cursor,omitempty"`    // of a run that goes on: for since
	NewSteps *int           `json:"new_steps,omitempty"` // with since
	Metrics  *table         `json:"metrics,omitempty"`
	Summary  map[string]any `json:"summary,omitzero"`
	Config   map[string]any `json:"config,omitempty"`
	Assets   map[string]int `json:"assets,omitempty"`      // how many of each kind
	Media    int            `json:"media_files,omitempty"` // images that were logged

	Git         *gitAnswer         `json:"git,omitempty"`
	Environment *environmentAnswer `json:"environment,omitempty"`
	NotCaptured []string           `json:"not_captured,omitempty"`

	Host     string   `json:"host,omitempty"`
	PID      int      `json:"pid,omitempty"`
	Python   string   `json:"python,omitempty"`
	Platform string   `json:"platform,omitempty"`
	RunDir   string   `json:"run_dir,omitempty"`
	Page     string   `json:"page,omitempty"` // of the Viewer, for a person
	Notes    []string `json:"notes,omitempty"`
}

type bestMetric struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Step  *int64  `json:"step,omitempty"`
	Mode  string  `json:"mode,omitempty"`
}

type gitAnswer struct {
	Commit  string `json:"commit"`
	Branch  string `json:"branch,omitempty"`
	Changed *int   `json:"changed_files,omitempty"` // not committed; none: not recorded
	Remote  string `json:"remote,omitempty"`
	Message string `json:"message,omitempty"`
}

type environmentAnswer struct {
	Conda     string   `json:"conda,omitempty"`
	GPUs      []string `json:"gpus,omitempty"`
	Count     int      `json:"packages_count"`
	Packages  []string `json:"packages,omitempty"`
	Variables []string `json:"variables,omitempty"` // names; values may be secrets
}

// shownMetrics is how many metrics get_experiment shows.
const shownMetrics = 12

func (a *getExperimentAnswer) shrink() bool {
	if a.Environment != nil && len(a.Environment.Packages) > 1 {
		list := &a.Environment.Packages
		*list = (*list)[:len(*list)/2]
		a.Notes = append(slices.DeleteFunc(a.Notes, func(n string) bool {
			return strings.HasPrefix(n, "the first ")
		}), fmt.Sprintf("the first %d packages of those that match", len(*list)))
		return true
	}
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
	"Everything about one run but its curves: status and why it ended, times, last and best of " +
		"each metric, summary, configuration (hyper-parameters), git, environment, what was not " +
		"captured.",
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
		Source: c.Source().String(), ID: name(run.ID), Project: name(run.Project),
		Name: name(run.Name), Path: name(run.Path), Alias: name(run.Alias), Status: status(run),
		Reason: said(run.StatusReason, maxText), Created: at(run.CreatedAt),
		Updated: at(run.UpdatedAt), Ended: at(run.EndedAt), Tags: names(run.Tags),
		Host: name(run.Hostname), PID: run.PID, Python: name(run.Python),
		Platform: name(run.Platform), RunDir: place(run.RunDir),
		NotCaptured: notCaptured(run), Notes: problemNotes(run.Problems),
	}
	if end := max(run.EndedAt, run.UpdatedAt); end > run.StartedAt && run.StartedAt > 0 {
		a.Seconds = brief(end - run.StartedAt)
	}
	if len(run.Unavailable) > 0 {
		a.Notes = append(a.Notes, fmt.Sprintf("not available over HTTP from this Viewer: %s; "+
			"use --storage on its machine", strings.Join(run.Unavailable, ", ")))
	}
	if args.Since != "" {
		seen, err := parseCursor(args.Since)
		if err != nil {
			return a, err
		}
		if seen.of(run) {
			return a, a.since(ctx, c, run, seen)
		}
		a.Notes = append(a.Notes, otherRun)
	}
	return a, a.addAll(ctx, c, run, args.Packages)
}

// addAll adds what is more than a list says.
func (a *getExperimentAnswer) addAll(
	ctx context.Context, c *client.Client, run client.Experiment, packages string,
) error {
	a.Summary, _ = safe("", run.Summary, 3).(map[string]any)
	if b := run.Best; b != nil {
		a.Best = &bestMetric{name(b.Name), b.Value, b.Step, b.Mode}
		for _, key := range []string{"name", "value", "step", "mode"} {
			delete(a.Summary, "best_metric_"+key) // they are in best_metric
		}
	}
	if err := a.addMetrics(ctx, c, run); err != nil {
		return err
	}
	if err := a.addAssets(ctx, c, run); err != nil {
		return err
	}
	if err := a.addEnvironment(ctx, c, run, packages); err != nil {
		return err
	}
	return a.addPage(ctx, c, run)
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
