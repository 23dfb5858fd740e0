package transport_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/tools"
	"github.com/runicorn-mcp/runicorn-mcp/transport"
)

// serveVariable makes this test binary a server of testTools on standard input and output.
const serveVariable = "RUNICORN_MCP_TEST_SERVE"

func TestMain(m *testing.M) {
	if os.Getenv(serveVariable) == "" {
		os.Exit(m.Run())
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := newServer(os.Stderr).ServeStdio(ctx, os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func newServer(log io.Writer) *transport.Server {
	timeout := 3 * time.Second
	if s := os.Getenv("RUNICORN_MCP_TEST_TIMEOUT"); s != "" {
		timeout, _ = time.ParseDuration(s)
	}
	return transport.NewServer(transport.Options{
		Name: "test", Version: "1", Instructions: "Test tools.", Tools: testTools(),
		Env: &tools.Env{}, CallTimeout: timeout,
		Logger: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
}

// testTools are tools that misbehave.
func testTools() []tools.Tool {
	tool := func(
		name string, call func(context.Context, *tools.Env, json.RawMessage) (json.RawMessage, error),
	) tools.Tool {
		return tools.Tool{Name: name, Title: name, Description: name, Call: call,
			In: json.RawMessage(`{"type":"object","properties":{}}`)}
	}
	type raw = json.RawMessage
	return []tools.Tool{
		tool("echo", func(_ context.Context, _ *tools.Env, args raw) (raw, error) { return args, nil }),
		tool("fails", func(context.Context, *tools.Env, raw) (raw, error) {
			return nil, fmt.Errorf("no such run; call list_experiments")
		}),
		tool("panics", func(context.Context, *tools.Env, raw) (raw, error) { panic("secret detail") }),
		tool("takes50ms", func(ctx context.Context, _ *tools.Env, _ raw) (raw, error) {
			select {
			case <-time.After(50 * time.Millisecond):
				return raw(`{"ok":true}`), nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}),
		tool("never", func(context.Context, *tools.Env, raw) (raw, error) { select {} }),
		tool("waits", func(ctx context.Context, env *tools.Env, _ raw) (raw, error) {
			if env.Progress != nil {
				env.Progress(1, 2, "waiting")
			}
			<-ctx.Done()
			return nil, fmt.Errorf("gave up: %w", ctx.Err())
		}),
	}
}

// A process is the server as a process of its own.
type process struct {
	*exec.Cmd
	in       io.WriteCloser
	out      *bufio.Reader
	log      *bytes.Buffer
	finished func() error // waits, once
}

func start(t *testing.T, env ...string) process {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(append(os.Environ(), serveVariable+"=1"), env...)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p := process{cmd, in, bufio.NewReader(out), new(bytes.Buffer), sync.OnceValue(cmd.Wait)}
	cmd.Stderr = p.log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		_ = p.finished()
	})
	return p
}

func (p process) send(t *testing.T, lines ...string) {
	t.Helper()
	if _, err := io.WriteString(p.in, strings.Join(lines, "\n")); err != nil {
		t.Fatal(err)
	}
}

// An answer is a JSON-RPC message from the server.
type answer struct {
	ID     json.RawMessage
	Method string
	Result struct {
		IsError bool
		Content []struct{ Text string }
		Tools   []struct{ Name string }
	}
	Error *struct {
		Code    int
		Message string
	}
}

func (a answer) text() string {
	if len(a.Result.Content) == 0 {
		return ""
	}
	return a.Result.Content[0].Text
}

// read reads the next message; the test fails when standard output has anything else.
func (p process) read(t *testing.T) (a answer, ok bool) {
	t.Helper()
	line, err := p.out.ReadBytes('\n')
	if err == io.EOF && len(line) == 0 {
		return a, false
	}
	if err != nil {
		t.Fatalf("standard output ends with %q, %v", line, err)
	}
	if err := json.Unmarshal(line, &a); err != nil {
		t.Fatalf("standard output has a line that is no message: %q", line)
	}
	return a, true
}

// rest reads everything up to the end, by id, and the exit.
func (p process) rest(t *testing.T) map[string]answer {
	t.Helper()
	answers := make(map[string]answer)
	for {
		a, ok := p.read(t)
		if !ok {
			break
		}
		if a.Method != "" {
			continue
		}
		if _, twice := answers[string(a.ID)]; twice && string(a.ID) != "null" {
			t.Errorf("id %s was answered twice", a.ID)
		}
		answers[string(a.ID)] = a
	}
	if err := p.finished(); err != nil {
		t.Errorf("exit: %v, log:\n%s", err, p.log)
	}
	return answers
}

const hello = `{"jsonrpc":"2.0","id":"hello","method":"initialize","params":{"protocolVersion":` +
	`"2025-06-18","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}` + "\n" +
	`{"jsonrpc":"2.0","method":"notifications/initialized"}`

func callLine(id, tool, args string) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"method":"tools/call","params":{"name":%q,`+
		`"arguments":%s}}`, id, tool, args)
}

func TestStdio_answersEverything(t *testing.T) {
	t.Parallel()
	p := start(t)
	lines := []string{hello}
	ids := []string{`"hello"`}
	for i := range 200 {
		id := fmt.Sprint(i) // ids of each JSON type that MCP allows
		switch i % 3 {
		case 1:
			id = fmt.Sprintf(`"call-%d"`, i)
		case 2:
			id = fmt.Sprintf("%d", -i)
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
	if a := answers[`"7"`]; len(answers) != len(ids) {
		t.Errorf("%d answers to %d requests, %v", len(answers), len(ids), a)
	}
	if a := answers["3"]; a.text() != `{"ok":true}` || a.Result.IsError {
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
		for {
			a, ok := p.read(t)
			if !ok {
				t.Fatal("the server ended by itself")
			}
			if string(a.ID) == "2" { // the slow call is under way by now, or queued
				break
			}
		}
		// With a slow call under way only the signal can end it before the 10 minutes of a call;
		// the kill makes a server that does not listen fail rather than hang.
		kill := time.AfterFunc(30*time.Second, func() { p.Process.Kill() })
		if err := p.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		for ok := true; ok; {
			_, ok = p.read(t)
		}
		if err := p.finished(); err != nil {
			t.Errorf("%s: exit after the signal: %v", tool, err)
		}
		kill.Stop()
	}
}

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
	p.send(t, hello, "")
	p.read(t) // the SDK sends no progress before it has answered initialize
	p.send(t, `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"waits",`+
		`"arguments":{},"_meta":{"progressToken":"p"}}}`, "")
	for {
		a, ok := p.read(t)
		if !ok {
			t.Fatal("no progress came")
		}
		if a.Method == "notifications/progress" {
			break
		}
	}
	p.send(t, `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`, "")
	p.in.Close()
	if a := p.rest(t)["1"]; !a.Result.IsError || !strings.Contains(a.text(), "gave up") {
		t.Errorf("a cancelled call gave %+v", a)
	}
}

func TestLog_secrets(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.send(t, hello, callLine("1", "echo", `{"host":"h","password":"hunter2","passphrase":"pp9"}`),
		callLine("2", "echo", `["hunter2"]`), "")
	p.in.Close()
	p.rest(t)
	log := p.log.String()
	if strings.Contains(log, "hunter2") || strings.Contains(log, "pp9") || !strings.Contains(log, "hidden") {
		t.Errorf("the log at debug:\n%s", log)
	}
}

// TestConnect is serial: the SDK has one stdio session in a process.
func TestConnect(t *testing.T) {
	session, err := newServer(io.Discard).Connect(t.Context())
	if err != nil {
		t.Fatal(err)
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
