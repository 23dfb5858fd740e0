package storage

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

const (
	maxLine    = 16 << 20 // bytes of one line; longer ones are passed over
	readBuffer = 256 << 10
)

// ReadEvents reads the metrics of an events.jsonl, as any SDK from 0.4 to 0.7 writes it, in one
// pass and with memory for the numbers alone. names limits which metrics (nil: all).
//
// It follows the 0.7.2 Viewer (viewer/utils/incremental_cache.py): one row per step, which is
// global_step or else step; the last write of a metric at a step wins, a null or text takes a
// number back; lists and objects are passed over, and so are the keys global_step, step, epoch,
// time and stage. Unlike the Viewer it keeps NaN and infinities, which Python writes as bare
// words, and the epochs beside the metrics. A time that an event lacks is its ts.
//
// A line that cannot be read is counted in Problems, never an error; an unfinished last line,
// which a live run has now and then, is left out without a word. The error is ctx's or r's.
func ReadEvents(ctx context.Context, r io.Reader, names []string) (client.Metrics, error) {
	reader := eventReader{table: newEventTable(names)}
	lines := bufio.NewReaderSize(r, readBuffer)
	var long []byte
	for n := 1; ; n++ {
		if n%4096 == 0 && ctx.Err() != nil {
			return client.Metrics{}, ctx.Err()
		}
		line, tooLong, err := readLine(lines, &long)
		if err != nil && err != io.EOF {
			return client.Metrics{}, err
		}
		finished := err == nil
		switch {
		case tooLong:
			reader.problem(n, "it is longer than 16 MiB")
		case len(bytes.TrimSpace(line)) > 0:
			if fault := reader.add(line); fault != "" && finished {
				reader.problem(n, fault)
			}
		}
		if !finished {
			break
		}
	}
	m := reader.table.metrics()
	m.Problems = reader.problems()
	return m, nil
}

// readLine reads to the end of a line, without its newline. err is io.EOF for what follows the
// last newline, which may be nothing. The line is valid until the next call; long is its room
// where the buffer is too small. A line that is too long is read over.
func readLine(r *bufio.Reader, long *[]byte) (line []byte, tooLong bool, err error) {
	line, err = r.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return bytes.TrimSuffix(line, []byte("\n")), false, err
	}
	*long = append((*long)[:0], line...)
	for errors.Is(err, bufio.ErrBufferFull) {
		line, err = r.ReadSlice('\n')
		if len(*long) > maxLine {
			tooLong = true
			continue
		}
		*long = append(*long, line...)
	}
	return bytes.TrimSuffix(*long, []byte("\n")), tooLong || len(*long) > maxLine, err
}

// An eventReader adds lines to a table.
type eventReader struct {
	table   *eventTable
	scanner scanner
	event   event
	columns []int // of the names of the last event: most have the same

	broken      int
	firstBroken int
	firstFault  string
}

// add reads one line into the table; fault says what is wrong with it, "" for nothing.
func (r *eventReader) add(line []byte) (fault string) {
	if !r.scanner.scan(line, &r.event) {
		isMetrics, err := decodeEvent(line, &r.event)
		if err != nil {
			return err.Error()
		}
		if !isMetrics {
			return ""
		}
	}
	row := r.table.row(r.event.step, r.event.time)
	r.table.inEpoch(row, r.event.epoch)
	for i, name := range r.event.names {
		if c := r.column(i, name); c >= 0 {
			r.table.columns[c].put(row, r.event.values[i])
		}
	}
	return ""
}

// column is the column of the i-th name of a line: mostly that of the line before.
func (r *eventReader) column(i int, name []byte) int {
	if i < len(r.columns) && r.columns[i] >= 0 && r.table.columns[r.columns[i]].name == string(name) {
		return r.columns[i]
	}
	c := r.table.column(name)
	if i == len(r.columns) {
		r.columns = append(r.columns, c)
	} else if i < len(r.columns) {
		r.columns[i] = c
	}
	return c
}

func (r *eventReader) problem(line int, fault string) {
	if r.broken == 0 {
		r.firstBroken, r.firstFault = line, fault
	}
	r.broken++
}

func (r *eventReader) problems() []string {
	switch r.broken {
	case 0:
		return nil
	case 1:
		return []string{fmt.Sprintf("events.jsonl: line %d was passed over: %s", r.firstBroken,
			r.firstFault)}
	}
	return []string{fmt.Sprintf("events.jsonl: %d lines were passed over, the first is line %d: %s",
		r.broken, r.firstBroken, r.firstFault)}
}

// decodeEvent reads any line, strictly but for NaN and infinities, into e. A line that is no
// metrics event, or has no step, is none (isMetrics false) without an error.
func decodeEvent(line []byte, e *event) (isMetrics bool, err error) {
	v, err := DecodeJSON(line)
	if err != nil {
		return false, errors.New("it is no valid JSON")
	}
	object, _ := v.(map[string]any)
	data, ok := object["data"].(map[string]any)
	if object["type"] != "metrics" || !ok {
		return false, nil
	}
	step, ok := stepOf(data)
	if !ok {
		return false, nil
	}
	e.step, e.time = step, math.NaN()
	if t, ok := float(data["time"]); ok {
		e.time = t
	}
	if ts, ok := float(object["ts"]); ok && math.IsNaN(e.time) {
		e.time = ts
	}
	e.epoch = math.NaN()
	if epoch, ok := float(data["epoch"]); ok {
		e.epoch = epoch
	}
	e.names, e.values = e.names[:0], e.values[:0]
	for _, name := range slices.Sorted(maps.Keys(data)) {
		switch name {
		case "global_step", "step", "epoch", "time", "stage":
			continue
		}
		switch v := data[name].(type) {
		case []any, map[string]any:
			continue
		case float64, int64:
			f, _ := float(v)
			e.values = append(e.values, value{number: f})
		default:
			e.values = append(e.values, textValue(v))
		}
		e.names = append(e.names, []byte(name))
	}
	return true, nil
}

// stepOf is what Python's int() makes of global_step, or of step where that is missing or null.
func stepOf(data map[string]any) (int64, bool) {
	step := data["global_step"]
	if step == nil {
		step = data["step"]
	}
	switch s := step.(type) {
	case int64:
		return s, true
	case float64:
		if math.Abs(s) < 1<<63 { // false for NaN
			return int64(s), true
		}
	case bool:
		if s {
			return 1, true
		}
		return 0, true
	case string:
		n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
		return n, err == nil
	}
	return 0, false
}

// CountImages is how many images an events.jsonl tells of.
func CountImages(ctx context.Context, r io.Reader) (int, error) {
	lines := bufio.NewReaderSize(r, readBuffer)
	var long []byte
	images := 0
	for n := 1; ; n++ {
		if n%4096 == 0 && ctx.Err() != nil {
			return 0, ctx.Err()
		}
		line, _, err := readLine(lines, &long)
		if bytes.Contains(line, []byte(`"image"`)) {
			v, _ := DecodeJSON(line)
			if event, _ := v.(map[string]any); event["type"] == "image" {
				images++
			}
		}
		if errors.Is(err, io.EOF) {
			return images, nil
		}
		if err != nil {
			return 0, err
		}
	}
}
