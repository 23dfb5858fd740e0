package interop

import (
	"bytes"
	"context"
	"image/png"
	"net/http"
	"os"
	"os/exec"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// withToken sends a token along.
type withToken string

// RoundTrip implements [http.RoundTripper].
func (token withToken) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+string(token))
	return http.DefaultTransport.RoundTrip(r)
}

func (s served) goSDK(kind string) mcp.Transport {
	client := &http.Client{Transport: withToken(s.token)}
	if kind == "sse" {
		return &mcp.SSEClientTransport{Endpoint: s.base + "/sse", HTTPClient: client}
	}
	return &mcp.StreamableClientTransport{Endpoint: s.base + "/mcp", HTTPClient: client}
}

// goSDKRevisions are those that the SDK speaks, by the transports that have them.
var goSDKRevisions = map[string][]string{
	"stdio": {"2026-07-28", "2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"},
	"http":  {"2026-07-28", "2025-11-25", "2025-06-18", "2025-03-26"},
	"sse":   {"2025-11-25", "2024-11-05"},
}

// eachGoSDK runs test with the official SDK for Go on each transport and revision.
func eachGoSDK(t *testing.T, test func(t *testing.T, kind, revision string)) {
	t.Helper()
	for kind, revisions := range goSDKRevisions {
		for _, revision := range revisions {
			t.Run(kind+" "+revision, func(t *testing.T) {
				t.Parallel()
				test(t, kind, revision)
			})
		}
	}
}

func connectGoSDK(
	t *testing.T, transport mcp.Transport, revision string, opts *mcp.ClientOptions,
) *mcp.ClientSession {
	t.Helper()
	client := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, opts)
	session, err := client.Connect(t.Context(), transport,
		&mcp.ClientSessionOptions{ProtocolVersion: revision})
	if err != nil {
		t.Fatal(err)
	}
	if got := session.InitializeResult().ProtocolVersion; got != revision {
		t.Errorf("the protocol is %s", got)
	}
	return session
}

// TestGoSDK also validates each structured answer by the tool's output schema.
func TestGoSDK(t *testing.T) {
	t.Parallel()
	eachGoSDK(t, func(t *testing.T, kind, revision string) {
		var way mcp.Transport = &mcp.CommandTransport{Command: exec.Command(program, serverArgs(t)...)}
		if kind != "stdio" {
			way = product(t).goSDK(kind)
		}
		session := connectGoSDK(t, way, revision, nil)
		var names []string
		for tool, err := range session.Tools(t.Context(), nil) {
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, tool.Name)
		}
		checkTools(t, names)
		for _, c := range calls() {
			check(t, c, callWithGoSDK(t, session, c.Tool, c.Args))
		}
		if err := session.Close(); err != nil {
			t.Errorf("the server ended with %v", err)
		}
	})
}

func callWithGoSDK(
	t *testing.T, session *mcp.ClientSession, tool string, args map[string]any,
) answer {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	result, err := session.CallTool(ctx, &mcp.CallToolParams{Name: tool, Arguments: args})
	if err != nil {
		t.Errorf("%s %v: %v", tool, args, err)
		return answer{}
	}
	seen := answer{Error: result.IsError}
	for _, content := range result.Content {
		switch block := content.(type) {
		case *mcp.TextContent:
			seen.Text += block.Text
		case *mcp.ImageContent:
			_, err := png.Decode(bytes.NewReader(block.Data))
			seen.Picture = err == nil && block.MIMEType == "image/png" && result.StructuredContent == nil
		case *mcp.ResourceLink: // readsWhatIsLinked follows it
		default:
			t.Errorf("%s: content %T", tool, content)
		}
	}
	return seen
}

// TestGoSDK_lasting has progress, a call that is cancelled, and over HTTP a connection that breaks
// in the middle of a call: where there are sessions the call goes on, else the next one works.
func TestGoSDK_lasting(t *testing.T) {
	t.Parallel()
	eachGoSDK(t, func(t *testing.T, kind, revision string) {
		progress := make(chan float64, 100)
		opts := &mcp.ClientOptions{ProgressNotificationHandler: func(
			_ context.Context, r *mcp.ProgressNotificationClientRequest) {
			progress <- r.Params.Progress
		}}
		var way mcp.Transport
		var broken func() bool
		if kind == "stdio" {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), lastingVariable+"=stdio")
			way = &mcp.CommandTransport{Command: cmd}
		} else {
			server := lasting(t)
			if kind == "http" && revision != "2026-07-28" {
				server, broken = server.broken(t)
			}
			way = server.goSDK(kind)
		}
		session := connectGoSDK(t, way, revision, opts)
		defer session.Close()
		call := &mcp.CallToolParams{Name: "counts"}
		call.SetProgressToken("counting")
		result, err := session.CallTool(t.Context(), call)
		if err != nil || result.Content[0].(*mcp.TextContent).Text != `{"counted":4}` {
			t.Fatalf("counts gave %+v, %v", result, err)
		}
		for want := range 4 {
			if got := <-progress; got != float64(want+1) {
				t.Errorf("progress %v, want %d", got, want+1)
			}
		}
		if broken != nil && !broken() {
			t.Error("the connection was not broken")
		}
		ctx, cancel := context.WithCancel(t.Context())
		call = &mcp.CallToolParams{Name: "waits"}
		call.SetProgressToken("waiting")
		go func() {
			<-progress // it has begun
			cancel()
		}()
		if _, err := session.CallTool(ctx, call); err == nil {
			t.Error("a cancelled call gave no error")
		}
		if got := callWithGoSDK(t, session, "cancelled", nil); got.Text != `{"cancelled":true}` {
			t.Errorf("after cancelling the server says %q", got.Text)
		}
	})
}
