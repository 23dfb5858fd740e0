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
	for _, tt := range []struct{ project, metric, want string }{
		{"vision", "val_accuracy", "Best of 8 runs: resnet50 augmented\nval_accuracy: 0.9574\nRun id: "},
		{"vision", "f1", "None of the 8 runs of \"vision\" has logged f1.\n"},
	} {
		var out bytes.Buffer
		if err := run(t.Context(), &out, s.Dir, tt.project, tt.metric); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(out.String(), tt.want) {
			t.Errorf("got %q, want %q", out.String(), tt.want)
		}
	}
	if err := run(t.Context(), nil, "no/such/folder", "", ""); err == nil {
		t.Error("a folder that is not there gives no error")
	}
}
