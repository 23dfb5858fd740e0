// Package completion completes what a person types where a run, a project or a metric is wanted:
// the variables of resource templates and the arguments of prompts. [Complete] does it.
package completion

import (
	"context"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/analysis"
	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/schema"
)

// A Kind says what is completed.
type Kind string

// What can be completed; a value of [Nothing] cannot.
const (
	Nothing Kind = ""
	Run     Kind = "run" // by alias, path or id, or latest: what [client.Client.Resolve] takes
	Project Kind = "project"
	Metric  Kind = "metric" // of one run
)

// Max is how many values a client may be given (MCP 2025-11-25, "Completion", Response Format).
const Max = 100

// maxValue is how long a value may be, in bytes; longer names are no help to who types.
const maxValue = 200

// maxNearest is among how many names those are looked for that merely resemble what was typed.
const maxNearest = 5_000

// A Found is what a completion offers.
type Found struct {
	Values []string // at most [Max], the likeliest first
	Total  int      // that were found
	More   bool     // there may be others: more than Max, or not all runs were looked at in time
}

// Complete offers what typed may become: first what begins with it, in any case, then what
// contains it, then what resembles it; of these the newest runs first. run is the run whose
// metrics are meant. When ctx ends, what was found until then is offered. A source that cannot
// be read is an error, a run that does not exist has no metrics.
func Complete(
	ctx context.Context, c *client.Client, kind Kind, typed, run string,
) (Found, error) {
	var names []string
	var whole bool
	var err error
	switch kind {
	case Run:
		names, whole, err = runs(ctx, c)
	case Project:
		names, whole, err = projects(ctx, c)
	case Metric:
		names, whole, err = metrics(ctx, c, run)
	default:
		return Found{}, nil
	}
	found := rank(typed, names)
	found.More = found.More || !whole
	return found, err
}

// runs are the names of all runs that can be read while ctx lasts. A name that several runs share
// is offered with /latest, as alone it means none of them.
func runs(ctx context.Context, c *client.Client) (names []string, whole bool, err error) {
	var order []string
	shared := make(map[string]int)
	add := func(name string) {
		if shared[name]++; shared[name] == 1 {
			order = append(order, name)
		}
	}
	add("latest")
	whole = true
	for run, err := range c.Runs(ctx) {
		if err != nil {
			if whole = false; ctx.Err() == nil {
				return nil, false, err
			}
			break
		}
		for _, name := range []string{run.Alias, run.Label(), run.ID} {
			if name != "" {
				add(name)
			}
		}
	}
	for _, name := range order {
		if shared[name] > 1 {
			name += "/latest"
		}
		names = append(names, name)
	}
	return names, whole, nil
}

func projects(ctx context.Context, c *client.Client) (names []string, whole bool, err error) {
	seen := map[string]bool{"": true}
	for run, err := range c.Runs(ctx) {
		if err != nil {
			if ctx.Err() == nil {
				return nil, false, err
			}
			return names, false, nil
		}
		if !seen[run.Project] {
			seen[run.Project] = true
			names = append(names, run.Project)
		}
	}
	return names, true, nil
}

// metrics are the names of a run's metrics; none where they cannot be read in time.
func metrics(ctx context.Context, c *client.Client, ref string) (names []string, whole bool, err error) {
	if ref == "" {
		return nil, true, nil
	}
	run, err := c.Resolve(ctx, ref)
	if err != nil {
		return nil, ctx.Err() == nil, nil
	}
	m, err := c.MetricsOf(ctx, run)
	if err != nil {
		return nil, ctx.Err() == nil, nil
	}
	for _, s := range m.Series {
		names = append(names, s.Name)
	}
	return names, true, nil
}

// rank puts those of names first that begin with typed, then those that contain it, then those
// that look like it. A name that is too long or has something invisible in it is left out: it
// could not be shown as it is.
func rank(typed string, names []string) Found {
	var begin, contain, others []string
	folded := strings.ToLower(typed)
	for _, name := range names {
		if len(name) > maxValue || schema.Visible(name) != name || strings.ContainsAny(name, "\n\t") {
			continue
		}
		switch at := strings.Index(strings.ToLower(name), folded); {
		case at == 0:
			begin = append(begin, name)
		case at > 0:
			contain = append(contain, name)
		default:
			others = append(others, name)
		}
	}
	values := append(begin, contain...)
	if len(values) < Max && typed != "" {
		near := analysis.Nearest(typed, others[:min(maxNearest, len(others))], Max-len(values))
		values = append(values, near...)
	}
	return Found{Values: values[:min(Max, len(values))], Total: len(values), More: len(values) > Max}
}
