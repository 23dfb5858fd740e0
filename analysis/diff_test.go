package analysis_test

import (
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
		{"one line", old, strings.Replace(old, "0.1", "0.2", 1), 1, 1,
			"@@ -2,3 +2,3 @@| |-lr = 0.1|+lr = 0.2| batch = 32"},
		{"two places", old, strings.NewReplacer("import torch\n", "", "main()", "train()\nmain()").Replace(old), 1, 1,
			"@@ -1,2 +1,1 @@|-import torch| |@@ -8,2 +7,3 @@| |+train()| main()"},
		{"added", "", "a\nb\n", 2, 0, "@@ -1,0 +1,2 @@|+a|+b"},
		{"removed", "a", "", 0, 1, "@@ -1,1 +1,0 @@|-a"},
		{"last line end", "a\nb", "a\nb\n", 1, 1, "@@ -1,2 +1,2 @@| a|-b|+b"},
	} {
		d := analysis.DiffLines(c.before, c.after)
		if got := strings.Join(d.Lines, "|"); d.Added != c.added || d.Removed != c.removed || got != c.lines {
			t.Errorf("%s: +%d -%d\n%s\nwant +%d -%d\n%s", c.name, d.Added, d.Removed, got, c.added, c.removed, c.lines)
		}
	}
}

// FuzzDiffLines holds the lines of a diff to its counts, and these to the length of the texts.
func FuzzDiffLines(f *testing.F) {
	f.Add("a\nb\nc\n", "a\nx\nc\n")
	f.Add("", "a")
	f.Add("a\r\nb", "b\na\n\n")
	f.Fuzz(func(t *testing.T, before, after string) {
		d := analysis.DiffLines(before, after)
		added, removed := 0, 0
		for _, line := range d.Lines {
			switch {
			case strings.HasPrefix(line, "@@ "):
			case strings.HasPrefix(line, "+"):
				added++
			case strings.HasPrefix(line, "-"):
				removed++
			case !strings.HasPrefix(line, " "):
				t.Errorf("the line %q", line)
			}
		}
		if added != d.Added || removed != d.Removed {
			t.Errorf("+%d -%d, and the lines are +%d -%d", d.Added, d.Removed, added, removed)
		}
		ends := strings.NewReplacer("\r\n", "\n", "\r", "\n")
		lines := func(s string) []string { return strings.Split(strings.TrimSuffix(ends.Replace(s), "\n"), "\n") }
		if len(d.Lines) == 0 && !cmp.Equal(lines(before), lines(after)) {
			t.Errorf("%q and %q are said to be the same", before, after)
		}
		if n := len(lines(after)) - len(lines(before)); before != "" && after != "" && n != added-removed {
			t.Errorf("%q to %q: %d lines more, and +%d -%d", before, after, n, added, removed)
		}
	})
}
