package interop

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/tools"
	"github.com/runicorn-mcp/runicorn-mcp/transport"
)

// lastingVariable makes this test binary a server of lastingTools, on stdio or over http.
const lastingVariable = "RUNICORN_MCP_INTEROP_LASTING"

// token of that server over HTTP; the product makes its own.
const lastingToken = "0123456789abcdef"

func serveLasting(kind string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	server := transport.NewServer(transport.Options{Name: "lasting", Version: "1",
		Tools: lastingTools(), Env: &tools.Env{}, Logger: slog.New(slog.NewTextHandler(os.Stderr, nil))})
	if kind == "stdio" {
		return server.ServeStdio(ctx, os.Stdin, os.Stdout)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "serving http at http://%s/mcp\nthe token, until this server ends: %s\n",
		ln.Addr(), lastingToken)
	return server.ServeNetwork(ctx, ln, transport.NetworkOptions{HTTP: true, SSE: true, Token: lastingToken})
}

// lastingTools are tools that take their time, which those of the product do not: counts tells
// how far it is, waits waits to be cancelled, cancelled answers when that has happened, and asks
// asks the person at the client.
func lastingTools() []tools.Tool {
	gaveUp := make(chan struct{}, 1)
	var asked atomic.Int64 // since the last yes: a call that asks is not begun again
	type raw = json.RawMessage
	tool := func(name string, call func(context.Context, *tools.Env) (raw, error)) tools.Tool {
		return tools.Tool{Name: name, Title: name, Description: name,
			In: raw(`{"type":"object","properties":{}}`), Call: func(
				ctx context.Context, env *tools.Env, _ raw) (raw, error) {
				return call(ctx, env)
			}}
	}
	return []tools.Tool{
		tool("counts", func(ctx context.Context, env *tools.Env) (raw, error) {
			for i := range 4 {
				if env.Progress != nil {
					env.Progress(float64(i+1), 4, "counting")
				}
				select {
				case <-time.After(400 * time.Millisecond):
				case <-ctx.Done():
					return nil, ctx.Err()
				}
			}
			return raw(`{"counted":4}`), nil
		}),
		tool("waits", func(ctx context.Context, env *tools.Env) (raw, error) {
			if env.Progress != nil {
				env.Progress(1, 2, "waiting")
			}
			<-ctx.Done()
			if errors.Is(ctx.Err(), context.Canceled) {
				gaveUp <- struct{}{}
			}
			return nil, ctx.Err()
		}),
		tool("asks", func(ctx context.Context, env *tools.Env) (raw, error) {
			if env.Ask == nil {
				return nil, errors.New("nobody can be asked")
			}
			asked.Add(1)
			if err := env.Ask(ctx, "really?"); err != nil {
				return nil, err
			}
			return json.Marshal(map[string]int64{"asked": asked.Swap(0)})
		}),
		tool("cancelled", func(ctx context.Context, _ *tools.Env) (raw, error) {
			select {
			case <-gaveUp:
				return raw(`{"cancelled":true}`), nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}),
	}
}

// A served server is one over HTTP, in a process of its own.
type served struct {
	base, token string
	log         func() string // so far
}

var shown = regexp.MustCompile(`serving \w+ at (http://\S+?)/\w+\n(?s:.*)` +
	`(?:until this server ends: (\S+)|without a token)`)

// startServed starts a server and waits until it says where it listens. It must end in order.
func startServed(t *testing.T, cmd *exec.Cmd) served {
	t.Helper()
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	log := new(lockedBuffer)
	ready, ended := make(chan served), make(chan struct{})
	go func() {
		defer close(ended)
		lines := bufio.NewScanner(stderr)
		said := false
		for lines.Scan() {
			log.add(lines.Text() + "\n")
			if m := shown.FindStringSubmatch(log.String()); m != nil && !said {
				said = true
				ready <- served{m[1], m[2], log.String}
			}
		}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		<-ended
		if err := cmd.Wait(); err != nil {
			t.Errorf("the server ended with %v:\n%s", err, log.String())
		}
	})
	select {
	case s := <-ready:
		return s
	case <-ended:
		t.Fatalf("the server says\n%s", log.String())
		return served{}
	}
}

// A lockedBuffer is a log that is read while it is written.
type lockedBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *lockedBuffer) add(line string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.text.WriteString(line)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// product serves the demo store over HTTP.
func product(t *testing.T) served {
	t.Helper()
	args := append(serverArgs(t), "--transport", "http,sse", "--addr", "127.0.0.1:0")
	return startServed(t, exec.Command(program, args...))
}

// lasting serves lastingTools over HTTP.
func lasting(t *testing.T) served {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), lastingVariable+"=http")
	return startServed(t, cmd)
}

// broken is a way to a server on which the first connection that carries progress is lost, right
// after it.
func (s served) broken(t *testing.T) (_ served, wasBroken func() bool) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	var once atomic.Bool
	go func() {
		for {
			in, err := ln.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", s.base[len("http://"):])
			if err != nil {
				in.Close()
				continue
			}
			closing := sync.OnceFunc(func() { in.Close(); out.Close() })
			go func() { defer closing(); _, _ = io.Copy(out, in) }()
			go func() { defer closing(); copyUntilProgress(in, out, &once) }()
		}
	}()
	return served{"http://" + ln.Addr().String(), s.token, s.log}, once.Load
}

func copyUntilProgress(to io.Writer, from io.Reader, once *atomic.Bool) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if _, writeErr := to.Write(buffer[:n]); err != nil || writeErr != nil {
			return
		}
		if bytes.Contains(buffer[:n], []byte("notifications/progress")) && once.CompareAndSwap(false, true) {
			return
		}
	}
}
