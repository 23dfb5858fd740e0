package transport

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"time"
	"unicode/utf8"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/runicorn-mcp/runicorn-mcp/tools"
)

// bind is a tool as MCP lists it. It is a literal because the SDK's constructors preset hints
// and refuse to marshal a raw schema beside their own.
func bind(t tools.Tool) mcp.Tool {
	return mcp.Tool{
		Name: t.Name, Title: t.Title, Description: t.Description,
		RawInputSchema: t.In, RawOutputSchema: t.Out,
		Annotations: mcp.ToolAnnotation{
			Title: t.Title, ReadOnlyHint: &t.Hints.ReadOnly, DestructiveHint: &t.Hints.Destructive,
			IdempotentHint: &t.Hints.Idempotent, OpenWorldHint: &t.Hints.OpenWorld,
		},
	}
}

// maxError is how many characters of an error a model is shown.
const maxError = 1_000

// handler is a tool as MCP calls it: an answer is structured content and the same as text, an
// error a text that the model reads. It never fails by the protocol.
func (s *Server) handler(t tools.Tool) server.ToolHandlerFunc {
	return func(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		start := time.Now()
		args := arguments(request)
		var picture []byte
		answer, err := s.call(ctx, t, request, args, &picture)
		s.logCall(ctx, t.Name, args, start, len(answer), err)
		if err != nil {
			return mcp.NewToolResultError(cut(err.Error(), maxError)), nil
		}
		if picture != nil { // hosts drop a picture that has structured content beside it
			return mcp.NewToolResultImage(string(answer),
				base64.StdEncoding.EncodeToString(picture), "image/png"), nil
		}
		return mcp.NewToolResultStructured(answer, string(answer)), nil
	}
}

// arguments are the bytes of the arguments as they came.
func arguments(request mcp.CallToolRequest) json.RawMessage {
	if raw, ok := request.GetRawArguments().(json.RawMessage); ok {
		return raw
	}
	raw, err := json.Marshal(request.Params.Arguments)
	if err != nil {
		return json.RawMessage("null")
	}
	return raw
}

// grace is how long a call that is over may take to give its own last word.
const grace = 200 * time.Millisecond

// call runs a tool within its deadline. A tool that goes on regardless is answered for, and its
// answer thrown away when it comes.
func (s *Server) call(
	ctx context.Context, t tools.Tool, request mcp.CallToolRequest, args json.RawMessage,
	picture *[]byte, // only to be read when there is no error
) (json.RawMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	env := *s.env
	env.Progress = s.progress(ctx, request)
	env.Picture = func(png []byte) { *picture = png }
	type outcome struct {
		answer json.RawMessage
		err    error
	}
	done := make(chan outcome, 1)
	go func() {
		answer, err := s.recovered(t.Name, func() (json.RawMessage, error) {
			return t.Call(ctx, &env, args)
		})
		done <- outcome{answer, err}
	}()
	select {
	case o := <-done:
		return o.answer, o.err
	case <-ctx.Done():
	}
	select {
	case o := <-done:
		return o.answer, o.err
	case <-time.After(grace):
	}
	if cause := ctx.Err(); errors.Is(cause, context.Canceled) {
		return nil, givenUp{"the call was cancelled", cause}
	}
	return nil, givenUp{fmt.Sprintf("%s did not answer within %v and was given up. "+
		"Ask for less at once, or check with health_check whether the source answers.",
		t.Name, s.timeout), context.DeadlineExceeded}
}

// givenUp is the error of a call that did not end by itself.
type givenUp struct {
	text  string
	cause error
}

func (g givenUp) Error() string { return g.text }
func (g givenUp) Unwrap() error { return g.cause }

// recovered runs f. A panic, and an answer that is no JSON, which would make the SDK send
// nothing at all, become an error with an id, under which the log has the details.
func (s *Server) recovered(
	tool string, f func() (json.RawMessage, error),
) (answer json.RawMessage, err error) {
	defer func() {
		if p := recover(); p != nil {
			answer, err = nil, s.internal(tool, "panic", p, "stack", string(debug.Stack()))
		}
	}()
	answer, err = f()
	if err == nil && !json.Valid(answer) {
		return nil, s.internal(tool, "answer", cut(string(answer), maxError))
	}
	return answer, err
}

// internal logs details under an id and returns the error that names the id.
func (s *Server) internal(tool string, details ...any) error {
	id := fmt.Sprintf("%x", time.Now().UnixNano())
	s.log.Error("internal error", append([]any{"tool", tool, "id", id}, details...)...)
	return fmt.Errorf("internal error %s in %s; the server's log has the details under this id",
		id, tool)
}

// cut shortens text to n characters.
func cut(text string, n int) string {
	if utf8.RuneCountInString(text) <= n {
		return text
	}
	return string([]rune(text)[:n-1]) + "…"
}
