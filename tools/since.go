package tools

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// A cursor is how far an answer has seen a run that goes on.
type cursor struct {
	run  string // the end of its id
	step int64  // the greatest
	time float64
}

// cursorRun is how many characters of an id a cursor has.
const cursorRun = 6

// cursorOf is the cursor of what is known of a run, "3768d9:261@1773500966.5"; "" for one that has
// ended, of which there will be no news.
func cursorOf(run client.Experiment, m client.Metrics) string {
	if run.Status != client.StatusRunning {
		return ""
	}
	step := m.LastStep
	if m.Rows == 0 {
		step = -1
	}
	id := run.ID[max(0, len(run.ID)-cursorRun):]
	return fmt.Sprintf("%s:%d@%s", id, step, strconv.FormatFloat(m.LastTime, 'f', -1, 64))
}

func parseCursor(text string) (cursor, error) {
	id, rest, ok := strings.Cut(strings.TrimSpace(text), ":")
	stepText, timeText, at := strings.Cut(rest, "@")
	step, err := strconv.ParseInt(stepText, 10, 64)
	when, err2 := strconv.ParseFloat(timeText, 64)
	if !ok || !at || id == "" || err != nil || err2 != nil || math.IsNaN(when) || math.IsInf(when, 0) {
		return cursor{}, fmt.Errorf("since %q is no cursor: give the cursor of an earlier answer "+
			"about this run, such as 3768d9:261@1773500966.5, or leave since out", name(text))
	}
	return cursor{id, step, when}, nil
}

// news are the points that were logged after c: with a greater step or, where a step was logged
// again or steps began anew, at a later time.
func (c cursor) news(s client.MetricSeries) client.MetricSeries {
	var fresh []int
	for i, step := range s.Steps {
		if step > c.step || s.Times[i] > c.time {
			fresh = append(fresh, i)
		}
	}
	return s.At(fresh)
}

// since leaves only what is new in the series that are to be answered.
func (a *getMetricsAnswer) since(c cursor, run client.Experiment, m *client.Metrics) {
	if !strings.HasSuffix(run.ID, c.run) {
		a.Notes = append(a.Notes, "since is a cursor of another run: all of this one is answered")
		return
	}
	a.Range = fmt.Sprintf("since step %d", c.step)
	steps := make(map[int64]bool)
	var fresh []client.MetricSeries
	for _, s := range a.series {
		if s = c.news(s); len(s.Steps) > 0 {
			fresh = append(fresh, s)
		}
		for _, step := range s.Steps {
			steps[step] = true
		}
	}
	a.series = fresh
	m.Other = slices.DeleteFunc(slices.Clone(m.Other), func(o client.OtherSeries) bool {
		return o.LastStep <= c.step
	})
	n := len(steps)
	a.NewSteps = &n
}
