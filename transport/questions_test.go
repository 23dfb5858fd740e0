package transport_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/runicorn-mcp/runicorn-mcp/internal/testkit"
	"github.com/runicorn-mcp/runicorn-mcp/transport"
)

// withFixtures runs a test with a server of what the conformance suite asks for.
func withFixtures(t *testing.T, test func(t *testing.T, w *web)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ln := testkit.NewPipe()
		test(t, serveThis(t, ln, ln.Dial, transport.NetworkOptions{Token: testToken}, transport.Fixtures))
	})
}

// TestSSE_asks holds that a tool can ask the person, that each client is asked its own question,
// and that only the one who was asked can answer.
func TestSSE_asks(t *testing.T) {
	t.Parallel()
	withFixtures(t, func(t *testing.T, w *web) {
		clients := map[string]*sseCaller{"a": newSSE(t, w, "2025-11-25"), "b": newSSE(t, w, "2025-11-25")}
		ids := make(map[string]json.RawMessage)
		for name, c := range clients {
			c.call(t, t.Context(), "1", "test_elicitation", `{"message":"`+name+`"}`)
			q := c.next(t)
			if ids[name] = q.ID; q.Method != "elicitation/create" || q.Params.Message != name {
				t.Errorf("%s was asked %+v", name, q)
			}
		}
		reply := func(id json.RawMessage, name string) string {
			return fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"result":{"action":"accept",`+
				`"content":{"name":%q}}}`, id, name)
		}
		clients["a"].send(t, reply(ids["a"], "a"))
		clients["a"].send(t, reply(ids["b"], "a again")) // the question is answered
		clients["b"].send(t, reply([]byte(`"question 7"`), "nobody"))
		synctest.Wait()
		if len(clients["b"].box) > 0 {
			t.Errorf("b was answered for: %+v", clients["b"].next(t))
		}
		clients["b"].send(t, reply(ids["b"], "b"))
		for name, c := range clients {
			want := `User response: action=accept, content={"name":"` + name + `"}`
			if a := c.next(t); string(a.ID) != "1" || a.text() != want {
				t.Errorf("%s got %+v, want %q", name, a, want)
			}
		}
		c := clients["a"]
		c.call(t, t.Context(), "2", "test_elicitation", `{}`)
		c.send(t, fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"error":{"code":-1,"message":"no"}}`, c.next(t).ID))
		if a := c.next(t); !a.Result.IsError || !strings.Contains(a.text(), "could not ask") {
			t.Errorf("a client that cannot ask got %+v", a)
		}
		c.call(t, t.Context(), "3", "test_elicitation", `{}`)
		c.next(t)
		c.cancel(t, "3")
		if a := c.next(t); string(a.ID) != "3" {
			t.Errorf("a cancelled question got %+v", a)
		}
	})
}

// TestSSE_notifications holds that what the SDK says beside answers comes over the stream.
func TestSSE_notifications(t *testing.T) {
	t.Parallel()
	withFixtures(t, func(t *testing.T, w *web) {
		c := newSSE(t, w, "2025-11-25")
		c.send(t, `{"jsonrpc":"2.0","id":1,"method":"logging/setLevel","params":{"level":"info"}}`)
		c.next(t)
		c.call(t, t.Context(), "2", "test_tool_with_logging", "{}")
		var methods []string
		for range 4 {
			methods = append(methods, c.next(t).Method)
		}
		const note = "notifications/message"
		if !slices.Equal(methods, []string{note, note, note, ""}) {
			t.Errorf("there came %q", methods)
		}
	})
}
