package storage

import (
	"fmt"
	"math"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// A RunFiles value holds the JSON files of a run as read elsewhere, such as from a Viewer's
// /api/runs/{id}/assets/download (0.6 and later); nil for one that is not there.
type RunFiles struct{ Meta, Status, Summary []byte }

// Decode fills in what the files say of run: every field but ID, Project, Name, RunDir,
// UpdatedAt and Captured. Files that cannot be read are noted in run.Problems.
func (f RunFiles) Decode(run *client.Experiment) {
	object := func(name string, data []byte) map[string]any {
		if data == nil {
			return nil
		}
		v, err := DecodeJSON(data)
		o, ok := v.(map[string]any)
		if !ok || err != nil {
			run.Problems = append(run.Problems,
				fmt.Sprintf("%q cannot be read: %v", name, objectFault(data, err)))
			return map[string]any{}
		}
		return o
	}
	d := decoder{run: run}
	d.meta(object("meta.json", f.Meta))
	d.status(object("status.json", f.Status))
	summary := object("summary.json", f.Summary)
	d.best(summary)
	if run.Summary = summary; summary == nil {
		run.Summary = map[string]any{}
	}
}

// A decoder takes what it knows out of the JSON files of a run, and notes what has the wrong
// type.
type decoder struct {
	run  *client.Experiment
	file string // prefix of the file names in problems
}

func (d decoder) meta(o map[string]any) {
	if o == nil {
		return
	}
	get := fields{o, d.file + "meta.json", &d.run.Problems}
	d.run.Path = get.text("path")
	d.run.Alias = get.text("alias")
	d.run.CreatedAt = get.time("created_at")
	d.run.Hostname = get.text("hostname")
	d.run.Python = get.text("python")
	d.run.Platform = get.text("platform")
	d.run.PID = get.pid()
	d.run.Tags = get.tags()
}

func (d decoder) status(o map[string]any) {
	if o == nil {
		d.run.Problems = append(d.run.Problems, fmt.Sprintf("%q is missing", d.file+"status.json"))
		return
	}
	get := fields{o, d.file + "status.json", &d.run.Problems}
	word := get.text("status")
	d.run.Status = client.NormalizeStatus(word)
	if word != d.run.Status {
		d.run.RawStatus = word
	}
	d.run.StatusReason = get.text("exit_reason")
	d.run.StartedAt = get.time("started_at")
	d.run.EndedAt = get.time("ended_at")
}

func (d decoder) best(o map[string]any) {
	var unnamed []string // a summary is free text: nothing in it has a wrong type
	get := fields{o, "", &unnamed}
	value, ok := float(o["best_metric_value"])
	if name := get.text("best_metric_name"); ok && name != "" {
		d.run.Best = &client.BestMetric{Name: name, Value: value, Mode: get.text("best_metric_mode")}
		if step, ok := o["best_metric_step"].(int64); ok {
			d.run.Best.Step = &step
		}
	}
}

// fields reads members of a JSON object; one of the wrong type is a problem and has no value.
type fields struct {
	object   map[string]any
	file     string
	problems *[]string
}

func (f fields) wrong(key, expected string) {
	*f.problems = append(*f.problems, fmt.Sprintf("%q: %q is not %s", f.file, key, expected))
}

func (f fields) text(key string) string {
	switch v := f.object[key].(type) {
	case nil:
	case string:
		return v
	default:
		f.wrong(key, "a text")
	}
	return ""
}

// time reads seconds since 1970; anything that cannot be a time is 0.
func (f fields) time(key string) float64 {
	v := f.object[key]
	if v == nil {
		return 0
	}
	t, ok := float(v)
	if !ok || math.IsNaN(t) || math.Abs(t) > float64(1<<40) {
		f.wrong(key, "a time in seconds")
		return 0
	}
	return t
}

func (f fields) pid() int {
	switch v := f.object["pid"].(type) {
	case nil:
	case int64:
		if v > 0 && v < 1<<31 {
			return int(v)
		}
	default:
		f.wrong("pid", "a number")
	}
	return 0
}

func (f fields) tags() []string {
	tags := []string{}
	switch v := f.object["tags"].(type) {
	case nil:
	case []any:
		for _, e := range v {
			if tag, ok := e.(string); ok {
				tags = append(tags, tag)
			} else {
				f.wrong("tags", "a list of texts")
			}
		}
	default:
		f.wrong("tags", "a list of texts")
	}
	return tags
}

// modified is the time of a file as seconds since 1970.
func modified(t time.Time) float64 { return float64(t.UnixMicro()) / 1e6 }
