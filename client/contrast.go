package client

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/runicorn-mcp/runicorn-mcp/analysis"
)

// contrastMetrics is how many metrics are compared when none is named.
const contrastMetrics = 4

// A Contrast is several runs side by side: metrics, and what differs in how the runs were made.
type Contrast struct {
	Runs    []Experiment // in the order asked for
	Metrics []Comparison // in the order asked for; none that no run has
	// Missing are the metrics asked for that no run has, each with the nearest names; Others
	// names that all runs have and that were neither asked for nor chosen.
	Missing map[string][]string
	Others  []string
	// Own are the metrics of each run where none was asked for and the runs have none in common.
	Own [][]string
	// Differs is what was recorded and is not the same for all runs. Unrecorded are the runs of
	// which no settings were, Uncaptured those of which no environment was.
	Differs                []Difference
	Unrecorded, Uncaptured []Experiment
	// Code says how the captured code of the runs differs from that of the first that has any.
	Code []CodeChange
	// Problems says what could not be compared, one sentence each.
	Problems []string
}

// A Difference is something recorded that not all runs have alike.
type Difference struct {
	// What is "setting", "dataset", "pretrained", "code", "git", "packages", "gpu", "python" or
	// "platform".
	What   string
	Name   string // of a setting; else What
	Values []any  // of each run; nil where it has none
}

// ContrastRuns compares runs on several metrics, and says what differs in their settings, data, code
// (line by line), git state, packages and interpreter, as far as recorded. No metrics means those
// losses and scores that all runs have, those of validation first, at most four; failing that any
// that all have, or none. It is [Client.CompareRuns] beyond the documented form, and fails alike.
func (c *Client) ContrastRuns(
	ctx context.Context, refs []string, metrics []string,
) (Contrast, error) {
	contrast, err := c.ContrastMetrics(ctx, refs, metrics)
	if err != nil {
		return contrast, err
	}
	return contrast, c.named("compare_runs", c.differences(ctx, &contrast))
}

// ContrastMetrics is [Client.ContrastRuns] without what differs in how the runs were made.
func (c *Client) ContrastMetrics(
	ctx context.Context, refs []string, metrics []string,
) (Contrast, error) {
	const op = "compare_runs"
	runs, err := c.resolveAll(ctx, refs)
	if err != nil {
		return Contrast{}, c.named(op, err)
	}
	read := make([]Metrics, len(runs))
	err = inParallel(ctx, len(runs), readers, func(ctx context.Context, i int) (err error) {
		read[i], err = c.source.Metrics(ctx, runs[i], metrics)
		return err
	})
	if err != nil {
		return Contrast{}, c.named(op, err)
	}
	contrast := Contrast{Runs: runs, Missing: make(map[string][]string)}
	if len(metrics) == 0 {
		metrics, contrast.Others = shared(read)
		for _, m := range read {
			if len(metrics) == 0 {
				contrast.Own = append(contrast.Own, seriesNames(m))
			}
		}
	}
	if err := c.compareEach(ctx, &contrast, metrics, read); err != nil {
		return Contrast{}, c.named(op, err)
	}
	return contrast, nil
}

// resolveAll resolves references, which must mean different runs.
func (c *Client) resolveAll(ctx context.Context, refs []string) ([]Experiment, error) {
	if len(refs) == 0 {
		return nil, badRequest("run_ids must not be empty", "Name at least one run.")
	}
	var seen Comparison
	for _, ref := range refs {
		run, _, err := c.resolve(ctx, ref)
		if err != nil {
			return nil, err
		}
		if seen.has(run) {
			return nil, badRequest(fmt.Sprintf("%q is run %s, which is in run_ids already", ref, run.ID),
				"Name each run once.")
		}
		seen.Runs = append(seen.Runs, run)
	}
	return seen.Runs, nil
}

// shared chooses metrics that all runs have, and names the others of these.
func shared(read []Metrics) (chosen, others []string) {
	for _, name := range seriesNames(read[0]) {
		if !slices.ContainsFunc(read, func(m Metrics) bool { _, ok := m.SeriesNamed(name); return !ok }) {
			chosen = append(chosen, name)
		}
	}
	slices.SortStableFunc(chosen, func(a, b string) int { return cmp.Compare(interest(b), interest(a)) })
	n := min(contrastMetrics, len(chosen))
	for n > 1 && interest(chosen[n-1]) < 2 && interest(chosen[0]) >= 2 { // learning rates and the like
		n--
	}
	return chosen[:n], chosen[n:]
}

// interest is how likely somebody asks for a metric: 3 a validation loss or score, 2 another.
func interest(metric string) int {
	switch {
	case analysis.Direction(metric) == 0:
		return 1
	case analysis.IsValidation(metric):
		return 3
	}
	return 2
}

// compareEach fills in the comparisons.
func (c *Client) compareEach(
	ctx context.Context, contrast *Contrast, metrics []string, read []Metrics,
) error {
	names := make([][]string, len(read)) // all, of runs that lack a metric
	lacks := func(i int) bool {
		return slices.ContainsFunc(metrics, func(m string) bool { _, ok := read[i].SeriesNamed(m); return !ok })
	}
	err := inParallel(ctx, len(read), readers, func(ctx context.Context, i int) error {
		if !lacks(i) {
			return nil
		}
		all, err := c.source.Metrics(ctx, contrast.Runs[i], nil)
		names[i] = seriesNames(all)
		return err
	})
	if err != nil {
		return err
	}
	for i, metric := range metrics {
		if slices.Contains(metrics[:i], metric) {
			continue
		}
		cmp := Comparison{Metric: metric, Runs: contrast.Runs}
		found := false
		for r, m := range read {
			s, ok := m.SeriesNamed(metric)
			var near []string
			if found = found || ok; !ok {
				near = analysis.Nearest(metric, names[r], 3)
			}
			cmp.Series, cmp.Nearest = append(cmp.Series, s), append(cmp.Nearest, near)
			cmp.NonFiniteUnknown = cmp.NonFiniteUnknown || m.NonFiniteUnknown
		}
		if !found {
			contrast.Missing[metric] = analysis.Nearest(metric, slices.Concat(names...), 3)
			continue
		}
		cmp.Direction, cmp.Why = direction(metric, "", cmp.Runs)
		contrast.Metrics = append(contrast.Metrics, cmp)
	}
	if len(contrast.Metrics) == 0 && len(metrics) > 0 {
		return noMetric(metrics[0], slices.Concat(names...))
	}
	return nil
}
