package transport_test

import (
	"io"
	"slices"
	"strings"
	"testing"
)

func TestStdio_panic(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.send(t, hello, callLine("1", "panics", "{}"), callLine("2", "fails", "{}"), "")
	p.in.Close()
	answers := p.rest(t)
	a := answers["1"]
	if !a.Result.IsError || strings.Contains(a.text(), "secret") ||
		!strings.Contains(a.text(), "internal error") {
		t.Errorf("a panic gave %+v", a)
	}
	fields := strings.Fields(a.text())
	if len(fields) < 3 || !strings.Contains(p.log.String(), fields[2]) ||
		!strings.Contains(p.log.String(), "secret detail") {
		t.Errorf("the log lacks the id or the panic:\n%s", p.log)
	}
	if a := answers["2"]; !a.Result.IsError || a.text() != "no such run; call list_experiments" {
		t.Errorf("an error gave %+v", a)
	}
}

func TestStdio_cancelAndProgress(t *testing.T) {
	t.Parallel()
	p := start(t, "RUNICORN_MCP_TEST_TIMEOUT=10m")
	p.send(t, hello, `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"waits",`+
		`"arguments":{},"_meta":{"progressToken":"p"}}}`, "")
	a := p.until(t, func(a answer) bool { return a.Method == "notifications/progress" })
	if string(a.Params.ProgressToken) != `"p"` || string(a.Params.Progress) != "1" {
		t.Errorf("progress came as %+v", a)
	}
	p.send(t, `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`, "")
	p.in.Close()
	if a := p.rest(t)["1"]; !a.Result.IsError || !strings.Contains(a.text(), "gave up") {
		t.Errorf("a cancelled call gave %+v", a)
	}
}

func TestAnswers_form(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.send(t, hello, "")
	p.read(t) // the SDK knows the client from here on
	p.send(t, callLine("1", "notANumber", "{}"), callLine("2", "complains", "{}"),
		`{"jsonrpc":"2.0","id":3,"method":"tools/list"}`, callLine("4", "none", "{}"), "")
	p.in.Close()
	answers := p.rest(t)
	if a := answers["1"]; !a.Result.IsError || !strings.Contains(a.text(), "internal error") {
		t.Errorf("an answer that is no JSON gave %+v", a)
	}
	if a := answers["2"]; !a.Result.IsError || len([]rune(a.text())) != 1_000 {
		t.Errorf("a long error gave %d characters", len([]rune(a.text())))
	}
	var want, got []string
	for _, tool := range testTools() {
		want = append(want, tool.Name)
	}
	for _, tool := range answers["3"].Result.Tools {
		got = append(got, tool.Name)
	}
	if !slices.Equal(got, want) {
		t.Errorf("tools/list is in the order %q, want %q", got, want)
	}
	for _, line := range []string{`tool=notANumber outcome=error`, `msg=refused method=tools/call`,
		`client="test 1"`} {
		if !strings.Contains(p.log.String(), line) {
			t.Errorf("the log lacks %s:\n%s", line, p.log)
		}
	}
}

func TestLog_secrets(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.send(t, hello, callLine("1", "echo", `{"host":"h","password":"hunter2","in":[{"Token":"pp9"}]}`),
		callLine("2", "echo", `["hunter2"]`), "")
	p.in.Close()
	p.rest(t)
	log := p.log.String()
	if strings.Contains(log, "hunter2") || strings.Contains(log, "pp9") ||
		!strings.Contains(log, "hidden") {
		t.Errorf("the log at debug:\n%s", log)
	}
}

// TestConnect is serial: the SDK has one stdio session in a process.
func TestConnect(t *testing.T) {
	session, err := newServer(io.Discard).Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	names, err := session.ListTools(t.Context())
	if err != nil || len(names) != len(testTools()) || names[0] != "echo" {
		t.Errorf("ListTools gave %q, %v", names, err)
	}
	text, failed, err := session.CallTool(t.Context(), "echo", map[string]any{"a": "b"})
	if err != nil || failed || text != `{"a":"b"}` {
		t.Errorf("echo gave %s, %v, %v", text, failed, err)
	}
	if text, failed, err = session.CallTool(t.Context(), "fails", nil); err != nil || !failed {
		t.Errorf("fails gave %s, %v, %v", text, failed, err)
	}
	if _, _, err := session.CallTool(t.Context(), "none", nil); err == nil {
		t.Error("a tool that is not served gave no error")
	}
	if err := session.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}
