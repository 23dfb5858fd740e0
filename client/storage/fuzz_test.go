package storage

import (
	"bytes"
	stdcmp "cmp"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// FuzzReadEvents holds the fast reader against one that decodes every line strictly.
func FuzzReadEvents(f *testing.F) {
	for _, seed := range []string{
		`{"ts": 1.5, "type": "metrics", "data": {"loss": 0.5, "global_step": 1, "time": 1.5}}`,
		`{"ts": 1, "type": "metrics", "data": {"a": NaN, "b": -Infinity, "c": 1e400, "global_step": 0}}`,
		`{"ts": 1, "type": "metrics", "data": {"a": -0.0, "a": 2, "step": 3, "stage": "x", "epoch": 1}}`,
		`{"type":"metrics","data":{"global_step":1,"a":01}}` + "\n" + `{"type":"metrics","type":"x","data":{}}`,
		`{"type":"metrics","data":{"global_step":1,"a":1,"global_step":2}}` + "\n{}",
		`{"ts":1,"ts":2,"type":"metrics","data":{"global_step":1,"\u0061":null,"b":"t","time":null}}`,
		`{"ts": 1, "type": "image", "data": {"key": "cat"}}` + "\n\n[1]\nnull\n\"x",
		`{"type":"metrics","data":{"epoch":2,"global_step":2,"epoch":NaN}}` + "\n" +
			`{"type":"metrics","data":{"epoch":1.5,"global_step":1}}`,
		`{"type":"metrics","data":{"global_step":9007199254740993,"a":true,"b":[1],"c":{"d":2}}} `,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, events []byte) {
		got, err := ReadEvents(t.Context(), bytes.NewReader(events), nil)
		if err != nil {
			t.Fatal(err)
		}
		want := newEventTable(nil)
		for _, line := range bytes.Split(events, []byte("\n")) {
			var e event
			isMetrics, err := decodeEvent(line, &e)
			if err != nil || !isMetrics {
				continue
			}
			row := want.row(e.step, e.time)
			want.inEpoch(row, e.epoch)
			for i, name := range e.names {
				if c := want.column(name); c >= 0 {
					want.columns[c].put(row, e.values[i])
				}
			}
		}
		opts := cmp.Options{cmpopts.EquateNaNs(), cmpopts.IgnoreFields(client.Metrics{}, "Problems")}
		if diff := cmp.Diff(want.metrics(), got, opts); diff != "" {
			t.Errorf("(-strict +fast):\n%s", diff)
		}
		for _, s := range got.Series {
			if len(s.Steps) == 0 || len(s.Steps) != len(s.Values) || len(s.Steps) != len(s.Times) ||
				!slices.IsSorted(s.Steps) || len(slices.Compact(slices.Clone(s.Steps))) != len(s.Steps) {
				t.Errorf("a wrong series: %+v", s)
			}
		}
	})
}

// FuzzDecodeEvent holds the strict decoder against encoding/json, where a line has nothing that
// Python alone writes.
func FuzzDecodeEvent(f *testing.F) {
	f.Add([]byte(`{"ts": 1.5, "type": "metrics", "data": {"loss": 0.5, "global_step": 1}}`))
	f.Add([]byte(`{"type": "metrics", "data": {"loss": "N\"aN", "a": [{"b": 1}], "step": true}}`))
	f.Add([]byte(`{"type": "metrics", "data": {"x": NaN, "-Infinity": "Infinity", "step": "1"}} x`))
	f.Fuzz(func(t *testing.T, line []byte) {
		var e event
		_, err := decodeEvent(line, &e)
		valid := json.Valid(line)
		python := bytes.Contains(line, []byte("NaN")) || bytes.Contains(line, []byte("Infinity"))
		if valid && err != nil || !valid && err == nil && !python {
			t.Errorf("%q: encoding/json calls it valid: %t; our error is %v", line, valid, err)
		}
	})
}

// FuzzRunFiles reads anything as the files of a run: the run that comes out can be shown, and
// what could not be read is said.
func FuzzRunFiles(f *testing.F) {
	f.Add([]byte(`{"id": "x", "created_at": 1.7e9, "pid": 3, "hostname": "h", "tags": ["a"], "alias": null}`),
		[]byte(`{"status": "completed", "started_at": 1, "ended_at": 2, "exit_reason": "x"}`),
		[]byte(`{"best_metric_name": "acc", "best_metric_value": NaN, "best_metric_step": 2}`),
		[]byte(`{"datasets": [{"name": "d", "fingerprint": {"b": 1, "a": 2}}], "outputs": [{"key": "k"}]}`))
	f.Add([]byte(`{"created_at": "x", "pid": -1, "tags": "a", "path": 7}`), []byte(`[]`), []byte(``),
		[]byte(`{"code": {"snapshot": {"workspace_root": "C:\\x"}}, "config": {"lr": Infinity}}`))
	f.Fuzz(func(t *testing.T, meta, status, summary, assets []byte) {
		var run client.Experiment
		RunFiles{Meta: meta, Status: status, Summary: summary}.Decode(&run)
		words := []string{client.StatusRunning, client.StatusFinished, client.StatusFailed,
			client.StatusInterrupted, client.StatusUnknown}
		if !slices.Contains(words, stdcmp.Or(run.Status, client.StatusUnknown)) {
			t.Errorf("status %q", run.Status)
		}
		for _, v := range []float64{run.CreatedAt, run.StartedAt, run.EndedAt} {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				t.Errorf("time %v", v)
			}
		}
		if run.Tags == nil && meta != nil && json.Valid(meta) && bytes.HasPrefix(meta, []byte("{")) {
			t.Error("no tags")
		}
		if run.PID < 0 || run.Best != nil && run.Best.Name == "" {
			t.Errorf("%+v", run)
		}
		for name, data := range map[string][]byte{"meta": meta, "status": status, "summary": summary} {
			v, err := DecodeJSON(data)
			if _, ok := v.(map[string]any); (err != nil || !ok) && data != nil &&
				!strings.Contains(strings.Join(run.Problems, "\n"), name) {
				t.Errorf("%s.json is %q, and no problem: %q", name, data, run.Problems)
			}
		}
		found, config, err := ReadAssets(assets)
		if err != nil && (found != nil || config != nil) {
			t.Error("an error and assets")
		}
		for _, a := range found {
			if !slices.Contains([]string{"dataset", "pretrained", "output", "code"}, a.Type) {
				t.Errorf("type %q", a.Type)
			}
		}
	})
}

// FuzzLooseReader replaces bare words on a stream as mark does in memory, however the stream is
// cut.
func FuzzLooseReader(f *testing.F) {
	for _, text := range []string{`{"a":NaN,"b":"NaN \" -Infinity","c":[-Infinity,Infinity,-1]}`, `NaN`,
		`-Infinit`, `"\\"NaN`, `-`} {
		f.Add([]byte(text), 3)
	}
	f.Fuzz(func(t *testing.T, text []byte, piece int) {
		want := mark(bytes.Clone(text))
		r := NewLooseReader(iotest.OneByteReader(bytes.NewReader(text)))
		var got []byte
		p := make([]byte, 1+piece&0xff)
		for {
			n, err := r.Read(p)
			got = append(got, p[:n]...)
			if err != nil {
				break
			}
		}
		if !bytes.Equal(got, want) {
			t.Fatalf("%q becomes %q, want %q", text, got, want)
		}
	})
}
