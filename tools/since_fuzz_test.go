package tools

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// FuzzCursor holds that what is read of a cursor is written as a cursor that reads the same, and
// that no cursor finds news in what it has seen.
func FuzzCursor(f *testing.F) {
	for _, text := range []string{"3768d9:261@1773500966.5", "abcdef:-1@0", ":5@1", "a:b@c", "abcdef:5@inf",
		" 实验:1@1e9 ", "rows:aaaa:1700000000.5:q3ZkabcD", "rows:aaaa:0:", "rows:aaaa:inf:abcd", "q3Zk:L120+aB3d", "a:1@1,b:2@2",
		"a:9223372036854775807@-1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		fuzzOthers(t, text)
		c, err := parseCursor(text)
		if err != nil {
			if c != (cursor{}) || len(err.Error()) > 1000 {
				t.Errorf("%q: %+v, %v", text, c, err)
			}
			return
		}
		run := client.Experiment{ID: text, Status: client.StatusRunning}
		m := client.Metrics{Rows: 1, LastStep: c.step, LastTime: c.time}
		again, err := parseCursor(cursorOf(run, m))
		if late := math.Abs(c.time) > 1e15; err != nil || !again.of(run) || again.step != c.step || !late &&
			(again.time < c.time || again.time > c.time+0.002+math.Abs(c.time)*1e-12) {
			t.Errorf("%q reads as %+v, written again as %+v, %v", text, c, again, err)
		}
		seen := client.MetricSeries{Steps: []int64{c.step}, Values: []float64{1}, Times: []float64{c.time}}
		if n := len(c.news(seen).Steps); n > 0 {
			t.Errorf("%q finds %d news in what it has seen", text, n)
		}
	})
}

// fuzzOthers holds the other kinds of cursors to the same.
func fuzzOthers(t *testing.T, text string) {
	if s, _, err := parseSeen(text, "best_runs", ""); err == nil {
		again, fits, err := parseSeen(s.String(), "best_runs", s.question)
		if err != nil || !fits || !cmp.Equal(s, again, cmp.AllowUnexported(seenRows{})) {
			t.Errorf("%q reads as %+v, written again as %+v, %v", text, s, again, err)
		}
	} else if len(err.Error()) > 1000 {
		t.Errorf("%q: %v", text, err)
	}
	if c, err := parseLogCursor(text); err == nil {
		run := client.Experiment{ID: text, Status: client.StatusRunning}
		log := client.Log{Total: c.lines + 1, Ended: c.lines}
		again, err := parseLogCursor(logCursorOf(run, log))
		if err != nil || again.lines != c.lines || again.run != runKey(run) || again.open != mark("") {
			t.Errorf("%q reads as %+v, written again as %+v, %v", text, c, again, err)
		}
	}
	if all, err := parseCursors(text); err == nil && len(all) != strings.Count(text, ",")+1 {
		t.Errorf("%q reads as %d cursors", text, len(all))
	}
}
