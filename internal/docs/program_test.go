// Package docs holds the README, CONTRIBUTING and the host configurations to what the program
// does: tables are made from the code, commands and configurations are run.
package docs

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/internal/demo"
	"github.com/runicorn-mcp/runicorn-mcp/internal/demo/demotest"
	"github.com/runicorn-mcp/runicorn-mcp/tools"
)

const root = "../.."

var (
	update = flag.Bool("update", false, "write the generated parts of the documents")
	bin    string // folder of the built program
)

func TestMain(m *testing.M) {
	flag.Parse()
	dir, err := os.MkdirTemp("", "runicorn-mcp-docs-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	bin = dir
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// build installs the program as the documents say, with "go install .".
var build = sync.OnceValue(func() error {
	cmd := exec.Command("go", "install", ".")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOBIN="+bin)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go install .: %v\n%s", err, out)
	}
	return nil
})

// A home is the home of somebody with the program on the PATH and a store in ~/experiments.
type home struct {
	dir, store string
	env        []string
}

func newHome(t *testing.T) home {
	t.Helper()
	if err := build(); err != nil {
		t.Fatal(err)
	}
	h := home{dir: t.TempDir()}
	h.store = filepath.Join(h.dir, "experiments")
	if _, err := demo.Write(h.store, demotest.Now); err != nil {
		t.Fatal(err)
	}
	h.env = []string{"PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH"),
		"HOME=" + h.dir, "USERPROFILE=" + h.dir, "XDG_CACHE_HOME=" + filepath.Join(h.dir, "cache"),
		"LocalAppData=" + filepath.Join(h.dir, "cache"), "SystemRoot=" + os.Getenv("SystemRoot"),
		"RUNICORN_MCP_STORAGE=" + h.store}
	return h
}

// command is a command of this home, started as the home's shell would.
func (h home) command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	name := args[0]
	if name == "runicorn-mcp" {
		name = filepath.Join(bin, name)
	}
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), path, args[1:]...)
	cmd.Env, cmd.Dir = h.env, h.dir
	return cmd
}

// run is what a command prints; it must succeed.
func (h home) run(t *testing.T, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := h.command(t, args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Errorf("%s: %v\n%s%s", strings.Join(args, " "), err, errs.String(), out.String())
	}
	return out.String()
}

const hello = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":` +
	`"2025-06-18","capabilities":{},"clientInfo":{"name":"test","version":"0"}}}
{"jsonrpc":"2.0","method":"notifications/initialized"}
{"jsonrpc":"2.0","id":2,"method":"tools/list"}
{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"health_check","arguments":{}}}
`

// speaksMCP holds that a command is an MCP server with all tools which reads the home's store.
func (h home) speaksMCP(t *testing.T, args ...string) {
	t.Helper()
	var errs bytes.Buffer
	cmd := h.command(t, args...)
	cmd.Stdin, cmd.Stderr = strings.NewReader(hello), &errs
	out, err := cmd.Output()
	if err != nil {
		t.Errorf("%s: %v\n%s", strings.Join(args, " "), err, errs.String())
		return
	}
	answers := make(map[int]json.RawMessage)
	for line := range strings.Lines(string(out)) {
		var message struct {
			ID     int             `json:"id"`
			Result json.RawMessage `json:"result"`
		}
		if err := json.Unmarshal([]byte(line), &message); err != nil {
			t.Errorf("it printed %q, which is no message", line)
		}
		answers[message.ID] = message.Result
	}
	var list struct {
		Tools []struct{ Name string } `json:"tools"`
	}
	if err := json.Unmarshal(answers[2], &list); err != nil || len(list.Tools) != len(tools.All()) {
		t.Errorf("%s: %d tools of %d, %v", strings.Join(args, " "), len(list.Tools),
			len(tools.All()), err)
	}
	if !strings.Contains(string(answers[1]), `"runicorn-mcp"`) ||
		!strings.Contains(string(answers[3]), filepath.Base(h.store)) {
		t.Errorf("%s: hello %s, health %s", strings.Join(args, " "), answers[1], answers[3])
	}
}
