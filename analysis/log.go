package analysis

import (
	"bytes"
	"strings"
)

// A LogLine is a line of a log as it is shown: decoded, without escape sequences and invisible
// characters.
type LogLine struct {
	Number int    // in the file, from 1; of several folded lines the last
	Text   string // without its end; at most 2,000 bytes
	Folded int    // how many earlier lines and redraws it stands for besides itself
	Match  bool   // set by [LogPick]: it is what was searched for
}

const (
	maxSegment  = 16 << 10 // bytes looked at between two line ends
	maxLineText = 2_000    // bytes kept of a line
	maxBars     = 4        // progress bars drawn in turns
)

// A LogReader turns the bytes of a log into lines, whatever the log's size in bounded memory:
// a line that is redrawn after carriage returns is shown as it was left, progress bars that are
// written line after line as one line, and so are lines that repeat the one before. Blank lines
// are counted and not shown. Create one with [NewLogReader], [LogReader.Write] the log to it in
// any portions, and [LogReader.Close] it.
type LogReader struct {
	each func(LogLine)

	segment []byte // since the last \r or \n
	drawn   string // what the line shows, as far as a \r ended it
	redraws int
	number  int  // lines ended so far
	open    bool // the last of them had no end

	pending []pendingLine // not yet shown, as the next lines may fold into them
}

// A pendingLine waits for lines like it; several do only when all of them are progress bars.
type pendingLine struct {
	LogLine
	bar   bar
	isBar bool
}

// NewLogReader returns a reader that calls each with every line, in order.
func NewLogReader(each func(LogLine)) *LogReader { return &LogReader{each: each} }

// Write takes the next portion of the log. It never fails.
func (r *LogReader) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		end := bytes.IndexByte(p, '\n')
		if cr := bytes.IndexByte(p[:cutAt(end, len(p))], '\r'); cr >= 0 {
			end = cr
		}
		part := p[:cutAt(end, len(p))]
		r.segment = append(r.segment, part[:min(len(part), maxSegment-len(r.segment))]...)
		if end < 0 {
			break
		}
		r.draw()
		if p[end] == '\n' {
			r.endLine()
		}
		p = p[end+1:]
	}
	return n, nil
}

// cutAt is i, or n when there is no i.
func cutAt(i, n int) int {
	if i < 0 {
		return n
	}
	return i
}

// draw takes the segment for what the line shows now. A redraw keeps the time of the first one,
// which Runicorn stamps a line with once.
func (r *LogReader) draw() {
	text := cleanLog(r.segment)
	r.segment = r.segment[:0]
	if strings.TrimSpace(text) == "" {
		return
	}
	if r.drawn != "" {
		stamp, before := cutStamp(r.drawn)
		if before != "" {
			r.redraws++
		}
		if again, _ := cutStamp(text); stamp != "" && again == "" {
			text = strings.TrimRight(stamp, " ") + " " + text
		}
	}
	r.drawn = text
}

// endLine passes on the line that has just ended.
func (r *LogReader) endLine() {
	r.number++
	text, folded := r.drawn, r.redraws
	r.drawn, r.redraws = "", 0
	_, said := cutStamp(text)
	if strings.TrimSpace(said) == "" {
		return
	}
	line := pendingLine{LogLine: LogLine{Number: r.number, Text: cutBytes(text), Folded: folded}}
	line.bar, line.isBar = progress(said)
	r.fold(line, said)
}

// fold puts line in the place of a pending one that it repeats or redraws, or behind them.
func (r *LogReader) fold(line pendingLine, said string) {
	for i, p := range r.pending {
		_, before := cutStamp(p.Text)
		if before == said || line.isBar && p.isBar && line.bar.redraws(p.bar) {
			line.Folded += p.Folded + 1
			r.pending = append(r.pending[:i], r.pending[i+1:]...)
			r.pending = append(r.pending, line)
			return
		}
	}
	if n := len(r.pending); n > 0 && (!line.isBar || !r.pending[0].isBar) {
		r.flush(n)
	} else if n == maxBars {
		r.flush(1)
	}
	r.pending = append(r.pending, line)
}

// flush shows the first n pending lines.
func (r *LogReader) flush(n int) {
	for _, p := range r.pending[:n] {
		r.each(p.LogLine)
	}
	r.pending = append(r.pending[:0], r.pending[n:]...)
}

// Close shows what is left, a last line without its end included.
func (r *LogReader) Close() error {
	if len(r.segment) > 0 || r.drawn != "" {
		r.draw()
		r.endLine()
		r.open = true
	}
	r.flush(len(r.pending))
	return nil
}

// Lines is how many lines the log has had so far.
func (r *LogReader) Lines() int { return r.number }

// Ended is how many of these had an end: what is written next continues the one after them.
func (r *LogReader) Ended() int {
	if r.open {
		return r.number - 1
	}
	return r.number
}

// cutStamp splits off the time that Runicorn begins a line of logs.txt with: "15:04:05 | " where
// the training code wrote it (log_text, 0.4 to 0.7), "[15:04:05] " where it was captured from
// the console (0.7.2 console/capture.py).
func cutStamp(line string) (stamp, text string) {
	clock, before, after := line, "", " |"
	if strings.HasPrefix(line, "[") {
		clock, before, after = line[1:], "[", "]"
	}
	const form = "15:04:05"
	if len(clock) < len(form) || clock[2] != ':' || clock[5] != ':' ||
		!strings.HasPrefix(clock[len(form):], after) {
		return "", line
	}
	for _, i := range []int{0, 1, 3, 4, 6, 7} {
		if clock[i] < '0' || clock[i] > '9' {
			return "", line
		}
	}
	n := len(before) + len(form) + len(after)
	if len(line) > n && line[n] == ' ' {
		n++
	}
	return line[:n], line[n:]
}
