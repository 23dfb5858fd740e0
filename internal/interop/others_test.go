package interop

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/internal/realtest"
)

// TestPythonSDK uses the official SDK for Python, on the newest revision and with the handshake
// of the older ones.
func TestPythonSDK(t *testing.T) {
	t.Parallel()
	for mode, revision := range map[string]string{"auto": "2026-07-28", "legacy": "2025-11-25"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			python := realtest.PythonSDK(t)
			text, err := json.Marshal(calls())
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(t.TempDir(), "calls.json")
			if err := os.WriteFile(file, text, 0o644); err != nil {
				t.Fatal(err)
			}
			args := append([]string{realtest.Program(t, "client.py"), mode, file, program}, serverArgs(t)...)
			var seen struct {
				Protocol string
				Tools    []string
				Answers  []struct {
					Text           string
					Error, Picture bool
				}
			}
			printed(t, exec.CommandContext(t.Context(), python, args...), &seen)
			if seen.Protocol != revision {
				t.Errorf("the protocol is %s, want %s", seen.Protocol, revision)
			}
			checkTools(t, seen.Tools)
			if len(seen.Answers) != len(calls()) {
				t.Fatalf("%d answers", len(seen.Answers))
			}
			for i, c := range calls() {
				check(t, c, seen.Answers[i].Text, seen.Answers[i].Error)
				checkPicture(t, c, seen.Answers[i].Picture)
			}
		})
	}
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
		text := ""
		picture := false
		for _, content := range result.Content {
			text += content.Text
			picture = picture || content.MIMEType == "image/png" && result.StructuredContent == nil
		}
		check(t, c, text, result.IsError)
		checkPicture(t, c, picture)
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
