// Command runicorn-mcp serves Runicorn experiments to AI assistants over the Model Context
// Protocol. Run it with --help.
package main

import (
	"os"

	"github.com/runicorn-mcp/runicorn-mcp/internal/cli"
)

func main() { os.Exit(cli.Main()) }
