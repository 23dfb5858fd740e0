package tools

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// noneVerdict says that no run fits what was asked for.
func noneVerdict(args diagnoseRunArgs, coverage client.RunCoverage) string {
	in := ""
	if args.Project != "" {
		in = " in project " + strconv.Quote(name(args.Project))
	}
	status := strings.ToLower(strings.TrimSpace(args.Status)) // a word there is: others are errors
	switch {
	case coverage.Total+coverage.Unlisted+len(coverage.Problems) == 0:
		return "there are no runs"
	case args.Days == 0 && status == client.StatusRunning:
		return "nothing is running" + in
	case args.Days == 0:
		return strings.TrimSpace("no run matches: 0 "+status) + in
	case status != "":
		status += " of those"
	}
	days := "day"
	if args.Days > 1 {
		days = fmt.Sprintf("%d days", args.Days)
	}
	return fmt.Sprintf("no run matches: 0 %s in the last %s%s",
		strings.TrimSpace(status+" created"), days, in)
}

// newestRun says which run is the newest and how it ended, so that nobody need ask: "the newest of 46
// runs is 20261124_224009_c82d88 (speech/aishell, conformer), failed (process gone), last logged …".
func newestRun(
	ctx context.Context, c *client.Client, project string, coverage client.RunCoverage,
) (string, error) {
	list, err := c.ListExperiments(ctx, client.ListOptions{Project: project, Limit: 1})
	if err != nil {
		return "", err
	}
	if len(list.Experiments) == 0 {
		return "this source lists no runs: get_config says what is read", nil
	}
	full, err := c.DetailsOf(ctx, list.Experiments)
	if err != nil {
		return "", err
	}
	run := full[0]
	text := fmt.Sprintf("the newest of %d runs is %s", coverage.Total, name(run.ID))
	var words []string
	for _, w := range []string{run.Label(), run.Alias} {
		if w != "" {
			words = append(words, name(w))
		}
	}
	if len(words) > 0 {
		text += " (" + strings.Join(words, ", ") + ")"
	}
	text += ", " + status(run)
	// A Viewer that finds a process gone takes the time when it looked for the end.
	if ended := at(run.EndedAt); ended != "" && !run.ProcessGone() {
		return text + ", ended " + ended, nil
	}
	m, err := c.MetricsOf(ctx, run)
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case err != nil || m.LastTime == 0:
		return text + ", created " + at(run.CreatedAt), nil
	}
	return text + ", last logged " + at(m.LastTime), nil
}
