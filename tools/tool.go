// Package tools is what an assistant sees: the documented Runicorn client as tools.
//
// A [Tool] is a plain value: two structs, a line of words and an ordinary function. It knows no
// MCP, no HTTP and no file format; [github.com/runicorn-mcp/runicorn-mcp/transport] turns it
// into an MCP tool. [All] lists them, [Select] narrows the list.
package tools

import (
	"context"
	"encoding/json"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// A Tool is one operation on Runicorn, described for a model.
type Tool struct {
	Name        string          // as documented: "list_experiments"
	Title       string          // for a person: "List experiments"
	Description string          // for a model, at most 1,000 characters
	Group       string          // one of the groups of --toolsets
	In          json.RawMessage // JSON Schema of the arguments
	Out         json.RawMessage // JSON Schema of the answer; nil unless stable and small
	Hints       Hints
	// Call decodes args (a JSON object; empty or null means no arguments), does the work and
	// returns the answer as compact JSON of at most 40,000 characters. Errors are fit to be
	// shown to the model as they are: at most 1,000 characters, without secrets.
	Call func(ctx context.Context, env *Env, args json.RawMessage) (json.RawMessage, error)
}

// Hints are the four tool annotations of MCP, always all set.
type Hints struct{ ReadOnly, Destructive, Idempotent, OpenWorld bool }

// Env is what a tool may use besides its arguments.
type Env struct {
	// Client returns the client for a viewer argument; "" is the default source. It may decide
	// which source that is on first use.
	Client func(ctx context.Context, viewer string) (*client.Client, error)
	// Progress reports how far a long call is, total 0 when not known; nil: nobody listens.
	Progress func(done, total float64, message string)
	// ExportDir is the folder files are written below; made on first use.
	ExportDir string
}
