package transport

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/tools"
)

// FuzzPost holds that whatever is POSTed is answered without a failure of the server, that an
// answer has the id of its request as it was written, and that no stand-in for one gets out.
func FuzzPost(f *testing.F) {
	echo := tools.Tool{Name: "echo", In: json.RawMessage(`{"type":"object","properties":{}}`),
		Call: func(_ context.Context, _ *tools.Env, args json.RawMessage) (json.RawMessage, error) {
			return args, nil
		}}
	s := NewServer(Options{Tools: []tools.Tool{echo}, Env: &tools.Env{}, CallTimeout: time.Second})
	ctx, cancel := context.WithCancel(context.Background())
	f.Cleanup(cancel)
	h := newStreamable(&network{server: s, log: s.log, gate: newGate(1, 1), heartbeat: time.Minute,
		ctx: ctx, draining: ctx})
	id := h.sessions.Generate()
	for _, id := range []string{"1", `"a"`, "9007199254740993", "1e400", `{"a":1}`, "null", "[]"} {
		f.Add(`{"jsonrpc":"2.0","id":`+id+`,"method":"ping"}`, false)
		f.Add(`{"jsonrpc":"2.0","id":`+id+`,"method":"tools/call","params":{"name":"echo","arguments":{},`+
			`"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",`+
			`"io.modelcontextprotocol/clientCapabilities":{}}}}`, true)
	}
	f.Add(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`, false)
	f.Add(`{"jsonrpc":"2.0","id":1,"result":{}}`, false)
	f.Add(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}`, false)
	f.Fuzz(func(t *testing.T, body string, modern bool) {
		r := httptest.NewRequest("POST", "/mcp", bytes.NewReader([]byte(body)))
		r.Header.Set("Content-Type", "application/json")
		if modern {
			r.Header.Set("Mcp-Protocol-Version", "2026-07-28")
			r.Header.Set("Mcp-Method", "tools/call")
			r.Header.Set("Mcp-Name", "echo")
		} else {
			r.Header.Set("Mcp-Session-Id", id)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Errorf("%q gave %d %s", body, w.Code, w.Body)
		}
		if bytes.Contains(w.Body.Bytes(), []byte(h.standIn)) {
			t.Errorf("%q gave a stand-in: %s", body, w.Body)
		}
		var asked, answered message
		if json.Unmarshal([]byte(body), &asked) != nil || !asked.isRequest() || *asked.Method == "" ||
			json.Unmarshal(w.Body.Bytes(), &answered) != nil {
			return
		}
		if got := string(answered.ID); got != string(asked.ID) {
			t.Errorf("%q, of id %s, was answered as %s", body, asked.ID, got)
		}
	})
}

// FuzzMended holds that a message stays the JSON that it was, and what is no error as it was.
func FuzzMended(f *testing.F) {
	for _, message := range []string{
		`{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"\u001arefusal:{\"code\":-32602}"}}` + "\n",
		`{"jsonrpc":"2.0","id":1,"error":{"code":-32002,"message":"handler not found for resource URI 'a': resource not found"}}`,
		`{"jsonrpc":"2.0","id":1,"result":{"error":{"code":1}}}`, `{"error":{"code":`, "",
	} {
		f.Add([]byte(message))
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		before := bytes.Clone(message)
		got := mended(message)
		if !bytes.Equal(message, before) {
			t.Errorf("%q was changed in place", before)
		}
		if json.Valid(message) != json.Valid(got) {
			t.Errorf("%q became %q", before, got)
		}
		if !bytes.Contains(message, []byte(`"error":{"code":`)) && !bytes.Equal(got, message) {
			t.Errorf("%q is no error and became %q", before, got)
		}
	})
}
