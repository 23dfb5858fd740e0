package storage_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/storage"
)

// ev is an event of the given members of data, as the SDKs write it.
func ev(data string) string { return `{"ts": 100, "type": "metrics", "data": {` + data + "}}\n" }

// brief is metrics as text: "loss 1=2@100 2=NaN@100; note string 2 hot@5 changes 1".
func brief(m client.Metrics) string {
	var parts []string
	for _, s := range m.Series {
		part := s.Name
		for i := range s.Steps {
			part += fmt.Sprintf(" %d=%v@%v", s.Steps[i], s.Values[i], s.Times[i])
		}
		parts = append(parts, part)
	}
	for _, o := range m.Other {
		parts = append(parts, fmt.Sprintf("%s %s %d %s@%d changes %d", o.Name, o.Kind, o.Count, o.Last,
			o.LastStep, o.Changes))
	}
	if len(m.Epochs.Steps) > 0 {
		parts = append(parts, fmt.Sprintf("epoch %v@%v", m.Epochs.Values, m.Epochs.Steps))
	}
	parts = append(parts, fmt.Sprintf("%d rows to %d", m.Rows, m.LastStep))
	return strings.Join(append(parts, m.Problems...), "; ")
}

func TestReadEvents(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 200) + strings.Repeat("]", 200)
	for _, test := range []struct{ name, events, want string }{
		{"nothing", "", "0 rows to 0"},
		{"blank lines", "\n \r\n\t\n", "0 rows to 0"},
		{"one", ev(`"loss": 2, "global_step": 1, "time": 5`), "loss 1=2@5; 1 rows to 1"},
		{"time of the event", ev(`"loss": 2, "global_step": 1`), "loss 1=2@100; 1 rows to 1"},
		{"CRLF", strings.ReplaceAll(ev(`"a": 1, "global_step": 1`), "\n", "\r\n"), "a 1=1@100; 1 rows to 1"},
		{"step for global_step", ev(`"a": 1, "step": 3`), "a 3=1@100; 1 rows to 3"},
		{"global_step before step", ev(`"a": 1, "step": 3, "global_step": 4`), "a 4=1@100; 1 rows to 4"},
		{"null global_step", ev(`"a": 1, "step": 3, "global_step": null`), "a 3=1@100; 1 rows to 3"},
		{"step as Python's int takes it", ev(`"a": 1, "global_step": 2.9`) +
			ev(`"a": 2, "global_step": " 7 "`) + ev(`"a": 3, "global_step": true`) +
			ev(`"a": 4, "global_step": -3`), "a -3=4@100 1=3@100 2=1@100 7=2@100; 4 rows to 7"},
		{"no step", ev(`"a": 1`) + ev(`"a": 1, "global_step": "x"`) + ev(`"a": 1, "global_step": NaN`) +
			ev(`"a": 1, "global_step": []`), "0 rows to 0"},
		{"one step in parts", ev(`"a": 1, "global_step": 1`) + ev(`"b": 2, "global_step": 1`),
			"a 1=1@100; b 1=2@100; 1 rows to 1"},
		{"the last write wins", ev(`"a": 1, "global_step": 1`) + ev(`"a": 2, "global_step": 1, "time": 7`),
			"a 1=2@7; 1 rows to 1"},
		{"steps that go back", ev(`"a": 1, "global_step": 5`) + ev(`"a": 2, "global_step": 1`) +
			ev(`"a": 3, "b": 1, "global_step": 5`) + ev(`"a": 4, "global_step": 2`),
			"a 1=2@100 2=4@100 5=3@100; b 5=1@100; 3 rows to 5"},
		{"null takes back", ev(`"a": 1, "b": 1, "global_step": 1`) + ev(`"a": null, "global_step": 1`),
			"b 1=1@100; 1 rows to 1"},
		{"null takes back an earlier step", ev(`"a": 1, "global_step": 1`) +
			ev(`"a": 2, "global_step": 2`) + ev(`"a": null, "global_step": 1`), "a 2=2@100; 2 rows to 2"},
		{"text takes back", ev(`"a": 1, "global_step": 1`) + ev(`"a": "x", "global_step": 1`),
			"a string 1 x@1 changes 0; 1 rows to 1"},
		{"a number for a text", ev(`"a": "x", "global_step": 1`) + ev(`"a": 1, "global_step": 1`),
			"a 1=1@100; 1 rows to 1"},
		{"texts and booleans", ev(`"a": "x", "b": true, "global_step": 1`) +
			ev(`"a": "y", "b": "t", "global_step": 2`) + ev(`"a": "y", "global_step": 3`),
			"a string 3 y@3 changes 1; b mixed 2 t@2 changes 1; 3 rows to 3"},
		{"lists and objects are left out", ev(`"a": [1], "b": {"c": 1}, "d": 1, "global_step": 1`),
			"d 1=1@100; 1 rows to 1"},
		{"what is no metric", ev(`"epoch": 3, "stage": "train", "time": 1, "step": 2, "a": 1`),
			"a 2=1@1; epoch [3]@[2]; 1 rows to 2"},
		{"epochs", ev(`"epoch": 2, "a": 1, "global_step": 5`) + ev(`"epoch": 1, "global_step": 3`) +
			ev(`"epoch": null, "b": 1, "global_step": 5`) + ev(`"epoch": "3/9", "global_step": 7`) +
			ev(`"epoch": true, "global_step": 8`) + ev(`"epoch": 0.5, "epoch": 2.5, "global_step": 9`),
			"a 5=1@100; b 5=1@100; epoch [1 2 2.5]@[3 5 9]; 5 rows to 9"},
		{"other events", `{"ts": 1, "type": "image", "data": {"key": "cat", "step": 1}}` + "\n" +
			`{"ts": 1, "type": "metrics", "data": [1]}` + "\n" + "[1]\n7\nnull\n", "0 rows to 0"},
		{"not finite", ev(`"a": NaN, "b": Infinity, "c": -Infinity, "global_step": 1`),
			"a 1=NaN@100; b 1=+Inf@100; c 1=-Inf@100; 1 rows to 1"},
		{"too great for a float", ev(`"a": 1e999, "global_step": 1`), "a 1=+Inf@100; 1 rows to 1"},
		{"names", ev(`"学习率": 1, "a/b": 2, "c\"d": 3, "\u0065": 4, "": 5, "global_step": 1`),
			` 1=5@100; a/b 1=2@100; c"d 1=3@100; e 1=4@100; 学习率 1=1@100; 1 rows to 1`},
		{"a name twice", ev(`"a": 1, "a": 2, "global_step": 1`), "a 1=2@100; 1 rows to 1"},
		{"any order of members", `{"data": {"global_step": 1, "a": 1}, "type": "metrics"}` + "\n",
			"a 1=1@NaN; 1 rows to 1"},
		{"unknown members", `{"v": {"x": 1}, "type": "metrics", "data": {"global_step": 1, "a": 1}, "ts": 3}` +
			"\n", "a 1=1@3; 1 rows to 1"},
		{"an unfinished last line", ev(`"a": 1, "global_step": 1`) + `{"ts": 100, "type": "met`,
			"a 1=1@100; 1 rows to 1"},
		{"a last line without newline", strings.TrimSuffix(ev(`"a": 1, "global_step": 1`), "\n"),
			"a 1=1@100; 1 rows to 1"},
		{"a broken line", ev(`"a": 1, "global_step": 1`) + "{oops\n" + ev(`"a": 2, "global_step": 2`),
			"a 1=1@100 2=2@100; 2 rows to 2; events.jsonl: line 2 was passed over: it is no valid JSON"},
		{"broken lines", "x\n" + ev(`"a": 1, "global_step": 1`) + "{}}\n" + strings.Repeat("\x00", 30) + "\n",
			"a 1=1@100; 1 rows to 1; events.jsonl: 3 lines were passed over, the first is line 1: " +
				"it is no valid JSON"},
		{"numbers that JSON has not", ev(`"a": 01, "global_step": 1`) + ev(`"a": .5, "global_step": 1`) +
			ev(`"a": 0x1, "global_step": 1`), "0 rows to 0; events.jsonl: 3 lines were passed over, the " +
			"first is line 1: it is no valid JSON"},
		{"deeply nested", ev(`"a": ` + deep + `, "b": 1, "global_step": 1`), "b 1=1@100; 1 rows to 1"},
		{"a long text", ev(`"a": "` + strings.Repeat("长", 400) + `", "global_step": 1`),
			"a string 1 " + strings.Repeat("长", 166) + "@1 changes 0; 1 rows to 1"},
		{"a line that is too long", ev(`"a": 1, "global_step": 1`) + strings.Repeat("x", 17<<20) + "\n" +
			ev(`"a": 2, "global_step": 2`), "a 1=1@100 2=2@100; 2 rows to 2; events.jsonl: line 2 was " +
			"passed over: it is longer than 16 MiB"},
		{"a line longer than the buffer", ev(`"x": "` + strings.Repeat("y", 400<<10) + `", "a": 1, "global_step": 1`),
			"a 1=1@100; x string 1 " + strings.Repeat("y", 500) + "@1 changes 0; 1 rows to 1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m, err := storage.ReadEvents(t.Context(), strings.NewReader(test.events), nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, brief(m)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadEvents_names(t *testing.T) {
	t.Parallel()
	events := ev(`"a": 1, "b": 2, "c": "x", "global_step": 1`) + ev(`"b": 3, "global_step": 2`)
	for _, test := range []struct {
		names []string
		want  string
	}{
		{nil, "a 1=1@100; b 1=2@100 2=3@100; c string 1 x@1 changes 0; 2 rows to 2"},
		{[]string{"b"}, "b 1=2@100 2=3@100; 2 rows to 2"},
		{[]string{"none"}, "2 rows to 2"},
		{[]string{}, "2 rows to 2"},
	} {
		m, err := storage.ReadEvents(t.Context(), strings.NewReader(events), test.names)
		if got := brief(m); err != nil || got != test.want {
			t.Errorf("%q: %s (%v), want %s", test.names, got, err, test.want)
		}
	}
}

func TestReadEvents_errors(t *testing.T) {
	t.Parallel()
	broken := errors.New("the disk is gone")
	_, err := storage.ReadEvents(t.Context(), iotest.ErrReader(broken), nil)
	if !errors.Is(err, broken) {
		t.Errorf("a reader's error becomes %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	many := strings.Repeat(ev(`"a": 1, "global_step": 1`), 5000)
	if _, err := storage.ReadEvents(ctx, strings.NewReader(many), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
