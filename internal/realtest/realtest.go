// Package realtest gives tests the real things: Runicorn's SDKs and Viewers of each release, and
// MCP clients that others wrote. `go run ./internal/realtest/prepare` makes them once. A test
// that needs one that is not there is skipped, saying so; with CI set it fails.
package realtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// Versions are the Runicorn releases that are tested.
var Versions = []string{"0.4.1", "0.5.3", "0.6.0", "0.7.2"}

// Versions of the MCP clients that are tested.
const (
	PythonSDKVersion = "2.3.0"
	InspectorVersion = "2.12.0" // needs Node.js 22.19 or newer
	NodeVersion      = "22.23.3"
	// TypeScriptSDKVersion is that of the package @modelcontextprotocol/client, OldTypeScriptSDKVersion
	// that of @modelcontextprotocol/sdk before it, which many hosts have.
	TypeScriptSDKVersion    = "2.4.0"
	OldTypeScriptSDKVersion = "1.32.2"
	// ConformanceVersion is that of MCP's own conformance suite, the first that knows 2026-07-28.
	ConformanceVersion = "0.2.0-alpha.12"
)

// base is where everything prepared lies.
func base() string {
	if dir := os.Getenv("RUNICORN_MCP_TEST_DIR"); dir != "" {
		return dir
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	return filepath.Join(cache, "runicorn-mcp-test")
}

// RunicornDir is the virtual environment of a Runicorn release.
func RunicornDir(version string) string { return filepath.Join(base(), "runicorn-"+version) }

// PythonSDKDir is the virtual environment of the MCP SDK for Python.
func PythonSDKDir() string { return filepath.Join(base(), "mcp-"+PythonSDKVersion) }

// InspectorDir is the npm folder of the MCP Inspector.
func InspectorDir() string { return filepath.Join(base(), "inspector-"+InspectorVersion) }

// TypeScriptSDKDir is the npm folder of the MCP SDKs for TypeScript, new and old.
func TypeScriptSDKDir() string { return filepath.Join(base(), "mcp-client-"+TypeScriptSDKVersion) }

// ConformanceDir is the npm folder of MCP's conformance suite.
func ConformanceDir() string { return filepath.Join(base(), "conformance-"+ConformanceVersion) }

const completeMarker = ".complete"

// Complete reports whether a folder was prepared to the end.
func Complete(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, completeMarker))
	return err == nil
}

// MarkComplete notes that a folder was prepared to the end.
func MarkComplete(dir string) error {
	return os.WriteFile(filepath.Join(dir, completeMarker), nil, 0o644)
}

// need ends a test that needs a folder which is not prepared.
func need(t testing.TB, dir string) {
	t.Helper()
	if Complete(dir) {
		return
	}
	const how = "%s is not prepared; make it once with: go run ./internal/realtest/prepare"
	if os.Getenv("CI") != "" {
		t.Fatalf(how, filepath.Base(dir))
	}
	t.Skipf(how, filepath.Base(dir))
}

// program is a program of a virtual environment.
func program(dir, name string) string {
	if runtime.GOOS == "windows" {
		return filepath.Join(dir, "Scripts", name+".exe")
	}
	return filepath.Join(dir, "bin", name)
}

// Python is the Python that has the SDK of a Runicorn release.
func Python(t testing.TB, version string) string {
	t.Helper()
	need(t, RunicornDir(version))
	return program(RunicornDir(version), "python")
}

// PythonSDK is the Python that has the MCP SDK.
func PythonSDK(t testing.TB) string {
	t.Helper()
	need(t, PythonSDKDir())
	return program(PythonSDKDir(), "python")
}

// Node is a Node.js that everything here runs on.
func Node(t testing.TB) string {
	t.Helper()
	need(t, InspectorDir())
	return filepath.Join(InspectorDir(), "node_modules", "node", "bin", "node")
}

// Inspector is the command line of the MCP Inspector: a Node.js and its script.
func Inspector(t testing.TB) (node, script string) {
	t.Helper()
	return Node(t), filepath.Join(InspectorDir(), "node_modules", ".bin", "mcp-inspector")
}

// TypeScriptSDK is a Node.js and the folder of the MCP SDK for TypeScript.
func TypeScriptSDK(t testing.TB) (node, dir string) {
	t.Helper()
	need(t, TypeScriptSDKDir())
	return Node(t), TypeScriptSDKDir()
}

// Conformance is the command line of MCP's conformance suite: a Node.js and its script.
func Conformance(t testing.TB) (node, script string) {
	t.Helper()
	need(t, ConformanceDir())
	return Node(t), filepath.Join(ConformanceDir(), "node_modules", ".bin", "conformance")
}

// Chromium is a browser, of the machine's own packages.
func Chromium(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("chromium")
	const how = "there is no chromium; on Debian: apt-get install chromium"
	switch {
	case err == nil:
	case os.Getenv("CI") != "":
		t.Fatal(how)
	default:
		t.Skip(how)
	}
	return path
}

// Environ is the environment for a Runicorn of its own: home and configuration in dir, none of
// the user's RUNICORN variables (runicorn config.py, all versions).
func Environ(dir string) []string {
	var env []string
	for _, v := range os.Environ() {
		if len(v) < 8 || v[:8] != "RUNICORN" {
			env = append(env, v)
		}
	}
	return append(env, "HOME="+dir, "XDG_CONFIG_HOME="+filepath.Join(dir, "config"),
		"PYTHONDONTWRITEBYTECODE=1")
}

// Go is a command of the go tool.
func Go(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	return exec.CommandContext(t.Context(), "go", args...)
}

// Run is a program with a working directory of its own.
func Run(t testing.TB, program string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Dir = t.TempDir()
	return cmd
}
