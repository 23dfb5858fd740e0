package analysis

import (
	"regexp"
	"strings"
)

// A Crash is what a log says about how a program ended.
type Crash struct {
	Exception string // of the last traceback: "torch.OutOfMemoryError: CUDA out of memory"
	Frame     string // its last frame: "train.py:96 in train_step"; "" when none was recognised
	// LastWords are, without a traceback, the line that tells of an error or a signal.
	LastWords string
	Clock     string // when LastWords were logged, "15:04:05"; "" where the line has no time
	// Around are the three lines before the traceback, its last frame and the exception.
	Around []string
}

const (
	linesBefore = 3  // a crash
	lastLines   = 20 // in which an error counts without a traceback
)

var (
	lastWords = regexp.MustCompile(`(?i)(exception|out of memory|segmentation fault|core dumped|` +
		`\bkilled\b|bus error|assert(ion)? failed|keyboard ?interrupt|\boom[- ]kill|` +
		`\bsig(int|term|kill|segv|abrt|hup|bus|fpe|xcpu)\b|(received|caught) signal|` +
		`due to (time limit|preemption))`)
	// announced is of a signal that has not come yet: "registered a handler for SIGTERM".
	announced = regexp.MustCompile(`(?i)\b(register|install|press\b)`)
	errorWord = regexp.MustCompile(`(?i)\berror\b`)
	// measured is an error that is a metric: "val error: 0.12", "word error rate".
	measured = regexp.MustCompile(`(?i)\berror( rate|["']?\s*[:=]?\s*[-+]?(\.?\d|nan|inf))`)
)

// tellsEnd reports whether a line is such as a program or its job system writes last when something
// ended it. What [LogPick] counts as an error always is.
func tellsEnd(line string) bool {
	return isError(line) || lastWords.MatchString(line) && !announced.MatchString(line) ||
		errorWord.MatchString(line) && !measured.MatchString(line) && !isWarning(line)
}

// A CrashFinder looks for what ended a program in the lines of its log: the last traceback; without
// one, the last of the last 20 lines that tells of an error or a signal. Fill it with
// [CrashFinder.Add].
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
		return Crash{Exception: t.Exception, Frame: t.Frame,
			Around: append(texts(f.before), texts(t.Lines[last:])...)}, true
	}
	for i := len(f.recent) - 1; i >= 0; i-- {
		if tellsEnd(f.recent[i].Text) {
			stamp, text := cutStamp(f.recent[i].Text)
			return Crash{LastWords: text, Clock: clockOf(stamp),
				Around: texts(f.recent[max(0, i-linesBefore):min(len(f.recent), i+3)])}, true
		}
	}
	return Crash{}, false
}

// Last is the last line of the log and when it was logged, "15:04:05"; "" where that is not there.
func (f *CrashFinder) Last() (text, clock string) {
	if len(f.recent) == 0 {
		return "", ""
	}
	stamp, text := cutStamp(f.recent[len(f.recent)-1].Text)
	return text, clockOf(stamp)
}

// clockOf is the time in what [cutStamp] split off.
func clockOf(stamp string) string { return strings.Trim(stamp, "[]| ") }

func texts(lines []LogLine) []string {
	var out []string
	for _, l := range lines {
		out = append(out, l.Text)
	}
	return out
}
