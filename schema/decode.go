package schema

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/analysis"
)

// Decode reads the arguments of a tool, a JSON object, into the struct that into points to. An
// empty text and null are an empty object.
//
// It takes what models write when they mean well: "5" for 5, "true" for true, "a" for ["a"], a
// JSON text in a string where an array or object is wanted, null for an argument left out,
// metric_name for metric_names. It enforces what [For] announces: required arguments, minimum,
// maximum, minItems, maxItems, enum; and that a text which is required is not empty. Errors name
// the argument, what was expected and what came; an unknown one lists the valid ones.
//
// Fields may be strings, integers, floats, booleans, slices of these, structs, map[string]any
// and pointers to them.
func Decode(raw json.RawMessage, into any) error {
	fields, err := object(raw)
	if err != nil {
		return err
	}
	return decodeStruct(fields, reflect.ValueOf(into).Elem(), "")
}

// object reads a JSON object, or nothing, into its members.
func object(raw json.RawMessage) (map[string]json.RawMessage, error) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	var fields map[string]json.RawMessage
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if err := decoder.Decode(&fields); err != nil {
		if raw[0] != '{' {
			return nil, fmt.Errorf("arguments must be a JSON object, not %s", show(raw))
		}
		return nil, errors.New("arguments are not valid JSON: " + jsonFault(err))
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errors.New("arguments must be one JSON object, and more follows it")
	}
	return fields, nil
}

func jsonFault(err error) string {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Sprintf("%v at byte %d", err, syntax.Offset)
	}
	return strings.TrimPrefix(err.Error(), "json: ")
}

// decodeStruct fills the fields of v; prefix names the argument that holds them, "config.".
func decodeStruct(fields map[string]json.RawMessage, v reflect.Value, prefix string) error {
	t := v.Type()
	known := make(map[string]int, t.NumField())
	var names []string
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		known[name] = i
		names = append(names, name)
	}
	takeSingular(fields, known, t)
	if err := unknownArgument(fields, known, names, prefix); err != nil {
		return err
	}
	for _, name := range names {
		field := t.Field(known[name])
		raw := bytes.TrimSpace(fields[name])
		required := !strings.Contains(field.Tag.Get("json"), ",omit")
		if len(raw) == 0 || string(raw) == "null" {
			if required {
				return fmt.Errorf("argument %q is required: %s", prefix+name, expected(field.Type))
			}
			continue
		}
		if err := decodeValue(raw, v.Field(known[name]), prefix+name); err != nil {
			return err
		}
		if text := v.Field(known[name]); required && text.Kind() == reflect.String && text.Len() == 0 {
			return fmt.Errorf("argument %q must not be empty", prefix+name)
		}
		if err := checkBounds(field, v.Field(known[name]), prefix+name); err != nil {
			return err
		}
	}
	return nil
}

// takeSingular moves metric_name to metric_names, where that is a list and not given: if only it
// exists (other tools call the same thing by its singular), or if a list came.
func takeSingular(fields map[string]json.RawMessage, known map[string]int, t reflect.Type) {
	for name, raw := range fields {
		i, plural := known[name+"s"]
		_, singular := known[name]
		if plural && t.Field(i).Type.Kind() == reflect.Slice && fields[name+"s"] == nil &&
			(!singular || bytes.HasPrefix(bytes.TrimSpace(raw), []byte("["))) {
			delete(fields, name)
			fields[name+"s"] = raw
		}
	}
}

