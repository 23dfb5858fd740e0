package storage

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"strconv"
)

// Python's json module writes NaN, Infinity and -Infinity as bare words, which JSON lacks.
// Before decoding they are replaced by strings that no tracker writes.
const (
	markNaN    = "\x00NaN"
	markInf    = "\x00Infinity"
	markNegInf = "\x00-Infinity"
)

var marked = map[string]float64{
	markNaN: math.NaN(), markInf: math.Inf(1), markNegInf: math.Inf(-1),
}

// bareWords are the words and what stands for them in JSON.
var bareWords = map[string]string{
	"NaN": `"\u0000NaN"`, "Infinity": `"\u0000Infinity"`, "-Infinity": `"\u0000-Infinity"`,
}

// DecodeJSON decodes one JSON value as Python's json module reads it: NaN and infinities
// allowed. Integers become int64 (float64 beyond it), other numbers float64, objects
// map[string]any, arrays []any.
func DecodeJSON(data []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(mark(data)))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errors.New("more follows the JSON value")
	}
	return unmark(v), nil
}

// mark replaces bare NaN, Infinity and -Infinity outside strings; without any, data is returned
// as it is.
func mark(data []byte) []byte {
	var out []byte
	copied, inString := 0, false
	for i := 0; i < len(data); i++ {
		c := data[i]
		if inString {
			switch c {
			case '\\':
				i++
			case '"':
				inString = false
			}
			continue
		}
		word := ""
		switch c {
		case '"':
			inString = true
		case 'N':
			word = "NaN"
		case 'I':
			word = "Infinity"
		case '-':
			word = "-Infinity"
		}
		if word != "" && bytes.HasPrefix(data[i:], []byte(word)) {
			out = append(append(out, data[copied:i]...), bareWords[word]...)
			i += len(word) - 1
			copied = i + 1
		}
	}
	if copied == 0 {
		return data
	}
	return append(out, data[copied:]...)
}

// unmark turns the marks into numbers, and json.Number into int64 or float64, at any depth.
func unmark(v any) any {
	switch v := v.(type) {
	case json.Number:
		return number(v.String())
	case string:
		if f, ok := marked[v]; ok {
			return f
		}
	case []any:
		for i, e := range v {
			v[i] = unmark(e)
		}
	case map[string]any:
		for k, e := range v {
			v[k] = unmark(e)
		}
	}
	return v
}

// number reads a JSON number; one too big for a float64 is infinite, as in Python.
func number(text string) any {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n
	}
	f, _ := strconv.ParseFloat(text, 64)
	return f
}

// float is v as a number; false for anything else, booleans included.
func float(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case int64:
		return float64(v), true
	}
	return 0, false
}

// NewLooseReader returns r's JSON with bare NaN, Infinity and -Infinity outside strings replaced
// by strings that [LooseNumber] reads, as it comes.
func NewLooseReader(r io.Reader) io.Reader {
	return &looseReader{in: bufio.NewReaderSize(r, 64<<10)}
}

// A looseReader does what mark does, on a stream.
type looseReader struct {
	in       *bufio.Reader
	inString bool
	escaped  bool
	pending  []byte // of a replacement
}

// Read implements [io.Reader].
func (l *looseReader) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		if len(l.pending) > 0 {
			c := copy(p[n:], l.pending)
			l.pending, n = l.pending[c:], n+c
			continue
		}
		if n > 0 && l.in.Buffered() == 0 {
			return n, nil // what is there, before waiting for more
		}
		c, err := l.in.ReadByte()
		if err != nil {
			if n > 0 {
				return n, nil // the error comes again
			}
			return 0, err
		}
		if l.pending = l.replace(c); l.pending == nil {
			p[n] = c
			n++
		}
	}
	return n, nil
}

// replace is what stands for the bare word that begins with c, which it reads to the end; nil
// where none does.
func (l *looseReader) replace(c byte) []byte {
	switch {
	case l.escaped:
		l.escaped = false
	case l.inString && c == '\\':
		l.escaped = true
	case c == '"':
		l.inString = !l.inString
	case !l.inString:
		for word, replacement := range bareWords {
			if word[0] != c {
				continue
			}
			rest, _ := l.in.Peek(len(word) - 1)
			if string(rest) == word[1:] {
				l.in.Discard(len(rest))
				return []byte(replacement)
			}
		}
	}
	return nil
}

// LooseNumber reads a JSON number, null (0), or what [NewLooseReader] puts for NaN and infinities.
func LooseNumber(text []byte) (float64, error) {
	if string(text) == "null" {
		return 0, nil
	}
	for word, replacement := range bareWords {
		if string(text) == replacement {
			return marked["\x00"+word], nil
		}
	}
	return strconv.ParseFloat(string(text), 64)
}
