package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"github.com/lmittmann/tint"

	"github.com/runicorn-mcp/runicorn-mcp/prompts"
	"github.com/runicorn-mcp/runicorn-mcp/resources"
	"github.com/runicorn-mcp/runicorn-mcp/tools"
	"github.com/runicorn-mcp/runicorn-mcp/transport"
)

type serveCommand struct {
	Transport       []string `default:"stdio" enum:"stdio,http,sse" env:"RUNICORN_MCP_TRANSPORT" help:"stdio; or http (streamable HTTP at /mcp), sse (the older one at /sse), or both."`
	Addr            string   `default:"127.0.0.1:23380" env:"RUNICORN_MCP_ADDR" help:"Where http and sse listen."`
	TokenFile       string   `placeholder:"FILE" env:"RUNICORN_MCP_TOKEN_FILE" help:"Holds the token that clients over http and sse must present; RUNICORN_MCP_TOKEN can hold it too. One is made and shown when there is none."`
	InsecureNoToken bool     `env:"RUNICORN_MCP_INSECURE_NO_TOKEN" help:"Ask for no token: every account of this machine can call. On a loopback address only."`
	AllowOrigin     []string `placeholder:"ORIGIN" env:"RUNICORN_MCP_ALLOW_ORIGIN" help:"Web pages that may call, such as https://example.org. None, when left out."`
	AllowHost       []string `placeholder:"NAME" env:"RUNICORN_MCP_ALLOW_HOST" help:"Names by which clients know this machine, beside localhost, its addresses and its host name."`
}

// Run serves until standard input ends, or over HTTP until a signal. At a terminal the bare
// command has nobody to serve: it says how to connect a host.
func (c serveCommand) Run(ctx context.Context, a *app) error {
	if a.bare && isTerminal(a.stdin) {
		return a.greet()
	}
	list, err := a.selected()
	if err != nil {
		return err
	}
	server := transport.NewServer(transport.Options{
		Name: "runicorn-mcp", Version: version(), Instructions: tools.Instructions(list),
		Tools: list, Resources: resources.For(list), Prompts: prompts.For(list),
		Env: a.env(), Logger: a.logger(),
	})
	if slices.Contains(c.Transport, "stdio") {
		if len(c.Transport) > 1 {
			return errUsage{errors.New("--transport: stdio serves one host and goes alone; " +
				"http and sse go together")}
		}
		return server.ServeStdio(ctx, a.stdin, a.stdout)
	}
	return c.listen(ctx, a, server)
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
