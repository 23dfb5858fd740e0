package tools

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/analysis"
	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// addMetrics adds the last and the best value of the metrics; those whose name says what is
// better come first.
func (a *getExperimentAnswer) addMetrics(
	ctx context.Context, c *client.Client, run client.Experiment,
) error {
	m, err := c.MetricsOf(ctx, run)
	if err != nil {
		return err
	}
	a.Notes = append(a.Notes, problemNotes(m.Problems)...)
	a.Cursor = cursorOf(run, m)
	a.LastStep = m.LastStep
	if len(m.Series) == 0 {
		a.Notes = append(a.Notes, "the run has logged no metrics")
		return nil
	}
	a.tabulate(m.Series)
	return nil
}

// tabulate shows the metrics of series.
func (a *getExperimentAnswer) tabulate(series []client.MetricSeries) {
	t := newTable("metric", "last", "best", "best_step", "non_finite")
	for _, s := range directedFirst(series)[:min(shownMetrics, len(series))] {
		d := analysis.Describe(s.Steps, s.Values)
		row := []any{name(s.Name), d.Last, nil, nil, d.NonFinite}
		switch direction := analysis.Direction(s.Name); {
		case d.NonFinite == d.Count: // there is no best value
		case direction > 0:
			row[2], row[3] = d.Max, d.MaxStep
		case direction < 0:
			row[2], row[3] = d.Min, d.MinStep
		}
		t.add(row...)
	}
	t.dropEmpty("best", "best_step", "non_finite")
	if n := len(series); n > len(t.Rows) {
		a.Notes = append(a.Notes, fmt.Sprintf("%d of %d metrics are shown; get_metrics shows others",
			len(t.Rows), n))
	}
	a.Metrics = &t
}

// directedFirst are the series, those first whose name says whether more or less is better.
func directedFirst(series []client.MetricSeries) []client.MetricSeries {
	var directed, others []client.MetricSeries
	for _, s := range series {
		if analysis.Direction(s.Name) != 0 {
			directed = append(directed, s)
		} else {
			others = append(others, s)
		}
	}
	return append(directed, others...)
}

func (a *getExperimentAnswer) addAssets(
	ctx context.Context, c *client.Client, run client.Experiment,
) error {
	assets, err := c.RunAssets(ctx, run)
	if err != nil {
		return err
	}
	if assets.Config != nil {
		a.Config, _ = safe("", assets.Config, 4).(map[string]any)
	}
	count := make(map[string]int)
	for _, asset := range assets.Assets {
		count[asset.Type]++
	}
	for _, artifact := range assets.Created {
		count["created "+artifact.Type]++
	}
	for _, artifact := range assets.Used {
		count["used "+artifact.Type]++
	}
	if len(count) > 0 {
		a.Assets = count
	}
	a.Notes = append(a.Notes, problemNotes(assets.Problems)...)
	a.Media, err = c.CountMedia(ctx, run)
	return err
}

// addEnvironment adds what was captured of the environment, and of its packages those asked for.
func (a *getExperimentAnswer) addEnvironment(
	ctx context.Context, c *client.Client, run client.Experiment, packages string,
) error {
	e, err := c.Environment(ctx, run)
	switch {
	case errors.Is(err, client.ErrNotFound):
		return nil // not_captured says so
	case errors.Is(err, client.ErrServer):
		a.Notes = append(a.Notes, said(err.Error(), 200))
		return nil
	case err != nil:
		return err
	}
	a.Environment = &environmentAnswer{Conda: name(e.Conda), GPUs: names(e.GPUs),
		Count: len(e.Packages), Variables: names(e.Variables)}
	if packages != "" {
		wanted := strings.ToLower(strings.TrimSuffix(packages, "*"))
		for _, p := range e.Packages {
			if strings.Contains(strings.ToLower(p), wanted) {
				a.Environment.Packages = append(a.Environment.Packages, said(p, maxName))
			}
		}
		if len(a.Environment.Packages) == 0 {
			a.Notes = append(a.Notes, fmt.Sprintf("no package has %q in its name", name(packages)))
		}
	}
	if g := e.Git; g != nil {
		a.Git = &gitAnswer{Commit: name(g.Commit), Branch: name(g.Branch), Changed: g.Changed,
			Remote: name(hideSecrets(g.Remote)), Message: name(hideSecrets(g.Message))}
	}
	return nil
}

// addPage adds where a person sees the run. Viewers up to 0.6 open no page but the first by its
// address (0.4.1 to 0.7.2).
func (a *getExperimentAnswer) addPage(
	ctx context.Context, c *client.Client, run client.Experiment,
) error {
	source := c.Source()
	if source.Kind != "viewer" {
		return nil
	}
	health, err := c.HealthCheck(ctx)
	if err != nil {
		return err
	}
	a.Page = source.Location + "/runs/" + url.PathEscape(name(run.ID))
	for _, old := range []string{"0.4.", "0.5.", "0.6."} {
		if strings.HasPrefix(health.Version, old) {
			a.Page = source.Location + ", page of run " + name(run.ID)
		}
	}
	return nil
}
