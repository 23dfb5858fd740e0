package tools

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/analysis"
	"github.com/runicorn-mcp/runicorn-mcp/client"
)

type listExperimentsArgs struct {
	Project string   `json:"project,omitempty" jsonschema_description:"Exact project name."`
	Name    string   `json:"name,omitempty" jsonschema_description:"Exact name, alias or path."`
	Status  string   `json:"status,omitempty" jsonschema_description:"running, finished, failed, interrupted or unknown."`
	Tags    []string `json:"tags,omitempty" jsonschema_description:"All of these."`
	Config  []string `json:"config,omitempty" jsonschema_description:"Settings, like lr=0.1."`
	Limit   int      `json:"limit,omitempty" jsonschema:"minimum=0,maximum=500" jsonschema_description:"Rows, 20 by default."`
	Offset  int      `json:"offset,omitempty" jsonschema:"minimum=0" jsonschema_description:"Rows to skip."`
	Since   string   `json:"since,omitempty" jsonschema_description:"Cursor: only news. Or a time: 7d, 2026-03-14."`
	Viewer  string   `json:"viewer,omitempty" jsonschema_description:"Name or session_id."`
}

var listExperiments = answering[page](reads("runs", "list_experiments", words{
	"List experiments",
	"Runs, newest first: id, project, name, status, time, best metric. Filters combine.",
}, func(ctx context.Context, env *Env, args listExperimentsArgs) (page, error) {
	c, err := env.Client(ctx, args.Viewer)
	if err != nil {
		return page{}, err
	}
	opts := client.ListOptions{Project: args.Project, Name: args.Name, Status: args.Status,
		Tags: args.Tags, Limit: cmp.Or(args.Limit, defaultRows), Offset: args.Offset}
	if err := args.takeTime(&opts, time.Now()); err != nil {
		return page{}, err
	}
	if len(args.Config) > 0 {
		return listConfigured(ctx, c, args, opts)
	}
	var notes []string
	follow, err := followRuns(ctx, c, opts)
	if err != nil {
		return page{}, err
	}
	if args.Since != "" {
		seen, fits, err := parseSeen(args.Since, "list_experiments", follow.seen.question)
		if err != nil {
			return page{}, err
		}
		if fits {
			return listNews(c, args, opts.Limit, follow, seen)
		}
		notes = []string{otherQuestion}
	}
	found, err := follow.page(ctx, c, opts)
	if err != nil {
		return page{}, err
	}
	answer := fittingPage(c, args, found)
	answer.Cursor = follow.seen.String()
	answer.Notes = append(notes, listNotes(ctx, c, args, found)...)
	return answer, nil
}))

// takeTime makes a time in since, which is no cursor then, a limit of what is listed.
func (args *listExperimentsArgs) takeTime(opts *client.ListOptions, now time.Time) error {
	if args.Since == "" || strings.HasPrefix(strings.TrimSpace(args.Since), "rows:") {
		return nil
	}
	since, err := SinceTime(args.Since, now)
	if err != nil {
		return fmt.Errorf("%w; or the cursor of an earlier answer", err)
	}
	opts.Since, args.Since = float64(since.UnixMilli())/1e3, ""
	return nil
}

// fittingPage is a page of as many of the runs as there is room for, unless so many were asked for;
// rather more of them than how long they took.
func fittingPage(c *client.Client, args listExperimentsArgs, found client.ExperimentPage) page {
	p := newRunPage(c, found.Total, args.Offset, found.Experiments)
	if rows := len(p.Rows); args.Limit == 0 {
		if p.fit(pageBytes); len(p.Rows) < rows {
			p = newRunPage(c, found.Total, args.Offset, found.Experiments)
			p.drop("took")
			p.fit(pageBytes)
		}
	}
	p.count()
	return p
}

