package tools

import (
	"context"
	"errors"
	"fmt"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// followedRuns is how many runs, the newest, a cursor of a list follows.
const followedRuns = 500

// runNews are what a list of runs is, the newest of all that fit but for their status, and a cursor
// that follows them.
type runNews struct {
	found  client.ExperimentPage // those that fit
	follow []client.Experiment   // whatever their status
	seen   seenRows              // of now
}

// followRuns lists the runs that fit opts, whose limit, offset and time it does not heed.
func followRuns(ctx context.Context, c *client.Client, opts client.ListOptions) (n runNews, err error) {
	opts.Limit, opts.Offset, opts.Since = followedRuns, 0, 0
	if n.found, err = c.ListExperiments(ctx, opts); err != nil {
		return n, err
	}
	n.follow = n.found.Experiments
	onlyRunning := client.NormalizeStatus(opts.Status) == client.StatusRunning
	fits := make(map[string]bool)
	for _, run := range n.found.Experiments {
		fits[runKey(run)] = true
	}
	n.seen.question = question("list_experiments", opts.Project, opts.Name, opts.Tags, opts.Status)
	if opts.Status != "" { // one that runs may soon fit, or no longer
		opts.Status = ""
		all, err := c.ListExperiments(ctx, opts)
		if err != nil {
			return n, err
		}
		for _, run := range all.Experiments {
			if !fits[runKey(run)] {
				n.follow = append(n.follow, run)
			}
		}
	}
	for _, run := range n.follow {
		n.seen.from = max(n.seen.from, run.CreatedAt)
		if goesOn(run) && (fits[runKey(run)] || !onlyRunning) {
			n.seen.marks = append(n.seen.marks, runKey(run))
		}
	}
	return n, nil
}

// page is the part of the runs found that opts ask for.
func (n runNews) page(
	ctx context.Context, c *client.Client, opts client.ListOptions,
) (client.ExperimentPage, error) {
	found := n.found
	if end := opts.Offset + opts.Limit; opts.Since > 0 ||
		end > len(found.Experiments) && len(found.Experiments) < found.Total {
		return c.ListExperiments(ctx, opts)
	}
	found.Experiments = window(found.Experiments, opts.Offset, opts.Limit)
	return found, nil
}

// goesOn reports whether the status of a run may change by itself; one that has none yet is young.
func goesOn(run client.Experiment) bool {
	return run.Status == client.StatusRunning || run.Status == client.StatusUnknown
}

// since are the runs of which an earlier answer did not tell: those that began since, that have
// ended, or go on again. They fit the filter, or did.
func (n runNews) since(seen seenRows, status string) (news []client.Experiment, lost int) {
	there, fits := make(map[string]bool), make(map[string]bool)
	for _, run := range n.found.Experiments {
		fits[runKey(run)] = true
	}
	for _, run := range n.follow {
		key := runKey(run)
		there[key] = true
		was := seen.has(key)
		left := was && client.NormalizeStatus(status) == client.StatusRunning
		if (run.CreatedAt > seen.from && !was || was != goesOn(run)) && (fits[key] || left) {
			news = append(news, run)
		}
	}
	for _, key := range seen.marks {
		if !there[key] {
			lost++
		}
	}
	return news, lost
}

// listNews answers which runs began, ended or go on again since an earlier answer.
func listNews(
	c *client.Client, args listExperimentsArgs, limit int, n runNews, seen seenRows,
) (page, error) {
	if args.Offset > 0 {
		return page{}, errors.New("since answers what is new: leave out offset, or since")
	}
	news, lost := n.since(seen, args.Status)
	answer := newRunPage(c, n.found.Total, 0, news[:min(limit, len(news))])
	answer.fit(pageBytes)
	answer.Returned = len(answer.Rows)
	if more := len(news) - answer.Returned; more > 0 {
		answer.Notes = append(answer.Notes, fmt.Sprintf("%d more runs are new or changed: "+
			"call without since", more))
	}
	if lost > 0 {
		answer.Notes = append(answer.Notes, fmt.Sprintf("%d runs that went on are no longer among the "+
			"%d newest, or were deleted", lost, followedRuns))
	}
	answer.Notes = append(answer.Notes, unlistedNotes(n.found)...)
	answer.Cursor = n.seen.String()
	return answer, nil
}
