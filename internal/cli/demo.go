package cli

import (
	"context"
	"os"
	"strings"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/storage"
	"github.com/runicorn-mcp/runicorn-mcp/internal/demo"
	"github.com/runicorn-mcp/runicorn-mcp/tools"
	"github.com/runicorn-mcp/runicorn-mcp/transport"
)

type demoCommand struct {
	Dir string `placeholder:"DIR" help:"Where to make the store; a folder of our own below your cache by default."`
}

// Run makes the demo store, serves it to a client in this process, and holds a conversation.
func (c demoCommand) Run(ctx context.Context, a *app) error {
	dir := c.Dir
	if dir == "" {
		var err error
		if dir, err = demo.DefaultDir(); err != nil {
			return err
		}
	}
	made, err := demo.Write(dir, time.Now())
	if err != nil {
		return err
	}
	store, err := storage.Open(made.Dir)
	if err != nil {
		return err
	}
	defer store.Close()
	session, err := a.demoServer(client.New(store)).Connect(ctx)
	if err != nil {
		return err
	}
	defer session.Close()
	return demo.Run(ctx, demo.Options{Store: made, Caller: session, Out: a.stdout,
		Color: isTerminal(a.stdout) && os.Getenv("NO_COLOR") == "", GoRun: isGoRun()})
}

// demoServer serves one store, whatever the flags say.
func (a *app) demoServer(c *client.Client) *transport.Server {
	list := tools.All()
	return transport.NewServer(transport.Options{
		Name: "runicorn-mcp", Version: version(), Instructions: tools.Instructions(list),
		Tools: list, Env: &tools.Env{
			Client:    func(context.Context, string) (*client.Client, error) { return c, nil },
			ExportDir: a.exportDir(),
		},
	})
}

// isGoRun reports whether this program was built by go run, and so is not installed.
func isGoRun() bool {
	program, err := os.Executable()
	return err == nil && strings.Contains(program, "go-build")
}
