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
	return fmt.Sprintf("%s:%d@%s", runEnd(run), step, seconds(afterMillis(m.LastTime)))
}

// afterMillis is the end of the millisecond of a time: what is in a cursor is read by a model.
func afterMillis(t float64) float64 {
	if up := math.Ceil(t*1e3) / 1e3; up >= t {
		return up
	}
	return t
}

func seconds(t float64) string { return strconv.FormatFloat(t, 'f', -1, 64) }

func runEnd(run client.Experiment) string { return run.ID[max(0, len(run.ID)-cursorRun):] }

func parseCursor(text string) (cursor, error) {
	id, rest, ok := strings.Cut(strings.TrimSpace(text), ":")
	stepText, timeText, at := strings.Cut(rest, "@")
	step, err := strconv.ParseInt(stepText, 10, 64)
	when, err2 := strconv.ParseFloat(timeText, 64)
	if !ok || !at || id == "" || err != nil || err2 != nil || math.IsNaN(when) || math.IsInf(when, 0) {
		return cursor{}, noCursor(text, "about this run", "3768d9:261@1773500966.5")
	}
	return cursor{id, step, when}, nil
}

func noCursor(text, of, example string) error {
	return fmt.Errorf("since %q is no cursor: give the cursor of an earlier answer %s, such as %s, "+
		"or leave since out", name(text), of, example)
}

// of reports whether c is of run.
func (c cursor) of(run client.Experiment) bool { return strings.HasSuffix(run.ID, c.run) }

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

// logCursor is how far an answer has seen the log of a run that goes on, "3768d9:L120": its lines
// that have ended. "" for a run that has ended.
func logCursor(run client.Experiment, lines int) string {
	if run.Status != client.StatusRunning {
		return ""
	}
	return fmt.Sprintf("%s:L%d", runEnd(run), lines)
}

func parseLogCursor(text string) (run string, line int, err error) {
	run, number, ok := strings.Cut(strings.TrimSpace(text), ":L")
	line, err = strconv.Atoi(number)
	if !ok || run == "" || err != nil || line < 0 {
		return "", 0, noCursor(text, "of get_logs", "3768d9:L120")
	}
	return run, line, nil
}

// seenRows are the rows that an answer has shown and that may change: a mark for each.
type seenRows struct {
	from  float64 // runs created later are new, seconds since 1970
	marks []string
}

// mark is four characters that stand for what a row says. That a row which has changed has the mark
// of one that was shown happens once in a million.
func mark(cells ...any) string {
	h := fnv.New32a()
	_, _ = h.Write(schema.Encode(cells)) // it never fails
	sum := h.Sum(nil)
	return base64.RawURLEncoding.EncodeToString(sum[:3])
}

func (s seenRows) String() string {
	return fmt.Sprintf("rows:%s:%s", seconds(s.from), strings.Join(s.marks, ""))
}

func parseSeen(text, tool string) (seenRows, error) {
	from, all, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(text), "rows:"), ":")
	since, err := strconv.ParseFloat(from, 64)
	_, err2 := base64.RawURLEncoding.DecodeString(all)
	if !ok || err != nil || err2 != nil || len(all)%4 != 0 || math.IsNaN(since) || math.IsInf(since, 0) {
		return seenRows{}, noCursor(text, "of "+tool, "rows:0:q3Zk")
	}
	s := seenRows{from: since}
	for four := range slices.Chunk([]byte(all), 4) {
		s.marks = append(s.marks, string(four))
	}
	return s, nil
}

func (s seenRows) has(mark string) bool { return slices.Contains(s.marks, mark) }
