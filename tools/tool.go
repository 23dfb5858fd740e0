// Package tools is what an assistant sees: the documented Runicorn client as tools.
//
// A [Tool] is a plain value: two structs, a line of words and an ordinary function. It knows no
// MCP, no HTTP and no file format; [github.com/runicorn-mcp/runicorn-mcp/transport] turns it
// into an MCP tool. [All] lists them, [Select] narrows the list.
package tools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/schema"
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
	// Within is how long a call may take where that is longer than usual; 0: as usual.
	Within time.Duration
	Core   bool // hosts that look tools up on demand should have this one at hand
	// Call decodes args (a JSON object; empty or null means no arguments), does the work and
	// returns the answer as compact JSON of at most 40,000 characters. Errors are fit to be
	// shown to the model as they are: at most 1,000 characters, without secrets.
	Call func(ctx context.Context, env *Env, args json.RawMessage) (json.RawMessage, error)

	readOnly *Tool // what [Select] takes in its place when nothing may be written; nil: nothing
}

// whenReadOnly is t with a tool that takes its place under --read-only.
func (t Tool) whenReadOnly(reading Tool) Tool {
	t.readOnly = &reading
	return t
}

// within is t with more time than usual. It must show progress.
func (t Tool) within(d time.Duration) Tool {
	t.Within = d
	return t
}

// Hints are the four tool annotations of MCP (2025-03-26 and later, ToolAnnotations), always
// all set.
type Hints struct{ ReadOnly, Destructive, Idempotent, OpenWorld bool }

// Env is what a tool may use besides its arguments.
type Env struct {
	// Client returns the client for a viewer argument; "" is the default source. It may decide
	// which source that is on first use.
	Client func(ctx context.Context, viewer string) (*client.Client, error)
	// Progress reports how far a long call is, total 0 when not known; nil: nobody listens.
	Progress func(done, total float64, message string)
	// Ask puts a question to the person at the host and waits; an error, which says in words why,
	// unless that person said yes. nil: nobody can be asked.
	Ask func(ctx context.Context, question string) error
	// Picture takes a PNG that is part of the answer, before the call returns; nil: pictures
	// cannot be shown.
	Picture func(png []byte)
	// Wrote takes a file that the answer is about, before the call returns: its name below
	// ExportDir, slash-separated, and its size in bytes; nil: nobody can be given a link to it.
	Wrote func(name string, size int64)
	// ExportDir is the folder files are written below; made on first use.
	ExportDir string
}

const (
	maxAnswer = 40_000 // characters; hosts move longer answers to a file or cut them
	maxError  = 1_000  // characters
)

// A words value is how a tool is described: title for a person, text for a model.
type words struct{ title, text string }

// reads declares a tool that changes nothing.
func reads[A, R any](
	group, name string, w words, do func(context.Context, *Env, A) (R, error),
) Tool {
	return declare(group, name, w, Hints{ReadOnly: true, Idempotent: true}, do)
}

// writes declares a tool that adds files to the export folder and changes nothing else.
func writes[A, R any](
	group, name string, w words, do func(context.Context, *Env, A) (R, error),
) Tool {
	return declare(group, name, w, Hints{}, do)
}

// changes declares a tool that changes something a person may rely on.
func changes[A, R any](
	group, name string, w words, hints Hints, do func(context.Context, *Env, A) (R, error),
) Tool {
	hints.ReadOnly = false
	return declare(group, name, w, hints, do)
}

func declare[A, R any](
	group, name string, w words, hints Hints, do func(context.Context, *Env, A) (R, error),
) Tool {
	return Tool{
		Name: name, Title: w.title, Description: w.text, Group: group,
		In: schema.For[A](), Hints: hints,
		Call: func(ctx context.Context, env *Env, raw json.RawMessage) (json.RawMessage, error) {
			var args A
			if err := schema.Decode(raw, &args); err != nil {
				return nil, Presentable(err)
			}
			answer, err := do(ctx, env, args)
			if err != nil {
				return nil, Presentable(err)
			}
			return encodeWithin(maxAnswer, &answer)
		},
	}
}

// answering adds the schema of the answer R to a tool whose answer is stable and small.
func answering[R any](t Tool) Tool {
	t.Out = schema.For[R]()
	return t
}

// core marks a tool that most conversations need.
func core(t Tool) Tool {
	t.Core = true
	return t
}

// A shrinker is an answer that can say less. shrink drops the least needed part, notes in the
// answer that it did and how to get the rest, and reports whether there was one.
type shrinker interface{ shrink() bool }

// encodeWithin encodes answer, letting it shrink until it has at most limit characters.
func encodeWithin(limit int, answer any) (json.RawMessage, error) {
	for {
		text := schema.Encode(answer)
		if utf8.RuneCount(text) <= limit {
			return text, nil
		}
		if s, ok := answer.(shrinker); !ok || !s.shrink() {
			return nil, errors.New("the answer is too large to show; " +
				"ask for less, or use export_experiment to write it to a file")
		}
	}
}

// Presentable turns err into one that a model may be shown, as it is of [Tool.Call].
func Presentable(err error) error {
	text := err.Error()
	switch {
	case errors.As(err, new(presented)):
		return err
	case errors.Is(err, context.DeadlineExceeded):
		text = fmt.Sprintf("The call ran out of time (%s). Ask for less at once, "+
			"or check with health_check whether the source answers.", text)
	case errors.Is(err, context.Canceled):
		text = "The call was cancelled."
	}
	return presented{sentence(text, maxError), err}
}

// presented is an error with a text for the model and its cause for errors.Is.
type presented struct {
	text  string
	cause error
}

func (p presented) Error() string { return p.text }
func (p presented) Unwrap() error { return p.cause }
