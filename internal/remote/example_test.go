//go:build unix

package remote

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/internal/realtest"
)

// TestExample runs the documented example as a program.
func TestExample(t *testing.T) {
	bin := filepath.Join(t.TempDir(), "remote-viewer")
	if out, err := realtest.Go(t, "build", "-o", bin, "../../examples/remote-viewer").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	each(t, func(t *testing.T, p *place) {
		cmd := realtest.Run(t, bin, "-viewer", p.local.URL, "-host", host, "-port", fmt.Sprint(p.Port),
			"-user", realtest.FarUser, "-key", p.Key, p.root)
		cmd.Stdin = strings.NewReader("yes\n\n")
		if p.version < "0.6" {
			cmd.Stdin = strings.NewReader("yes\n") // which is about the host
		}
		out, err := cmd.CombinedOutput()
		for _, want := range []string{"connected: researcher@127.0.0.1:", "remote Viewers: 1\n",
			"runs there: 3\n", "disconnected; 1 Viewers stopped\n"} {
			if err != nil || !strings.Contains(string(out), want) {
				t.Fatalf("%v, no %q in\n%s", err, want, out)
			}
		}
		p.left(t, 0)
	})
}
