package analysis

import "regexp"

// A Crash is what a log says about how a program ended.
type Crash struct {
	Exception string // "torch.OutOfMemoryError: CUDA out of memory"; or the line that tells of an error
	Frame     string // last frame of the traceback: "train.py:96 in train_step"; "" without one
	// Around are the three lines before the traceback, its last frame and the exception.
	Around []string
}

// terminal matches last words of programs that are no traceback.
var terminal = regexp.MustCompile(`(?i)(\berror\b|exception|out of memory|segmentation fault|` +
	`core dumped|\bkilled\b|bus error|assert(ion)? failed|sigkill|sigterm|sigsegv)`)

const (
	linesBefore = 3  // a crash
	lastLines   = 20 // in which an error counts without a traceback
)

// A CrashFinder looks for what ended a program in the lines of its log: the last traceback; without
// one, the last of the last 20 lines that tells of an error. Fill it with [CrashFinder.Add].
type CrashFinder struct {
	finder tracebackFinder
	recent []LogLine
	before []LogLine // the last traceback
}

// Add takes the next line of the log.
func (f *CrashFinder) Add(line LogLine) {
	count := f.finder.count
	f.finder.add(line)
	if f.finder.count > count {
		f.before = append([]LogLine(nil), f.recent[max(0, len(f.recent)-linesBefore):]...)
	}
	if len(f.recent) == lastLines {
		f.recent = append(f.recent[:0], f.recent[1:]...)
	}
	f.recent = append(f.recent, line)
}

// Crash is what was found; ok is false when nothing was, or only the beginning of a traceback.
func (f *CrashFinder) Crash() (crash Crash, ok bool) {
	if t := f.finder.last; t != nil && t.Exception != "" {
		last := len(t.Lines) - 1 // the last frame
		for last > 0 && where(t.Lines[last].Text) == "" {
			last--
		}
		if last == 0 { // no frame was recognised
			last = len(t.Lines) - 1
		}
		return Crash{t.Exception, t.Frame, append(texts(f.before), texts(t.Lines[last:])...)}, true
	}
	for i := len(f.recent) - 1; i >= 0; i-- {
		if _, text := cutStamp(f.recent[i].Text); terminal.MatchString(text) {
			return Crash{Exception: text,
				Around: texts(f.recent[max(0, i-linesBefore):min(len(f.recent), i+3)])}, true
		}
	}
	return Crash{}, false
}

func texts(lines []LogLine) []string {
	var out []string
	for _, l := range lines {
		out = append(out, l.Text)
	}
	return out
}
