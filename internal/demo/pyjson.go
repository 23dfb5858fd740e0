package demo

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"
)

// An object is a JSON object whose members keep their order, as a Python dict does.
type object []member

type member struct {
	key   string
	value any
}

// A pyWriter writes JSON byte for byte as Python's json.dumps(…, ensure_ascii=False) does:
// members in their order, floats by repr, bare NaN. The SDK's files are in this form, and readers
// have to cope with it.
type pyWriter struct {
	bytes.Buffer
	indented bool // indent=2
}

// pyLine is v on one line, as in events.jsonl.
func pyLine(v any) []byte {
	var w pyWriter
	w.value(v, 0)
	return w.Bytes()
}

// pyFile is v with indent=2, as in the other files.
func pyFile(v any) []byte {
	w := pyWriter{indented: true}
	w.value(v, 0)
	return w.Bytes()
}

func (w *pyWriter) value(v any, depth int) {
	switch v := v.(type) {
	case object:
		w.list('{', '}', len(v), depth, func(i int) {
			w.value(v[i].key, 0)
			w.WriteString(": ")
			w.value(v[i].value, depth+1)
		})
	case []any:
		w.list('[', ']', len(v), depth, func(i int) { w.value(v[i], depth+1) })
	case []string:
		w.list('[', ']', len(v), depth, func(i int) { w.value(v[i], depth+1) })
	case float64:
		w.WriteString(pyFloat(v))
	case string:
		encoder := json.NewEncoder(&w.Buffer)
		encoder.SetEscapeHTML(false)
		if encoder.Encode(v) == nil {
			w.Truncate(w.Len() - 1) // the encoder's newline
		}
	case int:
		w.WriteString(strconv.Itoa(v))
	case bool:
		w.WriteString(strconv.FormatBool(v))
	default:
		w.WriteString("null")
	}
}

// list writes n elements between brackets; Python leaves an empty list on one line.
func (w *pyWriter) list(open, end byte, n, depth int, element func(i int)) {
	w.WriteByte(open)
	for i := range n {
		switch {
		case i > 0 && w.indented:
			w.WriteByte(',')
		case i > 0:
			w.WriteString(", ")
		}
		w.newLine(depth + 1)
		element(i)
	}
	if n > 0 {
		w.newLine(depth)
	}
	w.WriteByte(end)
}

func (w *pyWriter) newLine(depth int) {
	if w.indented {
		w.WriteString("\n" + strings.Repeat("  ", depth))
	}
}

// pyFloat is repr(v): the shortest text that reads back equal, with an exponent from 1e16 on and
// below 1e-4, and ".0" where it would look like an integer.
func pyFloat(v float64) string {
	switch {
	case math.IsNaN(v):
		return "NaN"
	case math.IsInf(v, 1):
		return "Infinity"
	case math.IsInf(v, -1):
		return "-Infinity"
	}
	if size := math.Abs(v); size != 0 && (size < 1e-4 || size >= 1e16) {
		return strconv.FormatFloat(v, 'e', -1, 64)
	}
	text := strconv.FormatFloat(v, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}
