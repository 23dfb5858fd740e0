// Package questions holds the whole program to what people ask: forty questions, asked over
// `runicorn-mcp call` of generated folders and of real Viewers, with facts that are computed from
// the generator by other code than the program's.
package questions

import (
	"slices"
	"testing"
	"time"
)

// TestQuestions_messy asks a folder of 60 messy runs.
func TestQuestions_messy(t *testing.T) {
	fakeGPU(t)
	now := time.Now().Truncate(time.Second)
	s := store{messy(now, 2000), now}
	askFolder(t, s)
}

// askFolder asks all questions of a folder and holds the answers to their facts.
func askFolder(t *testing.T, s store) (bytes map[int]int) {
	t.Helper()
	root, exports := write(t, s.runs, false), t.TempDir()
	p := program{build(t), []string{"--storage", root, "--export-dir", exports}, masks(root, exports)}
	bytes = make(map[int]int)
	calls, list := 0, script(s)
	for _, q := range list {
		a := p.ask(t, q)
		for _, words := range a.missing(q.facts) {
			t.Errorf("%d. %s\n%s", q.number, q.text, words)
		}
		if len(q.facts) < 2 {
			t.Errorf("%d. %s has only %d facts", q.number, q.text, len(q.facts))
		}
		bytes[q.number] = a.bytes
		calls += len(q.calls)
	}
	var sizes []int
	for _, n := range bytes {
		sizes = append(sizes, n)
	}
	slices.Sort(sizes)
	median, mean := sizes[len(sizes)/2], float64(calls)/float64(len(list))
	t.Logf("%d questions, %.2f calls a question, %d bytes in the median, %d at most", len(list), mean,
		median, sizes[len(sizes)-1])
	if len(list) != 40 || mean > 1.2 || median >= 1000 {
		t.Errorf("%d questions, %.2f calls a question, a median of %d bytes; want 40, at most 1.2, "+
			"under 1,000", len(list), mean, median)
	}
	return bytes
}
