package interop

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/runicorn-mcp/runicorn-mcp/internal/demo/demotest"
)

// TestTransports_answerTheSame makes the same 500 mixed calls over each transport.
func TestTransports_answerTheSame(t *testing.T) {
	t.Parallel()
	const many = 500
	store := demotest.Store(t).Dir
	answers := make(map[string][]string)
	for _, kind := range []string{"stdio", "http", "sse"} {
		exports := t.TempDir()
		args := []string{"serve", "--storage", store, "--export-dir", exports}
		var way mcp.Transport = &mcp.CommandTransport{Command: exec.Command(program, args...)}
		if kind != "stdio" {
			args = append(args, "--transport", kind, "--addr", "127.0.0.1:0")
			way = startServed(t, exec.Command(program, args...)).goSDK(kind)
		}
		session := connectGoSDK(t, way, "2025-11-25", nil)
		list := calls()
		for i := range many {
			c := list[i*7%len(list)]
			got := callWithGoSDK(t, session, c.Tool, c.Args)
			got.Text = strings.ReplaceAll(got.Text, exports, "EXPORTS")
			answers[kind] = append(answers[kind], fmt.Sprintf("%s %v: %+v", c.Tool, c.Args, got))
		}
		if err := session.Close(); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
	for _, kind := range []string{"http", "sse"} {
		if diff := cmp.Diff(answers["stdio"], answers[kind]); diff != "" || len(answers[kind]) != many {
			t.Errorf("%d answers over %s differ from those over stdio:\n%s", len(answers[kind]), kind, diff)
		}
	}
}