func unknownArgument(
	fields map[string]json.RawMessage, known map[string]int, names []string, prefix string,
) error {
	var unknown []string
	for name := range fields {
		if _, ok := known[name]; !ok {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	slices.Sort(unknown)
	detail := fmt.Sprintf("argument %s does not exist", quote(prefix+unknown[0]))
	if len(names) == 0 {
		return errors.New(detail + "; there are no arguments")
	}
	if near := analysis.Nearest(unknown[0], names, 1); len(near) > 0 {
		detail += fmt.Sprintf(", did you mean %q", near[0])
	}
	return fmt.Errorf("%s; valid are %s", detail, strings.Join(names, ", "))
}

// decodeValue reads raw, which is not null, into v.
func decodeValue(raw json.RawMessage, v reflect.Value, name string) error {
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		return decodeValue(raw, v.Elem(), name)
	}
	var ok bool
	switch v.Kind() {
	case reflect.String:
		ok = decodeString(raw, v)
	case reflect.Bool:
		var b bool
		if b, ok = looseBool(raw); ok {
			v.SetBool(b)
		}
	case reflect.Int, reflect.Int64:
		var n int64
		if n, ok = looseInt(raw); ok {
			v.SetInt(n)
		}
	case reflect.Float64:
		var f float64
		if f, ok = looseFloat(raw); ok {
			v.SetFloat(f)
		}
	case reflect.Slice:
		return decodeSlice(raw, v, name)
	case reflect.Struct:
		return decodeNested(raw, v, name)
	default:
		panic(fmt.Sprintf("schema.Decode: argument %q has the type %v", name, v.Type()))
	}
	if !ok {
		return wrongType(raw, v.Type(), name)
	}
	return nil
}

func wrongType(raw json.RawMessage, t reflect.Type, name string) error {
	return fmt.Errorf("argument %q must be %s, not %s", name, expected(t), show(raw))
}

// decodeSlice takes an array, one element for an array of one, and an array written as text.
func decodeSlice(raw json.RawMessage, v reflect.Value, name string) error {
	elements := []json.RawMessage{raw}
	if text := unquoted(raw); strings.HasPrefix(text, "[") {
		var list []json.RawMessage
		if err := json.Unmarshal([]byte(text), &list); err == nil {
			elements = list
		} else if raw[0] == '[' {
			return wrongType(raw, v.Type(), name)
		}
	}
	out := reflect.MakeSlice(v.Type(), len(elements), len(elements))
	for i, e := range elements {
		if string(e) == "null" {
			return wrongType(raw, v.Type(), name)
		}
		if err := decodeValue(e, out.Index(i), name); err != nil {
			return wrongType(raw, v.Type(), name)
		}
	}
	v.Set(out)
	return nil
}

// decodeNested takes an object, also one written as text.
func decodeNested(raw json.RawMessage, v reflect.Value, name string) error {
	text := unquoted(raw)
	if !strings.HasPrefix(text, "{") {
		return wrongType(raw, v.Type(), name)
	}
	fields, err := object(json.RawMessage(text))
	if err != nil {
		return fmt.Errorf("argument %q: %w", name, err)
	}
	return decodeStruct(fields, v, name+".")
}

// checkBounds enforces minimum, maximum, minItems, maxItems and enum of the field's jsonschema tag.
func checkBounds(field reflect.StructField, v reflect.Value, name string) error {
	var enum []string
	for option := range strings.SplitSeq(field.Tag.Get("jsonschema"), ",") {
		key, value, _ := strings.Cut(option, "=")
		bound, _ := strconv.ParseInt(value, 10, 64)
		switch {
		case key == "minItems" && v.Kind() == reflect.Slice && int64(v.Len()) < bound:
			return fmt.Errorf("argument %q must have at least %d elements", name, bound)
		case key == "maxItems" && v.Kind() == reflect.Slice && int64(v.Len()) > bound:
			return fmt.Errorf("argument %q must have at most %d elements", name, bound)
		case key == "minimum" && compare(v, value) < 0:
			return fmt.Errorf("argument %q must be at least %s, not %v", name, value, reflect.Indirect(v))
		case key == "maximum" && compare(v, value) > 0:
			return fmt.Errorf("argument %q must be at most %s, not %v", name, value, reflect.Indirect(v))
		case key == "enum":
			enum = append(enum, value)
		}
	}
	if len(enum) > 0 && v.Kind() == reflect.String && !slices.Contains(enum, v.String()) {
		return fmt.Errorf("argument %q must be one of %s, not %s",
			name, strings.Join(enum, ", "), quote(v.String()))
	}
	return nil
}

// compare compares a number with a bound; 0 for what is no number.
func compare(v reflect.Value, bound string) int {
	limit, err := strconv.ParseFloat(bound, 64)
	switch {
	case err != nil:
	case v.CanInt():
		return cmp.Compare(float64(v.Int()), limit)
	case v.CanFloat():
		return cmp.Compare(v.Float(), limit)
	case v.Kind() == reflect.Pointer:
		return compare(v.Elem(), bound)
	}
	return 0
}

// expected says in words what a type takes.
func expected(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return expected(t.Elem())
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	case reflect.Float64:
		return "a number"
	case reflect.Slice:
		if t.Elem().Kind() == reflect.String {
			return `an array of strings, like ["a", "b"]`
		}
		return "an array, each element " + expected(t.Elem())
	case reflect.Struct:
		return "an object"
	}
	return "a string"
}

// show is a value for an error: short, and without what a terminal or a model would obey.
func show(raw json.RawMessage) string {
	switch raw[0] {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "the string " + quote(unquoted(raw))
	}
	return quote(string(raw))
}

// quote quotes s for an error, cut to 60 characters.
func quote(s string) string {
	if r := []rune(s); len(r) > 60 {
		s = string(r[:60]) + "…"
	}
	return strconv.Quote(s)
}
