package resources

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/completion"
	"github.com/runicorn-mcp/runicorn-mcp/tools"
)

// logLines is how many lines of a log's end are shown; get_logs makes them fewer where they are
// long.
const logLines = 200

// log is the end of a run's console output, as get_logs, tool, shows it.
func log(tool tools.Tool) Template {
	return Template{
		URI: "runicorn://run/{id}/log", Variable: "id", Completes: completion.Run, Listed: "latest",
		Name: "run-log", Title: "A run's log", MIMEType: "text/plain",
		Description: fmt.Sprintf("The last %d lines of a run's console output, numbered, as get_logs "+
			"shows them.", logLines),
		Read: func(ctx context.Context, env *tools.Env, id string) (Content, error) {
			answer, err := call(ctx, env, tool, map[string]any{"run_id": id, "tail": logLines})
			if err != nil {
				return Content{}, presentable(err)
			}
			text, err := logText(answer)
			return Content{MIMEType: "text/plain", Text: text}, err
		},
	}
}

// logText is an answer of get_logs as text: what is shown of it on lines that begin with "#",
// then the lines of the log.
func logText(answer json.RawMessage) (string, error) {
	var log struct {
		Run       string   `json:"run"`
		Label     string   `json:"label"`
		Status    string   `json:"status"`
		Total     int      `json:"total_lines"`
		Lines     []string `json:"lines"`
		Traceback *struct {
			Line      int    `json:"line"`
			Exception string `json:"exception"`
		} `json:"traceback"`
		Notes []string `json:"notes"`
	}
	if err := json.Unmarshal(answer, &log); err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# run %s", log.Run)
	for _, word := range []string{log.Label, log.Status} {
		if word != "" {
			b.WriteString(", " + word)
		}
	}
	fmt.Fprintf(&b, "; %d of %d lines\n", len(log.Lines), log.Total)
	if t := log.Traceback; t != nil {
		fmt.Fprintf(&b, "# the last traceback begins at line %d: %s\n", t.Line, t.Exception)
	}
	for _, note := range log.Notes {
		b.WriteString("# " + note + "\n")
	}
	for _, line := range log.Lines {
		b.WriteString(line + "\n")
	}
	return b.String(), nil
}
