package questions

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// A run is what the generator knows of one: what it writes, and what the facts are computed from.
type run struct {
	id, project, name, alias string
	tags                     []string
	status                   string // the word that is stored
	created                  time.Time
	pace                     time.Duration // of a step
	host                     string
	pid                      int
	metrics                  []metric
	args                     map[string]any // settings
	log                      string         // captured console
	environment              map[string]any
	data                     string  // dataset
	start, output            *weight // what it began with and made
	ill                      string  // the finding that it must have; "" for none
}

// A metric is the values of one, by step.
type metric struct {
	name   string
	steps  []int
	values []float64
}

// A weight is a file of weights: one fingerprint, one version.
type weight struct{ name, sum string }

// series is a metric of the run; the test names only those there are.
func (r run) series(name string) metric {
	for _, m := range r.metrics {
		if m.name == name {
			return m
		}
	}
	panic(r.alias + " has no " + name)
}

// last is the value at the last step.
func (m metric) last() float64 { return m.values[len(m.values)-1] }

// lowest is the least finite value and the first step that has it.
func (m metric) lowest() (step int, value float64) {
	value = math.Inf(1)
	for i, v := range m.values {
		if v < value {
			step, value = m.steps[i], v
		}
	}
	return step, value
}

// highest is the greatest finite value and the first step that has it.
func (m metric) highest() (step int, value float64) {
	value = math.Inf(-1)
	for i, v := range m.values {
		if v > value && !math.IsInf(v, 0) {
			step, value = m.steps[i], v
		}
	}
	return step, value
}

// at is the value at a step.
func (m metric) at(step int) float64 {
	for i, s := range m.steps {
		if s == step {
			return m.values[i]
		}
	}
	panic(fmt.Sprint(m.name, " has no step ", step))
}

// steps is the last step of the run.
func (r run) lastStep() int {
	last := 0
	for _, m := range r.metrics {
		last = max(last, m.steps[len(m.steps)-1])
	}
	return last
}

// label is how answers call the place of the run.
func (r run) label() string { return r.project + "/" + r.name }

// ended is when the last step was.
func (r run) ended() time.Time { return r.created.Add(time.Duration(r.lastStep()) * r.pace) }

// write writes the runs in the layout of a release, into a new folder.
func write(t testing.TB, runs []run, registry bool) (root string) {
	t.Helper()
	root = filepath.Join(t.TempDir(), "store")
	for _, r := range runs {
		if err := r.writeTo(r.dir(root, registry), registry); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// dir is the folder of a run in the layout of a release.
func (r run) dir(root string, registry bool) string {
	if registry {
		return filepath.Join(root, r.project, r.name, "runs", r.id)
	}
	return filepath.Join(root, "runs", r.project, r.name, r.id)
}

func (r run) writeTo(dir string, registry bool) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	meta := map[string]any{"id": r.id, "path": r.label(), "project": r.project, "name": r.name,
		"created_at": seconds(r.created), "hostname": r.host, "pid": r.pid, "python": "3.11.9",
		"platform": "Linux-6.1"}
	if !registry {
		meta["alias"], meta["tags"] = r.alias, r.tags
	}
	files := map[string]any{"meta.json": meta, "status.json": r.statusFile()}
	if !registry {
		files["assets.json"] = r.assets()
	} else if r.args != nil {
		files["summary.json"] = r.args
	}
	if r.environment != nil {
		files["environment.json"] = r.environment
	}
	for name, v := range files {
		if err := writeJSON(filepath.Join(dir, name), v); err != nil {
			return err
		}
	}
	if r.log != "" {
		if err := os.WriteFile(filepath.Join(dir, "logs.txt"), []byte(r.log), 0o644); err != nil {
			return err
		}
	}
	if len(r.metrics) == 0 {
		return nil
	}
	return r.writeEvents(filepath.Join(dir, "events.jsonl"))
}

// statusFile is status.json.
func (r run) statusFile() map[string]any {
	status := map[string]any{"status": r.status, "started_at": seconds(r.created)}
	if r.status != "running" {
		status["ended_at"] = seconds(r.ended())
	}
	return status
}

func writeJSON(file string, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o644)
}

// assets is assets.json, as Runicorn 0.6 and 0.7 write it.
func (r run) assets() map[string]any {
	assets := map[string]any{"code": map[string]any{}, "config": map[string]any{"args": r.args},
		"datasets": []any{}, "pretrained": []any{}, "outputs": []any{}}
	if r.args == nil {
		assets["config"] = map[string]any{}
	}
	if r.data != "" {
		assets["datasets"] = []any{map[string]any{"name": r.data, "context": "train",
			"uri": "/data/" + r.data, "description": nil, "saved": false, "fingerprint_kind": "sha256",
			"fingerprint": fmt.Sprintf("%064x", len(r.data))}}
	}
	if w := r.start; w != nil {
		assets["pretrained"] = []any{map[string]any{"name": w.name, "source_type": "local",
			"path_or_uri": "checkpoints/" + w.name, "description": nil, "saved": false,
			"fingerprint_kind": "sha256", "fingerprint": w.sum}}
	}
	if w := r.output; w != nil {
		assets["outputs"] = []any{map[string]any{"key": w.name, "name": w.name, "kind": "file",
			"path": "./" + w.name, "saved": false, "mode": "rolling", "archive_path": nil,
			"fingerprint_kind": "sha256", "fingerprint": w.sum,
			"archived_at": r.ended().Unix()}}
	}
	return assets
}

// writeEvents writes a line per step with the metrics that have a value there.
func (r run) writeEvents(file string) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	next := make([]int, len(r.metrics))
	var data []byte
	for step := 0; step <= r.lastStep(); step++ {
		data = data[:0]
		for i, m := range r.metrics {
			if next[i] < len(m.steps) && m.steps[next[i]] == step {
				data = append(strconv.AppendQuote(data, m.name), ": "...)
				data = append(appendPython(data, m.values[next[i]]), ", "...)
				next[i]++
			}
		}
		if len(data) > 0 {
			at := seconds(r.created.Add(time.Duration(step) * r.pace))
			fmt.Fprintf(w, `{"ts": %.3f, "type": "metrics", "data": {%s"global_step": %d, "time": %.3f}}`+"\n",
				at, data, step, at)
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Close()
}

// appendPython appends v as Python's json module writes it.
func appendPython(b []byte, v float64) []byte {
	switch {
	case math.IsNaN(v):
		return append(b, "NaN"...)
	case math.IsInf(v, 1):
		return append(b, "Infinity"...)
	case math.IsInf(v, -1):
		return append(b, "-Infinity"...)
	}
	return strconv.AppendFloat(b, v, 'f', -1, 64)
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
