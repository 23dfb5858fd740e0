package truth

import (
	"context"
	"fmt"
	"regexp"

	"github.com/runicorn-mcp/runicorn-mcp/analysis"
	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// clock is the time of day that the SDKs write before a line of a log.
var clock = regexp.MustCompile(`\d\d:\d\d:\d\d`)

// answerRows are the calls that no documented method has.
func answerRows() []row {
	log := func(id string, want any) row {
		return row{"get_logs " + id, func(ctx context.Context, c *client.Client) (any, error) {
			_, log, err := c.ReadLog(ctx, id, analysis.LogQuery{Search: "hello", Tail: 5})
			var lines []string
			for _, line := range log.Lines {
				lines = append(lines, clock.ReplaceAllString(line.Text, "<time>"))
			}
			return lines, err
		}, want}
	}
	best := func(opts client.BestOptions, want any) row {
		return row{fmt.Sprintf("best_runs %+v", opts),
			func(ctx context.Context, c *client.Client) (any, error) {
				r, err := c.BestRuns(ctx, opts)
				var ranked []string
				for _, run := range r.Ranked {
					ranked = append(ranked, fmt.Sprintf("%s %v at %d", run.Run.ID, run.Best, run.BestStep))
				}
				return ranked, err
			}, want}
	}
	return []row{
		log(aaaaaa, []string{"<time> | hello"}), log(cccccc, client.ErrNotFound),
		best(client.BestOptions{Metric: "loss", Direction: "min"}, []string{one + " 0.25 at 1",
			bbbbbb + " 0.5 at 2", ffffff + " 0.5 at 1", three + " 1 at 2", aaaaaa + " 1.75 at 1",
			dddddd + " 3 at 1", eeeeee + " 4 at 1"}),
		best(client.BestOptions{Metric: "acc", Direction: "max",
			Filter: client.RunFilter{Project: "vision"}}, []string{aaaaaa + " 0.5 at 2"}),
		best(client.BestOptions{Metric: "accuracy"}, client.ErrNotFound),
	}
}
