package schema_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/runicorn-mcp/runicorn-mcp/schema"
)

type args struct {
	RunID  string   `json:"run_id" jsonschema_description:"A run, or latest."`
	Names  []string `json:"names,omitempty" jsonschema:"maxItems=3"`
	Limit  int      `json:"limit,omitempty" jsonschema:"minimum=0,maximum=100"`
	Step   *int64   `json:"step,omitempty"`
	Ratio  float64  `json:"ratio,omitempty"`
	Media  bool     `json:"media,omitempty"`
	Format string   `json:"format,omitempty" jsonschema:"enum=json,enum=csv"`
	Config inner    `json:"config,omitzero"`
}

type inner struct {
	Root string `json:"root,omitempty"`
}

func TestFor(t *testing.T) {
	t.Parallel()
	want := `{"properties":{` +
		`"run_id":{"type":"string","description":"A run, or latest."},` +
		`"names":{"items":{"type":"string"},"type":"array","maxItems":3},` +
		`"limit":{"type":"integer","maximum":100,"minimum":0},` +
		`"step":{"type":"integer"},"ratio":{"type":"number"},"media":{"type":"boolean"},` +
		`"format":{"type":"string","enum":["json","csv"]},` +
		`"config":{"properties":{"root":{"type":"string"}},"additionalProperties":false,` +
		`"type":"object"}},"additionalProperties":false,"type":"object","required":["run_id"]}`
	if d := cmp.Diff(want, string(schema.For[args]())); d != "" {
		t.Errorf("For (-want +got):\n%s", d)
	}
	empty := string(schema.For[struct{}]())
	if want := `{"properties":{},"additionalProperties":false,"type":"object"}`; empty != want {
		t.Errorf("For[struct{}] = %s, want %s", empty, want)
	}
}

func TestFor_noStruct(t *testing.T) {
	t.Parallel()
	defer func() {
		if p, _ := recover().(string); !strings.Contains(p, "[]int") {
			t.Errorf("panic = %q, want one that names []int", p)
		}
	}()
	schema.For[[]int]()
}

func TestDecode(t *testing.T) {
	t.Parallel()
	seven := int64(7)
	tests := []struct {
		name, raw string
		want      args
	}{
		{"plain", `{"run_id":"a","names":["x","y"],"limit":5,"ratio":0.5,"media":true,"format":"csv"}`,
			args{RunID: "a", Names: []string{"x", "y"}, Limit: 5, Ratio: 0.5, Media: true, Format: "csv"}},
		{"numbers as text", `{"run_id":"a","limit":"5","ratio":"5e-1","step":"7"}`,
			args{RunID: "a", Limit: 5, Ratio: 0.5, Step: &seven}},
		{"whole float", `{"run_id":"a","limit":5.0}`, args{RunID: "a", Limit: 5}},
		{"boolean as text", `{"run_id":"a","media":"True"}`, args{RunID: "a", Media: true}},
		{"one for an array", `{"run_id":"a","names":"x"}`, args{RunID: "a", Names: []string{"x"}}},
		{"array as text", `{"run_id":"a","names":"[\"x\",\"y\"]"}`,
			args{RunID: "a", Names: []string{"x", "y"}}},
		{"a name with a bracket", `{"run_id":"a","names":"[x"}`,
			args{RunID: "a", Names: []string{"[x"}}},
		{"null is left out", `{"run_id":"a","names":null,"limit":null,"config":null}`, args{RunID: "a"}},
		{"id of digits", `{"run_id":20250101}`, args{RunID: "20250101"}},
		{"object", `{"run_id":"a","config":{"root":"/x"}}`, args{RunID: "a", Config: inner{"/x"}}},
		{"object as text", `{"run_id":"a","config":"{\"root\":\"/x\"}"}`,
			args{RunID: "a", Config: inner{"/x"}}},
		{"singular of a list", `{"run_id":"a","name":"x"}`, args{RunID: "a", Names: []string{"x"}}},
		{"list for a singular", `{"run_id":"a","name":["x","y"]}`, args{RunID: "a", Names: []string{"x", "y"}}},
		{"empty array", `{"run_id":"a","names":[]}`, args{RunID: "a", Names: []string{}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got args
			if err := schema.Decode(json.RawMessage(tt.raw), &got); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("Decode (-want +got):\n%s", d)
			}
		})
	}
}

