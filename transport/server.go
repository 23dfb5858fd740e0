// Package transport serves tools over MCP. [NewServer] makes a server of plain
// [github.com/runicorn-mcp/runicorn-mcp/tools.Tool] values; [Server.ServeStdio] serves it on
// standard input and output, [Server.Connect] to a client in the same process.
//
// It is the only package that knows the MCP SDK. Recovery from panics, the deadline of a call,
// the log line of a call and the form of answers and errors are its business, once, in bind.go.
package transport

import (
	"log/slog"
	"time"

	"github.com/mark3labs/mcp-go/server"

	"github.com/runicorn-mcp/runicorn-mcp/tools"
)

// Options configure a [Server].
type Options struct {
	Name, Version string       // of this program, as told to clients
	Instructions  string       // for the model, at most 1,500 characters
	Tools         []tools.Tool // what is served
	Env           *tools.Env   // what the tools may use
	Logger        *slog.Logger // nil: nothing is logged
	// CallTimeout ends a tool call; 0: 50 s, as hosts give up after 60.
	CallTimeout time.Duration
}

// A Server is a set of tools behind the Model Context Protocol, revisions 2024-11-05 to
// 2026-07-28.
type Server struct {
	mcp     *server.MCPServer
	env     *tools.Env
	log     *slog.Logger
	timeout time.Duration
}

// NewServer returns a server of the tools in opts. Lists come in the order of names.
func NewServer(opts Options) *Server {
	s := &Server{env: opts.Env, log: opts.Logger, timeout: opts.CallTimeout}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.timeout == 0 {
		s.timeout = 50 * time.Second
	}
	s.mcp = server.NewMCPServer(opts.Name, opts.Version,
		server.WithInstructions(opts.Instructions), server.WithToolCapabilities(false))
	for _, t := range opts.Tools {
		s.mcp.AddTool(bind(t), s.handler(t))
	}
	return s
}
