package demo

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"path"
	"path/filepath"
	"strings"
	"time"
)

// A layout collects the files of the store, by slash-separated path below it. Every form is
// that of a store the SDK of 0.7.2 wrote: names, keys, their order and their spelling.
type layout struct {
	dir   string // of the store, absolute: the SDK writes it into its files
	now   time.Time
	files map[string][]byte
}

// add puts the files of r into the store.
func (l *layout) add(r run) Entry {
	seed := seedOf(r.path + " " + r.alias + " " + r.status)
	began := l.now.Add(-r.began - time.Duration(seed%3_000_000)*time.Millisecond)
	if r.status == "running" { // the last step was a moment ago
		began = l.now.Add(-time.Duration(r.steps)*r.pace - 7*time.Second)
	}
	id := fmt.Sprintf("%s_%06x", began.Format("20060102_150405"), seed&0xffffff)
	dir := path.Join("runs", r.path, id)
	points := r.curve.points(r.steps, seed)
	meta := object{{"id", id}, {"path", r.path}, {"alias", nil}, {"created_at", stamp(began)},
		{"python", "3.11.9"}, {"platform", "Linux 5.15.0-107-generic (x86_64)"},
		{"hostname", r.host}, {"pid", r.pid}, {"storage_dir", l.dir},
		{"workspace_root", "/workspace/" + r.project()}}
	if r.alias != "" {
		meta[2].value = r.alias
	}
	if len(r.tags) > 0 { // a Viewer adds them on request; the SDK has no call for it
		meta = append(meta, member{"tags", r.tags})
	}
	status := object{{"status", r.status}, {"started_at", stamp(began.Add(time.Millisecond))}}
	end := began.Add(time.Duration(r.steps)*r.pace + 4*time.Second)
	if r.status != "running" {
		status = append(status, member{"ended_at", stamp(end)})
		l.files[dir+"/summary.json"] = pyFile(r.summary(points))
	}
	l.files[dir+"/meta.json"] = pyFile(meta)
	l.files[dir+"/status.json"] = pyFile(status)
	l.files[dir+"/events.jsonl"] = events(points, began, r.pace)
	l.files[dir+"/assets.json"] = pyFile(l.assets(r, id, end))
	if log := r.log(points, began, end); len(log) > 0 {
		l.files[dir+"/logs.txt"] = log
	}
	return Entry{ID: id, Path: r.path, Alias: r.alias, Status: r.status}
}

// project is the first segment of the run's path.
func (r run) project() string {
	project, _, _ := strings.Cut(r.path, "/")
	return project
}

// summary is summary.json: the training code's own keys, then the best value that finish adds.
func (r run) summary(points []point) object {
	var summary object
	if r.error != "" {
		summary = append(summary, member{"error", r.error})
	}
	var last, best float64
	bestStep := 0
	for _, p := range points {
		for _, m := range p.values {
			value, _ := m.value.(float64)
			if m.key != r.curve.score {
				continue
			}
			last = value
			if bestStep == 0 || r.curve.falling == (value < best) && value != best {
				best, bestStep = value, p.step
			}
		}
	}
	mode := "max"
	if r.curve.falling {
		mode = "min"
	}
	if r.status == "finished" {
		summary = append(summary, member{"final_" + r.curve.score, last})
	}
	return append(summary, member{"best_metric_value", best}, member{"best_metric_name",
		r.curve.score}, member{"best_metric_step", bestStep}, member{"best_metric_mode", mode})
}

// events is events.jsonl.
func events(points []point, began time.Time, pace time.Duration) []byte {
	var b bytes.Buffer
	for _, p := range points {
		at := began.Add(time.Duration(p.step) * pace)
		if p.stage != "" {
			at = at.Add(1500 * time.Millisecond)
		}
		data := append(object{}, p.values...)
		data = append(data, member{"global_step", p.step}, member{"time", stamp(at)})
		if p.stage != "" {
			data = append(data, member{"stage", p.stage})
		}
		b.Write(pyLine(object{{"ts", stamp(at)}, {"type", "metrics"}, {"data", data}}))
		b.WriteByte('\n')
	}
	return b.Bytes()
}

