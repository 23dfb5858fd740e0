package schema

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Encode writes v as compact JSON, and cannot fail: numbers that JSON lacks become the strings
// "NaN", "Infinity" and "-Infinity", text that is no UTF-8 is mended, and what has no JSON form
// at all (functions, channels, too deep nesting) becomes a string that names its type. Text
// loses control characters other than newline and tab, and invisible ones (bidirectional marks,
// zero-width and tag characters), in which a tracker's data could hide something from the
// person who reads along. "<", ">" and "&" stay as they are. Fields follow the rules of encoding/json: names, omitempty,
// omitzero and embedding from tags, map keys sorted. A nil slice is [], not null.
func Encode(v any) json.RawMessage {
	var e encoder
	e.value(reflect.ValueOf(v), 0)
	return e.Bytes()
}

const maxDepth = 64 // deeper than any answer; a bound for values that contain themselves

type encoder struct{ bytes.Buffer }

func (e *encoder) value(v reflect.Value, depth int) {
	if !v.IsValid() {
		e.WriteString("null")
		return
	}
	if depth > maxDepth {
		e.text(fmt.Sprintf("(nested too deep: %v)", v.Type()))
		return
	}
	if v.CanInterface() {
		switch x := v.Interface().(type) {
		case Any:
			e.value(reflect.ValueOf(x.Value), depth+1)
			return
		case json.RawMessage:
			e.raw(x)
			return
		case json.Number:
			e.raw([]byte(x))
			return
		}
	}
	e.kind(v, depth)
}

func (e *encoder) kind(v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.Bool:
		e.WriteString(strconv.FormatBool(v.Bool()))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		e.WriteString(strconv.FormatInt(v.Int(), 10))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		e.WriteString(strconv.FormatUint(v.Uint(), 10))
	case reflect.Float32, reflect.Float64:
		e.float(v.Float(), v.Type().Bits())
	case reflect.String:
		e.text(v.String())
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			e.WriteString("null")
			return
		}
		e.value(v.Elem(), depth+1)
	case reflect.Slice, reflect.Array:
		e.array(v, depth)
	case reflect.Map:
		e.object(v, depth)
	case reflect.Struct:
		e.WriteByte('{')
		first := true
		e.fields(v, depth, &first)
		e.WriteByte('}')
	default:
		e.text(fmt.Sprintf("(%v)", v.Type()))
	}
}

func (e *encoder) float(f float64, bits int) {
	switch {
	case math.IsNaN(f):
		e.WriteString(`"NaN"`)
	case math.IsInf(f, 1):
		e.WriteString(`"Infinity"`)
	case math.IsInf(f, -1):
		e.WriteString(`"-Infinity"`)
	default:
		// Plain digits where a reader expects them, as encoding/json and JavaScript write them.
		format := byte('f')
		if abs := math.Abs(f); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
			format = 'e'
		}
		e.WriteString(strconv.FormatFloat(f, format, -1, bits))
	}
}

func (e *encoder) text(s string) {
	s = Visible(s)
	out := json.NewEncoder(&e.Buffer)
	out.SetEscapeHTML(false)
	_ = out.Encode(s) // a valid string into memory
	e.Truncate(e.Len() - 1)
}

func (e *encoder) raw(text []byte) {
	if !json.Valid(text) {
		e.text(string(text))
		return
	}
	_ = json.Compact(&e.Buffer, text)
}

func (e *encoder) array(v reflect.Value, depth int) {
	if v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8 {
		e.text(base64.StdEncoding.EncodeToString(v.Bytes()))
		return
	}
	e.WriteByte('[')
	for i := range v.Len() {
		if i > 0 {
			e.WriteByte(',')
		}
		e.value(v.Index(i), depth+1)
	}
	e.WriteByte(']')
}

func (e *encoder) object(v reflect.Value, depth int) {
	if v.IsNil() {
		e.WriteString("null")
		return
	}
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int {
		return strings.Compare(fmt.Sprint(a), fmt.Sprint(b))
	})
	e.WriteByte('{')
	for i, key := range keys {
		if i > 0 {
			e.WriteByte(',')
		}
		e.text(fmt.Sprint(key))
		e.WriteByte(':')
		e.value(v.MapIndex(key), depth+1)
	}
	e.WriteByte('}')
}

// fields writes the exported fields of a struct, those of embedded structs in their place.
func (e *encoder) fields(v reflect.Value, depth int, first *bool) {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if field.Anonymous && name == "" && field.Type.Kind() == reflect.Struct {
			e.fields(v.Field(i), depth, first)
			continue
		}
		if !field.IsExported() || name == "-" ||
			strings.Contains(options, "omitempty") && isEmpty(v.Field(i)) ||
			strings.Contains(options, "omitzero") && v.Field(i).IsZero() {
			continue
		}
		if !*first {
			e.WriteByte(',')
		}
		*first = false
		if name == "" {
			name = field.Name
		}
		e.text(name)
		e.WriteByte(':')
		e.value(v.Field(i), depth+1)
	}
}

func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}

// Visible returns s without what a reader cannot see: the rule of [Encode] for text, for use on
// errors.
func Visible(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\u2028' || r == '\u2029': // line and paragraph separator
			return '\n'
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}
