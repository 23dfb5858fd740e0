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

const (
	nameForm    = `{"type":"object","properties":{"name":{"type":"string"}},"required":["name"]}`
	confirmForm = `{"type":"object","properties":{"ok":{"type":"boolean"}},"required":["ok"]}`
	colorForm   = `{"type":"object","properties":{"color":{"type":"string"}},"required":["color"]}`
	contextForm = `{"type":"object","properties":{"context":{"type":"string"}},"required":["context"]}`
)

type (
	toolCall = mcp.CallToolRequest
	input    = server.InputRequestBuilder
)

// sealed is a state that only this server can have made.
func sealed(state string) string {
	sum := hmac.New(sha256.New, []byte("of the tests"))
	sum.Write([]byte(state))
	return state + "." + hex.EncodeToString(sum.Sum(nil))
}

// filled is what the person filled into a form, nil when that has not happened.
func filled(r toolCall, key string) map[string]any {
	e := server.ElicitationResponse(r.Params.InputResponses, key)
	if e == nil || e.Action != mcp.ElicitationResponseActionAccept {
		return nil
	}
	content, _ := e.Content.(map[string]any)
	return content
}

// needs adds a tool that needs input: done is its answer, "" as long as how has to be asked.
func (f fixture) needs(name string, done func(toolCall) string, how func(toolCall) *input) {
	f.tool(name, "", func(_ context.Context, r toolCall) (*toolResult, error) {
		if state := r.Params.RequestState; state != "" {
			if plain, _, _ := strings.Cut(state, "."); sealed(plain) != state {
				return nil, errors.New("the state is not ours")
			}
		}
		if text := done(r); text != "" {
			return mcp.NewToolResultText(text), nil
		}
		return how(r).ToolResult(), nil
	})
}

// whenFilled answers with a text and what was filled in.
func whenFilled(key, text string) func(toolCall) string {
	return func(r toolCall) string {
		if content := filled(r, key); len(content) > 0 {
			return fmt.Sprint(text, " ", content)
		}
		return ""
	}
}

// asks asks for a form to be filled in, with a state unless that is "".
func asks(state, key, message, schema string) func(toolCall) *input {
	return func(toolCall) *input {
		b := server.NewInputRequestBuilder("")
		if state != "" {
			b.RequestState(sealed(state))
		}
		return b.Elicit(key, form(message, schema))
	}
}

const required = "test_input_required_result_"

// inputRequired are tools that ask by their result, as from 2026-07-28 on.
func (f fixture) inputRequired() {
	f.needs(required+"elicitation", func(r toolCall) string {
		if name, ok := filled(r, "user_name")["name"].(string); ok {
			return "Hello, " + name + "!"
		}
		return ""
	}, asks("", "user_name", "What is your name?", nameForm))
	f.needs(required+"sampling", func(r toolCall) string {
		if s := server.SamplingResponse(r.Params.InputResponses, "capital_question"); s != nil {
			return fmt.Sprint(s.Content)
		}
		return ""
	}, func(toolCall) *input {
		return server.NewInputRequestBuilder("").
			Sample("capital_question", sample("What is the capital of France?", 100))
	})
	f.needs(required+"list_roots", func(r toolCall) string {
		if roots := server.RootsResponse(r.Params.InputResponses, "client_roots"); roots != nil {
			return fmt.Sprint(roots.Roots)
		}
		return ""
	}, func(toolCall) *input { return server.NewInputRequestBuilder("").Roots("client_roots") })
	confirms := asks("one", "confirm", "Please confirm", confirmForm)
	f.needs(required+"request_state", whenFilled("confirm", "state-ok"), confirms)
	f.needs(required+"tampered_state", whenFilled("confirm", "state-ok"), confirms)
	f.needs("test_streaming_elicitation", whenFilled("confirm", "ok"),
		asks("", "confirm", "Please confirm", confirmForm))
	f.needs("test_missing_capability", func(toolCall) string { return "" }, func(toolCall) *input {
		return server.NewInputRequestBuilder("").Sample("question", sample("?", 10))
	})
	f.inSteps()
}

// inSteps are those that need more than one thing, or what the client can give.
func (f fixture) inSteps() {
	f.needs(required+"multiple_inputs", whenFilled("user_name", "all there:"), func(toolCall) *input {
		return server.NewInputRequestBuilder(sealed("one")).
			Elicit("user_name", form("What is your name?", nameForm)).
			Sample("greeting", sample("Generate a greeting", 50)).Roots("client_roots")
	})
	f.needs(required+"multi_round", whenFilled("step2", "both:"), func(r toolCall) *input {
		if filled(r, "step1") != nil {
			return asks("two", "step2", "Step 2: What is your favorite color?", colorForm)(r)
		}
		return asks("one", "step1", "Step 1: What is your name?", nameForm)(r)
	})
	f.tool(required+"capabilities", "", func(ctx context.Context, _ toolCall) (*toolResult, error) {
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
