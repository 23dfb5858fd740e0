package tools

import (
	"encoding/base64"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/schema"
)

// A cursor is how far an answer has seen a run that goes on. All that is known of it is in its text,
// so that it holds in another process too.
type cursor struct {
	run  string // its runKey
	step int64  // the greatest
	time float64
}

// mark is four characters that stand for values. That others have the same happens once in sixteen
// million.
func mark(values ...any) string {
	h := fnv.New32a()
	_, _ = h.Write(schema.Encode(values)) // it never fails
	sum := h.Sum(nil)
	return base64.RawURLEncoding.EncodeToString(sum[:3])
}

// runKey stands for a run, also for one of several with the same id.
func runKey(run client.Experiment) string { return mark(run.Label(), run.ID) }

// cursorOf is the cursor of what is known of a run, "q3Zk:261@1773500966.5"; "" for one that has
// ended, of which there will be no news.
func cursorOf(run client.Experiment, m client.Metrics) string {
	if run.Status != client.StatusRunning {
		return ""
	}
	step := m.LastStep
	if m.Rows == 0 {
		step = -1
	}
	return fmt.Sprintf("%s:%d@%s", runKey(run), step, seconds(afterMillis(m.LastTime)))
}

// afterMillis is the end of the millisecond of a time: what is in a cursor is read by a model. A
// time that training code made up and is none is 0.
func afterMillis(t float64) float64 {
	if math.IsNaN(t) || math.Abs(t) > 1e15 {
		return 0
	}
	return max(t, math.Ceil(t*1e3)/1e3)
}

func seconds(t float64) string { return strconv.FormatFloat(t, 'f', -1, 64) }

func parseCursor(text string) (cursor, error) {
	id, rest, ok := strings.Cut(strings.TrimSpace(text), ":")
	stepText, timeText, at := strings.Cut(rest, "@")
	step, err := strconv.ParseInt(stepText, 10, 64)
	when, err2 := strconv.ParseFloat(timeText, 64)
	if !ok || !at || id == "" || err != nil || err2 != nil || math.IsNaN(when) || math.IsInf(when, 0) {
		return cursor{}, noCursor(text, "about this run", "q3Zk:261@1773500966.5")
	}
	return cursor{id, step, when}, nil
}

func noCursor(text, of, example string) error {
	return fmt.Errorf("since %q is no cursor: give the cursor of an earlier answer %s, such as %s, "+
		"or leave since out", name(text), of, example)
}

// of reports whether c is of run.
func (c cursor) of(run client.Experiment) bool { return c.run == runKey(run) }

// news are the points that were logged after c: with a greater step or, where a step was logged
// again or steps began anew, at a later time. Times are of steps: a metric that is logged late, at the
// step of c, makes what was logged there before news again.
func (c cursor) news(s client.MetricSeries) client.MetricSeries {
	var fresh []int
	for i, step := range s.Steps {
		if step > c.step || s.Times[i] > c.time {
			fresh = append(fresh, i)
		}
	}
	return s.At(fresh)
}

// newsOf are those of series that have news, with these alone, and at how many steps they are.
func (c cursor) newsOf(series []client.MetricSeries) (fresh []client.MetricSeries, steps int) {
	at := make(map[int64]bool)
	for _, s := range series {
		if s = c.news(s); len(s.Steps) > 0 {
			fresh = append(fresh, s)
		}
		for _, step := range s.Steps {
			at[step] = true
		}
	}
	return fresh, len(at)
}

// A logCursor is how far an answer has seen the log of a run that goes on: its lines that have ended,
// and what a last one has that has not.
type logCursor struct {
	run   string // its runKey
	lines int
	open  string // a mark of the line that has not ended; "" for none
}

// logCursorOf is the cursor of a log, "q3Zk:L120", or "q3Zk:L120+aB3d"; "" for a run that has ended.
func logCursorOf(run client.Experiment, log client.Log) string {
	if run.Status != client.StatusRunning {
		return ""
	}
	text := fmt.Sprintf("%s:L%d", runKey(run), log.Ended)
	if log.Total > log.Ended {
		text += "+" + mark(log.Last.Text)
	}
	return text
}

func parseLogCursor(text string) (c logCursor, err error) {
	run, rest, ok := strings.Cut(strings.TrimSpace(text), ":L")
	number, open, _ := strings.Cut(rest, "+")
	lines, err := strconv.Atoi(number)
	if !ok || run == "" || err != nil || lines < 0 {
		return logCursor{}, noCursor(text, "of get_logs", "q3Zk:L120")
	}
	return logCursor{run, lines, open}, nil
}

// seenRows are what an answer of many rows has shown and what may change: a mark for each.
type seenRows struct {
	question string  // a mark of what was asked
	from     float64 // runs created later are new, seconds since 1970
	marks    []string
}

// question is the mark of what a tool is asked, without how much of it is shown.
func question(tool string, args ...any) string { return mark(append(args, tool)...) }

func (s seenRows) String() string {
	return fmt.Sprintf("rows:%s:%s:%s", s.question, seconds(s.from), strings.Join(s.marks, ""))
}

// parseSeen reads the cursor of an answer to a question. fits is false for one of another.
func parseSeen(text, tool, question string) (seen seenRows, fits bool, err error) {
	parts := strings.Split(strings.TrimSpace(text), ":")
	if len(parts) != 4 || parts[0] != "rows" {
		return seenRows{}, false, noCursor(text, "of "+tool, "rows:aB3d:0:q3Zk")
	}
	seen = seenRows{question: parts[1]}
	all := parts[3]
	seen.from, err = strconv.ParseFloat(parts[2], 64)
	_, err2 := base64.RawURLEncoding.DecodeString(parts[1] + all)
	if err != nil || err2 != nil || len(parts[1]) != 4 || len(all)%4 != 0 || math.IsNaN(seen.from) ||
		math.IsInf(seen.from, 0) {
		return seenRows{}, false, noCursor(text, "of "+tool, "rows:aB3d:0:q3Zk")
	}
	for four := range slices.Chunk([]byte(all), 4) {
		seen.marks = append(seen.marks, string(four))
	}
	return seen, seen.question == question, nil
}

func (s seenRows) has(mark string) bool { return slices.Contains(s.marks, mark) }

const otherQuestion = "since is a cursor of another question: all of this one is answered"
