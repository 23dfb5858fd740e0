package client

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/analysis"
)

// A Comparison is one metric over several runs.
type Comparison struct {
	Metric string
	Runs   []Experiment // in the order asked for
	// Series has one element per run, empty where the run has no such metric.
	Series []MetricSeries
	// Nearest names, for each run without the metric, what it has instead that looks alike.
	Nearest [][]string
	// NonFiniteUnknown is true where the source turns NaN and infinities into "not logged".
	NonFiniteUnknown bool
	// Direction and Why are as in [Ranking]; filled by [Client.ContrastRuns] only.
	Direction, Why string
}

// CompareRuns compares one metric over runs: documented utils.compare_runs(run_ids,
// metric_name). refs are any forms that [Client.Resolve] takes. No refs, or one run twice, is
// ErrBadRequest; a metric that none of the runs has is ErrNotFound.
func (c *Client) CompareRuns(
	ctx context.Context, refs []string, metric string,
) (Comparison, error) {
	const op = "compare_runs"
	if len(refs) == 0 || metric == "" {
		return Comparison{}, c.named(op, badRequest("run_ids and metric_name must not be empty",
			"Name at least one run and one metric."))
	}
	runs, err := c.resolveAll(ctx, refs)
	if err != nil {
		return Comparison{}, c.named(op, err)
	}
	comparison := Comparison{Metric: metric, Runs: runs}
	var known []string
	for _, run := range runs {
		m, err := c.source.Metrics(ctx, run, nil)
		if err != nil {
			return Comparison{}, c.named(op, err)
		}
		names := seriesNames(m)
		known = append(known, names...)
		series, found := m.SeriesNamed(metric)
		var near []string
		if !found {
			near = analysis.Nearest(metric, names, 3)
		}
		comparison.Series = append(comparison.Series, series)
		comparison.Nearest = append(comparison.Nearest, near)
		comparison.NonFiniteUnknown = comparison.NonFiniteUnknown || m.NonFiniteUnknown
	}
	if !slices.ContainsFunc(comparison.Series, func(s MetricSeries) bool { return s.Name != "" }) {
		return Comparison{}, c.named(op, noMetric(metric, known))
	}
	return comparison, nil
}

func (c Comparison) has(run Experiment) bool {
	return slices.ContainsFunc(c.Runs, func(r Experiment) bool {
		return r.ID == run.ID && r.RunDir == run.RunDir
	})
}

func seriesNames(m Metrics) []string {
	names := make([]string, len(m.Series))
	for i, s := range m.Series {
		names[i] = s.Name
	}
	return names
}

func noMetric(metric string, known []string) error {
	err := &Error{Kind: ErrNotFound, Detail: fmt.Sprintf("No metric %q", metric)}
	if near := analysis.Nearest(metric, known, 5); len(near) > 0 {
		err.Hint = "The nearest names are " + quoteList(near) + "."
	} else if len(known) > 0 {
		slices.Sort(known)
		known = slices.Compact(known)
		err.Hint = "There are " + quoteList(known[:min(len(known), 10)]) + "."
	} else {
		err.Hint = "No numbers were logged."
	}
	if word := strings.ToLower(metric); strings.Contains(word, "duration") || strings.Contains(word, "time") {
		err.Hint += " best_runs ranks by how long runs took with metric_name " + Duration + "."
	}
	return err
}

// withOp names op as what failed, also where an inner method named itself before.
func withOp(op string, err error) error {
	if e, ok := err.(*Error); ok {
		outer := *e
		outer.Op = op
		return &outer
	}
	return err
}

// Rows yields what [Comparison.Table] holds, without making it: each step with a value per run, nil
// where it has none. The values are valid until the next row.
func (c Comparison) Rows() iter.Seq2[int64, []any] {
	return func(yield func(int64, []any) bool) {
		values := make([]any, len(c.Series))
		for step, cells := range joinSteps(c.Series) {
			for i, cell := range cells {
				values[i] = nil
				if cell.there {
					values[i] = cell.value
				}
			}
			if !yield(step, values) {
				return
			}
		}
	}
}

// Table is the documented data frame: column step, then one per run, named by its id; the
// union of the steps, ascending; nil where a run has no value.
func (c Comparison) Table() Table {
	t := MetricsTable(Metrics{Series: c.Series})
	for i, run := range c.Runs {
		t.Header[i+1] = run.ID
	}
	return t
}

// ExportMetricsCSV writes the metrics of a run to w: documented utils.export_metrics_to_csv
// (run_id, output_path, metric_names), whose path is the caller's business here. The form is
// that of [MetricsTable] and [Table.WriteCSV]. A name that the run lacks is ErrNotFound, naming
// the nearest, and nothing is written.
func (c *Client) ExportMetricsCSV(
	ctx context.Context, w io.Writer, ref string, names []string,
) (Export, error) {
	const op = "export_metrics_to_csv"
	run, m, err := c.RunMetrics(ctx, ref, MetricsOptions{})
	if err != nil {
		return Export{}, withOp(op, err)
	}
	if len(names) > 0 {
		var wanted []MetricSeries
		for _, name := range names {
			s, found := m.SeriesNamed(name)
			if !found {
				return Export{}, c.named(op, noMetric(name, seriesNames(m)))
			}
			wanted = append(wanted, s)
		}
		m.Series = wanted
	}
	rows, err := writeMetricsCSV(ctx, w, m)
	return Export{Run: run, Rows: rows}, err
}

// writeMetricsCSV streams what MetricsTable would hold: a run of a million steps needs no table.
func writeMetricsCSV(ctx context.Context, w io.Writer, m Metrics) (rows int, err error) {
	out := csv.NewWriter(w)
	record := append([]string{"step"}, seriesNames(m)...)
	if err := out.Write(record); err != nil {
		return 0, err
	}
	for step, cells := range joinSteps(m.Series) {
		record[0] = strconv.FormatInt(step, 10)
		for i, c := range cells {
			record[i+1] = ""
			if c.there {
				record[i+1] = formatFloat(c.value)
			}
		}
		if err := out.Write(record); err != nil {
			return rows, err
		}
		if rows++; rows%1000 == 0 && ctx.Err() != nil {
			return rows, ctx.Err()
		}
	}
	out.Flush()
	return rows, out.Error()
}
