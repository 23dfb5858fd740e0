package transport

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

const nameForm = `{"type":"object","properties":{"name":{"type":"string"}},"required":["name"]}`

// inputRequired are tools that ask by their result, as from 2026-07-28 on.
func (f fixture) inputRequired() {
	key := []byte("of the tests")
	sealed := func(state string) string {
		sum := hmac.New(sha256.New, key)
		sum.Write([]byte(state))
		return state + "." + hex.EncodeToString(sum.Sum(nil))
	}
	ask := func(name string, done func(r mcp.CallToolRequest) (string, bool), how func(mcp.CallToolRequest) *server.InputRequestBuilder) {
		f.tool(name, "", func(_ context.Context, r mcp.CallToolRequest) (*toolResult, error) {
			if state := r.Params.RequestState; state != "" {
				plain, _, _ := strings.Cut(state, ".")
				if sealed(plain) != state {
					return nil, errors.New("the state is not ours")
				}
			}
			if text, ok := done(r); ok {
				return mcp.NewToolResultText(text), nil
			}
			return how(r).ToolResult(), nil
		})
	}
	answered := func(r mcp.CallToolRequest, key string) (any, bool) {
		e := server.ElicitationResponse(r.Params.InputResponses, key)
		if e == nil || e.Action != mcp.ElicitationResponseActionAccept {
			return nil, false
		}
		content, ok := e.Content.(map[string]any)
		return content, ok && len(content) > 0
	}
	eliciting := func(state, key, message, schema string) func(mcp.CallToolRequest) *server.InputRequestBuilder {
		return func(mcp.CallToolRequest) *server.InputRequestBuilder {
			b := server.NewInputRequestBuilder("")
			if state != "" {
				b.RequestState(sealed(state))
			}
			return b.Elicit(key, form(message, schema))
		}
	}
	confirm := `{"type":"object","properties":{"ok":{"type":"boolean"}},"required":["ok"]}`
	done := func(key, text string) func(mcp.CallToolRequest) (string, bool) {
		return func(r mcp.CallToolRequest) (string, bool) {
			content, ok := answered(r, key)
			return fmt.Sprintf("%s %v", text, content), ok
		}
	}
	const prefix = "test_input_required_result_"
	ask(prefix+"elicitation", func(r mcp.CallToolRequest) (string, bool) {
		content, ok := answered(r, "user_name")
		fields, _ := content.(map[string]any)
		name, isText := fields["name"].(string)
		return "Hello, " + name + "!", ok && isText
	}, eliciting("", "user_name", "What is your name?", nameForm))
	ask(prefix+"sampling", func(r mcp.CallToolRequest) (string, bool) {
		s := server.SamplingResponse(r.Params.InputResponses, "capital_question")
		if s == nil {
			return "", false
		}
		return fmt.Sprint(s.Content), true
	}, func(mcp.CallToolRequest) *server.InputRequestBuilder {
		return server.NewInputRequestBuilder("").Sample("capital_question", sample("What is the capital of France?", 100))
	})
	ask(prefix+"list_roots", func(r mcp.CallToolRequest) (string, bool) {
		roots := server.RootsResponse(r.Params.InputResponses, "client_roots")
		if roots == nil {
			return "", false
		}
		return fmt.Sprint(roots.Roots), true
	}, func(mcp.CallToolRequest) *server.InputRequestBuilder {
		return server.NewInputRequestBuilder("").Roots("client_roots")
	})
	ask(prefix+"request_state", done("confirm", "state-ok"), eliciting("one", "confirm", "Please confirm", confirm))
	ask(prefix+"tampered_state", done("confirm", "state-ok"), eliciting("one", "confirm", "Please confirm", confirm))
	ask("test_streaming_elicitation", done("confirm", "ok"), eliciting("", "confirm", "Please confirm", confirm))
	ask("test_missing_capability", func(mcp.CallToolRequest) (string, bool) { return "", false },
		func(mcp.CallToolRequest) *server.InputRequestBuilder {
			return server.NewInputRequestBuilder("").Sample("question", sample("?", 10))
		})
	ask(prefix+"multiple_inputs", done("user_name", "all there:"), func(mcp.CallToolRequest) *server.InputRequestBuilder {
		return server.NewInputRequestBuilder(sealed("one")).Elicit("user_name", form("What is your name?", nameForm)).
			Sample("greeting", sample("Generate a greeting", 50)).Roots("client_roots")
	})
	ask(prefix+"multi_round", done("step2", "both:"), func(r mcp.CallToolRequest) *server.InputRequestBuilder {
		if _, ok := answered(r, "step1"); ok {
			return eliciting("two", "step2", "Step 2: What is your favorite color?",
				`{"type":"object","properties":{"color":{"type":"string"}},"required":["color"]}`)(r)
		}
		return eliciting("one", "step1", "Step 1: What is your name?", nameForm)(r)
	})
	f.tool(prefix+"capabilities", "", func(ctx context.Context, _ mcp.CallToolRequest) (*toolResult, error) {
		b := server.NewInputRequestBuilder("")
		info, _ := server.ClientSessionFromContext(ctx).(server.SessionWithClientInfo)
		if has := info.GetClientCapabilities(); has.Sampling != nil {
			b.Sample("greeting", sample("Generate a greeting", 50))
		} else if has.Elicitation != nil {
			b.Elicit("user_name", form("What is your name?", nameForm))
		}
		return b.ToolResult(), nil
	})
}
