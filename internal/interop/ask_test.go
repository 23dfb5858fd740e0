package interop

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// TestGoSDK_asks has a tool ask the person at the client, in the way of each revision; only a yes
// in the form is one.
func TestGoSDK_asks(t *testing.T) {
	t.Parallel()
	const declined, nobody = "answered no", "nobody can be asked"
	answers := []struct {
		name   string
		result *mcp.ElicitResult // nil: the client cannot ask
		want   string
	}{
		{"decline", &mcp.ElicitResult{Action: "decline"}, declined},
		{"cancel", &mcp.ElicitResult{Action: "cancel"}, declined},
		{"decline with a yes", &mcp.ElicitResult{Action: "decline",
			Content: map[string]any{"accept": true}}, declined},
		{"accepted without a yes", &mcp.ElicitResult{Action: "accept",
			Content: map[string]any{"accept": false}}, declined},
		{"yes", &mcp.ElicitResult{Action: "accept", Content: map[string]any{"accept": true}},
			`{"asked":`},
		{"no way to ask", nil, nobody},
	}
	eachGoSDK(t, func(t *testing.T, kind, revision string) {
		server := served{}
		if kind != "stdio" {
			server = lasting(t)
		}
		for _, a := range answers {
			questions := 0
			opts := &mcp.ClientOptions{}
			if a.result != nil {
				opts.ElicitationHandler = func(_ context.Context, r *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
					questions++
					if r.Params.Message != "really?" {
						t.Errorf("the question is %q", r.Params.Message)
					}
					return a.result, nil
				}
			}
			var way mcp.Transport
			if kind == "stdio" {
				cmd := exec.Command(os.Args[0])
				cmd.Env = append(os.Environ(), lastingVariable+"=stdio")
				way = &mcp.CommandTransport{Command: cmd}
			} else {
				way = server.goSDK(kind)
			}
			session := connectGoSDK(t, way, revision, opts)
			text := callWithGoSDK(t, session, "asks", nil).Text
			want, wantQuestions := a.want, 1
			if a.result == nil {
				want, wantQuestions = nobody, 0
			}
			if !strings.HasPrefix(text, want) && !strings.Contains(text, want) || questions != wantQuestions {
				t.Errorf("%s: %q after %d questions, want %q after %d", a.name, text, questions, want, wantQuestions)
			}
			session.Close()
		}
	})
}
