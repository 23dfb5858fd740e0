package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/internal/demo/demotest"
)

func TestRun(t *testing.T) {
	t.Parallel()
	s := demotest.Store(t)
	dir := filepath.Join(t.TempDir(), "exports")
	var out bytes.Buffer
	if err := run(t.Context(), &out, s.Dir, "nlp", dir); err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(out.String(), ": 350 steps\n2 of 2 runs exported\n") {
		t.Errorf("got %q", out.String())
	}
	files, err := filepath.Glob(filepath.Join(dir, "nlp-bert-sst2_*.json"))
	if err != nil || len(files) != 2 {
		t.Fatalf("files %q, %v", files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var export struct {
			Metrics map[string][]any `json:"metrics"`
			Summary map[string]any   `json:"summary"`
		}
		if err := json.Unmarshal(text, &export); err != nil || len(export.Metrics["val_f1"]) < 10 ||
			export.Summary["best_metric_name"] != "val_f1" {
			t.Errorf("%s: %v, summary %v", file, err, export.Summary)
		}
	}
	if err := run(t.Context(), &out, s.Dir, "nlp", dir); err == nil {
		t.Error("a second export wrote over the first")
	}
}
