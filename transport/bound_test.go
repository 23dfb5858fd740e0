package transport

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/runicorn-mcp/runicorn-mcp/tools"
)

// TestBound_panics holds that a panic in a resource or a prompt is one error with an id, and its
// text for the log alone.
func TestBound_panics(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s := NewServer(Options{Env: &tools.Env{}, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	server.WithResourceCapabilities(false, false)(s.mcp)
	read := func(context.Context, mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
		panic("secret detail")
	}
	s.mcp.AddResource(mcp.NewResource("test://panics", "panics"), read)
	s.mcp.AddResourceTemplate(mcp.NewResourceTemplate("test://panics/{id}", "panics"), read)
	s.mcp.AddPrompt(mcp.Prompt{Name: "panics"},
		func(context.Context, mcp.GetPromptRequest) (*mcp.GetPromptResult, error) { panic("secret detail") })
	for _, call := range []string{`"resources/read","params":{"uri":"test://panics"}`,
		`"resources/read","params":{"uri":"test://panics/1"}`, `"prompts/get","params":{"name":"panics"}`} {
		log.Reset()
		answer, err := json.Marshal(s.mcp.HandleMessage(t.Context(),
			json.RawMessage(`{"jsonrpc":"2.0","id":1,"method":`+call+`}`)))
		text := string(answer)
		_, id, found := strings.Cut(text, "internal error ")
		if id, _, _ = strings.Cut(id, " "); err != nil || !found || strings.Contains(text, "secret") {
			t.Errorf("%s gave %s, %v", call, text, err)
		}
		if !strings.Contains(log.String(), "id="+id) || !strings.Contains(log.String(), "secret detail") ||
			!strings.Contains(log.String(), "msg=call") {
			t.Errorf("the log lacks the id %q, the panic or the call:\n%s", id, log.String())
		}
	}
}

// TestKeptStream_bounded holds that of a long stream the latest events are kept.
func TestKeptStream_bounded(t *testing.T) {
	t.Parallel()
	k := newKeptStream("k", func() {})
	var ids []string
	for range 10 {
		id, _ := k.add(make([]byte, maxKept/4))
		ids = append(ids, id)
	}
	var kept []string
	for _, id := range ids {
		if _, ok := k.numberOf(id); ok {
			kept = append(kept, id)
		}
	}
	// k-6 is gone itself, but nothing after it is.
	if want := "k-6 k-7 k-8 k-9 k-10"; strings.Join(kept, " ") != want {
		t.Errorf("after %q the stream goes on, want %q", kept, want)
	}
	for _, id := range []string{"k-0", "k-11", "k-", "k-x", "other-7", ""} {
		if _, ok := k.numberOf(id); ok {
			t.Errorf("after %q the stream goes on", id)
		}
	}
	one := new(session)
	for range keptStreams + 1 {
		one.keep(newKeptStream("more", func() {}))
	}
	if len(one.kept) != keptStreams {
		t.Errorf("%d streams are kept", len(one.kept))
	}
}

// TestSDKLog holds that what the SDK logs comes without its attributes, session ids among them.
func TestSDKLog(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	log := messagesOnly(slog.New(slog.NewTextHandler(&text, nil)))
	log.With("session", "secret").Error("it failed", "session", "secret")
	log.Info("quiet")
	if got := text.String(); !strings.Contains(got, "it failed") || strings.Contains(got, "secret") ||
		strings.Contains(got, "quiet") {
		t.Errorf("the log is %s", got)
	}
	text.Reset()
	w := debugWriter{slog.New(slog.NewTextHandler(&text, nil))}
	for _, line := range []string{"http: TLS handshake error\n", "http: panic serving 1: x\n"} {
		if _, err := w.Write([]byte(line)); err != nil {
			t.Error(err)
		}
	}
	if got := text.String(); strings.Contains(got, "TLS") || !strings.Contains(got, "level=ERROR") {
		t.Errorf("the log is %s", got)
	}
}

// TestBind_core holds that the tools that most conversations need say so, and no others.
func TestBind_core(t *testing.T) {
	t.Parallel()
	var marked []string
	for _, tool := range tools.All() {
		text, err := json.Marshal(bind(tool))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), `"_meta":{"anthropic/alwaysLoad":true}`) {
			marked = append(marked, tool.Name)
		} else if strings.Contains(string(text), "_meta") {
			t.Errorf("%s has %s", tool.Name, text)
		}
	}
	if got := strings.Join(marked, " "); got != "list_experiments get_experiment get_metrics" {
		t.Errorf("the core is %s", got)
	}
}
