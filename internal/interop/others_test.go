package interop

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/internal/realtest"
)

// sdks are official SDKs of other languages, each as a program that takes a revision, what to do
// and a server (see internal/realtest/testdata/client.py).
var sdks = map[string]func(t *testing.T, args ...string) *exec.Cmd{
	"Python": func(t *testing.T, args ...string) *exec.Cmd {
		python := realtest.PythonSDK(t)
		return exec.CommandContext(t.Context(), python,
			append([]string{realtest.Program(t, "client.py")}, args...)...)
	},
	"TypeScript":      typeScript(),
	"TypeScript, old": typeScript("MCP_SDK_OLD=1"),
}

func typeScript(env ...string) func(t *testing.T, args ...string) *exec.Cmd {
	return func(t *testing.T, args ...string) *exec.Cmd {
		node, dir := realtest.TypeScriptSDK(t)
		cmd := exec.CommandContext(t.Context(), node,
			append([]string{realtest.Program(t, "client.mjs")}, args...)...)
		cmd.Env = append(append(os.Environ(), "MCP_SDK="+dir), env...)
		return cmd
	}
}

// sdkRevisions are the oldest and the newest that these speak over each transport, and the newest
// of those with sessions.
var sdkRevisions = map[string][]string{
	"stdio": {"2024-11-05", "2025-11-25", "2026-07-28"},
	"http":  {"2025-03-26", "2025-11-25", "2026-07-28"},
	"sse":   {"2024-11-05", "2025-11-25"},
}

// eachSDK runs test with each SDK on each transport and revision.
func eachSDK(t *testing.T, test func(
	t *testing.T, kind, revision string, sdk func(args ...string) *exec.Cmd)) {
	t.Helper()
	for language, program := range sdks {
		for kind, revisions := range sdkRevisions {
			for _, revision := range revisions {
				if strings.HasSuffix(language, "old") && revision != "2025-11-25" {
					continue // it asks for its newest
				}
				t.Run(language+" "+kind+" "+revision, func(t *testing.T) {
					t.Parallel()
					test(t, kind, revision, func(args ...string) *exec.Cmd {
						return program(t, append([]string{revision}, args...)...)
					})
				})
			}
		}
	}
}

// arguments are those by which the programs find a server.
func (s served) arguments(kind string) []string {
	path := map[string]string{"http": "/mcp", "sse": "/sse"}[kind]
	return []string{kind, s.base + path, s.token}
}

func TestSDKs(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(calls())
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "calls.json")
	if err := os.WriteFile(file, text, 0o644); err != nil {
		t.Fatal(err)
	}
	eachSDK(t, func(t *testing.T, kind, revision string, sdk func(args ...string) *exec.Cmd) {
		args := append([]string{"stdio", program}, serverArgs(t)...)
		if kind != "stdio" {
			args = product(t).arguments(kind)
		}
		var seen struct {
			Protocol string
			Tools    []string
			Answers  []answer
		}
		printed(t, sdk(append([]string{file}, args...)...), &seen)
		if seen.Protocol != revision {
			t.Errorf("the protocol is %s", seen.Protocol)
		}
		checkTools(t, seen.Tools)
		if len(seen.Answers) != len(calls()) {
			t.Fatalf("%d answers", len(seen.Answers))
		}
		for i, c := range calls() {
			check(t, c, seen.Answers[i])
		}
	})
}

// TestSDKs_lasting has progress, a call that is cancelled, and where there are sessions over HTTP a
// connection that breaks in the middle of a call.
func TestSDKs_lasting(t *testing.T) {
	t.Parallel()
	eachSDK(t, func(t *testing.T, kind, revision string, sdk func(args ...string) *exec.Cmd) {
		args := []string{"lasting", "stdio", "env", lastingVariable + "=stdio", os.Args[0]}
		var broken func() bool
		if kind != "stdio" {
			server := lasting(t)
			if kind == "http" && revision != "2026-07-28" {
				server, broken = server.broken(t)
			}
			args = append([]string{"lasting"}, server.arguments(kind)...)
		}
		var seen struct {
			Progress           []float64
			Counted, Cancelled string
		}
		printed(t, sdk(args...), &seen)
		if !slices.Equal(seen.Progress, []float64{1, 2, 3, 4}) || seen.Counted != `{"counted":4}` ||
			seen.Cancelled != `{"cancelled":true}` {
			t.Errorf("the client saw %+v", seen)
		}
		if broken != nil && !broken() {
			t.Error("the connection was not broken")
		}
	})
}

