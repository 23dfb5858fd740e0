package resources

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/analysis"
	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/completion"
	"github.com/runicorn-mcp/runicorn-mcp/schema"
	"github.com/runicorn-mcp/runicorn-mcp/tools"
)

const (
	// maxCells bounds a table, so that it stays below 40,000 characters.
	maxCells = 2_500
	// maxColumns is how many metrics are shown of a run that has more; each keeps its lows and
	// highs then.
	maxColumns = 20
	// maxHeader is how long the name of a metric may be, in characters.
	maxHeader = 120
	// precision is how many significant digits a value has.
	precision = 6
)

// metrics are the curves of a run as a table.
var metrics = Template{
	URI: "runicorn://run/{id}/metrics.csv", Variable: "id", Completes: completion.Run,
	Listed: "latest",
	Name:   "run-metrics", Title: "A run's metrics", MIMEType: "text/csv",
	Description: fmt.Sprintf("A run's curves to %d digits: column step, one per metric. Beyond %d "+
		"cells steps are left out, lows and highs kept, and a first line that begins with # says so.",
		precision, maxCells),
	Read: func(ctx context.Context, env *tools.Env, id string) (Content, error) {
		c, err := env.Client(ctx, "")
		if err != nil {
			return Content{}, presentable(err)
		}
		_, m, err := c.RunMetrics(ctx, id, client.MetricsOptions{})
		if err != nil {
			return Content{}, presentable(err)
		}
		text, err := metricsCSV(m)
		return Content{MIMEType: "text/csv", Text: text}, err
	},
}

// metricsCSV is the table of m, with a first line that says what was left out, if anything was.
func metricsCSV(m client.Metrics) (string, error) {
	var notes []string
	if n := len(m.Series); n > maxColumns {
		notes = append(notes, fmt.Sprintf("the first %d of %d metrics", maxColumns, n))
		m.Series = m.Series[:maxColumns]
	}
	table := client.MetricsTable(m)
	if all, most := len(table.Rows), maxCells/len(table.Header); all > most {
		table.Rows = thinned(m, table.Rows, most)
		notes = append(notes, fmt.Sprintf("%d of %d steps, the lowest and the highest value of each "+
			"stretch among them", len(table.Rows), all))
	}
	for i, name := range table.Header {
		table.Header[i] = schema.Line(name, maxHeader)
	}
	for _, row := range table.Rows {
		for i, cell := range row {
			if v, ok := cell.(float64); ok {
				row[i] = rounded(v)
			}
		}
	}
	var b strings.Builder
	if len(notes) > 0 {
		b.WriteString("# " + strings.Join(notes, "; ") + "; get_metrics has statistics over all\n")
	}
	err := table.WriteCSV(&b)
	return b.String(), err
}

// rounded is v to the digits that are shown.
func rounded(v float64) float64 {
	short, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', precision, 64), 64)
	if err != nil {
		return v
	}
	return short
}

// thinned are at most n of rows: those that the shape of each series needs.
func thinned(m client.Metrics, rows [][]any, n int) [][]any {
	wanted := make(map[int64]bool, n)
	for _, s := range m.Series {
		for _, i := range analysis.Thin(s.Values, n/len(m.Series)) {
			wanted[s.Steps[i]] = true
		}
	}
	return slices.DeleteFunc(rows, func(row []any) bool {
		step, _ := row[0].(int64)
		return !wanted[step]
	})
}
