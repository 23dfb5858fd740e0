package transport_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
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
		tool("notANumber", func(context.Context, *tools.Env, raw) (raw, error) {
			return raw(`{"loss":NaN}`), nil
		}),
		tool("complains", func(context.Context, *tools.Env, raw) (raw, error) {
			return nil, errors.New(strings.Repeat("é", 3_000))
		}),
		tool("large", func(context.Context, *tools.Env, raw) (raw, error) {
			return raw(`"` + strings.Repeat("x", 1<<20) + `"`), nil
		}),
		tool("draws", func(_ context.Context, env *tools.Env, _ raw) (raw, error) {
			env.Picture([]byte("a picture"))
			return raw(`{"curves":2}`), nil
		}),
		tool("never", func(context.Context, *tools.Env, raw) (raw, error) { select {} }),
		tool("waits", func(ctx context.Context, env *tools.Env, args raw) (raw, error) {
			if env.Progress != nil {
				env.Progress(1, 2, string(args))
			}
			<-ctx.Done()
			return nil, fmt.Errorf("gave up: %w", ctx.Err())
		}),
		tool("asks", func(ctx context.Context, env *tools.Env, args raw) (raw, error) {
			if env.Ask == nil {
				return nil, errors.New("nobody can be asked")
			}
			if err := env.Ask(ctx, "is "+string(args)+" all right?"); err != nil {
				return nil, err
			}
			return args, nil
		}),
		tool("asksToo", func(ctx context.Context, env *tools.Env, args raw) (raw, error) {
			if env.Ask == nil {
				return nil, errors.New("nobody can be asked")
			}
			if err := env.Ask(ctx, "is "+string(args)+" all right?"); err != nil {
				return nil, err
			}
			return args, nil
		}),
		tool("counts", func(ctx context.Context, env *tools.Env, _ raw) (raw, error) {
			for i := range 4 { // 4 s
				if env.Progress != nil {
					env.Progress(float64(i+1), 4, "")
				}
				select {
				case <-time.After(time.Second):
				case <-ctx.Done():
					return nil, ctx.Err()
				}
			}
			return raw(`{"counted":4}`), nil
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
	kill := time.AfterFunc(time.Minute, func() { cmd.Process.Kill() }) // a hang fails, then
	t.Cleanup(func() {
		kill.Stop()
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
		Content []struct{ Type, Text, Data, MIMEType string }
		Tools   []struct{ Name string }

		StructuredContent json.RawMessage
	}
	Params struct {
		ProgressToken, Progress json.RawMessage
		Message                 string
	}
	Error *struct {
		Code    int
		Message string
		Data    struct{ Supported []string }
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

// until reads up to a message that is wanted.
func (p process) until(t *testing.T, wanted func(answer) bool) answer {
	t.Helper()
	for {
		a, ok := p.read(t)
		if !ok {
			t.Fatal("the server ended by itself")
		}
		if wanted(a) {
			return a
		}
	}
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
