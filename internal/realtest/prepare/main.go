// Command prepare makes the real things that tests talk to, once each, outside the repository:
// a virtual environment for each Runicorn release that is tested, one with the official MCP SDK
// for Python, and npm folders with the MCP Inspector, a Node.js that it runs on, the SDKs for
// TypeScript, and MCP's conformance suite.
//
//	go run ./internal/realtest/prepare
//
// They are kept below the user's cache folder, or RUNICORN_MCP_TEST_DIR.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"github.com/runicorn-mcp/runicorn-mcp/internal/realtest"
)

func main() {
	if err := prepare(); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func prepare() error {
	for _, version := range realtest.Versions {
		if err := once(realtest.RunicornDir(version), python("runicorn=="+version)); err != nil {
			return err
		}
	}
	if err := prepareFar(); err != nil {
		return err
	}
	if err := once(realtest.PythonSDKDir(), python("mcp=="+realtest.PythonSDKVersion)); err != nil {
		return err
	}
	if err := once(realtest.InspectorDir(), npm("@modelcontextprotocol/inspector@"+
		realtest.InspectorVersion, "node@"+realtest.NodeVersion)); err != nil {
		return err
	}
	if err := once(realtest.TypeScriptSDKDir(), npm("@modelcontextprotocol/client@"+
		realtest.TypeScriptSDKVersion, "@modelcontextprotocol/sdk@"+
		realtest.OldTypeScriptSDKVersion)); err != nil {
		return err
	}
	return once(realtest.ConformanceDir(), npm("@modelcontextprotocol/conformance@"+
		realtest.ConformanceVersion))
}

// once makes a folder, unless it was made whole before.
func once(dir string, fill func(dir string) error) error {
	if realtest.Complete(dir) {
		fmt.Println("there is", dir)
		return nil
	}
	fmt.Println("making", dir)
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := fill(dir); err != nil {
		return fmt.Errorf("making %s: %w", dir, err)
	}
	return realtest.MarkComplete(dir)
}

// python fills a folder with a virtual environment that has one package.
func python(requirement string) func(string) error { return pythonOf("python3", requirement) }

// pythonOf does it with a certain Python.
func pythonOf(system, requirement string) func(string) error {
	return func(dir string) error {
		if err := run(system, "-m", "venv", dir); err != nil {
			return err
		}
		pip := filepath.Join(dir, "bin", "python")
		if runtime.GOOS == "windows" {
			pip = filepath.Join(dir, "Scripts", "python.exe")
		}
		return run(pip, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", requirement)
	}
}

// npm fills a folder with packages.
func npm(packages ...string) func(string) error {
	return func(dir string) error {
		return run("npm", append([]string{"install", "--prefix", dir, "--no-audit", "--no-fund",
			"--loglevel=error"}, packages...)...)
	}
}

func run(name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd.Run()
}
