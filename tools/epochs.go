package tools

import (
	"math"
	"path"
	"slices"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/analysis"
	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// epochSeries is the series that says which epoch it is, such as "train/epoch", or what was logged
// under the key "epoch" itself, which is no metric to Runicorn (0.4 to 0.7).
func epochSeries(m client.Metrics) client.MetricSeries {
	for _, s := range m.Series {
		switch path.Base(strings.ToLower(s.Name)) {
		case "epoch", "current_epoch", "epochs":
			return s
		}
	}
	return m.Epochs
}

// epochsLeft is how many seconds the epochs take that s has not reached; below 0 when it has
// reached all, 0 when that cannot be told.
func epochsLeft(s client.MetricSeries, epochs plan) (total string, seconds float64) {
	last, logged := s.Last()
	switch {
	case !logged:
		return "", 0
	case last >= epochs.value:
		return "", -1
	}
	if slices.ContainsFunc(s.Values, func(v float64) bool { return v != float64(int64(v)) }) {
		if rate := valueRate(s); rate > 0 { // a fraction says how far it is
			return epochs.String(), (epochs.value - last) / rate
		}
		return "", 0
	}
	// Whole numbers only say when an epoch began: between the second and the last of these moments
	// are whole epochs, before the second perhaps a part of one.
	begins := turns(s.Values)
	if !slices.IsSorted(s.Values) || len(begins) < 3 {
		return "", 0
	}
	rate := valueRate(s.At(begins[1:]))
	if rate <= 0 {
		return "", 0
	}
	done := last - min(1, s.Values[0]) // counted from 0 or from 1
	n, begun := len(s.Times), begins[len(begins)-1]
	if len(begins) == n { // logged once an epoch, at its end
		done++
	} else {
		done += min(1, rate*(s.Times[n-1]-s.Times[begun]))
	}
	if done >= epochs.value {
		return "", -1
	}
	return epochs.String() + ", give or take one", (epochs.value - done) / rate
}

// turns are the indices of the values that differ from the one before, the first included.
func turns(values []float64) (at []int) {
	for i, v := range values {
		if i == 0 || v != values[i-1] {
			at = append(at, i)
		}
	}
	return at
}

// What training code calls the number of steps of an epoch, how many of them make one update, and
// how many pass from one line of its log to the next; as stepKeys.
var (
	perEpochKeys = []string{"stepsperepoch", "numstepsperepoch", "iterationsperepoch",
		"itersperepoch", "iterperepoch", "batchesperepoch", "numbatchesperepoch", "updatesperepoch"}
	perUpdateKeys = []string{"gradientaccumulationsteps", "gradaccumulationsteps", "gradaccumsteps",
		"gradaccum", "accumulategradbatches", "accumulationsteps", "accumsteps", "accumiter"}
	perLogKeys = []string{"loginterval", "logevery", "logeverynsteps", "logfreq", "logfrequency",
		"loggingsteps", "logsteps", "printfreq"}
)

// stepsOf is how many steps so many epochs have, and how that is known: a step is an epoch, or the
// settings say how many an epoch has. 0 where it may be otherwise. now says which epoch it is, if
// anything does.
func stepsOf(
	epochs plan, config any, m client.Metrics, now client.MetricSeries,
) (steps float64, how string) {
	if key, first := validatedEachStep(m); key != "" {
		return epochs.value - 1 + float64(first),
			epochs.String() + ", one a step: " + key + " is new at each"
	}
	per := planned(config, perEpochKeys)
	last := float64(m.LastStep)
	switch epoch, known := now.Last(); {
	case per.value == 0:
	case last <= epochs.value: // the first steps may be epochs
	case known && math.Abs(last/per.value-epoch) > 1:
	case planned(config, perUpdateKeys).value > 1: // a step may be a batch or an update
	case float64(m.Rows) >= last && planned(config, perLogKeys).value > 1: // or a line of the log
	default:
		return epochs.value * per.value, epochs.String() + " × " + per.String()
	}
	return 0, ""
}

// validatedEachStep is a metric of held-back data that has a new value at every step beside one of
// training, steps being 0, 1, 2, … or 1, 2, 3, …, and the first step: nobody validates after every
// batch. "" when there is none, or steps are too few to tell.
func validatedEachStep(m client.Metrics) (metric string, first int64) {
	trains := false
	for _, s := range m.Series {
		n := len(s.Steps)
		if n < 3 || n != m.Rows || s.Steps[0] < 0 || s.Steps[0] > 1 || s.Steps[n-1]-s.Steps[0] != int64(n-1) {
			continue
		}
		switch {
		case !analysis.IsValidation(s.Name):
			trains = trains || analysis.Direction(s.Name) != 0
		case metric == "" && len(turns(s.Values)) == n:
			metric, first = name(s.Name), s.Steps[0]
		}
	}
	if !trains {
		return "", 0
	}
	return metric, first
}
