package demo

import (
	"math"
	"testing"
)

// Expected texts are what Python 3.11's json.dumps(…, ensure_ascii=False) gives.
func TestPyJSON(t *testing.T) {
	t.Parallel()
	v := object{{"a", 2.0}, {"b", 1e-07}, {"c", 1e22}, {"d", math.NaN()}, {"e", math.Inf(-1)},
		{"f", "中 <\"\n>"}, {"g", object{}}, {"h", []any{}}, {"i", []string{"x", "y"}},
		{"j", nil}, {"k", true}, {"l", 1795527706.8832912}, {"m", 0.0001}, {"n", -3}}
	line := `{"a": 2.0, "b": 1e-07, "c": 1e+22, "d": NaN, "e": -Infinity, "f": "中 <\"\n>", ` +
		`"g": {}, "h": [], "i": ["x", "y"], "j": null, "k": true, "l": 1795527706.8832912, ` +
		`"m": 0.0001, "n": -3}`
	if got := string(pyLine(v)); got != line {
		t.Errorf("on one line\n got %s\nwant %s", got, line)
	}
	file := "{\n  \"a\": {\n    \"b\": [\n      1,\n      {}\n    ]\n  },\n  \"c\": []\n}"
	got := string(pyFile(object{{"a", object{{"b", []any{1, object{}}}}}, {"c", []any{}}}))
	if got != file {
		t.Errorf("indented\n got %s\nwant %s", got, file)
	}
}
