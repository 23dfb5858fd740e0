package transport_test

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
)

func TestStdio_answersEverything(t *testing.T) {
	t.Parallel()
	p := start(t)
	lines := []string{hello}
	ids := []string{`"hello"`}
	for i := range 200 {
		id := fmt.Sprint(i)
		switch i % 5 { // ids of each JSON type that MCP allows, and of some that it does not
		case 1:
			id = fmt.Sprintf(`"call-%d"`, i)
		case 2:
			id = fmt.Sprintf("%d", -i)
		case 3:
			id = fmt.Sprintf("9007199254740%d", 993+i) // between two floating-point numbers
		case 4:
			id = fmt.Sprintf("%d.50", i)
		}
		ids = append(ids, id)
		lines = append(lines, callLine(id, "takes50ms", "{}"))
	}
	lines = append(lines, callLine(`"never"`, "never", "{}"), callLine(`"last"`, "echo", `{"a":1}`))
	ids = append(ids, `"never"`, `"last"`)
	p.send(t, lines...) // the last line has no newline
	p.in.Close()
	answers := p.rest(t)
	for _, id := range ids {
		if _, ok := answers[id]; !ok {
			t.Errorf("id %s was not answered", id)
		}
	}
	if len(answers) != len(ids) {
		t.Errorf("%d answers to %d requests", len(answers), len(ids))
	}
	if a := answers["5"]; a.text() != `{"ok":true}` || a.Result.IsError {
		t.Errorf("a call of 50 ms gave %+v", a)
	}
	if a := answers[`"never"`]; !a.Result.IsError ||
		!strings.Contains(a.text(), "never did not answer within 3s and was given up") {
		t.Errorf("a call that never returns gave %+v", a)
	}
}

func TestStdio_brokenMessages(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.send(t, hello, `{"jsonrpc":`, "", "   ", `[{"jsonrpc":"2.0","id":1,"method":"ping"}]`, `7`,
		`{"jsonrpc":"2.0","id":2,"method":"no/such"}`, `{"jsonrpc":"2.0","id":3,"method":"tools/call"}`,
		`{"jsonrpc":"2.0","id":4,"result":{}}`, callLine("5", "none", "{}"),
		callLine("null", "echo", "{}"), callLine("1e999", "echo", "{}"), callLine("true", "echo", "{}"),
		`{"jsonrpc":"2.0","id":9,"method":"subscriptions/listen","params":{}}`,
		`{"jsonrpc":"2.0","id":10,"method":"ping","result":{}}`, callLine(`{"a":1}`, "echo", "{}"),
		`{"id":11,"method":"ping"}`, `{"jsonrpc":"2.0","id":12,"method":7}`,
		`{"jsonrpc":"2.0","id":6,"method":"ping","params":"`+strings.Repeat("x", 17<<20)+`"}`,
		callLine("8", "echo", `{"b":2}`), "")
	p.in.Close()
	answers := p.rest(t)
	if a := answers["8"]; a.text() != `{"b":2}` {
		t.Errorf("after broken messages a call gave %+v", a)
	}
	for id, code := range map[string]int{"2": -32601, "5": -32602, "null": -32700} {
		if a := answers[id]; a.Error == nil || a.Error.Code != code {
			t.Errorf("id %s: %+v, want code %d", id, a, code)
		}
	}
}

func TestStdio_signal(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"never", "waits"} {
		p := start(t, "RUNICORN_MCP_TEST_TIMEOUT=10m")
		p.send(t, hello, callLine("1", tool, "{}"), callLine("2", "echo", "{}"), "")
		p.until(t, func(a answer) bool { return string(a.ID) == "2" }) // 1 is under way, or queued
		// Only the signal can end it before the 10 minutes of a call.
		if err := p.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		for ok := true; ok; {
			_, ok = p.read(t)
		}
		if err := p.finished(); err != nil {
			t.Errorf("%s: exit after the signal: %v", tool, err)
		}
	}
}

// TestStdio_busy holds that a server whose every worker is taken hears pings and cancellations.
func TestStdio_busy(t *testing.T) {
	t.Parallel()
	p := start(t, "RUNICORN_MCP_TEST_TIMEOUT=10m")
	p.send(t, hello, "")
	const first = 9007199254740993 // numbers that the SDK would confuse
	for i := range 40 {
		p.send(t, callLine(fmt.Sprint(first+i), "waits", "{}"), "")
		if i == 30 { // one worker is left, which a quick call gets
			p.send(t, callLine(`"quick"`, "echo", "{}"), "")
			p.until(t, func(a answer) bool { return string(a.ID) == `"quick"` })
		}
	}
	p.send(t, `{"jsonrpc":"2.0","id":"ping","method":"ping"}`, "")
	p.until(t, func(a answer) bool { return string(a.ID) == `"ping"` })
	for i := range 40 {
		// Until it answers: the SDK forgets to cancel a call that still waits for a worker.
		p.send(t, fmt.Sprintf(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":`+
			`{"requestId":%d}}`, first+i), "")
		if i < 32 {
			p.until(t, func(a answer) bool { return strings.Contains(a.text(), "gave up") })
		}
	}
	if err := p.Process.Kill(); err != nil {
		t.Fatal(err)
	}
}

// TestStdio_deafClient holds that a client which reads nothing cannot keep a server alive.
func TestStdio_deafClient(t *testing.T) {
	t.Parallel()
	p := start(t)
	lines := []string{hello}
	for i := range 50 {
		lines = append(lines, callLine(fmt.Sprint(i), "large", "{}"))
	}
	p.send(t, append(lines, "")...)
	p.until(t, func(a answer) bool { return len(a.Result.Content) > 0 }) // and no more
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if state, err := p.Process.Wait(); err != nil || !state.Success() {
		t.Errorf("exit after the signal: %v, %v", state, err)
	}
}
