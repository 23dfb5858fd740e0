package client

import (
	"encoding/csv"
	"io"
	"iter"
	"math"
	"strconv"
	"strings"
	"time"
)

// A Table is rows under a header. A cell is a string, an int64, a float64 or nil for "no value
// here"; NaN is a value.
type Table struct {
	Header []string
	Rows   [][]any
}

// WriteCSV writes the table as RFC 4180 CSV with a header line: numbers in the shortest form
// that reads back equal, "NaN", "Infinity" and "-Infinity", nothing for nil.
func (t Table) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	if err := out.Write(t.Header); err != nil {
		return err
	}
	record := make([]string, len(t.Header))
	for _, row := range t.Rows {
		for i, cell := range row {
			record[i] = cellText(cell)
		}
		if err := out.Write(record); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func cellText(cell any) string {
	switch c := cell.(type) {
	case string:
		return c
	case int64:
		return strconv.FormatInt(c, 10)
	case float64:
		return formatFloat(c)
	}
	return ""
}

// formatFloat is the shortest text that reads back equal, non-finite values spelled as JSON
// dialects and pandas read them.
func formatFloat(v float64) string {
	switch {
	case math.IsNaN(v):
		return "NaN"
	case math.IsInf(v, 1):
		return "Infinity"
	case math.IsInf(v, -1):
		return "-Infinity"
	}
	format := byte('f') // as encoding/json and JavaScript write numbers
	if abs := math.Abs(v); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	return strconv.FormatFloat(v, format, -1, 64)
}

// MetricsTable is the documented utils.metrics_to_dataframe(metrics): column step, then one
// per metric by name; one row per step of any metric, ascending.
func MetricsTable(m Metrics) Table {
	t := Table{Header: []string{"step"}}
	for _, s := range m.Series {
		t.Header = append(t.Header, s.Name)
	}
	for step, cells := range joinSteps(m.Series) {
		row := make([]any, 1, 1+len(cells))
		row[0] = step
		for _, c := range cells {
			if c.there {
				row = append(row, c.value)
			} else {
				row = append(row, nil)
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// ExperimentsTable is the documented utils.experiments_to_dataframe(experiments): columns id,
// project, name, status, created_at (RFC 3339, UTC), best_metric_name, best_metric_value, tags.
func ExperimentsTable(runs []Experiment) Table {
	t := Table{Header: []string{"id", "project", "name", "status", "created_at",
		"best_metric_name", "best_metric_value", "tags"}}
	for _, run := range runs {
		row := []any{run.ID, run.Project, run.Name, run.Status, nil, nil, nil,
			strings.Join(run.Tags, ",")}
		if run.CreatedAt > 0 {
			row[4] = run.CreatedTime().Format(time.RFC3339Nano)
		}
		if run.Best != nil {
			row[5], row[6] = run.Best.Name, run.Best.Value
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// A cell is one value of a joined row.
type cell struct {
	value float64
	there bool
}

// joinSteps is the outer join of several series on their steps, ascending. The yielded cells,
// one per series, are valid until the next row.
func joinSteps(series []MetricSeries) iter.Seq2[int64, []cell] {
	return func(yield func(int64, []cell) bool) {
		next := make([]int, len(series))
		cells := make([]cell, len(series))
		for {
			step, more := lowestStep(series, next)
			if !more {
				return
			}
			for i, s := range series {
				cells[i] = cell{}
				if next[i] < len(s.Steps) && s.Steps[next[i]] == step {
					cells[i] = cell{s.Values[next[i]], true}
					next[i]++
				}
			}
			if !yield(step, cells) {
				return
			}
		}
	}
}

// lowestStep is the smallest step not yet joined; false when all are.
func lowestStep(series []MetricSeries, next []int) (step int64, more bool) {
	step = math.MaxInt64
	for i, s := range series {
		if next[i] < len(s.Steps) {
			step, more = min(step, s.Steps[next[i]]), true
		}
	}
	return step, more
}
