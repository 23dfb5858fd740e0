package client

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"
)

// ExportOptions are the optional arguments of [Client.ExportExperiment].
type ExportOptions struct {
	Format       string // "json" (default) or "csv"
	IncludeMedia bool   // answer a zip: the export, and every media file under media/
}

// ExportExperiment exports a run as bytes: documented export_experiment(run_id, format,
// include_media), POST /api/export on paper; built here on every source, since Viewers 0.5 to
// 0.7 answer 501.
//
// json is one object {run, summary, metrics, other, assets}: metrics in the documented form
// {name: [{step, value, timestamp}]}, non-finite numbers as the strings "NaN", "Infinity",
// "-Infinity". csv is the table of [MetricsTable].
func (c *Client) ExportExperiment(
	ctx context.Context, ref string, opts ExportOptions,
) ([]byte, error) {
	run, err := c.experiment(ctx, ref)
	if err != nil {
		return nil, c.named("export_experiment", err)
	}
	var b bytes.Buffer
	if _, err := c.ExportTo(ctx, &b, run, opts); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// An Export says what an export wrote.
type Export struct {
	Run   Experiment
	Rows  int // steps
	Media int // media files
}

// ExportTo is [Client.ExportExperiment] of a run that [Client.GetExperiment] returned, streamed
// to w. After an error w holds a part of it.
func (c *Client) ExportTo(
	ctx context.Context, w io.Writer, run Experiment, opts ExportOptions,
) (Export, error) {
	const op = "export_experiment"
	if opts.Format == "" {
		opts.Format = "json"
	}
	if opts.Format != "json" && opts.Format != "csv" {
		return Export{}, c.named(op, badRequest(
			fmt.Sprintf("format %q does not exist", opts.Format), "Use json or csv."))
	}
	e := exporter{client: c, done: Export{Run: run}, format: opts.Format}
	var err error
	if opts.IncludeMedia {
		err = e.writeZip(ctx, w)
	} else {
		err = e.write(ctx, w)
	}
	return e.done, c.named(op, err)
}

// An exporter writes one run in one form.
type exporter struct {
	client *Client
	format string
	done   Export
}

func (e *exporter) writeZip(ctx context.Context, w io.Writer) error {
	z := zip.NewWriter(w)
	name := "experiment.json"
	if e.format == "csv" {
		name = "metrics.csv"
	}
	f, err := z.Create(name)
	if err != nil {
		return err
	}
	if err := e.write(ctx, f); err != nil {
		return err
	}
	err = e.client.source.Media(ctx, e.done.Run, func(name string, r io.Reader) error {
		f, err := z.Create(name)
		if err != nil {
			return err
		}
		e.done.Media++
		_, err = io.Copy(f, r)
		return err
	})
	if err != nil {
		return err
	}
	return z.Close()
}

func (e *exporter) write(ctx context.Context, w io.Writer) (err error) {
	m, err := e.client.source.Metrics(ctx, e.done.Run, nil)
	if err != nil {
		return err
	}
	e.done.Rows = m.Rows
	out := bufio.NewWriter(w)
	if e.format == "csv" {
		_, err = writeMetricsCSV(ctx, out, m)
	} else {
		err = e.writeJSON(ctx, out, m)
	}
	if err != nil {
		return err
	}
	return out.Flush()
}

func (e *exporter) writeJSON(ctx context.Context, w *bufio.Writer, m Metrics) error {
	assets, err := e.client.source.Assets(ctx, e.done.Run)
	if err != nil {
		return err
	}
	run := e.done.Run
	summary := run.Summary
	run.Summary = nil
	writeField(w, "{", "run", run)
	writeField(w, ",", "summary", jsonSafe(summary))
	w.WriteString(`,"metrics":{`)
	for i, s := range m.Series {
		if i > 0 {
			w.WriteByte(',')
		}
		if err := writeSeries(ctx, w, s); err != nil {
			return err
		}
	}
	w.WriteByte('}')
	writeField(w, ",", "other", append([]OtherSeries{}, m.Other...))
	writeField(w, ",", "assets", exportAssets(assets))
	w.WriteString("}\n")
	return nil // a write error sticks to w and comes out of its Flush
}

// writeField writes one member of an object; value must be one that JSON can hold.
func writeField(w *bufio.Writer, before, name string, value any) {
	text, err := json.Marshal(value)
	if err != nil {
		text = []byte("null")
	}
	fmt.Fprintf(w, "%s%q:%s", before, name, text)
}

// writeSeries writes `"name":[{"step":1,"value":2,"timestamp":3},…]`.
func writeSeries(ctx context.Context, w *bufio.Writer, s MetricSeries) error {
	name, err := json.Marshal(s.Name)
	if err != nil {
		return err
	}
	w.Write(name)
	w.WriteString(":[")
	for i := range s.Steps {
		if i%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if i > 0 {
			w.WriteByte(',')
		}
		fmt.Fprintf(w, `{"step":%d,"value":%s,"timestamp":%s}`,
			s.Steps[i], jsonNumber(s.Values[i], true), jsonNumber(s.Times[i], false))
	}
	w.WriteByte(']')
	return nil
}

// jsonNumber is v as JSON: non-finite values as a string where they are data, else null.
func jsonNumber(v float64, data bool) string {
	switch {
	case !math.IsNaN(v) && !math.IsInf(v, 0):
		return formatFloat(v)
	case data:
		return `"` + formatFloat(v) + `"`
	}
	return "null"
}

// jsonSafe returns v with non-finite numbers replaced by their names, at any depth.
func jsonSafe(v any) any {
	switch v := v.(type) {
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return formatFloat(v)
		}
	case map[string]any:
		safe := make(map[string]any, len(v))
		for k, e := range v {
			safe[k] = jsonSafe(e)
		}
		return safe
	case []any:
		safe := make([]any, len(v))
		for i, e := range v {
			safe[i] = jsonSafe(e)
		}
		return safe
	}
	return v
}

