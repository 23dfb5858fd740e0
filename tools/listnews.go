package tools

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// trackedRuns is how many runs, newest first, are looked at for news, and how many a cursor follows
// at most.
const trackedRuns = 500

// listNews answers which runs began since an earlier answer to the same filter, and which of its
// runs have another status now; also those that have left the filter by it.
func listNews(
	ctx context.Context, c *client.Client, args listExperimentsArgs, opts client.ListOptions,
) (page, error) {
	if args.Offset > 0 {
		return page{}, errors.New("since answers what is new: leave out offset, or since")
	}
	seen, err := parseSeen(args.Since, "list_experiments")
	if err != nil {
		return page{}, err
	}
	shown := opts.Limit
	opts.Limit = trackedRuns
	found, err := c.ListExperiments(ctx, opts)
	if err != nil {
		return page{}, err
	}
	candidates := found.Experiments
	if opts.Status != "" { // what was listed as running may be so no longer
		opts.Status = ""
		all, err := c.ListExperiments(ctx, opts)
		if err != nil {
			return page{}, err
		}
		candidates = leftOrFit(all.Experiments, found.Experiments, client.NormalizeStatus(args.Status), seen)
	}
	var news []client.Experiment
	for _, run := range candidates {
		was := seen.has(mark(run.ID, client.StatusRunning))
		goesOn := run.Status == client.StatusRunning
		if (run.CreatedAt > seen.from || was || goesOn) && !seen.has(runMark(run)) {
			news = append(news, run)
		}
	}
	answer := newRunPage(c, found.Total, 0, news[:min(shown, len(news))])
	answer.fit(pageBytes)
	answer.Returned = len(answer.Rows)
	if more := len(news) - answer.Returned; more > 0 {
		answer.Notes = append(answer.Notes, fmt.Sprintf("%d more runs are new or changed: "+
			"call without since", more))
	}
	answer.Notes = append(answer.Notes, unlistedNotes(found)...)
	answer.Cursor = seenRuns(found.Experiments, shown, found.Total, args.Status).String()
	return answer, nil
}

// leftOrFit are those of all runs that fit a status, and those that did in an earlier answer, whose
// mark was that of a run with this status.
func leftOrFit(all, fit []client.Experiment, status string, seen seenRows) []client.Experiment {
	fits := make(map[string]bool)
	for _, run := range fit {
		fits[run.ID+run.RunDir] = true
	}
	return slices.DeleteFunc(slices.Clone(all), func(run client.Experiment) bool {
		return !fits[run.ID+run.RunDir] && !seen.has(mark(run.ID, status))
	})
}

// runMark is the mark of what may change about a run in a list.
func runMark(run client.Experiment) string { return mark(run.ID, run.Status) }

// seenRuns are the first so many of total runs in a list. Of those that may have any status it has
// the ones that go on, also further down, and when the newest began: the others will not change. Of
// those that were asked for by how they ended it has all.
func seenRuns(runs []client.Experiment, first, total int, status string) (seen seenRows) {
	ended := status != "" && client.NormalizeStatus(status) != client.StatusRunning
	for i, run := range runs {
		if run.Status == client.StatusRunning || ended && i < first {
			seen.marks = append(seen.marks, runMark(run))
		}
	}
	switch n := min(first, len(runs)); {
	case n > 0 && !ended:
		seen.from = runs[0].CreatedAt
	case n < total:
		seen.from = runs[n-1].CreatedAt
	}
	return seen
}
