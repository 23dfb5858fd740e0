package transport_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
)

// TestNetwork_brokenMessages sends what is no message, or not a good one, over each transport.
// Each is answered or accepted, and the next call works.
func TestNetwork_brokenMessages(t *testing.T) {
	t.Parallel()
	bodies := []string{"", "{", "7", "null", `"text"`, "[]",
		`[{"jsonrpc":"2.0","id":1,"method":"ping"}]`, `{"jsonrpc":"2.0"}`,
		`{"jsonrpc":"2.0","id":null,"method":"ping"}`, `{"jsonrpc":"2.0","id":{"a":1},"method":"ping"}`,
		`{"jsonrpc":"2.0","id":1,"method":7}`, `{"jsonrpc":"2.0","id":1,"method":"no/such"}`,
		`{"jsonrpc":"1.0","id":1,"method":"ping"}`, `{"jsonrpc":"2.0","id":1,"result":{}}`,
		`{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"x"}}`,
		`{"jsonrpc":"2.0","id":1,"method":"tools/call"}`, callLine("1", "none", "{}"),
		`{"jsonrpc":"2.0","method":"notifications/cancelled"}`, cancelLine(`{"a":[1]}`),
		`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"_meta":7}}`,
		`{"jsonrpc":"2.0","id":1,"ID":2,"method":"ping"}`, strings.Repeat("[", 100_000)}
	inTime(t, func(t *testing.T, w *web) {
		old, sse := newSession(t, w, "2025-11-25"), newSSE(t, w, "2025-11-25")
		modern := over["http 2026-07-28"](t, w).(*stateless)
		for _, body := range bodies {
			for name, r := range map[string]*http.Response{
				"http":   old.post(t, t.Context(), body),
				"modern": modern.post(t, t.Context(), "tools/call", "echo", body),
				"sse":    w.do(t, t.Context(), "POST", sse.path, body),
			} {
				if r.StatusCode >= 500 {
					t.Errorf("%s: %.80q gave %s", name, body, r.Status)
				}
				r.Body.Close()
			}
		}
		synctest.Wait()
		for len(sse.box) > 0 {
			<-sse.box
		}
		for name, c := range map[string]caller{"http": old, "modern": modern, "sse": sse} {
			c.call(t, t.Context(), `"after"`, "echo", `{"a":1}`)
			if a := c.next(t); string(a.ID) != `"after"` || a.text() != `{"a":1}` {
				t.Errorf("%s: afterwards a call gave %+v", name, a)
			}
		}
	})
}

// TestNetwork_ids holds that an answer has the id that the client wrote, whatever it is.
func TestNetwork_ids(t *testing.T) {
	t.Parallel()
	ids := []string{"0", "-7", "9007199254740993", "1.50", "1e400", `""`, `"1"`, `"a\"b"`, `"日本"`}
	for name, connect := range over {
		inTime(t, func(t *testing.T, w *web) {
			c := connect(t, w)
			for _, id := range ids {
				c.call(t, t.Context(), id, "echo", "{}")
				if a := c.next(t); string(a.ID) != id {
					t.Errorf("%s: the answer to %s is of %s", name, id, a.ID)
				}
			}
		})
	}
}

// TestSSE_noStatelessRevision holds that 2026-07-28, which has no such transport, is refused over it
// with the revisions that do.
func TestSSE_noStatelessRevision(t *testing.T) {
	t.Parallel()
	inTime(t, func(t *testing.T, w *web) {
		c := newSSE(t, w, "2024-11-05")
		c.send(t, fmt.Sprintf(`{"jsonrpc":"2.0","id":9007199254740993,"method":"server/discover",`+
			`"params":{"_meta":{"x":1%s}}}`, modernMeta))
		a := c.next(t)
		if a.Error == nil || a.Error.Code != -32022 || string(a.ID) != "9007199254740993" {
			t.Fatalf("server/discover gave %+v", a)
		}
		want := []string{"2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"}
		if !slices.Equal(a.Error.Data.Supported, want) {
			t.Errorf("the revisions are %q", a.Error.Data.Supported)
		}
	})
}

// TestDiscover holds that the instructions, and how long lists may be kept, come with 2026-07-28 as
// they do with initialize, and lists always in the order of the tools.
func TestDiscover(t *testing.T) {
	t.Parallel()
	inTime(t, func(t *testing.T, w *web) {
		c := over["http 2026-07-28"](t, w).(*stateless)
		for _, method := range []string{"server/discover", "tools/list"} {
			r := c.post(t, t.Context(), method, "", `{"jsonrpc":"2.0","id":1,"method":"`+method+
				`","params":{"_meta":{"x":1`+modernMeta+`}}}`)
			text, err := io.ReadAll(r.Body)
			if err != nil || !strings.Contains(string(text), `"ttlMs":300000`) ||
				!strings.Contains(string(text), `"cacheScope":"private"`) {
				t.Errorf("%s gave %s, %v", method, text, err)
			}
			if method == "server/discover" {
				if !strings.Contains(string(text), `"instructions":"Test tools."`) {
					t.Errorf("it lacks the instructions: %s", text)
				}
				continue
			}
			place := -1
			for _, tool := range testTools() {
				next := strings.Index(string(text), `"name":"`+tool.Name+`"`)
				if next <= place {
					t.Errorf("%s is out of its order in %s", tool.Name, text)
				}
				place = next
			}
		}
	})
}
