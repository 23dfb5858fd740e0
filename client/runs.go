package client

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
)

// ListOptions narrows [Client.ListExperiments]. The zero value lists everything.
type ListOptions struct {
	Project string   // exact project name
	Name    string   // exact experiment name; also an alias or a whole path
	Status  string   // running, finished, failed, interrupted or unknown
	Tags    []string // all of these
	Since   float64  // created at this time or later, seconds since 1970
	Limit   int      // at most this many; 0: all
	Offset  int      // skip this many first
}

// An ExperimentPage is a part of the runs that match.
type ExperimentPage struct {
	Experiments []Experiment // newest first
	Total       int          // how many match in all
	// Unlisted counts further runs that exist but that the source cannot list.
	Unlisted int
	// Problems says which further runs it cannot list, where it cannot count them.
	Problems []string
}

// ListExperiments lists runs, newest first: documented list_experiments(project, name, status,
// limit, offset), which GETs /api/experiments on paper and /api/runs on every real Viewer.
// Without Name, Status, Tags and Since only the runs of the page are read. An impossible Status, a negative
// Limit or Offset is ErrBadRequest; nothing matching is an empty page.
func (c *Client) ListExperiments(ctx context.Context, opts ListOptions) (ExperimentPage, error) {
	const op = "list_experiments"
	status, err := statusFilter(opts.Status)
	if err != nil {
		return ExperimentPage{}, c.named(op, err)
	}
	if opts.Limit < 0 || opts.Offset < 0 {
		return ExperimentPage{}, c.named(op, badRequest("limit and offset must not be negative",
			"Leave them out to get everything."))
	}
	scope := Scope{Project: opts.Project}
	count, err := c.source.CountRuns(ctx, scope)
	if err != nil {
		return ExperimentPage{}, c.named(op, err)
	}
	page := ExperimentPage{Unlisted: count.Unlisted, Problems: count.Problems}
	everyRunMatches := opts.Name == "" && status == "" && len(opts.Tags) == 0 && opts.Since == 0
	matched := 0
	for run, err := range c.source.Runs(ctx, scope) {
		if err != nil {
			return ExperimentPage{}, c.named(op, err)
		}
		if run.CreatedAt < opts.Since { // all others are older
			break
		}
		if !opts.matches(run, status) {
			continue
		}
		matched++
		if matched > opts.Offset && (opts.Limit == 0 || len(page.Experiments) < opts.Limit) {
			page.Experiments = append(page.Experiments, run)
		}
		if everyRunMatches && opts.Limit > 0 && len(page.Experiments) == opts.Limit {
			break
		}
	}
	page.Total = matched
	if everyRunMatches { // the page may have ended before the runs did
		page.Total = max(count.Total, matched)
	}
	return page, nil
}

// Runs yields all runs, newest first, as a list has them, and reads no more of them than the
// caller takes. An error, such as the end of ctx, ends the sequence. No documented method.
func (c *Client) Runs(ctx context.Context) iter.Seq2[Experiment, error] {
	return func(yield func(Experiment, error) bool) {
		for run, err := range c.source.Runs(ctx, Scope{}) {
			if !yield(run, c.named("list_experiments", err)) {
				return
			}
		}
	}
}

// matches reports whether run passes the filters; status is normalised, "" for any.
func (o ListOptions) matches(run Experiment, status string) bool {
	return (o.Project == "" || run.Project == o.Project) &&
		(o.Name == "" || run.Name == o.Name || run.Alias == o.Name || run.Path == o.Name) &&
		(status == "" || run.Status == status) &&
		!slices.ContainsFunc(o.Tags, func(tag string) bool { return !slices.Contains(run.Tags, tag) })
}

// statusFilter checks and normalises a status argument.
func statusFilter(word string) (string, error) {
	switch w := strings.ToLower(strings.TrimSpace(word)); w {
	case "", StatusRunning, StatusFinished, StatusFailed, StatusInterrupted, StatusUnknown:
		return w, nil
	case "completed", "success":
		return StatusFinished, nil
	case "error", "crashed", "killed", "cancelled", "canceled", "aborted":
		return NormalizeStatus(w), nil
	}
	return "", badRequest(fmt.Sprintf("status %q does not exist", word),
		"Use running, finished, failed, interrupted or unknown.")
}

// GetExperiment returns one run with all its fields: documented get_experiment(run_id),
// GET /api/runs/{run_id}. ref is an id, or any other form that [Client.Resolve] takes.
// No such run is ErrNotFound, naming the nearest; several are ErrBadRequest, naming them.
func (c *Client) GetExperiment(ctx context.Context, ref string) (Experiment, error) {
	run, err := c.experiment(ctx, ref)
	return run, c.named("get_experiment", err)
}

// GetRun is the documented alias of [Client.GetExperiment].
func (c *Client) GetRun(ctx context.Context, ref string) (Experiment, error) {
	run, err := c.experiment(ctx, ref)
	return run, c.named("get_run", err)
}

// experiment resolves ref and reads the run in full.
func (c *Client) experiment(ctx context.Context, ref string) (Experiment, error) {
	run, full, err := c.resolve(ctx, ref)
	if err != nil || full {
		return run, err
	}
	return c.detail(ctx, run)
}

// detail reads a run of a list in full.
func (c *Client) detail(ctx context.Context, run Experiment) (Experiment, error) {
	detail, err := c.source.Run(ctx, run.ID)
	if isKind(err, ErrBadRequest) { // several runs share the id: say which
		detail, err = c.source.Run(ctx, run.Label()+"/"+run.ID)
	}
	return detail, err
}

// Label is where the run belongs, for a reader: its path, "project/name", or its id alone when
// it has none of them.
func (e Experiment) Label() string {
	switch {
	case e.Path != "":
		return e.Path
	case e.Project == "":
		return ""
	case e.Project == e.Name:
		return e.Project
	}
	return e.Project + "/" + e.Name
}
