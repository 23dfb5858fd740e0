package tools

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/analysis"
	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// addPace adds how fast a run goes that goes on, and when it will be done where the settings say
// how much there is to do.
func (a *getMetricsAnswer) addPace(
	ctx context.Context, c *client.Client, run client.Experiment, m client.Metrics, now time.Time,
) error {
	rate := stepRate(m.Series)
	if run.Status != client.StatusRunning || rate <= 0 {
		return nil
	}
	stalled, _ := analysis.Stall(longest(m.Series).Times, cmp.Or(run.StartedAt, run.CreatedAt),
		float64(now.UnixMilli())/1e3)
	if stalled != nil {
		return nil
	}
	a.Rate = digits(rate, 3)
	assets, err := c.RunAssets(ctx, run)
	if err != nil {
		return err
	}
	key, total := planned(assets.Config, stepKeys)
	if total > float64(m.LastStep) {
		a.Total = fmt.Sprintf("%s=%v", key, total)
		a.Left = digits((total-float64(m.LastStep))/rate, 3)
		return nil
	}
	key, total = planned(assets.Config, epochKeys)
	epochs := epochSeries(m)
	last, _ := epochs.Last()
	if pace := valueRate(epochs); total > last && pace > 0 {
		a.Total = fmt.Sprintf("%s=%v", key, total)
		a.Left = digits((total-last)/pace, 3)
	}
	return nil
}

// epochSeries is the series that says which epoch it is, such as "train/epoch"; the key "epoch"
// itself is no metric to Runicorn (0.4 to 0.7).
func epochSeries(m client.Metrics) client.MetricSeries {
	for _, s := range m.Series {
		switch path.Base(strings.ToLower(s.Name)) {
		case "epoch", "current_epoch", "epochs":
			return s
		}
	}
	return client.MetricSeries{}
}

// What training code calls the number of steps and of epochs that it will make, the surest first;
// without separators, in lower case.
var (
	stepKeys = []string{"totalsteps", "maxsteps", "numsteps", "nsteps", "trainsteps",
		"numtrainsteps", "numtrainingsteps", "totaliterations", "maxiterations", "numiterations",
		"iterations", "maxiters", "maxiter", "numiters", "niters", "steps"}
	epochKeys = []string{"totalepochs", "maxepochs", "numepochs", "numtrainepochs", "nepochs", "epochs"}
)

// planned is the first of keys that the configuration has with a positive number, also one level
// down, as rn.init's log_config(args=…) has it; 0 when there is none.
func planned(config any, keys []string) (key string, value float64) {
	fold := strings.NewReplacer("_", "", "-", "", ".", "")
	found := make(map[string]string)
	values := make(map[string]float64)
	var look func(v any, depth int)
	look = func(v any, depth int) {
		object, _ := v.(map[string]any)
		for k, e := range object {
			folded := fold.Replace(strings.ToLower(k))
			var n float64
			switch e := e.(type) {
			case float64:
				n = e
			case int64:
				n = float64(e)
			}
			if n > 0 && n < 1e15 {
				found[folded], values[folded] = name(k), n
			}
			if depth > 0 {
				look(e, depth-1)
			}
		}
	}
	look(config, 1)
	for _, k := range keys {
		if values[k] > 0 {
			return found[k], values[k]
		}
	}
	return "", 0
}

// longest is the series with the most points.
func longest(series []client.MetricSeries) client.MetricSeries {
	if len(series) == 0 {
		return client.MetricSeries{}
	}
	return slices.MaxFunc(series, func(a, b client.MetricSeries) int {
		return cmp.Compare(len(a.Steps), len(b.Steps))
	})
}

// stepRate is how many steps a second a run makes; 0 when that cannot be told.
func stepRate(series []client.MetricSeries) float64 {
	s := longest(series)
	from, to, seconds := lately(s)
	if seconds <= 0 {
		return 0
	}
	return float64(s.Steps[to]-s.Steps[from]) / seconds
}

// valueRate is by how much the values of s grow in a second; 0 when that cannot be told.
func valueRate(s client.MetricSeries) float64 {
	from, to, seconds := lately(s)
	if seconds <= 0 {
		return 0
	}
	return (s.Values[to] - s.Values[from]) / seconds
}

// lately is the last tenth of a series, at least 20 points, and how long it took; 0 when that
// cannot be told.
func lately(s client.MetricSeries) (from, to int, seconds float64) {
	n := len(s.Steps)
	from, to = max(0, n-max(20, n/10)-1), n-1
	if n < 2 || !(s.Times[to] > s.Times[from]) {
		return 0, 0, 0
	}
	return from, to, s.Times[to] - s.Times[from]
}
