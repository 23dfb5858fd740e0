package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/internal/demo/demotest"
)

func TestRun(t *testing.T) {
	t.Parallel()
	s := demotest.Store(t)
	id := make(map[string]string)
	for _, r := range s.Runs {
		id[r.Alias] = r.ID
	}
	var out bytes.Buffer
	if err := run(t.Context(), &out, s.Dir, "model"); err != nil {
		t.Fatal(err)
	}
	want := "output resnet50.pt\n  versions: 1\n  latest:   v1, 2026-03-11 13:50:10\n" +
		"  size:     not recorded\n  made by:  " + id["augmented"] + "\n  used by:  " +
		id["student"] + "\n"
	if !strings.Contains(out.String(), want) || strings.Count(out.String(), "versions:") != 4 {
		t.Errorf("got\n%swant in it\n%s", out.String(), want)
	}
	out.Reset()
	if err := run(t.Context(), &out, s.Dir, "dataset"); err != nil ||
		!strings.Contains(out.String(), "dataset aishell-1\n") {
		t.Errorf("%v, datasets:\n%s", err, out.String())
	}
}
