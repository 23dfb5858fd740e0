// Package transport serves tools over MCP. [NewServer] makes a server of plain
// [github.com/runicorn-mcp/runicorn-mcp/tools.Tool] values, and of resources and prompts that are
// as plain; [Server.ServeStdio] serves it on
// standard input and output, [Server.ServeNetwork] over HTTP, [Server.Connect] to a client in the
// same process.
//
// It is the only package that knows the MCP SDK. Recovery from panics, the deadline of a call,
// the log line of a call and the form of answers and errors are its business, once, in bind.go
// for tools and in attach.go for the rest.
package transport

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/runicorn-mcp/runicorn-mcp/prompts"
	"github.com/runicorn-mcp/runicorn-mcp/resources"
	"github.com/runicorn-mcp/runicorn-mcp/tools"
)

// Options configure a [Server].
type Options struct {
	Name, Version string       // of this program, as told to clients
	Instructions  string       // for the model, at most 1,500 characters
	Tools         []tools.Tool // what is served
	Resources     []resources.Template
	Prompts       []prompts.Prompt
	Env           *tools.Env   // what all of these may use
	Logger        *slog.Logger // nil: nothing is logged
	// CallTimeout ends a tool call; 0: 50 s, as hosts give up after 60.
	CallTimeout time.Duration // of tools that need longer, theirs counts
}

// listTTL is how long clients may keep a list (ttlMs of MCP 2026-07-28). Lists stay the same
// while a server runs; it may be started anew with other flags.
const listTTL = 5 * time.Minute

// A Server is a set of tools behind the Model Context Protocol, revisions 2024-11-05 to
// 2026-07-28.
type Server struct {
	mcp     *server.MCPServer
	env     *tools.Env
	log     *slog.Logger
	timeout time.Duration
	// heartbeat is the longest silence on a stream over HTTP.
	heartbeat time.Duration
	asked     conversations
}

// NewServer returns a server of the tools in opts, which clients see in the order given there.
func NewServer(opts Options) *Server {
	s := &Server{env: opts.Env, log: opts.Logger, timeout: opts.CallTimeout,
		heartbeat: heartbeatInterval}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.timeout == 0 {
		s.timeout = 50 * time.Second
	}
	hooks := new(server.Hooks)
	hooks.AddOnError(s.logRefusal)
	options := []server.ServerOption{server.WithHooks(hooks),
		server.WithInstructions(opts.Instructions), server.WithToolCapabilities(false),
		server.WithToolFilter(orderOf(opts.Tools)),
		server.WithResourceHandlerMiddleware(s.readResource),
		server.WithPromptHandlerMiddleware(s.getPrompt)}
	for _, method := range []mcp.MCPMethod{mcp.MethodServerDiscover, mcp.MethodToolsList,
		mcp.MethodResourcesList, mcp.MethodResourcesTemplatesList, mcp.MethodPromptsList} {
		options = append(options, server.WithMethodCacheHints(method, listTTL.Milliseconds(),
			mcp.CacheScopePrivate))
	}
	options = append(options, s.completing(opts)...)
	s.mcp = server.NewMCPServer(opts.Name, opts.Version, options...)
	for _, t := range opts.Tools {
		s.mcp.AddTool(bind(t), s.handler(t))
	}
	s.addResources(opts.Resources)
	s.addPrompts(opts.Prompts)
	return s
}

// orderOf puts tools back in the order of list; the SDK sorts them by name.
func orderOf(list []tools.Tool) server.ToolFilterFunc {
	place := make(map[string]int, len(list))
	for i, t := range list {
		place[t.Name] = i
	}
	return func(_ context.Context, sorted []mcp.Tool) []mcp.Tool {
		return slices.SortedFunc(slices.Values(sorted), func(a, b mcp.Tool) int {
			return cmp.Compare(place[a.Name], place[b.Name])
		})
	}
}
