package storage

import (
	"math"
	"strconv"
)

// An event is one metrics line: the step it is for, when it was logged, and its values.
type event struct {
	step   int64
	time   float64 // NaN where not recorded
	epoch  float64 // what the key "epoch" says; NaN where it says no number
	names  [][]byte
	values []value
}

// A scanner reads the lines that the SDKs write when metrics are plain numbers, without
// allocating: one flat object of ts, type and data. scan reports false for every other line,
// valid or not; [decodeEvent] then decides.
type scanner struct {
	line []byte
	at   int

	ts, time, epoch      float64 // NaN: not seen
	step                 int64
	hasStep, hasType, ok bool
}

// scan reads a line into e, whose slices it reuses. The names point into the line.
func (s *scanner) scan(line []byte, e *event) bool {
	*s = scanner{line: line, ts: math.NaN(), time: math.NaN(), epoch: math.NaN(), ok: true}
	e.names, e.values = e.names[:0], e.values[:0]
	sawData := false
	s.object(func(key []byte) {
		switch string(key) {
		case "ts":
			s.ts = s.number()
		case "type":
			s.ok = s.ok && !s.hasType && string(s.text()) == "metrics"
			s.hasType = true
		case "data":
			if sawData {
				s.ok = false
				return
			}
			sawData = true
			s.object(func(name []byte) { s.member(name, e) })
		default:
			s.ok = false
		}
	})
	s.space()
	if !s.ok || s.at != len(s.line) || !sawData || !s.hasType || !s.hasStep {
		return false
	}
	e.step, e.time, e.epoch = s.step, s.time, s.epoch
	if math.IsNaN(e.time) {
		e.time = s.ts
	}
	return true
}

// member reads one member of data.
func (s *scanner) member(name []byte, e *event) {
	switch string(name) {
	case "global_step":
		s.ok = s.ok && !s.hasStep
		s.step, s.hasStep = s.integer(), true
		return
	case "time":
		s.ok = s.ok && math.IsNaN(s.time)
		s.time = s.number()
		return
	case "epoch":
		s.ok = s.ok && math.IsNaN(s.epoch)
		s.epoch = s.number()
		return
	case "step", "stage":
		s.ok = false // rare: leave it to the strict decoder
		return
	}
	e.names = append(e.names, name)
	e.values = append(e.values, value{number: s.number()})
}

// object reads an object, calling member after each key.
func (s *scanner) object(member func(key []byte)) {
	if !s.take('{') {
		return
	}
	if s.peek() == '}' {
		s.at++
		return
	}
	for s.ok {
		key := s.text()
		if !s.take(':') {
			return
		}
		member(key)
		switch s.peek() {
		case ',':
			s.at++
		case '}':
			s.at++
			return
		default:
			s.ok = false
		}
	}
}

// text reads a string of printable ASCII without escapes.
func (s *scanner) text() []byte {
	if !s.take('"') {
		return nil
	}
	for i := s.at; i < len(s.line); i++ {
		switch c := s.line[i]; {
		case c == '"':
			text := s.line[s.at:i]
			s.at = i + 1
			return text
		case c == '\\' || c < ' ' || c >= 0x7f:
			s.ok = false
			return nil
		}
	}
	s.ok = false
	return nil
}

// number reads a JSON number, NaN, Infinity or -Infinity.
func (s *scanner) number() float64 {
	word := s.word()
	switch string(word) {
	case "NaN":
		return math.NaN()
	case "Infinity":
		return math.Inf(1)
	case "-Infinity":
		return math.Inf(-1)
	}
	if !validNumber(word) {
		s.ok = false
		return 0
	}
	f, _ := strconv.ParseFloat(string(word), 64) // out of range is infinite, as in Python
	return f
}

func (s *scanner) integer() int64 {
	word := s.word()
	n, err := strconv.ParseInt(string(word), 10, 64)
	if err != nil || !validNumber(word) {
		s.ok = false
	}
	return n
}

// word reads up to the next delimiter.
func (s *scanner) word() []byte {
	s.space()
	start := s.at
	for s.at < len(s.line) {
		switch s.line[s.at] {
		case ',', '}', ' ', '\t', '\r', '\n':
			return s.line[start:s.at]
		}
		s.at++
	}
	return s.line[start:]
}

// validNumber reports whether word is a number by JSON's grammar (RFC 8259, section 6), which is
// stricter than strconv.
func validNumber(word []byte) bool {
	i := 0
	digits := func() bool {
		start := i
		for i < len(word) && '0' <= word[i] && word[i] <= '9' {
			i++
		}
		return i > start
	}
	if i < len(word) && word[i] == '-' {
		i++
	}
	first := i
	if !digits() || word[first] == '0' && i > first+1 {
		return false
	}
	if i < len(word) && word[i] == '.' {
		i++
		if !digits() {
			return false
		}
	}
	if i < len(word) && (word[i] == 'e' || word[i] == 'E') {
		i++
		if i < len(word) && (word[i] == '+' || word[i] == '-') {
			i++
		}
		if !digits() {
			return false
		}
	}
	return i == len(word)
}

func (s *scanner) space() {
	for s.at < len(s.line) {
		switch s.line[s.at] {
		case ' ', '\t', '\r', '\n':
			s.at++
		default:
			return
		}
	}
}

// peek is the next byte that is no space; 0 at the end.
func (s *scanner) peek() byte {
	s.space()
	if s.at == len(s.line) {
		return 0
	}
	return s.line[s.at]
}

func (s *scanner) take(c byte) bool {
	if s.peek() != c {
		s.ok = false
		return false
	}
	s.at++
	return s.ok
}
