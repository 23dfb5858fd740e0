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
	var meta *mcp.Meta
	if t.Core { // Claude's tool search shows a model this one at once
		meta = mcp.NewMetaFromMap(map[string]any{"anthropic/alwaysLoad": true})
	}
	return mcp.Tool{
		Meta: meta,
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
		var e ended
		if asksByAnswer(ctx, request) {
			var question, asked string
			if e, question, asked = s.converse(ctx, t, request, args); asked != "" {
				s.log.Info("asked", "tool", t.Name, "ms", time.Since(start).Milliseconds())
				return server.NewInputRequestBuilder(asked).Elicit(confirmField, questionForm(question)).
					ToolResult(), nil
			}
		} else {
			env := *s.env
			env.Progress, env.Ask = s.progress(ctx, request), s.ask(ctx)
			e.answer, e.err = s.call(ctx, t, env, args, &e.beside)
		}
		s.logCall(ctx, t.Name, args, start, len(e.answer), e.err)
		if e.err != nil {
			return mcp.NewToolResultError(cut(e.err.Error(), maxError)), nil
		}
		result := mcp.NewToolResultStructured(e.answer, string(e.answer))
		if e.beside.picture != nil { // hosts drop one that has structured content beside it
			result = mcp.NewToolResultImage(string(e.answer),
				base64.StdEncoding.EncodeToString(e.beside.picture), "image/png")
		}
		if e.beside.link != nil && knowsLinks(ctx) {
			result.Content = append(result.Content, *e.beside.link)
		}
		return result, nil
	}
}

// beside is what goes with an answer. It is only to be read when there is no error.
type beside struct {
	picture []byte
	link    *mcp.ResourceLink // to a file that was written
}

// knowsLinks says whether a client's revision has links in results (from 2025-06-18 on, "Tools",
// Resource Links); an older client might refuse the whole result.
func knowsLinks(ctx context.Context) bool {
	return server.RequestProtocolVersion(ctx) >= mcp.ProtocolVersion20250618
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

// call runs a tool. An answer that is no JSON, which would make the SDK send nothing at all,
// becomes an error.
func (s *Server) call(
	ctx context.Context, t tools.Tool, env tools.Env, args json.RawMessage, beside *beside,
) (json.RawMessage, error) {
	limit := max(s.timeout, t.Within)
	return within(ctx, s, t.Name, limit, func(ctx context.Context) (json.RawMessage, error) {
		env.Picture = func(png []byte) { beside.picture = png }
		env.Wrote = func(name string, size int64) { beside.link = s.link(name, size) }
		answer, err := t.Call(ctx, &env, args)
		if err == nil && !json.Valid(answer) {
			return nil, s.internal(t.Name, "answer", cut(string(answer), maxError))
		}
		return answer, err
	})
}

// lifeKey is of the context that ends a call, where the one that the SDK has does not: it sends
// no answer once that has ended, and a call that was cancelled shall have one.
type lifeKey struct{}

// within runs f within the deadline of a call. When f goes on regardless it is answered for, and
// its answer thrown away when it comes. A panic becomes an error with an id, under which the log
// has the details.
func within[T any](
	ctx context.Context, s *Server, name string, limit time.Duration,
	f func(context.Context) (T, error),
) (none T, err error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if life, ok := ctx.Value(lifeKey{}).(context.Context); ok {
		defer context.AfterFunc(life, cancel)()
	}
	type outcome struct {
		answer T
		err    error
	}
	done := make(chan outcome, 1)
	go func() {
		var o outcome
		defer func() {
			if p := recover(); p != nil {
				o = outcome{err: s.internal(name, "panic", p, "stack", string(debug.Stack()))}
			}
			done <- o
		}()
		o.answer, o.err = f(ctx)
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
		return none, givenUp{"the call was cancelled", cause}
	}
	return none, givenUp{fmt.Sprintf("%s did not answer within %v and was given up. "+
		"Ask for less at once, or check with health_check whether the source answers.",
		name, limit), context.DeadlineExceeded}
}

// givenUp is the error of a call that did not end by itself.
type givenUp struct {
	text  string
	cause error
}

func (g givenUp) Error() string { return g.text }
func (g givenUp) Unwrap() error { return g.cause }

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
