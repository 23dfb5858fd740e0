// Package cli is the command line of runicorn-mcp: flags and their environment twins, and the
// wiring of a source, the tools and a transport. It decides nothing that a tool answers.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
	"golang.org/x/term"

	"github.com/runicorn-mcp/runicorn-mcp/tools"
)

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1 // the tool answered with an error, or the server could not go on
	exitUsage  = 2 // an unknown command, flag, tool or argument

	// Of call watch_run alone; 0 when the run finished or reached the step.
	exitEnded   = 3 // the run failed or was interrupted
	exitTrouble = 4 // it stalled, or logged NaN or infinity
	exitTimeUp  = 5 // it was still running when the time was up
)

// An exitCode ends the program with it, without a word: what there is to say has been printed.
type exitCode int

func (e exitCode) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// Main runs the command line of this process and returns its exit code. The first interrupt or
// SIGTERM ends what is under way in order, a second one at once.
func Main() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // the next signal has its usual effect
	forgetEmpty()
	return run(ctx, process{os.Args[1:], os.Stdin, os.Stdout, os.Stderr})
}

// forgetEmpty unsets our variables that are empty: hosts pass on what a user left blank.
func forgetEmpty() {
	for _, v := range os.Environ() {
		if name, value, _ := strings.Cut(v, "="); strings.HasPrefix(name, "RUNICORN_MCP_") && value == "" {
			os.Unsetenv(name)
		}
	}
}

// A process is what a command line runs in.
type process struct {
	args           []string
	stdin          *os.File
	stdout, stderr *os.File
}

// commands is the command line.
type commands struct {
	Serve   serveCommand   `cmd:"" default:"withargs" help:"Serve MCP on standard input and output, for an assistant's host to start. The default when standard input is no terminal."`
	Demo    demoCommand    `cmd:"" help:"Make a small store of example runs anew, ask it what people ask, and show how to connect a host to it."`
	Call    callCommand    `cmd:"" help:"Call one tool and print its answer as JSON."`
	Tools   toolsCommand   `cmd:"" help:"List the tools, or show one with its schema."`
	Trust   trustCommand   `cmd:"" help:"Show the SSH key of a host as the Viewer sees it, and accept it if you say so. For connecting to remote Viewers; needs a terminal."`
	Version versionCommand `cmd:"" help:"Print the version."`

	options
}

// options are the flags of every command.
type options struct {
	Storage     string            `placeholder:"DIR" type:"path" env:"RUNICORN_MCP_STORAGE" help:"Read this Runicorn storage folder (the one that holds runs/)."`
	BaseURL     string            `placeholder:"URL" env:"RUNICORN_MCP_BASE_URL,RUNICORN_URL" help:"Read this Viewer. With --storage the folder is read, and the Viewer asked for its GPUs and remote Viewers."`
	Viewer      map[string]string `placeholder:"NAME=URL" env:"RUNICORN_MCP_VIEWER" help:"Another Viewer, which tools read when their argument viewer names it. Can be given several times."`
	Timeout     time.Duration     `default:"30s" env:"RUNICORN_MCP_TIMEOUT" help:"How long to wait for a Viewer, per attempt."`
	MaxRetries  int               `default:"3" env:"RUNICORN_MCP_MAX_RETRIES" help:"How often to ask a Viewer again after a failure that may pass."`
	RemoteHosts []string          `placeholder:"HOST" env:"RUNICORN_MCP_REMOTE_HOSTS" help:"Let the tools of remote Viewers connect to these hosts only (HOST or HOST:PORT). All, when left out; a Viewer 0.5, which verifies no host keys, then needs your consent for hosts that ~/.ssh/config does not name."`
	ReadOnly    bool              `env:"RUNICORN_MCP_READ_ONLY" help:"Leave out every tool that changes or writes something."`
	Toolsets    []string          `placeholder:"GROUP" env:"RUNICORN_MCP_TOOLSETS" help:"Serve only these groups of tools: ${groups}."`
	ExportDir   string            `placeholder:"DIR" type:"path" env:"RUNICORN_MCP_EXPORT_DIR" help:"Where exports are written; runicorn-exports in your home by default."`
	LogLevel    string            `default:"info" enum:"debug,info,warn,error" env:"RUNICORN_MCP_LOG_LEVEL" help:"debug, info, warn or error."`
	LogFormat   string            `default:"text" enum:"text,json" env:"RUNICORN_MCP_LOG_FORMAT" help:"text or json; always on standard error."`
}

