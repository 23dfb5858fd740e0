package analysis

import (
	"fmt"
	"strings"

	"github.com/aymanbagabas/go-udiff"
)

// A LineDiff is how one text differs from another.
type LineDiff struct {
	Added, Removed int // lines
	// Lines is the difference as "diff -U1" shows it, without its header: "@@ -1,2 +1,2 @@", then
	// lines that begin with "-", "+" or a space.
	Lines []string
}

// DiffLines compares two texts line by line. Line ends alone make no difference.
func DiffLines(before, after string) LineDiff {
	ends := strings.NewReplacer("\r\n", "\n", "\r", "\n")
	before, after = ends.Replace(before), ends.Replace(after)
	var d LineDiff
	u, err := udiff.ToUnifiedDiff("", "", before, udiff.Lines(before, after), 1)
	if err != nil { // never: these are edits of before
		return d
	}
	for _, hunk := range u.Hunks {
		removed, added := 0, 0
		at := len(d.Lines)
		d.Lines = append(d.Lines, "")
		for _, line := range hunk.Lines {
			mark := " "
			switch line.Kind {
			case udiff.Delete:
				mark = "-"
				removed++
			case udiff.Insert:
				mark = "+"
				added++
			}
			d.Lines = append(d.Lines, mark+strings.TrimSuffix(line.Content, "\n"))
		}
		kept := len(hunk.Lines) - removed - added
		d.Lines[at] = fmt.Sprintf("@@ -%d,%d +%d,%d @@", hunk.FromLine, kept+removed, hunk.ToLine, kept+added)
		d.Removed, d.Added = d.Removed+removed, d.Added+added
	}
	return d
}
