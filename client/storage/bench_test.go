package storage

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// BenchmarkReadEvents reads the metrics of 100,000 steps, beside encoding/json which only checks
// that each line is valid.
func BenchmarkReadEvents(b *testing.B) {
	const steps = 100_000
	var text strings.Builder
	for i := range steps {
		fmt.Fprintf(&text, `{"ts": 1700000000.123456, "type": "metrics", "data": {"loss": 0.69314718056, `+
			`"acc": 0.5, "lr": 0.001, "grad": 12.75, "global_step": %d, "time": 1700000000.123456}}`+"\n", i)
	}
	events := text.String()
	b.Run("ReadEvents", func(b *testing.B) {
		b.SetBytes(int64(len(events)))
		for b.Loop() {
			m, err := ReadEvents(b.Context(), strings.NewReader(events), nil)
			if err != nil || m.Rows != steps {
				b.Fatal(m.Rows, err)
			}
		}
	})
	b.Run("json.Valid", func(b *testing.B) {
		b.SetBytes(int64(len(events)))
		for b.Loop() {
			for line := range strings.Lines(events) {
				if !json.Valid([]byte(line)) {
					b.Fatal(line)
				}
			}
		}
	})
}
