// Package demotest gives tests the demo store, always with the same bytes.
package demotest

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/internal/demo"
)

// Now is when the runs of the store were last heard of, about.
var Now = time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC)

// Store writes the demo store into a folder of its own.
func Store(t testing.TB) demo.Store {
	t.Helper()
	s, err := demo.Write(filepath.Join(t.TempDir(), "store"), Now)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
