package client

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/analysis"
)

// A RunFilter says which runs are meant. The zero value means all.
type RunFilter struct {
	Project string   // exact project name
	Path    string   // a path, project or "project/name", and all below it
	Name    string   // exact experiment name; also an alias or a whole path
	Status  string   // running, finished, failed, interrupted or unknown
	Tags    []string // the run has all of these
	Since   float64  // created at this time or later, seconds since 1970
}

// A RunCoverage says which runs an answer over many was made from, newest first.
type RunCoverage struct {
	Matched int // runs that fit the filter, of those looked at
	Looked  int // runs looked at; all, once the others are known to be older than Since
	Total   int // runs there are, in the project if one was given
	// Unlisted counts further runs that exist but that the source cannot list.
	Unlisted int
	Problems []string // which further ones it cannot list, where it cannot count them
}

// Complete tells whether every run was looked at.
func (c RunCoverage) Complete() bool { return c.Looked >= c.Total }

// newest returns the newest runs that fit, at most limit of them, and looks at no more runs than
// it takes to find them. An impossible status is ErrBadRequest, no run at all that fits is
// ErrNotFound, naming what looks like it.
func (c *Client) newest(
	ctx context.Context, filter RunFilter, limit int,
) ([]Experiment, RunCoverage, error) {
	runs, known, coverage, err := c.matching(ctx, filter, limit)
	if err == nil && len(runs) == 0 {
		err = filter.nothing(coverage, known)
	}
	return runs, coverage, err
}

// matching is newest, but for that no run that fits is no error. known are then names of the others.
func (c *Client) matching(
	ctx context.Context, filter RunFilter, limit int,
) (runs []Experiment, known []string, coverage RunCoverage, err error) {
	status, err := statusFilter(filter.Status)
	if err != nil {
		return nil, nil, coverage, err
	}
	scope := Scope{Project: filter.Project}
	count, err := c.source.CountRuns(ctx, scope)
	if err != nil {
		return nil, nil, coverage, err
	}
	coverage = RunCoverage{Total: count.Total, Unlisted: count.Unlisted,
		Problems: count.Problems}
	for run, err := range c.source.Runs(ctx, scope) {
		if err != nil {
			return nil, nil, coverage, err
		}
		if filter.Since > 0 && run.CreatedAt < filter.Since { // all others are older
			coverage.Looked = coverage.Total
			break
		}
		coverage.Looked++
		if !filter.matches(run, status) {
			known = append(known, run.Project, run.Name, run.Label(), run.Alias)
			continue
		}
		if runs = append(runs, run); len(runs) == limit {
			break
		}
	}
	coverage.Total = max(coverage.Total, coverage.Looked)
	coverage.Matched = len(runs)
	if filter.Project != "" && len(runs) == 0 && count.Total == 0 {
		return nil, nil, coverage, c.noProject(ctx, filter.Project)
	}
	return runs, known, coverage, nil
}

// matches reports whether run passes the filter; status is normalised, "" for any.
func (f RunFilter) matches(run Experiment, status string) bool {
	list := ListOptions{Project: f.Project, Name: f.Name, Tags: f.Tags}
	label, path := run.Label()+"/", strings.Trim(f.Path, "/")
	return list.matches(run, status) &&
		(path == "" || strings.HasPrefix(label, path+"/"))
}

// nothing is the error for a filter that no run fits.
func (f RunFilter) nothing(coverage RunCoverage, known []string) error {
	err := &Error{Kind: ErrNotFound, Detail: fmt.Sprintf("No run matches, of %d", coverage.Total),
		Hint: "Leave out a filter, or see list_projects and list_experiments."}
	for _, wanted := range []string{f.Path, f.Name} {
		if wanted == "" || wanted == f.Name && slices.Contains(known, wanted) {
			continue
		}
		known := known
		if wanted == f.Path { // a name alone is no path
			known = slices.DeleteFunc(slices.Clone(known), func(k string) bool { return k == wanted })
		}
		if near := analysis.Nearest(wanted, known, 5); len(near) > 0 {
			err.Hint = fmt.Sprintf("The nearest names to %q are %s.", wanted, quoteList(near))
		}
	}
	return err
}

// noProject is the error for a project without runs, naming the nearest that has some.
func (c *Client) noProject(ctx context.Context, project string) error {
	projects, err := c.ListProjects(ctx)
	if err != nil {
		return err
	}
	var known []string
	for _, p := range projects {
		known = append(known, p.Name)
	}
	e := &Error{Kind: ErrNotFound, Detail: fmt.Sprintf("There is no project %q", project),
		Hint: "There are no runs at all."}
	if near := analysis.Nearest(project, known, 3); len(near) > 0 {
		e.Hint = "The nearest names are " + quoteList(near) + "."
	} else if len(known) > 0 {
		e.Hint = "There are " + quoteList(known[:min(10, len(known))]) + "."
	}
	return e
}
