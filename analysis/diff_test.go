package analysis_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/runicorn-mcp/runicorn-mcp/analysis"
)

func TestDiffLines(t *testing.T) {
	t.Parallel()
	const old = "import torch\n\nlr = 0.1\nbatch = 32\n\ndef train():\n    pass\n\nmain()\n"
	for _, c := range []struct {
		name, before, after string
		added, removed      int
		lines               string // joined by |
	}{
		{"same", old, old, 0, 0, ""},
		{"line ends", old, strings.ReplaceAll(old, "\n", "\r\n"), 0, 0, ""},
		{"last line end", "a\nb", "a\nb\n", 0, 0, ""},
		{"one line", old, strings.Replace(old, "0.1", "0.2", 1), 1, 1,
			"@@ -2 +2 @@| |-lr = 0.1|+lr = 0.2| batch = 32"},
		{"two places", old, strings.NewReplacer("import torch\n", "", "main()", "train()\nmain()").Replace(old), 1, 1,
			"@@ -1 +1 @@|-import torch| |@@ -8 +7 @@| |+train()| main()"},
		{"near places", old, strings.NewReplacer("lr = 0.1", "lr = 1", "def train", "def fit").Replace(old), 2, 2,
			"@@ -2 +2 @@| |-lr = 0.1|+lr = 1| batch = 32| |-def train():|+def fit():|     pass"},
		{"two unchanged lines between", "a\nb\nc\nd\ne\n", "A\nb\nc\nd\nE\n", 2, 2,
			"@@ -1 +1 @@|-a|+A| b|@@ -4 +4 @@| d|-e|+E"},
		{"added", "", "a\nb\n", 2, 0, "@@ -0 +1 @@|+a|+b"},
		{"removed", "a", "", 0, 1, "@@ -1 +0 @@|-a"},
	} {
		d := analysis.DiffLines(c.before, c.after, 100)
		if got := strings.Join(d.Lines, "|"); d.Added != c.added || d.Removed != c.removed || got != c.lines || d.Of != len(d.Lines) {
			t.Errorf("%s: +%d -%d\n%s\nwant +%d -%d\n%s", c.name, d.Added, d.Removed, got, c.added, c.removed, c.lines)
		}
	}
}

// TestDiffLines_scattered counts exactly what changed in a long file, and keeps no more than asked.
func TestDiffLines_scattered(t *testing.T) {
	t.Parallel()
	var before, after []string
	for i := range 3000 {
		line := fmt.Sprintf("parameter_%d = %d", i, i)
		before = append(before, line)
		if i%10 == 3 {
			line += " + 1"
		}
		after = append(after, line)
	}
	d := analysis.DiffLines(strings.Join(before, "\n"), strings.Join(after, "\n"), 7)
	if d.Added != 300 || d.Removed != 300 || len(d.Lines) != 7 || d.Of != 300*5 {
		t.Errorf("+%d -%d, %d lines of %d", d.Added, d.Removed, len(d.Lines), d.Of)
	}
}

// FuzzDiffLines holds the lines of a diff to its counts, and these to the length of the texts.
func FuzzDiffLines(f *testing.F) {
	f.Add("a\nb\nc\n", "a\nx\nc\n")
	f.Add("", "a")
	f.Add("a\r\nb", "b\na\n\n")
	f.Add("@@ -1,2 +1,2 @@\n-x\n", "@@ -1,2 +1,2 @@\n+x\n")
	f.Fuzz(func(t *testing.T, before, after string) {
		d := analysis.DiffLines(before, after, len(before)+len(after)+10)
		added, removed := 0, 0
		for _, line := range d.Lines {
			switch line[0] {
			case '+':
				added++
			case '-':
				removed++
			case ' ', '@':
			default:
				t.Errorf("the line %q", line)
			}
		}
		if added != d.Added || removed != d.Removed || d.Of != len(d.Lines) {
			t.Errorf("+%d -%d, %d, and the lines are +%d -%d, %d", d.Added, d.Removed, d.Of, added, removed, len(d.Lines))
		}
		ends := strings.NewReplacer("\r\n", "\n", "\r", "\n")
		lines := func(s string) []string {
			if s == "" {
				return nil
			}
			return strings.Split(strings.TrimSuffix(ends.Replace(s), "\n"), "\n")
		}
		if same := cmp.Equal(lines(before), lines(after)); same != (len(d.Lines) == 0) {
			t.Errorf("%q and %q are the same: %t, and the diff is %q", before, after, same, d.Lines)
		}
		if n := len(lines(after)) - len(lines(before)); n != added-removed {
			t.Errorf("%q to %q: %d lines more, and +%d -%d", before, after, n, added, removed)
		}
	})
}
