package schema

import (
	"encoding/json"
	"math"
	"reflect"
	"strconv"
	"strings"
)

// decodeString takes strings, and numbers and booleans as their text: an id of digits only.
func decodeString(raw json.RawMessage, v reflect.Value) bool {
	switch raw[0] {
	case '"':
		var s string
		if json.Unmarshal(raw, &s) != nil {
			return false
		}
		v.SetString(s)
		return true
	case '{', '[':
		return false
	}
	v.SetString(string(raw))
	return true
}

// unquoted is the text inside raw when it is a JSON string, else raw itself.
func unquoted(raw json.RawMessage) string {
	var s string
	if raw[0] == '"' && json.Unmarshal(raw, &s) == nil {
		return strings.TrimSpace(s)
	}
	return string(raw)
}

func looseBool(raw json.RawMessage) (value, ok bool) {
	switch strings.ToLower(unquoted(raw)) {
	case "true":
		return true, true
	case "false":
		return false, true
	}
	return false, false
}

// looseInt takes 5, 5.0, 5e0 and each of them in quotes.
func looseInt(raw json.RawMessage) (int64, bool) {
	text := unquoted(raw)
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, true
	}
	f, ok := looseFloat(raw)
	if !ok || f != math.Trunc(f) || math.Abs(f) > 1<<53 {
		return 0, false
	}
	return int64(f), true
}

func looseFloat(raw json.RawMessage) (float64, bool) {
	var number json.Number // admits what JSON calls a number and nothing else
	if json.Unmarshal([]byte(unquoted(raw)), &number) != nil {
		return 0, false
	}
	f, err := number.Float64()
	return f, err == nil
}
