package tools

import (
	"context"
	"fmt"
	"slices"

	"github.com/runicorn-mcp/runicorn-mcp/analysis"
	"github.com/runicorn-mcp/runicorn-mcp/client"
)

type compareRunsArgs struct {
	RunIDs     []string `json:"run_ids" jsonschema:"minItems=1,maxItems=10" jsonschema_description:"Runs, each as in get_metrics."`
	MetricName string   `json:"metric_name" jsonschema:"minLength=1" jsonschema_description:"The metric to compare."`
	Limit      *int     `json:"limit,omitempty" jsonschema:"minimum=0,maximum=1000" jsonschema_description:"Rows of the joined table, 10 by default; 0 for none."`
	Viewer     string   `json:"viewer,omitempty" jsonschema_description:"Viewer name or session_id."`
}

type compareRunsAnswer struct {
	Source string `json:"source"`
	Metric string `json:"metric"`
	table         // statistics, a row per run
	// NonFinite locates NaN and infinities, by run.
	NonFinite []string      `json:"non_finite,omitempty"`
	Missing   []missingName `json:"missing,omitempty"` // runs without the metric
	// Join is one row per step of any run, null where a run has no value; thinned to few rows.
	Join  *joined  `json:"by_step,omitempty"`
	Notes []string `json:"notes,omitempty"`
}

type joined struct {
	Of int `json:"of"` // rows before thinning
	table
}

func (a *compareRunsAnswer) shrink() bool {
	if a.Join == nil || !a.Join.halve() {
		return false
	}
	a.Notes = []string{fmt.Sprintf("the answer was too large: the first %d rows of by_step are "+
		"shown; export_metrics_to_csv writes whole curves", len(a.Join.Rows))}
	return true
}

var compareRuns = reads("runs", "compare_runs", words{
	"Compare runs",
	"One metric of several runs side by side: statistics over all steps per run, and a few " +
		"rows of their curves joined on equal steps.",
}, func(ctx context.Context, env *Env, args compareRunsArgs) (compareRunsAnswer, error) {
	c, err := env.Client(ctx, args.Viewer)
	if err != nil {
		return compareRunsAnswer{}, err
	}
	cmp, err := c.CompareRuns(ctx, args.RunIDs, args.MetricName)
	if err != nil {
		return compareRunsAnswer{}, err
	}
	answer := compareRunsAnswer{Source: c.Source().String(), Metric: name(cmp.Metric)}
	answer.table = statsTable("run")
	answer.Columns = slices.Insert(answer.Columns, 1, "label", "status")
	for i, run := range cmp.Runs {
		row := statsRow(run.ID, cmp.Series[i], 0)
		answer.add(slices.Insert(row, 1, any(name(run.Label())), any(status(run)))...)
		if cmp.Series[i].Name == "" {
			answer.Missing = append(answer.Missing, missingName{run.ID, names(cmp.Nearest[i])})
		} else if note := nonFinite(cmp.Series[i]); note != "" {
			answer.NonFinite = append(answer.NonFinite, run.ID+": "+note)
		}
	}
	if cmp.NonFiniteUnknown {
		answer.Notes = append(answer.Notes, "whether NaN or infinity occurred is unknown here")
	}
	if limit := 10; args.Limit == nil || *args.Limit > 0 {
		if args.Limit != nil {
			limit = *args.Limit
		}
		answer.Join = join(cmp, limit)
	}
	return answer, nil
})

// join is the joined table of a comparison in at most limit rows, values to 6 digits: those
// steps at which one of the curves has an end or an extreme of a stretch.
func join(cmp client.Comparison, limit int) *joined {
	whole := cmp.Table()
	keep := make(map[int64]bool)
	each := max(1, limit/len(cmp.Series))
	for _, s := range cmp.Series {
		for _, i := range analysis.Thin(s.Values, each) {
			keep[s.Steps[i]] = true
		}
	}
	j := &joined{Of: len(whole.Rows), table: newTable(whole.Header...)}
	for _, row := range whole.Rows {
		if len(whole.Rows) > limit && !keep[row[0].(int64)] {
			continue
		}
		for i, cell := range row {
			if v, ok := cell.(float64); ok {
				row[i] = brief(v)
			}
		}
		j.add(row...)
	}
	j.Rows = j.Rows[:min(limit, len(j.Rows))]
	return j
}
