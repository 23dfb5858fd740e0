package tools

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/analysis"
	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// A pace is how fast a run goes that goes on, and the seconds until it is done where the settings
// say how much there is to do.
type pace struct {
	Rate float64 `json:"steps_per_second,omitempty"`
	// Total is what Left was made of, and how: "max_steps=1000", "epochs=20 × steps_per_epoch=500".
	Total string  `json:"total,omitempty"`
	Left  float64 `json:"seconds_left,omitempty"`
}

// paceOf is the pace of a run; zero of one that has ended, has stalled or is too young. With an
// error, which is of reading the settings, the rate alone is known.
func paceOf(
	ctx context.Context, c *client.Client, run client.Experiment, m client.Metrics, now time.Time,
) (pace, error) {
	rate := stepRate(m.Series)
	if run.Status != client.StatusRunning || rate <= 0 {
		return pace{}, nil
	}
	stalled, _ := analysis.Stall(longest(m.Series).Times, cmp.Or(run.StartedAt, run.CreatedAt),
		float64(now.UnixMilli())/1e3)
	if stalled != nil {
		return pace{}, nil
	}
	p := pace{Rate: digits(rate, 3)}
	assets, err := c.RunAssets(ctx, run)
	if err != nil {
		return p, err
	}
	if total, seconds := timeLeft(assets.Config, m, rate); seconds > 0 {
		p.Total, p.Left = total, digits(seconds, 3)
	}
	return p, nil
}

// timeLeft is how many seconds a run has still to go, and what that was made of; 0 where the
// settings do not say how much there is to do, or not for certain.
func timeLeft(config any, m client.Metrics, rate float64) (total string, seconds float64) {
	last := float64(m.LastStep)
	if steps := planned(config, stepKeys); steps.value > last {
		return steps.String(), (steps.value - last) / rate
	}
	epochs := planned(config, epochKeys)
	if epochs.value == 0 {
		return "", 0
	}
	now := epochSeries(m)
	if total, seconds = epochsLeft(now, epochs); seconds != 0 {
		return total, seconds
	}
	if steps, how := stepsOf(epochs, config, m, now); steps > last {
		return how, (steps - last) / rate
	}
	return "", 0
}

// What training code calls the number of steps and of epochs that it will make, the surest first;
// without separators, in lower case.
var (
	stepKeys = []string{"totaltimesteps", "maxtimesteps", "totalsteps", "maxsteps", "numsteps", "trainsteps",
		"numtrainsteps", "numtrainingsteps", "totaliterations", "maxiterations", "numiterations",
		"iterations", "maxiters", "maxiter", "numiters", "niters", "steps"}
	epochKeys = []string{"totalepochs", "maxepochs", "numepochs", "numtrainepochs", "nepochs", "epochs"}
)

// A plan is a number that the configuration has, under the name that it has there.
type plan struct {
	key   string
	value float64 // 0: there is none
}

// String is the plan for a reader, "max_steps=1000000".
func (p plan) String() string { return p.key + "=" + strconv.FormatFloat(p.value, 'f', -1, 64) }

// planned is the first of keys that the configuration has with a positive number, also one level
// down, as rn.init's log_config(args=…) has it.
func planned(config any, keys []string) plan {
	fold := strings.NewReplacer("_", "", "-", "", ".", "")
	found := make(map[string]plan)
	var look func(v any, depth int)
	look = func(v any, depth int) {
		object, _ := v.(map[string]any)
		for _, k := range slices.Sorted(maps.Keys(object)) { // so that args win over extra
			var n float64
			switch e := object[k].(type) {
			case float64:
				n = e
			case int64:
				n = float64(e)
			}
			folded := fold.Replace(strings.ToLower(k))
			if n > 0 && n < 1e15 && found[folded].value == 0 {
				found[folded] = plan{name(k), n}
			}
			if depth > 0 {
				look(object[k], depth-1)
			}
		}
	}
	look(config, 1)
	for _, k := range keys {
		if found[k].value > 0 {
			return found[k]
		}
	}
	return plan{}
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
