// Package resources is what a host can read by address and attach to a conversation: a run, its
// log, its curves, and files that were exported. [For] lists them as plain values; package
// transport turns them into MCP resource templates. Everything in them is data that training code
// wrote, shown as the tools show it: bounded, secrets hidden, invisible characters removed.
package resources

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/completion"
	"github.com/runicorn-mcp/runicorn-mcp/tools"
)

// A Template is a family of resources, one for each value of the one variable in its address.
// No address fits two templates.
type Template struct {
	URI         string // RFC 6570, level 1: "runicorn://run/{id}/log"
	Variable    string // "id"
	Completes   completion.Kind
	Listed      string // the value of a resource that is listed too, for hosts that show no templates
	Name        string // for a program
	Title       string // for a person
	Description string // for a model
	MIMEType    string // "" where it differs
	// Read returns the resource of a value. One that does not exist is [ErrNotFound]; errors are
	// fit to be shown as they are.
	Read func(ctx context.Context, env *tools.Env, value string) (Content, error)
}

// A Content is what a resource holds: Text, or Blob where that is set.
type Content struct {
	MIMEType string
	Text     string
	Blob     []byte
}

// ErrNotFound is the error of a resource that does not exist, or of a name that means several.
var ErrNotFound = errors.New("resource not found")

// A failure is an error in words that a model may be shown.
type failure struct {
	text   string
	causes []error
}

func (f failure) Error() string   { return f.text }
func (f failure) Unwrap() []error { return f.causes }

// presentable is err in words that fit; it is [ErrNotFound] where the name that was given is the
// cause.
func presentable(err error) error {
	if err == nil {
		return nil
	}
	f := failure{tools.Presentable(err).Error(), []error{err}}
	if errors.Is(err, client.ErrNotFound) || errors.Is(err, client.ErrBadRequest) {
		f.causes = append(f.causes, ErrNotFound)
	}
	return f
}

// For returns the templates whose tools are in list: where a tool is not served, neither is the
// resource that shows what it shows.
func For(list []tools.Tool) []Template {
	find := func(name string) *tools.Tool {
		i := slices.IndexFunc(list, func(t tools.Tool) bool { return t.Name == name })
		if i < 0 {
			return nil
		}
		return &list[i]
	}
	var templates []Template
	if t := find("get_experiment"); t != nil {
		templates = append(templates, run(*t))
	}
	if t := find("get_logs"); t != nil {
		templates = append(templates, log(*t))
	}
	if find("get_metrics") != nil {
		templates = append(templates, metrics)
	}
	if find("export_experiment") != nil {
		templates = append(templates, export)
	}
	return templates
}

// run is the answer of get_experiment, tool.
func run(tool tools.Tool) Template {
	return Template{
		URI: "runicorn://run/{id}", Variable: "id", Completes: completion.Run, Listed: "latest",
		Name: "run", Title: "A run", MIMEType: "application/json",
		Description: "What is known of a run but its curves, as get_experiment answers. id: id, " +
			"alias, path, name or latest, percent-encoded.",
		Read: func(ctx context.Context, env *tools.Env, id string) (Content, error) {
			answer, err := call(ctx, env, tool, map[string]any{"run_id": id})
			return Content{MIMEType: "application/json", Text: string(answer)}, presentable(err)
		},
	}
}

// call calls a tool.
func call(
	ctx context.Context, env *tools.Env, tool tools.Tool, args map[string]any,
) (json.RawMessage, error) {
	raw, err := json.Marshal(args)
	if err != nil {
		return nil, err
	}
	return tool.Call(ctx, env, raw)
}
