package tools

import (
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// FuzzCursor holds that what is read of a cursor is written as a cursor that reads the same, and
// that no cursor finds news in what it has seen.
func FuzzCursor(f *testing.F) {
	for _, text := range []string{"3768d9:261@1773500966.5", "abcdef:-1@0", ":5@1", "a:b@c", "abcdef:5@inf",
		" 实验:1@1e9 ", "a:9223372036854775807@-1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := parseCursor(text)
		if err != nil {
			if c != (cursor{}) || len(err.Error()) > 1000 {
				t.Errorf("%q: %+v, %v", text, c, err)
			}
			return
		}
		run := client.Experiment{ID: "x" + c.run, Status: client.StatusRunning}
		m := client.Metrics{Rows: 1, LastStep: c.step, LastTime: c.time}
		again, err := parseCursor(cursorOf(run, m))
		if err != nil || again.step != c.step || again.time != c.time {
			t.Errorf("%q reads as %+v, written again as %+v, %v", text, c, again, err)
		}
		seen := client.MetricSeries{Steps: []int64{c.step}, Values: []float64{1}, Times: []float64{c.time}}
		if n := len(c.news(seen).Steps); n > 0 {
			t.Errorf("%q finds %d news in what it has seen", text, n)
		}
	})
}