// log is logs.txt: what capture_console took of a run that crashed, or the SDK's alerts. Nil
// when nothing was written: console capture is off by default.
func (r run) log(points []point, began, end time.Time) []byte {
	var b bytes.Buffer
	if r.error != "" {
		for _, p := range points {
			if p.stage == "val" {
				fmt.Fprintf(&b, "[%s] step %d/400  %s %.4f  %s %.4f\n",
					began.Add(time.Duration(p.step)*r.pace).Format("15:04:05"), p.step,
					p.values[0].key, p.values[0].value, p.values[1].key, p.values[1].value)
			}
		}
		for line := range strings.Lines(fmt.Sprintf(traceback, r.error)) {
			fmt.Fprintf(&b, "[%s] %s", end.Format("15:04:05"), line)
		}
	}
	for _, p := range points {
		for _, m := range p.values {
			if value, ok := m.value.(float64); ok && math.IsNaN(value) {
				fmt.Fprintf(&b, "%s | ⚠️ Alert: %s is NAN\n",
					began.Add(time.Duration(p.step)*r.pace).Format("15:04:05"), m.key)
			}
		}
	}
	return b.Bytes()
}

const traceback = `Traceback (most recent call last):
  File "/workspace/vision/train.py", line 214, in <module>
    main(parse_args())
  File "/workspace/vision/train.py", line 187, in main
    loss = train_step(model, batch, scaler)
  File "/workspace/vision/train.py", line 96, in train_step
    logits = model(images)
  File "/workspace/vision/vit.py", line 58, in forward
    attention = torch.softmax(q @ k.transpose(-2, -1) * self.scale, dim=-1)
torch.OutOfMemoryError: %s
`

// assets is assets.json. The archived copies become files of the store.
func (l *layout) assets(r run, id string, end time.Time) object {
	d := r.data
	data := object{{"name", d.name}, {"context", "train"}, {"uri", d.uri}, {"description", nil},
		{"saved", false}, {"fingerprint", nil}}
	if d.files > 0 {
		data[3].value = d.description
		data[5].value = object{{"mtime", d.changed}, {"file_count", d.files},
			{"total_size_bytes", d.size}}
	}
	pretrained, outputs := []any{}, []any{}
	if w := r.start; w != nil {
		content, sum := w.content()
		blob := "archive/blobs/" + sum[:2] + "/" + sum
		l.files[blob] = content
		pretrained = append(pretrained, object{{"name", w.name}, {"source_type", "local"},
			{"path_or_uri", w.key}, {"description", w.note}, {"saved", true},
			{"fingerprint_kind", "sha256"}, {"fingerprint", sum}, {"archive_path", l.absolute(blob)}})
	}
	if w := r.output; w != nil {
		content, sum := w.content()
		key := sha1.Sum([]byte(w.key)) // how the SDK names the copy, no matter of security
		file := fmt.Sprintf("archive/outputs/rolling/%s/%s_%s", id, hex.EncodeToString(key[:]), w.name)
		l.files[file] = content
		outputs = append(outputs, object{{"key", w.key}, {"name", w.name}, {"kind", "file"},
			{"path", "./" + w.key}, {"saved", true}, {"archive_path", l.absolute(file)},
			{"fingerprint_kind", "sha256"}, {"fingerprint", sum}, {"mode", "rolling"},
			{"archived_at", int(end.Unix())}})
	}
	return object{{"code", object{}}, {"config", object{{"args", r.config}}},
		{"datasets", []any{data}}, {"pretrained", pretrained}, {"outputs", outputs}}
}

// content stands in for the bytes of the weights, and their fingerprint.
func (w weights) content() ([]byte, string) {
	random := rand.New(rand.NewPCG(seedOf(w.key), 3))
	content := make([]byte, 4096)
	for i := range content {
		content[i] = byte(random.Uint32())
	}
	sum := sha256.Sum256(content)
	return content, hex.EncodeToString(sum[:])
}

func (l *layout) absolute(file string) string {
	return filepath.Join(l.dir, filepath.FromSlash(file))
}

// stamp is a time as the SDK writes it: seconds since 1970.
func stamp(t time.Time) float64 { return float64(t.UnixMicro()) / 1e6 }

func seedOf(text string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(text))
	return h.Sum64()
}