// Validate refuses values that mean nothing; kong calls it.
func (o options) Validate() error {
	if o.Timeout <= 0 {
		return fmt.Errorf("--timeout: %s is no time to wait; give one such as 30s", o.Timeout)
	}
	for name, address := range o.Viewer {
		if u, err := url.Parse(address); name == "" || err != nil || u.Scheme == "" || u.Host == "" {
			return fmt.Errorf("--viewer: %q is no name and address; give one such as "+
				"lab=http://127.0.0.1:23301", name+"="+redacted(address))
		}
	}
	if o.MaxRetries < 0 {
		return fmt.Errorf("--max-retries: %d is less than none; give 0 for no retries", o.MaxRetries)
	}
	return nil
}

// redacted is an address without the credentials in it.
func redacted(address string) string {
	if i := strings.LastIndexByte(address, '@'); i >= 0 {
		return "[hidden]" + address[i:]
	}
	return address
}

const description = `Give an AI assistant your Runicorn experiments.

Without --storage and --base-url it reads the Viewer at http://127.0.0.1:23300 if one answers
there, else the folder that Runicorn itself would use (RUNICORN_DIR, user_root_dir in Runicorn's
config.json, ./.runicorn). A folder is never changed, a Viewer only by the tools update_config,
connect, start_viewer, stop_viewer and disconnect.

Examples:
  runicorn-mcp demo
  runicorn-mcp --storage ~/experiments call list_experiments project=vision limit=5
  runicorn-mcp call get_metrics run_id=latest metric_names=train_loss metric_names=lr
  claude mcp add runicorn -- runicorn-mcp serve --storage ~/experiments

Exit codes: 0 done, 1 the tool answered with an error, 2 wrong usage. Of call watch_run also: 3 the
run failed or was interrupted, 4 it stalled or logged NaN, 5 the time was up.`

// errUsage marks what the person at the command line can mend by typing something else.
type errUsage struct{ error }

// run runs one command line and returns its exit code.
func run(ctx context.Context, p process) int {
	var line commands
	exited := -1
	selected, err := parser(&line, kong.Writers(p.stdout, p.stderr),
		kong.Exit(func(code int) { exited = code })).Parse(p.args)
	if exited >= 0 { // --help has been printed
		return exited
	}
	if err != nil {
		return report(p.stderr, errUsage{err})
	}
	app := &app{process: p, options: line.options}
	app.bare = selected.Command() == "serve" && !slices.Contains(p.args, "serve")
	selected.BindTo(ctx, (*context.Context)(nil))
	return report(p.stderr, selected.Run(app))
}

// parser is what reads a command line into line.
func parser(line *commands, opts ...kong.Option) *kong.Kong {
	return kong.Must(line, append(opts, kong.Name("runicorn-mcp"), kong.Description(description),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Vars{"groups": strings.Join(tools.Groups(), ", ")})...)
}

// report prints what went wrong and returns the exit code for it.
func report(w io.Writer, err error) int {
	if err == nil {
		return exitOK
	}
	var code exitCode
	if errors.As(err, &code) {
		return int(code)
	}
	fmt.Fprintf(w, "error: %v\n", err)
	var usage errUsage
	if errors.As(err, &usage) {
		fmt.Fprintln(w, "hint: runicorn-mcp --help")
		return exitUsage
	}
	return exitFailed
}

// An app is what a command runs with.
type app struct {
	process
	options
	bare bool // no command was given
}

// exportDir is the folder for exports.
func (a *app) exportDir() string {
	if a.ExportDir != "" {
		return a.ExportDir
	}
	home, err := os.UserHomeDir()
	if err != nil {
		home = os.TempDir()
	}
	return filepath.Join(home, "runicorn-exports")
}

// env is what the tools use.
func (a *app) env() *tools.Env {
	return &tools.Env{Client: newSources(a.options, os.Getenv).client, ExportDir: a.exportDir()}
}

// selected are the tools that are served.
func (a *app) selected() ([]tools.Tool, error) {
	list, err := tools.Select(a.Toolsets, a.ReadOnly)
	if err != nil {
		return nil, errUsage{fmt.Errorf("--toolsets: %w", err)}
	}
	return list, nil
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }
