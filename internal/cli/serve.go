package cli

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/lmittmann/tint"

	"github.com/runicorn-mcp/runicorn-mcp/tools"
	"github.com/runicorn-mcp/runicorn-mcp/transport"
)

type serveCommand struct{}

// Run serves until standard input ends. At a terminal the bare command has nobody to serve: it
// says how to connect a host.
func (serveCommand) Run(ctx context.Context, a *app) error {
	if a.bare && isTerminal(a.stdin) {
		return a.greet()
	}
	list, err := a.selected()
	if err != nil {
		return err
	}
	server := transport.NewServer(transport.Options{
		Name: "runicorn-mcp", Version: version(), Instructions: tools.Instructions(list),
		Tools: list, Env: a.env(), Logger: a.logger(),
	})
	return server.ServeStdio(ctx, a.stdin, a.stdout)
}

func (a *app) greet() error {
	dir := a.Storage
	if dir == "" {
		dir = "DIR"
	}
	_, err := fmt.Fprintf(a.stdout, `runicorn-mcp gives an AI assistant your Runicorn experiments. A host starts it:

  Claude Code   claude mcp add runicorn -- runicorn-mcp serve --storage %[1]s
  VS Code       code --add-mcp '{"name":"runicorn","command":"runicorn-mcp","args":["serve","--storage","%[1]s"]}'
  Cursor        in ~/.cursor/mcp.json:
                {"mcpServers":{"runicorn":{"command":"runicorn-mcp","args":["serve","--storage","%[1]s"]}}}

Try it here first:   runicorn-mcp demo
Everything else:     runicorn-mcp --help
`, dir)
	return err
}

// logger writes to standard error, which hosts keep apart from the protocol.
func (a *app) logger() *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(a.LogLevel)) // the flag allows slog's words only
	if a.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(a.stderr, &slog.HandlerOptions{Level: level}))
	}
	return slog.New(tint.NewTextHandler(a.stderr, &tint.Options{Level: level,
		NoColor: !isTerminal(a.stderr)}))
}