// TestInspector uses the command line of the MCP Inspector, one process a call. --strict is its
// check of the schemas.
func TestInspector(t *testing.T) {
	t.Parallel()
	node, script := realtest.Inspector(t)
	server := append([]string{script, "--cli", program}, serverArgs(t)...)
	inspect := func(t *testing.T, into any, args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), node, append(server[:len(server):len(server)], args...)...)
		cmd.Env = realtest.Environ(t.TempDir())
		printed(t, cmd, into)
	}
	var list struct{ Tools []struct{ Name string } }
	inspect(t, &list, "--strict", "--method", "tools/list")
	var names []string
	for _, tool := range list.Tools {
		names = append(names, tool.Name)
	}
	checkTools(t, names)
	for _, c := range calls() {
		args := []string{"--method", "tools/call", "--tool-name", c.Tool}
		for key, value := range c.Args {
			text, err := json.Marshal(value)
			if err != nil {
				t.Fatal(err)
			}
			if s, ok := value.(string); ok {
				text = []byte(s)
			}
			args = append(args, "--tool-arg", key+"="+string(text))
		}
		var result struct {
			Content []struct{ Text, MIMEType string }
			IsError bool

			StructuredContent json.RawMessage
		}
		inspect(t, &result, args...)
		seen := answer{Error: result.IsError}
		for _, content := range result.Content {
			seen.Text += content.Text
			seen.Picture = seen.Picture || content.MIMEType == "image/png" && result.StructuredContent == nil
		}
		check(t, c, seen)
	}
}

// TestInspector_http has the Inspector list the tools over both transports of HTTP.
func TestInspector_http(t *testing.T) {
	t.Parallel()
	node, script := realtest.Inspector(t)
	server := product(t)
	for _, kind := range []string{"http", "sse"} {
		where := server.arguments(kind)
		cmd := exec.CommandContext(t.Context(), node, script, "--cli", where[1], "--transport", kind,
			"--header", "Authorization: Bearer "+where[2], "--method", "tools/list")
		cmd.Env = realtest.Environ(t.TempDir())
		var list struct{ Tools []struct{ Name string } }
		printed(t, cmd, &list)
		var names []string
		for _, tool := range list.Tools {
			names = append(names, tool.Name)
		}
		checkTools(t, names)
	}
}

// TestInspector_hosts starts the server as the host configurations in examples/hosts say; that of
// VS Code has a form of its own, which the Inspector does not read.
func TestInspector_hosts(t *testing.T) {
	t.Parallel()
	node, script := realtest.Inspector(t)
	for _, host := range []string{"claude-code", "claude-desktop", "cursor-mcp"} {
		cmd := exec.CommandContext(t.Context(), node, script, "--cli", "--config",
			"../../examples/hosts/"+host+".json", "--server", "runicorn", "--method", "tools/list")
		cmd.Env = append(realtest.Environ(t.TempDir()), "MCP_INSPECTOR_SECRET_STORE=memory",
			"PATH="+filepath.Dir(program)+string(os.PathListSeparator)+os.Getenv("PATH"))
		var list struct{ Tools []struct{ Name string } }
		printed(t, cmd, &list)
		var names []string
		for _, tool := range list.Tools {
			names = append(names, tool.Name)
		}
		checkTools(t, names)
	}
}

// printed reads the JSON that a command prints; its exit code may tell of a tool's error.
func printed(t *testing.T, cmd *exec.Cmd, into any) {
	t.Helper()
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if jsonErr := json.Unmarshal(out, into); jsonErr != nil {
		t.Fatalf("%s prints %q (%v, %v)\n%s", cmd, out, jsonErr, err, errs.String())
	}
}
