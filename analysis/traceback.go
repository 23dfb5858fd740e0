package analysis

import (
	"fmt"
	"regexp"
	"strings"
)

// A Traceback is an exception that a Python program printed.
type Traceback struct {
	Lines     []LogLine // at most 60: the first 20 and the last 40
	Exception string    // "RuntimeError: CUDA out of memory"; "" when the log ends before it
	Frame     string    // the last one: "train.py:88 in step"; "" when none was recognised
}

const (
	tracebackHead = "Traceback (most recent call last)"
	maxTraceback  = 60
)

// A tracebackFinder finds the last traceback among lines. Plain ones, those that rich draws into
// a box, and those behind a prefix that every line has ("[rank0]: ") are recognised.
type tracebackFinder struct {
	count  int
	last   *Traceback
	open   bool
	prefix string // "[rank0]:"
}

var (
	frameLine   = regexp.MustCompile(`File "([^"]+)", line (\d+)(?:, in (.+))?`)
	richFrame   = regexp.MustCompile(`^[│|] +(\S+\.py):(\d+) in (\S+)`)
	groupedLine = " \t│╭╰|+" // how a line inside a traceback may begin
)

// add takes the next line.
func (f *tracebackFinder) add(line LogLine) {
	_, text := cutStamp(line.Text)
	if i := strings.Index(text, tracebackHead); i >= 0 {
		f.count++
		f.last, f.open = &Traceback{}, true
		f.prefix = strings.TrimRight(text[:i], " ─╭+|")
		f.keep(line)
		return
	}
	if !f.open {
		return
	}
	if f.prefix != "" {
		rest, ok := strings.CutPrefix(text, f.prefix)
		if !ok && strings.HasPrefix(f.prefix, "[") {
			return // of another process
		}
		text = strings.TrimPrefix(rest, " ")
	}
	if strings.ContainsRune(groupedLine, firstRune(text)) {
		f.keep(line)
		if at := where(text); at != "" {
			f.last.Frame = at
		}
		return
	}
	f.keep(line) // the first line that is no frame is the exception
	f.last.Exception = text
	f.open = false
}

func firstRune(s string) rune {
	for _, r := range s {
		return r
	}
	return ' '
}

// where is the frame that a line of a traceback names; "" when it names none.
func where(text string) string {
	if m := frameLine.FindStringSubmatch(text); m != nil {
		at := fmt.Sprintf("%s:%s", base(m[1]), m[2])
		if m[3] != "" {
			at += " in " + strings.TrimSpace(m[3])
		}
		return at
	}
	if m := richFrame.FindStringSubmatch(text); m != nil {
		return fmt.Sprintf("%s:%s in %s", base(m[1]), m[2], m[3])
	}
	return ""
}

// base is the last element of a path of any system.
func base(path string) string { return path[strings.LastIndexAny(path, `/\`)+1:] }

// keep keeps a line of the open traceback, the middle of a long one left out.
func (f *tracebackFinder) keep(line LogLine) {
	lines := f.last.Lines
	if len(lines) == maxTraceback {
		copy(lines[maxTraceback/3:], lines[maxTraceback/3+1:])
		lines = lines[:maxTraceback-1]
	}
	f.last.Lines = append(lines, line)
}