func TestDecode_errors(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, raw, want string }{
		{"nothing", ``, `argument "run_id" is required: a string`},
		{"null", `null`, `argument "run_id" is required: a string`},
		{"required null", `{"run_id":null}`, `argument "run_id" is required: a string`},
		{"required empty", `{"run_id":""}`, `argument "run_id" must not be empty`},
		{"unknown, near", `{"run_id":"a","runid":1}`, `argument "runid" does not exist, did you mean ` +
			`"run_id"; valid are run_id, names, limit, step, ratio, media, format, config`},
		{"singular and list", `{"run_id":"a","name":"x","names":["y"]}`, `argument "name" does not exist, ` +
			`did you mean "names"; valid are run_id, names, limit, step, ratio, media, format, config`},
		{"singular of no list", `{"run_id":"a","limi":1}`, `argument "limi" does not exist, did you mean ` +
			`"limit"; valid are run_id, names, limit, step, ratio, media, format, config`},
		{"unknown, far", `{"zz":1}`, `argument "zz" does not exist; valid are run_id, names, limit, ` +
			`step, ratio, media, format, config`},
		{"nested unknown", `{"run_id":"a","config":{"port":1}}`,
			`argument "config.port" does not exist; valid are root`},
		{"word for number", `{"run_id":"a","limit":"many"}`,
			`argument "limit" must be a whole number, not the string "many"`},
		{"fraction", `{"run_id":"a","limit":1.5}`, `argument "limit" must be a whole number, not "1.5"`},
		{"too big", `{"run_id":"a","limit":101}`, `argument "limit" must be at most 100, not 101`},
		{"negative", `{"run_id":"a","limit":-1}`, `argument "limit" must be at least 0, not -1`},
		{"huge", `{"run_id":"a","limit":1e300}`, `argument "limit" must be a whole number, not "1e300"`},
		{"object for string", `{"run_id":{}}`, `argument "run_id" must be a string, not an object`},
		{"numbers in array", `{"run_id":"a","names":[{}]}`,
			`argument "names" must be an array of strings, like ["a", "b"], not an array`},
		{"too many", `{"run_id":"a","names":["a","b","c","d"]}`,
			`argument "names" must have at most 3 elements`},
		{"enum", `{"run_id":"a","format":"xml"}`, `argument "format" must be one of json, csv, not "xml"`},
		{"bool", `{"run_id":"a","media":1}`, `argument "media" must be true or false, not "1"`},
		{"array", `[1]`, `arguments must be a JSON object, not an array`},
		{"broken", `{"run_id":`, `arguments are not valid JSON: unexpected EOF`},
		{"two", `{"run_id":"a"}{}`, `arguments must be one JSON object, and more follows it`},
		{"NaN", `{"run_id":"a","ratio":"NaN"}`, `argument "ratio" must be a number, not the string "NaN"`},
		{"long", `{"run_id":"a","limit":"` + strings.Repeat("x", 99) + `"}`,
			`argument "limit" must be a whole number, not the string "` + strings.Repeat("x", 60) + `…"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got args
			err := schema.Decode(json.RawMessage(tt.raw), &got)
			if err == nil || err.Error() != tt.want {
				t.Errorf("Decode error\n got %v\nwant %s", err, tt.want)
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{`{"run_id":"a","names":"[1","limit":"5"}`, `{"run_id":"\ud800"}`,
		`null`, `{"config":"{\"root\":{}}"}`, `{"run_id":1e999,"step":9223372036854775808}`, `[`, `""`,
		`{"run_id":"a","names":[null],"ratio":"1e400","media":"TRUE"}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var got args
		err := schema.Decode(raw, &got)
		if err != nil {
			if len(err.Error()) > 1000 || strings.ContainsAny(err.Error(), "\n\x1b\x00") {
				t.Fatalf("error is too long or has control characters: %q", err)
			}
			return
		}
		var again args
		if err := schema.Decode(schema.Encode(got), &again); err != nil {
			t.Fatalf("what was decoded does not decode again: %v\n%s", err, schema.Encode(got))
		}
		if d := cmp.Diff(schema.Encode(got), schema.Encode(again)); d != "" {
			t.Fatalf("decoding is not stable:\n%s", d)
		}
	})
}

type embedded struct {
	inner
	Score float64
	Skip  string  `json:"-"`
	Empty []int   `json:"empty,omitempty"`
	List  []int   `json:"list"`
	Ptr   *string `json:"ptr"`
}

func TestEncode(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		v    any
		want string
	}{
		{"non-finite", []float64{math.NaN(), math.Inf(1), math.Inf(-1), -0.25}, `["NaN","Infinity","-Infinity",-0.25]`},
		{"magnitudes", []float64{1e6, 123456789, 1e21, 1e-7, 0}, `[1000000,123456789,1e+21,1e-07,0]`},
		{"struct", embedded{inner: inner{"/x"}, Score: 1}, `{"root":"/x","Score":1,"list":[],"ptr":null}`},
		{"map", map[string]any{"b": math.NaN(), "a": nil, "c": []any{}}, `{"a":null,"b":"NaN","c":[]}`},
		{"any", schema.Any{Value: int64(3)}, `3`},
		{"no HTML escapes", "<b>&", `"<b>&"`},
		{"broken text", "a\xffb", "\"a\uFFFDb\""},
		{"invisible text", "a\x1b[31m\u202eb\u200b\r\n\tc\U000e0041", `"a[31mb\n\tc"`},
		{"no JSON form", func() {}, `"(func())"`},
		{"nil", nil, `null`},
		{"raw", json.RawMessage(`{ "a": 1 }`), `{"a":1}`},
		{"broken raw", json.RawMessage(`{`), `"{"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := string(schema.Encode(tt.v)); got != tt.want {
				t.Errorf("Encode = %s, want %s", got, tt.want)
			}
		})
	}
}

func TestEncode_cycle(t *testing.T) {
	t.Parallel()
	loop := map[string]any{}
	loop["self"] = loop
	if got := schema.Encode(loop); !json.Valid(got) {
		t.Errorf("a value that contains itself encodes to invalid JSON: %.80s", got)
	}
}

func FuzzEncode(f *testing.F) {
	f.Add("k", "v\x00\xff", math.NaN(), int64(1))
	f.Fuzz(func(t *testing.T, key, text string, number float64, integer int64) {
		got := schema.Encode(map[string]any{key: text, "n": number, "i": []any{integer, nil, number}})
		if !json.Valid(got) {
			t.Fatalf("invalid JSON: %s", got)
		}
		if !math.IsNaN(number) && !math.IsInf(number, 0) {
			var back struct{ N float64 }
			if json.Unmarshal(got, &back); len(key) > 4 && back.N != number {
				t.Fatalf("%v came back as %v", number, back.N)
			}
		}
	})
}
