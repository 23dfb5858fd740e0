package tools

import (
	"fmt"
	"slices"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/analysis"
	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/plot"
	"github.com/runicorn-mcp/runicorn-mcp/schema"
)

// A gatherer collects the curves of a picture, run by run, so that only few points of each are
// held.
type gatherer struct {
	args   plotArgs
	names  []string // metrics wanted
	runs   []client.Experiment
	series []plot.Series // Run is the index in runs until the legend is known
	of     []int
	answer plotAnswer
}

// drawnPoints is about how many points of a curve are drawn: more than the picture has pixels.
const drawnPoints = 1000

// add takes the curves of a run.
func (g *gatherer) add(run client.Experiment, m client.Metrics) {
	if slices.ContainsFunc(g.runs, func(r client.Experiment) bool { return r.RunDir == run.RunDir }) {
		return // named twice
	}
	g.runs = append(g.runs, run)
	if g.names == nil {
		g.names = g.args.MetricNames
		if len(g.names) == 0 {
			g.names = g.chosen(m)
		}
	}
	found, missing := pick(m, g.names)
	for _, miss := range missing {
		g.answer.Missing = append(g.answer.Missing, missingName{name(run.ID) + ": " + miss.Name, miss.Nearest})
	}
	if len(g.names) == 0 {
		return // pick would take all
	}
	for _, s := range found {
		d := analysis.Describe(s.Steps, s.Values)
		g.answer.add(name(run.ID), "", name(s.Name), d.Count, brief(d.First), d.Last, d.Min, d.MinStep, d.Max,
			d.MaxStep)
		if note := nonFinite(s); note != "" {
			g.answer.NonFinite = append(g.answer.NonFinite, name(run.ID)+": "+note)
		}
		g.series = append(g.series, g.thin(s))
		g.of = append(g.of, len(g.runs)-1)
	}
}

// chosen are the metrics of the first run that are drawn when none are named: losses first, then
// what says how good it is.
func (g *gatherer) chosen(m client.Metrics) []string {
	var names []string
	for _, words := range [][]string{{"loss", "损失"}, {"acc", "score", "f1", "auc", "map", "准确"}, {""}} {
		for _, s := range m.Series {
			fits := slices.ContainsFunc(words, func(w string) bool {
				return strings.Contains(strings.ToLower(s.Name), w)
			})
			if fits && !slices.Contains(names, s.Name) {
				names = append(names, s.Name)
			}
		}
	}
	if n := len(names); n > plot.MaxMetrics {
		names = names[:plot.MaxMetrics]
		g.answer.Notes = append(g.answer.Notes, fmt.Sprintf("%d of %d metrics are drawn; name others "+
			"with metric_names", len(names), n))
	}
	return names
}

// thin is a series as it is drawn: few points that keep its shape, and every place where NaN or
// infinity begins or ends, up to 100.
func (g *gatherer) thin(s client.MetricSeries) plot.Series {
	values := s.Values
	if g.args.Smooth > 0 {
		values = analysis.Smooth(s.Values, g.args.Smooth)
	}
	keep := append(analysis.Thin(s.Values, drawnPoints), analysis.Thin(values, drawnPoints)...)
	for i, edges := 1, 0; i < len(values) && edges < 100; i++ {
		if isFinite(values[i]) != isFinite(values[i-1]) {
			keep = append(keep, i-1, i)
			edges++
		}
	}
	slices.Sort(keep)
	out := plot.Series{Metric: schema.Visible(name(s.Name))}
	for _, i := range slices.Compact(keep) {
		out.Steps = append(out.Steps, s.Steps[i])
		out.Values = append(out.Values, values[i])
		if g.args.Smooth > 0 {
			out.Raw = append(out.Raw, s.Values[i])
		}
	}
	return out
}

func isFinite(v float64) bool { return v-v == 0 }

// legends are short names of runs that tell them apart: the alias, else where they belong, else
// that with the end of the id.
func legends(runs []client.Experiment) []string {
	for _, of := range []func(client.Experiment) string{
		func(r client.Experiment) string { return r.Alias },
		client.Experiment.Label,
		func(r client.Experiment) string { return strings.TrimSpace(r.Label() + " " + r.Alias) },
		func(r client.Experiment) string {
			return strings.TrimSpace(r.Label() + " " + r.Alias + " " + r.ID[max(0, len(r.ID)-6):])
		},
	} {
		list := make([]string, len(runs))
		seen := make(map[string]bool)
		for i, run := range runs {
			list[i] = name(of(run))
			seen[list[i]] = true
		}
		if len(seen) == len(runs) && !seen[""] {
			return list
		}
	}
	list := make([]string, len(runs))
	for i, run := range runs {
		list[i] = name(run.ID)
	}
	return list
}
