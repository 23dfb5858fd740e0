package transport_test

import (
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/internal/testkit"
	"github.com/runicorn-mcp/runicorn-mcp/tools"
	"github.com/runicorn-mcp/runicorn-mcp/transport"
)

// TestReply_answerMeetsHeartbeat has answers come at the moment at which silence would make them
// streams; either way each is whole. The race detector has its say.
func TestReply_answerMeetsHeartbeat(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ln := testkit.NewPipe()
		w := serveThis(t, ln, ln.Dial, transport.NetworkOptions{Token: testToken},
			func(log *slog.Logger) *transport.Server {
				s := transport.NewServer(transport.Options{Tools: testTools(), Env: &tools.Env{}, Logger: log})
				s.SetHeartbeat(50 * time.Millisecond)
				return s
			})
		c := newSession(t, w, "2025-11-25")
		for i := range 100 {
			id := fmt.Sprint(i)
			c.call(t, t.Context(), id, "takes50ms", "{}")
			if a := c.next(t); string(a.ID) != id || a.text() != `{"ok":true}` {
				t.Fatalf("call %s got %+v", id, a)
			}
		}
	})
}
