package main

import (
	"bytes"
	"encoding/csv"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/internal/demo/demotest"
)

func TestRun(t *testing.T) {
	t.Parallel()
	s := demotest.Store(t)
	var out bytes.Buffer
	runs := []string{"baseline", "lr-1.0", "student"}
	if err := run(t.Context(), &out, s.Dir, "train_loss", runs); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil || len(rows) != 401 || rows[0][0] != "step" || rows[0][3] != s.Runs[0].ID {
		t.Fatalf("%d rows, %v, head %q", len(rows), err, rows[0])
	}
	if last := rows[400]; last[0] != "400" || last[1] == "" || last[2] != "NaN" || last[3] != "" {
		t.Errorf("last row %q: lr-1.0 blew up, student is not there yet", last)
	}
	if err := run(t.Context(), &out, s.Dir, "train_loss", []string{"basline"}); err == nil {
		t.Error("a run that is not there gives no error")
	}
}
