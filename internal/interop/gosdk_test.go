package interop

import (
	"bytes"
	"context"
	"image/png"
	"os/exec"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// TestGoSDK uses the official SDK for Go on the newest revision of the protocol and on an older.
// It also validates each structured answer by the tool's output schema.
func TestGoSDK(t *testing.T) {
	t.Parallel()
	for _, revision := range []string{"2026-07-28", "2025-11-25", "2025-06-18", "2025-03-26"} {
		t.Run(revision, func(t *testing.T) {
			t.Parallel()
			client := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil)
			session, err := client.Connect(t.Context(),
				&mcp.CommandTransport{Command: exec.Command(program, serverArgs(t)...)},
				&mcp.ClientSessionOptions{ProtocolVersion: revision})
			if err != nil {
				t.Fatal(err)
			}
			if got := session.InitializeResult().ProtocolVersion; got != revision {
				t.Errorf("the protocol is %s", got)
			}
			var names []string
			for tool, err := range session.Tools(t.Context(), nil) {
				if err != nil {
					t.Fatal(err)
				}
				names = append(names, tool.Name)
			}
			checkTools(t, names)
			for _, c := range calls() {
				callWithGoSDK(t, session, c)
			}
			if err := session.Close(); err != nil {
				t.Errorf("the server ended with %v", err)
			}
		})
	}
}

func callWithGoSDK(t *testing.T, session *mcp.ClientSession, c call) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	result, err := session.CallTool(ctx, &mcp.CallToolParams{Name: c.Tool, Arguments: c.Args})
	if err != nil {
		t.Errorf("%s %v: %v", c.Tool, c.Args, err)
		return
	}
	text, pictures := "", 0
	for _, content := range result.Content {
		switch block := content.(type) {
		case *mcp.TextContent:
			text += block.Text
		case *mcp.ImageContent:
			pictures++
			if _, err := png.Decode(bytes.NewReader(block.Data)); err != nil || block.MIMEType != "image/png" {
				t.Errorf("%s: a picture of type %s: %v", c.Tool, block.MIMEType, err)
			}
		default:
			t.Errorf("%s: content %T", c.Tool, content)
		}
	}
	checkPicture(t, c, pictures == 1 && result.StructuredContent == nil)
	check(t, c, text, result.IsError)
}
