//go:build unix

package truth

import (
	"context"
	"errors"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/viewer"
	"github.com/runicorn-mcp/runicorn-mcp/internal/realtest"
)

// TestViewer_frozen stops a Viewer for 20 s, as a start of a remote Viewer does: calls wait for
// it, and one that may not wait so long says why.
func TestViewer_frozen(t *testing.T) {
	t.Parallel()
	_, root := realtest.Seed(t, "0.6.0")
	p := realtest.StartViewer(t, "0.6.0", root, 0)
	p.Settle(t)
	c := client.New(viewer.New(viewer.Options{BaseURL: p.URL}))
	p.Signal(t, syscall.SIGSTOP)
	thaw := time.AfterFunc(20*time.Second, func() { p.Signal(t, syscall.SIGCONT) })
	defer thaw.Stop()
	hasty := client.New(viewer.New(viewer.Options{BaseURL: p.URL, Timeout: time.Second}))
	if _, err := hasty.HealthCheck(t.Context()); !errors.Is(err, client.ErrConnection) ||
		!strings.Contains(err.Error(), "did not answer within 1s") {
		t.Errorf("in a hurry: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if _, err := c.HealthCheck(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("out of time: %v", err)
	}
	page := must(c.ListExperiments(t.Context(), client.ListOptions{}))(t)
	if page.Total != len(expectedRuns("0.6.0")) {
		t.Errorf("after it went on: %d runs", page.Total)
	}
}
