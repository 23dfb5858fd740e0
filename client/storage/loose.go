package storage

import (
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

// decodeLoose decodes one JSON value as Python's json module reads it: NaN and infinities
// allowed. Integers become int64 (float64 beyond it), other numbers float64, objects
// map[string]any, arrays []any.
func decodeLoose(data []byte) (any, error) {
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
		word, replacement := "", ""
		switch c {
		case '"':
			inString = true
		case 'N':
			word, replacement = "NaN", `"\u0000NaN"`
		case 'I':
			word, replacement = "Infinity", `"\u0000Infinity"`
		case '-':
			word, replacement = "-Infinity", `"\u0000-Infinity"`
		}
		if word != "" && bytes.HasPrefix(data[i:], []byte(word)) {
			out = append(append(out, data[copied:i]...), replacement...)
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
