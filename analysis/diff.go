package analysis

import (
	"bufio"
	"bytes"
	"fmt"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
)

// A LineDiff is how one text differs from another.
type LineDiff struct {
	Added, Removed int // lines
	// Lines is the difference, at most so many lines as were asked for: "@@ -12 +12 @@" with the
	// numbers of the lines that follow, then lines that begin with "-", "+" or, one before and
	// after each change, a space. Of is how many there are.
	Lines []string
	Of    int
}

// DiffLines compares two texts line by line, in a time that grows with their length alone. Line
// ends make no difference. It keeps at most limit lines.
func DiffLines(before, after string, limit int) LineDiff {
	w := diffWriter{limit: limit}
	lines := bufio.NewScanner(bytes.NewReader(diff.Diff("", withEnds(before), "", withEnds(after))))
	lines.Buffer(nil, max(len(before), len(after))+100) // its own lines too
	for header := true; lines.Scan(); {
		line := lines.Text()
		switch {
		case strings.HasPrefix(line, "@@ "):
			header = false
			w.chunk(line)
		case !header:
			w.line(line)
		}
	}
	return w.LineDiff
}

// withEnds is a text whose lines all end alike, the last one too.
func withEnds(text string) []byte {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return []byte(text)
}

// A diffWriter makes the chunks of a unified diff shorter: of its three lines around a change it
// keeps one.
type diffWriter struct {
	LineDiff
	limit    int
	old, new int    // numbers of the next line
	kept     string // the last unchanged line, which may come before a change
	isKept   bool
	after    bool // the next unchanged line follows a change
	open     bool // lines follow the last one kept without a gap
}

// chunk begins at the line numbers of a header, "@@ -12,3 +12,4 @@".
func (w *diffWriter) chunk(header string) {
	var oldCount, newCount int
	_, err := fmt.Sscanf(header, "@@ -%d,%d +%d,%d @@", &w.old, &oldCount, &w.new, &newCount)
	if err != nil { // it always has this form
		w.old, w.new = 0, 0
	}
	w.isKept, w.after, w.open = false, false, false
}

func (w *diffWriter) line(line string) {
	if strings.HasPrefix(line, " ") {
		switch {
		case w.after:
			w.add(line)
			w.after = false
		default: // it comes before the next change, or is left out
			w.open = w.open && !w.isKept
			w.kept, w.isKept = line, true
		}
		w.old, w.new = w.old+1, w.new+1
		return
	}
	if !w.open {
		back := 0
		if w.isKept {
			back = 1
		}
		w.add(fmt.Sprintf("@@ -%d +%d @@", w.old-back, w.new-back))
		w.open = true
	}
	if w.isKept {
		w.add(w.kept)
		w.isKept = false
	}
	w.add(line)
	w.after = true
	if line[0] == '-' {
		w.Removed++
		w.old++
	} else {
		w.Added++
		w.new++
	}
}

func (w *diffWriter) add(line string) {
	if w.Of++; len(w.Lines) < w.limit {
		w.Lines = append(w.Lines, line)
	}
}
