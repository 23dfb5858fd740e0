// Package completion completes what a person types where a run, a project or a metric is wanted:
// the variables of resource templates and the arguments of prompts. A [Completer] does it.
package completion

import (
	"context"
	"strings"
	"sync"

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

// maxNearest is among how many names those are looked for that merely resemble what was typed, and
// maxNear how many of them are offered.
const (
	maxNearest = 5_000
	maxNear    = 10
)

// A Found is what a completion offers.
type Found struct {
	Values []string // at most [Max], the likeliest first
	Total  int      // that were found
	More   bool     // there may be others: more than Max, or not all runs were looked at in time
}

// A Completer completes from what it has read of a source a short while ago. The zero value is
// ready; it is safe for use by several goroutines at once.
type Completer struct {
	mu   sync.Mutex
	last *reading
}

// Complete offers what typed may become: first what begins with it, in any case, then what
// contains it, of each the newest runs first; and where there is neither, what resembles it. run
// is the run whose metrics are meant. When ctx ends, what was found until then is offered; the
// runs go on being read for some seconds, for the next call. A source that cannot be read is an
// error, a run that does not exist has no metrics.
func (k *Completer) Complete(
	ctx context.Context, c *client.Client, kind Kind, typed, run string,
) (Found, error) {
	var names []string
	var whole bool
	switch kind {
	case Run, Project:
		runs, all, err := k.reading(c).known(ctx)
		if err != nil {
			return Found{}, err
		}
		whole = all
		if kind == Run {
			names = runNames(runs)
		} else {
			names = projectNames(runs)
		}
	case Metric:
		names, whole = metrics(ctx, c, run)
	default:
		return Found{}, nil
	}
	found := rank(typed, names)
	found.More = found.More || !whole
	return found, nil
}

// runNames are what the runs are called. A name that several share is offered with /latest, as
// alone it means none of them.
func runNames(runs []client.Experiment) []string {
	order := []string{"latest"}
	shared := map[string]int{"latest": 1}
	for _, run := range runs {
		for _, name := range []string{run.Alias, run.Label(), run.ID} {
			if shared[name]++; shared[name] == 1 && name != "" {
				order = append(order, name)
			}
		}
	}
	for i, name := range order {
		if shared[name] > 1 {
			order[i] += "/latest"
		}
	}
	return order
}

func projectNames(runs []client.Experiment) (names []string) {
	seen := map[string]bool{"": true}
	for _, run := range runs {
		if !seen[run.Project] {
			seen[run.Project] = true
			names = append(names, run.Project)
		}
	}
	return names
}

// metrics are the names of a run's metrics; none where they cannot be read in time.
func metrics(ctx context.Context, c *client.Client, ref string) (names []string, whole bool) {
	if ref == "" {
		return nil, true
	}
	run, err := c.Resolve(ctx, ref)
	if err != nil {
		return nil, ctx.Err() == nil
	}
	m, err := c.MetricsOf(ctx, run)
	if err != nil {
		return nil, ctx.Err() == nil
	}
	for _, s := range m.Series {
		names = append(names, s.Name)
	}
	return names, true
}

// rank puts those of names first that begin with typed, then those that contain it; where there
// are none, those that look like it. Names that could not be shown as they are are left out.
func rank(typed string, names []string) Found {
	var begin, contain, others []string
	folded := strings.ToLower(typed)
	for _, name := range names {
		if !showable(name) {
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
	if len(values) == 0 {
		values = analysis.Nearest(typed, others[:min(maxNearest, len(others))], maxNear)
	}
	return Found{Values: values[:min(Max, len(values))], Total: len(values), More: len(values) > Max}
}

// showable tells whether a name can be shown as it is: it is short, and has nothing invisible and no
// token in it.
func showable(name string) bool {
	return len(name) <= maxValue && schema.Visible(name) == name && !strings.ContainsAny(name, "\n\t") &&
		schema.Line(name, maxValue) == strings.Join(strings.Fields(name), " ")
}
