package client_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

func TestWithSettings(t *testing.T) {
	t.Parallel()
	m := &memory{assets: map[string]client.RunAssets{}}
	for i, args := range []map[string]any{
		{"lr": 0.1, "optimizer": "AdamW", "batch_size": int64(256)},
		{"lr": 1e-3, "algo": map[string]any{"batch_size": 256.0, "lr": 0.1}},
		{"lr": "0.10", "batch_size": int64(32), "amp": true},
		nil,
	} {
		id := string(rune('a' + i))
		m.runs = append(m.runs, run(id, "p/n", i, func(e *client.Experiment) {
			if e.Hostname = "gpu-1"; args == nil { // as before 0.6
				e.Hostname = "gpu-2"
				e.Summary = map[string]any{"batch_size": int64(256), "val_loss": 0.1}
			}
		}))
		if args != nil {
			m.assets[id] = client.RunAssets{Config: map[string]any{"args": args}}
		}
	}
	for _, c := range []struct {
		wanted []string
		want   string // ids, or an error
		kind   error
	}{
		{[]string{"batch_size=256"}, "a b d", nil},
		{[]string{"Batch_Size = 2.56e2", "lr=1e-1"}, "a b", nil},
		{[]string{"algo.batch_size=256"}, "b", nil},
		{[]string{"optimizer=adamw"}, "a", nil},
		{[]string{"amp=true"}, "c", nil},
		{[]string{"lr=0.1"}, "a b c", nil},
		{[]string{"host=GPU-1", "batch_size=256"}, "a b", nil},
		{[]string{"lr=7"}, `None of 4 runs has lr=7. There is lr: 0.001, 0.1, 0.10.`, client.ErrNotFound},
		{[]string{"val_loss=0.1"}, `There are "algo.batch_size", `, client.ErrNotFound},         // a result
		{[]string{"git.dirty=true"}, "No git state of theirs was captured", client.ErrNotFound}, // none was captured
		{[]string{"batchsize=1"}, `The nearest settings are "batch_size"`, client.ErrNotFound},
		{[]string{"batch_size"}, `config "batch_size" names no setting`, client.ErrBadRequest},
		{[]string{"=5"}, "names no setting", client.ErrBadRequest},
	} {
		got, read, err := client.New(m).WithSettings(t.Context(), m.runs, c.wanted)
		if c.kind != nil {
			if !errors.Is(err, c.kind) || !strings.Contains(fmt.Sprint(err), c.want) {
				t.Errorf("%v: %v, want %s", c.wanted, err, c.want)
			}
			continue
		}
		var ids []string
		for _, run := range got {
			ids = append(ids, run.ID)
		}
		if s := strings.Join(ids, " "); err != nil || s != c.want || read != 4 {
			t.Errorf("%v: %s of %d, %v; want %s", c.wanted, s, read, err, c.want)
		}
	}
}
