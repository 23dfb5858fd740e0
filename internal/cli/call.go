package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/runicorn-mcp/runicorn-mcp/tools"
)

type callCommand struct {
	Tool string   `arg:"" help:"Name of the tool: runicorn-mcp tools lists them."`
	Args []string `arg:"" optional:"" name:"key=value" help:"Arguments; a key given twice is an array. Or one JSON object."`
}

// Run calls the tool and prints its answer, indented at a terminal.
func (c callCommand) Run(ctx context.Context, a *app) error {
	list, err := a.selected()
	if err != nil {
		return err
	}
	tool, err := find(list, c.Tool)
	if err != nil {
		return err
	}
	args, err := arguments(c.Args)
	if err != nil {
		return errUsage{err}
	}
	answer, err := tool.Call(ctx, a.env(), args)
	if err != nil {
		return err
	}
	out := bytes.NewBuffer(answer)
	if isTerminal(a.stdout) {
		out = new(bytes.Buffer)
		if err := json.Indent(out, answer, "", "  "); err != nil {
			return err
		}
	}
	if _, err = fmt.Fprintln(a.stdout, out); err != nil {
		return err
	}
	return watched(tool.Name, answer)
}

// watched is the exit code of a call of watch_run, by why the wait ended; nil for 0 and for all
// other tools.
func watched(tool string, answer json.RawMessage) error {
	var a struct {
		Outcome string `json:"outcome"`
	}
	if tool != "watch_run" || json.Unmarshal(answer, &a) != nil {
		return nil
	}
	switch a.Outcome {
	case "finished", "reached_step":
		return nil
	case "time_up":
		return exitCode(exitTimeUp)
	case "stalled", "non_finite":
		return exitCode(exitTrouble)
	}
	return exitCode(exitEnded)
}

// find finds a tool that is served.
func find(list []tools.Tool, name string) (tools.Tool, error) {
	tool, err := tools.Find(list, name)
	if err != nil {
		return tool, errUsage{err}
	}
	return tool, nil
}

// arguments makes a JSON object of key=value words, or takes one that is written as such. A
// value that is JSON is taken as such, any other as text.
func arguments(words []string) (json.RawMessage, error) {
	if len(words) == 1 && strings.HasPrefix(strings.TrimSpace(words[0]), "{") {
		return json.RawMessage(words[0]), nil
	}
	values := make(map[string][]json.RawMessage)
	for _, word := range words {
		key, value, ok := strings.Cut(word, "=")
		if !ok || key == "" {
			return nil, fmt.Errorf("%q is not key=value, such as run_id=latest", word)
		}
		raw := json.RawMessage(value)
		if !json.Valid(raw) {
			text, err := json.Marshal(value)
			if err != nil {
				return nil, err
			}
			raw = text
		}
		values[key] = append(values[key], raw)
	}
	object := make(map[string]any, len(values))
	for key, list := range values {
		object[key] = list[0]
		if len(list) > 1 {
			object[key] = list
		}
	}
	return json.Marshal(object)
}

type toolsCommand struct {
	Tool string `arg:"" optional:"" help:"Show this tool with its schema."`
}

// Run lists the tools, or prints one as JSON.
func (c toolsCommand) Run(a *app) error {
	list, err := a.selected()
	if err != nil {
		return err
	}
	if c.Tool != "" {
		tool, err := find(list, c.Tool)
		if err != nil {
			return err
		}
		return printTool(a, tool)
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	for _, t := range list {
		mark := ""
		if !t.Hints.ReadOnly {
			mark = "writes"
		}
		if t.Hints.Destructive {
			mark = "changes"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", t.Name, t.Group, mark, t.Title)
	}
	return w.Flush()
}

func printTool(a *app, t tools.Tool) error {
	out, err := json.MarshalIndent(struct {
		Name        string          `json:"name"`
		Description string          `json:"description"`
		In          json.RawMessage `json:"inputSchema"`
		Out         json.RawMessage `json:"outputSchema,omitempty"`
	}{t.Name, t.Description, t.In, t.Out}, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.stdout, "%s\n", out)
	return err
}
