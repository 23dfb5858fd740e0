package analysis

import (
	"regexp"
	"strings"
)

// A Crash is what a log says about how a program ended.
type Crash struct {
	Exception string // "torch.OutOfMemoryError: CUDA out of memory"; or the line that tells of an error
	Frame     string // last frame of the traceback: "train.py:96 in train_step"; "" without one
	// Around are the three lines before the traceback, its last frame and the exception, as they
	// stand in the log but for colours.
	Around []string
}

var (
	stamped   = regexp.MustCompile(`^\[?\d\d:\d\d:\d\d(\.\d+)?\]?( \|)? ?`)
	colours   = regexp.MustCompile(`\x1b\[[0-9;?]*[A-Za-z]`)
	frame     = regexp.MustCompile(`^\s*File "([^"]+)", line (\d+)(?:, in (.+))?`)
	exception = regexp.MustCompile(`^[\pL_][\pL\pN_.]*(Error|Exception|Interrupt|Exit|Warning|Stop\w*|` +
		`[A-Z]\w+)(:|$)`)
	terminal = regexp.MustCompile(`(?i)(\berror\b|exception|out of memory|segmentation fault|` +
		`core dumped|^killed$|\bkilled\b.*\b(signal|process)|bus error|assert(ion)? failed|sigkill|` +
		`sigterm|sigsegv)`)
)

const (
	traceback  = "Traceback (most recent call last):"
	linesAfter = 2  // of a message that goes on in the next lines
	lastLines  = 20 // in which an error counts without a traceback
)

// FindCrash finds the last Python traceback in a log, whose lines may begin with a time of day;
// without one, the last line that tells of an error among the last 20. ok is false when there is
// neither.
func FindCrash(log string) (crash Crash, ok bool) {
	lines := strings.Split(strings.TrimRight(log, "\n"), "\n")
	plain := make([]string, len(lines))
	for i, line := range lines {
		line = colours.ReplaceAllString(strings.TrimRight(line, "\r"), "")
		lines[i] = line[strings.LastIndexByte(line, '\r')+1:] // of a progress bar its last state
		plain[i] = stamped.ReplaceAllString(lines[i], "")
	}
	for i := len(plain) - 1; i >= 0; i-- {
		if strings.HasPrefix(strings.TrimSpace(plain[i]), traceback) {
			if crash, ok := readTraceback(lines, plain, i); ok {
				return crash, true
			}
		}
	}
	for i := len(plain) - 1; i >= max(0, len(plain)-lastLines); i-- {
		if terminal.MatchString(plain[i]) {
			return Crash{Exception: strings.TrimSpace(plain[i]),
				Around: lines[max(0, i-3):min(len(lines), i+1+linesAfter)]}, true
		}
	}
	return Crash{}, false
}

// readTraceback reads the traceback that begins at a line; false for one that was cut off.
func readTraceback(lines, plain []string, at int) (crash Crash, ok bool) {
	last := -1 // the last frame
	for i := at + 1; i < len(plain); i++ {
		if match := frame.FindStringSubmatch(plain[i]); match != nil {
			last = i
			file := match[1][strings.LastIndexAny(match[1], `/\`)+1:]
			crash.Frame = file + ":" + match[2]
			if match[3] != "" {
				crash.Frame += " in " + match[3]
			}
			continue
		}
		if last < 0 || !exception.MatchString(plain[i]) {
			continue
		}
		crash.Exception = strings.TrimSpace(plain[i])
		crash.Around = append(crash.Around, lines[max(0, at-3):at]...)
		crash.Around = append(crash.Around, lines[last:min(len(lines), i+1+linesAfter)]...)
		return crash, true
	}
	return crash, false
}