// exportAssets is the assets part of a JSON export: registry artifacts by relation, or assets.
func exportAssets(a RunAssets) map[string]any {
	assets := make([]map[string]any, 0, len(a.Assets))
	for _, asset := range a.Assets {
		entry := map[string]any{"type": asset.Type, "name": asset.Name, "saved": asset.Saved}
		for key, text := range map[string]string{
			"context": asset.Context, "description": asset.Description, "uri": asset.URI,
			"archive_path": asset.ArchivePath, "fingerprint": asset.Fingerprint,
		} {
			if text != "" {
				entry[key] = text
			}
		}
		if asset.SizeBytes != nil {
			entry["size_bytes"] = *asset.SizeBytes
		}
		assets = append(assets, entry)
	}
	out := map[string]any{"assets": assets}
	for relation, artifacts := range map[string][]Artifact{"created": a.Created, "used": a.Used} {
		ids := make([]string, len(artifacts))
		for i, artifact := range artifacts {
			ids[i] = artifact.Type + "/" + artifact.ID()
		}
		out[relation] = ids
	}
	if a.Config != nil {
		out["config"] = jsonSafe(a.Config)
	}
	return out
}

// FileName is a file name for an export of the run: its label and id with everything that is
// not a letter, a digit, "-", "_" or "." replaced, and the extension.
func (e Experiment) FileName(extension string) string {
	name := e.ID + "." + extension
	if label := e.Label(); label != "" {
		name = label + "_" + name
	}
	clean := strings.Map(func(r rune) rune {
		if r < 0x20 || strings.ContainsRune(`/\:*?"<>| %`, r) || r == 0x7f || r == 0xfffd {
			return '-'
		}
		return r
	}, name)
	if r := []rune(clean); len(r) > 80 { // most file systems allow 255 bytes
		clean = string(r[:30]) + "-" + string(r[len(r)-49:])
	}
	return strings.TrimLeft(clean, ".-")
}
