package tools

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// A condition is what may be asked in place of a metric's name: when its values were so, "loss<0.3".
type condition struct {
	metric, is string
	value      float64
}

var conditionForm = regexp.MustCompile(`^(.*[^\s<>=])\s*(<=|>=|<|>)\s*([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)(%?)$`)

// conditions splits names into those of metrics and what is asked of these, unless a metric has such
// a name.
func conditions(names []string, exists func(string) bool) (metrics []string, asked []condition) {
	for _, n := range names {
		m := conditionForm.FindStringSubmatch(strings.TrimSpace(n))
		if m == nil || exists(n) {
			metrics = append(metrics, n)
			continue
		}
		value, err := strconv.ParseFloat(m[3], 64)
		if err != nil {
			metrics = append(metrics, n)
			continue
		}
		if m[4] == "%" {
			value /= 100
		}
		asked = append(asked, condition{m[1], m[2], value})
		if !slices.Contains(metrics, m[1]) {
			metrics = append(metrics, m[1])
		}
	}
	return metrics, asked
}

func (c condition) String() string {
	return name(c.metric) + c.is + strconv.FormatFloat(c.value, 'g', -1, 64)
}

// holds is false for NaN.
func (c condition) holds(v float64) bool {
	switch c.is {
	case "<":
		return v < c.value
	case "<=":
		return v <= c.value
	case ">":
		return v > c.value
	}
	return v >= c.value
}

// conditionColumns are when a condition first held, how often it did of how many values, the value
// farthest from it after it first held, and from which step on it did to the end.
var conditionColumns = []string{"condition", "first_step", "first_value", "first_time", "values_so", "of",
	"worst_after", "worst_step", "so_from_step"}

// row is what is told of a condition on a series; nothing but the counts where it never held.
func (c condition) row(s client.MetricSeries) []any {
	row := []any{c.String(), nil, nil, nil, 0, len(s.Steps), nil, nil, nil}
	so, worst := 0, -1
	var from any
	for i, v := range s.Values {
		if !c.holds(v) {
			if from = nil; so > 0 && (worst < 0 || c.worse(v, s.Values[worst])) {
				worst = i
			}
			continue
		}
		if so++; so == 1 {
			row[1], row[2] = s.Steps[i], v
			if !math.IsNaN(s.Times[i]) {
				row[3] = at(s.Times[i])
			}
		}
		if from == nil {
			from = s.Steps[i]
		}
	}
	if row[4], row[8] = so, from; worst >= 0 {
		row[6], row[7] = s.Values[worst], s.Steps[worst]
	}
	return row
}

// worse reports whether a value is farther from the condition than another that is not so either.
func (c condition) worse(v, other float64) bool {
	if strings.HasPrefix(c.is, "<") {
		return v > other
	}
	return v < other
}

// when tells of conditions on the series that are answered, in the steps that are.
func (a *getMetricsAnswer) when(asked []condition) {
	t := newTable(conditionColumns...)
	for _, c := range asked {
		for _, s := range a.series {
			if s.Name == c.metric {
				t.add(c.row(s)...)
			}
		}
	}
	if len(t.Rows) > 0 {
		a.Conditions = &t
	}
}

// when tells of conditions in each run.
func (a *compareRunsAnswer) when(asked []condition, found client.Contrast, refs []string) {
	t := newTable(append([]string{"run"}, conditionColumns...)...)
	for _, c := range asked {
		for _, comparison := range found.Metrics {
			for i, s := range comparison.Series {
				if s.Name != "" && s.Name == c.metric {
					t.add(append([]any{refs[i]}, c.row(s)...)...)
				}
			}
		}
	}
	if len(t.Rows) > 0 {
		a.Conditions = &t
	}
}