// newRunPage is a page with a row for each run.
func newRunPage(c *client.Client, total, offset int, runs []client.Experiment) page {
	p := newPage(c, total, offset,
		"id", "project", "name", "alias", "status", "created", "took", "best_metric", "tags")
	now := time.Now()
	for _, run := range runs {
		p.add(name(run.ID), name(run.Project), name(run.Name), name(run.Alias), status(run),
			at(run.CreatedAt), took(run, now), best(run), names(run.Tags))
	}
	p.dropEmpty("alias", "took", "best_metric", "tags")
	return p
}

// took is how long a run took, or has taken by now: "3h12m", "90s"; "" where lists do not say.
func took(run client.Experiment, now time.Time) string {
	d := time.Duration(run.Seconds(now) * float64(time.Second))
	switch {
	case d < 10*time.Minute:
		return strings.TrimPrefix(fmt.Sprintf("%ds", int(d.Seconds())), "0s")
	case d < 10*time.Hour:
		return strings.TrimSuffix(d.Truncate(time.Minute).String(), "0s")
	}
	return fmt.Sprintf("%.1fh", d.Hours())
}

// listNotes says what a list does not show.
func listNotes(
	ctx context.Context, c *client.Client, args listExperimentsArgs, page client.ExperimentPage,
) []string {
	var problems []string
	for _, run := range page.Experiments {
		problems = append(problems, run.Problems...)
	}
	notes := append(problemNotes(problems), unlistedNotes(page)...)
	switch {
	case page.Total == 0 && (args.Project+args.Name+args.Status != "" || len(args.Tags) > 0):
		notes = append(notes, "no run matches; list_projects shows which projects there are"+
			nearestProjects(ctx, c, args.Project)+nearestRuns(ctx, c, args))
	case page.Total == 0:
		notes = append(notes, noRuns(ctx, c))
	case len(page.Experiments) == 0:
		notes = append(notes, fmt.Sprintf("offset %d is past the last of %d runs",
			args.Offset, page.Total))
	}
	return notes
}

// unlistedNotes say which runs a Viewer cannot be brought to list.
func unlistedNotes(page client.ExperimentPage) []string {
	notes := problemNotes(page.Problems)
	if page.Unlisted > 0 {
		notes = append(notes, fmt.Sprintf("%d more runs exist that this Viewer cannot list",
			page.Unlisted))
	}
	return notes
}

// noRuns says that there are none, and what the source says about that.
func noRuns(ctx context.Context, c *client.Client) string {
	if health, err := c.HealthCheck(ctx); err == nil && health.Note != "" {
		return health.Note
	}
	return "the store has no runs"
}

// nearestProjects names the projects most like one that has no runs.
func nearestProjects(ctx context.Context, c *client.Client, wanted string) string {
	projects, err := c.ListProjects(ctx)
	if err != nil || wanted == "" {
		return ""
	}
	var known []string
	for _, p := range projects {
		known = append(known, p.Name)
	}
	near := analysis.Nearest(wanted, known, 3)
	if len(near) == 0 || slices.Contains(known, wanted) {
		return ""
	}
	return "; the nearest are " + strings.Join(names(near), ", ")
}

// nearestRuns names what is most like a name that no run has.
func nearestRuns(ctx context.Context, c *client.Client, args listExperimentsArgs) string {
	found, err := c.ListExperiments(ctx, client.ListOptions{Project: args.Project, Limit: followedRuns})
	if err != nil || args.Name == "" {
		return ""
	}
	var known []string
	for _, run := range found.Experiments {
		known = append(known, run.Alias, run.Name, run.Label())
	}
	if near := analysis.Nearest(args.Name, known, 5); len(near) > 0 && !slices.Contains(known, args.Name) {
		return "; names like it are " + strings.Join(names(near), ", ")
	}
	return ""
}

type listProjectsArgs struct {
	Viewer string `json:"viewer,omitempty" jsonschema_description:"Name or session_id."`
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
	if len(projects) == 0 {
		answer.Notes = []string{noRuns(ctx, c)}
	}
	if c.Source().Kind == "viewer" {
		page, err := c.ListExperiments(ctx, client.ListOptions{Limit: 1})
		if err != nil {
			return answer, err
		}
		answer.Notes = append(answer.Notes, unlistedNotes(page)...)
	}
	return answer, nil
}))
