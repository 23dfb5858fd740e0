// Package testkit holds what the tests of several rooms share: a storage folder to fill, a network
// in memory, and the count of tokens. Real Viewers and clients are in internal/realtest.
package testkit

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/tiktoken-go/tokenizer"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/storage"
	"github.com/runicorn-mcp/runicorn-mcp/tools"
)

// WriteRun writes a file of a run into the storage folder root. run (path/id) and file are
// slash-separated.
func WriteRun(t testing.TB, root, run, file, text string) {
	t.Helper()
	name := filepath.Join(root, "runs", filepath.FromSlash(run), filepath.FromSlash(file))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Env has tools read the storage folder root, and export to another folder, which is not there yet.
func Env(t testing.TB, root string) *tools.Env {
	t.Helper()
	folder, err := storage.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	c := client.New(folder)
	return &tools.Env{
		Client:    func(context.Context, string) (*client.Client, error) { return c, nil },
		ExportDir: filepath.Join(t.TempDir(), "exports"),
	}
}

// Tokens counts the tokens of text as o200k_base does.
func Tokens(t testing.TB, text string) int {
	t.Helper()
	codec, err := tokenizer.Get(tokenizer.O200kBase)
	if err != nil {
		t.Fatal(err)
	}
	n, err := codec.Count(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
