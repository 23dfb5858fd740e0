// Package questions holds the whole program to what people ask: over forty questions, asked over
// `runicorn-mcp call` of generated folders and of real Viewers, with facts that are computed from
// the generator by other code than the program's.
package questions

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write docs/questions.md")

// TestQuestions_folders asks a folder of 60 messy runs, and the same among 10,000 runs with a
// long run of 1,000,000 steps; docs/questions.md is what came of it.
func TestQuestions_folders(t *testing.T) {
	fakeGPU(t)
	now := time.Now().Truncate(time.Second)
	small := askFolder(t, store{messy(now, 2000), now})
	if testing.Short() {
		t.Skip("the folder of 10,000 runs is left out, and docs/questions.md not compared")
	}
	s := store{large(now), now}
	big := askFolder(t, s)
	page := document(script(s), small, big)
	file := filepath.Join("..", "..", "docs", "questions.md")
	if *update {
		if err := os.WriteFile(file, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(text), page); d != "" {
		t.Errorf("docs/questions.md is out of step; go test ./internal/questions -update "+
			"(-is +should be):\n%s", d)
	}
}

// askFolder asks all questions of a folder and holds the answers to their facts.
func askFolder(t *testing.T, s store) (bytes map[int]int) {
	t.Helper()
	root, exports := write(t, s.runs, false), t.TempDir()
	p := program{build(t), []string{"--storage", root, "--export-dir", exports}, masks(root, exports)}
	bytes = make(map[int]int)
	list := script(s)
	for _, q := range list {
		a := p.ask(t, q)
		for _, words := range a.missing(q.facts) {
			t.Errorf("%d runs: %d. %s\n%s", len(s.runs), q.number, q.text, words)
		}
		if len(q.facts) < 2 {
			t.Errorf("%d. %s has only %d facts", q.number, q.text, len(q.facts))
		}
		bytes[q.number] = a.bytes
	}
	calls, median := means(list, bytes)
	if len(list) != 43 || calls > 1.2 || median >= 1000 {
		t.Errorf("%d questions, %.2f calls a question, a median of %d bytes; want 43, at most 1.2, "+
			"under 1,000", len(list), calls, median)
	}
	return bytes
}

// means are the calls of a question on average, and the bytes of its answers in the median.
func means(list []question, bytes map[int]int) (calls float64, median int) {
	var sizes []int
	for _, q := range list {
		calls += float64(len(q.calls)) / float64(len(list))
		sizes = append(sizes, bytes[q.number])
	}
	slices.Sort(sizes)
	return calls, sizes[len(sizes)/2]
}

// document is docs/questions.md.
func document(list []question, small, big map[int]int) string {
	var b strings.Builder
	calls, median := means(list, small)
	_, medianBig := means(list, big)
	facts := 0
	for _, q := range list {
		facts += len(q.facts)
	}
	fmt.Fprintf(&b, introduction, len(list), facts, calls, median, medianBig)
	b.WriteString("| | question | call | bytes, 60 runs | bytes, 10,000 runs |\n|---|---|---|---|---|\n")
	for _, q := range list {
		fmt.Fprintf(&b, "| %d | %s | `%s` | %d | %d |\n", q.number, q.text,
			strings.ReplaceAll(strings.Join(q.calls, "`, then `"), "{[0]|id}", "ID"), small[q.number], big[q.number])
	}
	b.WriteString(viewerNotes(list))
	return b.String()
}

const introduction = `# Questions

Made by ` + "`go test ./internal/questions -update`" + `.

A test makes two folders: one of 60 messy runs (several projects, Chinese names, seeds, NaN, a
crash, overfitting, a dead process, odd words and names), and one of 10,000 runs, the same among
them, with a run of 1,000,000 steps. It asks %d questions with ` + "`runicorn-mcp call`" + ` and
holds the answers to %d facts, which it computes from what it wrote by code of its own. A question
takes %.2f calls on average; its answers have %d bytes in the median, and %d in the large folder.

Questions 1 to 20 are what people ask of any tracker; the 19th (connect to the lab's server and
show its runs) needs another machine and is not asked here.

`
