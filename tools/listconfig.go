package tools

import (
	"context"
	"errors"
	"fmt"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// listConfigured lists the runs that were made with some settings, of the newest that fit the rest.
func listConfigured(
	ctx context.Context, c *client.Client, args listExperimentsArgs, opts client.ListOptions,
) (page, error) {
	if args.Since != "" {
		return page{}, errors.New("since answers what is new of all settings: leave out config, or since")
	}
	offset, limit := opts.Offset, opts.Limit
	opts.Offset, opts.Limit = 0, followedRuns
	found, err := c.ListExperiments(ctx, opts)
	if err != nil {
		return page{}, err
	}
	fit, read, err := c.WithSettings(ctx, found.Experiments, args.Config)
	if err != nil {
		return page{}, err
	}
	answer := newRunPage(c, len(fit), offset, window(fit, offset, limit))
	if args.Limit == 0 {
		answer.fit(pageBytes)
	}
	answer.count()
	answer.Notes = unlistedNotes(found)
	if read < found.Total {
		answer.Notes = append(answer.Notes, fmt.Sprintf("the settings of %d of %d runs were read, the "+
			"newest", read, found.Total))
	}
	return answer, nil
}
