package analysis

import (
	"regexp"
	"slices"
	"strings"
)

// A LogQuery says which lines of a log are wanted. Without Search and Around these are the first
// Head and the last Tail lines.
type LogQuery struct {
	Head, Tail int // lines; with Search: matches
	// Search is text or a regular expression (RE2), found in any case; "": none.
	Search  string
	Context int // lines shown before and after each match
	// Around is a line number, shown with Head lines after it and Tail before; 0: none.
	Around int
	// After leaves out the lines up to this number, as if the log began after it.
	After int
}

// A LogPick is the part of a log that was asked for, with an overview of all of it. Fill it with
// [LogPick.Add], then read its fields after [LogPick.Done].
type LogPick struct {
	Lines      []LogLine  // ascending
	Last       LogLine    // of all
	Matches    int        // lines that Search fits, shown or not
	FirstMatch int        // number of the first of them
	Tracebacks int        // how many the whole log has
	Traceback  *Traceback // the last one
	// Errors and Warnings are lines that say they are one, by the words that Python's logging
	// and warnings, and the alerts of Runicorn, write.
	Errors, Warnings LogMarks
	// Crashed tells that the log says what ended the program, as [CrashFinder] finds it.
	Crashed bool
	Clock   string // of the last line that has one, "15:04:05"

	query   LogQuery
	matches func(string) bool
	crash   CrashFinder
	head    []LogLine
	tail    ring
	before  ring  // of Context lines, for the next match
	first   []hit // with Search
	last    []hit
	after   int // how many more lines belong to the newest hit
}

// LogMarks counts lines of one kind, folded ones included, and keeps the last three.
type LogMarks struct {
	Count int
	Last  []LogLine
}

func (m *LogMarks) add(line LogLine) {
	m.Count += 1 + line.Folded
	if len(m.Last) == 3 {
		m.Last = append(m.Last[:0], m.Last[1:]...)
	}
	m.Last = append(m.Last, line)
}

// A hit is a match with the lines around it.
type hit struct{ lines []LogLine }

// NewLogPick returns an empty pick.
func NewLogPick(query LogQuery) *LogPick {
	p := &LogPick{query: query, tail: ring{size: query.Tail}, before: ring{size: query.Context}}
	if query.Search != "" {
		p.matches = matcher(query.Search)
	}
	return p
}

// matcher finds text in any case, or what a regular expression fits where the text is one.
func matcher(search string) func(string) bool {
	lower := strings.ToLower(search)
	literal := func(line string) bool { return strings.Contains(strings.ToLower(line), lower) }
	if regexp.QuoteMeta(search) == search {
		return literal
	}
	re, err := regexp.Compile("(?i)" + search)
	if err != nil {
		return literal
	}
	return func(line string) bool { return re.MatchString(line) || literal(line) }
}

// Add takes the next line of the log.
func (p *LogPick) Add(line LogLine) {
	if stamp, _ := cutStamp(line.Text); stamp != "" {
		p.Clock = clockOf(stamp)
	}
	p.crash.Add(line) // it may begin before
	p.Last = line
	if line.Number <= p.query.After {
		return
	}
	line.Folded = min(line.Folded, line.Number-p.query.After-1)
	switch {
	case isError(line.Text):
		p.Errors.add(line)
	case isWarning(line.Text):
		p.Warnings.add(line)
	}
	switch {
	case p.matches != nil:
		p.search(line)
	case p.query.Around > 0:
		p.around(line)
	default:
		if len(p.head) < p.query.Head {
			p.head = append(p.head, line)
		} else {
			p.tail.add(line)
		}
	}
}

// around keeps the lines before the number in tail, and it and those after in head.
func (p *LogPick) around(line LogLine) {
	if line.Number < p.query.Around {
		p.tail.add(line)
	} else if len(p.head) <= p.query.Head {
		p.head = append(p.head, line)
	}
}

func (p *LogPick) search(line LogLine) {
	line.Match = p.matches(line.Text)
	if !line.Match {
		if p.after > 0 {
			p.after--
			p.extend(line)
		}
		p.before.add(line)
		return
	}
	p.Matches++
	if p.Matches == 1 {
		p.FirstMatch = line.Number
	}
	found := hit{append(p.before.all(), line)}
	p.before = ring{size: p.query.Context}
	p.after = p.query.Context
	if len(p.first) < p.query.Head {
		p.first = append(p.first, found)
		return
	}
	if p.query.Tail == 0 {
		p.after = 0
		return
	}
	if len(p.last) == p.query.Tail {
		copy(p.last, p.last[1:])
		p.last = p.last[:len(p.last)-1]
	}
	p.last = append(p.last, found)
}

// extend adds a line to the newest hit.
func (p *LogPick) extend(line LogLine) {
	hits := p.last
	if len(hits) == 0 {
		hits = p.first
	}
	newest := &hits[len(hits)-1]
	newest.lines = append(newest.lines, line)
}

// Done ends the pick.
func (p *LogPick) Done() {
	p.Tracebacks, p.Traceback = p.crash.finder.count, p.crash.finder.last
	_, p.Crashed = p.crash.Crash()
	if t := p.Traceback; t != nil && t.Lines[len(t.Lines)-1].Number <= p.query.After {
		p.Tracebacks, p.Traceback = 0, nil
	}
	switch {
	case p.matches != nil:
		for _, h := range append(p.first, p.last...) {
			p.Lines = append(p.Lines, h.lines...)
		}
		slices.SortStableFunc(p.Lines, func(a, b LogLine) int { return a.Number - b.Number })
		p.Lines = slices.CompactFunc(p.Lines, func(a, b LogLine) bool { return a.Number == b.Number })
	case p.query.Around > 0:
		p.Lines = append(p.tail.all(), p.head...)
	default:
		p.Lines = append(p.head, p.tail.all()...)
	}
}

// A ring keeps the last size lines.
type ring struct {
	size  int
	lines []LogLine
	next  int // where the oldest is, once full
}

func (r *ring) add(line LogLine) {
	switch {
	case r.size == 0:
	case len(r.lines) < r.size:
		r.lines = append(r.lines, line)
	default:
		r.lines[r.next] = line
		r.next = (r.next + 1) % r.size
	}
}

// all is what the ring holds, oldest first.
func (r *ring) all() []LogLine {
	return append(slices.Clone(r.lines[r.next:]), r.lines[:r.next]...)
}

// isError and isWarning go by the exact words, so that a metric called error is none.
func isError(line string) bool {
	if containsAny(line, []string{"ERROR", "CRITICAL", "FATAL", "[error]", "CUDA error",
		"Segmentation fault", "core dumped"}) {
		return true
	}
	_, text := cutStamp(line)
	for _, word := range []string{"Error:", "Exception:"} { // ValueError:, or Error: at the start
		if i := strings.Index(text, word); i == 0 || i > 0 && isLetter(text[i-1]) {
			return true
		}
	}
	return text == "Killed"
}

func isLetter(b byte) bool { return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' }

func isWarning(line string) bool {
	return containsAny(line, []string{"WARN", "Warning:", "[warning]", "[warn]", "⚠"})
}
