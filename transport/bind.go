package transport

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"runtime/debug"
	"time"

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

// handler is a tool as MCP calls it: an answer is structured content and the same as text, an
// error a text that the model reads. It never fails by the protocol.
func (s *Server) handler(t tools.Tool) server.ToolHandlerFunc {
	return func(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		start := time.Now()
		args := arguments(request)
		answer, err := s.call(ctx, t, request, args)
		s.logCall(ctx, t.Name, args, start, len(answer), err)
		if err != nil {
			return mcp.NewToolResultError(err.Error()), nil
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
) (json.RawMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	env := *s.env
	env.Progress = s.progress(ctx, request)
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
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return nil, fmt.Errorf("%s did not answer within %v and was given up; ask for less at "+
			"once, or check with health_check whether the source answers", t.Name, s.timeout)
	}
	return nil, errors.New("the call was cancelled")
}

// recovered runs f; a panic becomes an error with an id, under which the log has the stack.
func (s *Server) recovered(
	tool string, f func() (json.RawMessage, error),
) (answer json.RawMessage, err error) {
	defer func() {
		if p := recover(); p != nil {
			id := fmt.Sprintf("%x", time.Now().UnixNano())
			s.log.Error("panic", "tool", tool, "id", id, "panic", p, "stack", string(debug.Stack()))
			answer, err = nil, fmt.Errorf(
				"internal error %s in %s; the server's log has the details under this id", id, tool)
		}
	}()
	return f()
}

// progressInterval is the least time between two progress notifications of a call.
const progressInterval = 250 * time.Millisecond

// progress reports to a client that asked for it; nil when it did not.
func (s *Server) progress(
	ctx context.Context, request mcp.CallToolRequest,
) func(done, total float64, message string) {
	if request.Params.Meta == nil || request.Params.Meta.ProgressToken == nil {
		return nil
	}
	token := request.Params.Meta.ProgressToken
	var last time.Time
	var highest float64
	return func(done, total float64, message string) {
		if done <= highest || time.Since(last) < progressInterval {
			return
		}
		highest, last = done, time.Now()
		params := map[string]any{"progressToken": token, "progress": done, "message": message}
		if total > 0 {
			params["total"] = total
		}
		if err := s.mcp.SendNotificationToClient(ctx, "notifications/progress", params); err != nil {
			s.log.Debug("progress was not sent", "error", err)
		}
	}
}

// logCall writes the one line of a call; its arguments only at debug, and never a secret.
func (s *Server) logCall(
	ctx context.Context, tool string, args json.RawMessage, start time.Time, size int, err error,
) {
	attrs := []any{"tool", tool, "ms", time.Since(start).Milliseconds(), "bytes", size}
	if session, ok := server.ClientSessionFromContext(ctx).(server.SessionWithClientInfo); ok {
		if info := session.GetClientInfo(); info.Name != "" {
			attrs = append(attrs, "client", info.Name+" "+info.Version)
		}
	}
	if s.log.Enabled(ctx, slog.LevelDebug) {
		attrs = append(attrs, "args", string(redact(args)))
	}
	if err != nil {
		s.log.Info("call failed", append(attrs, "error", err.Error())...)
		return
	}
	s.log.Info("call", attrs...)
}

// secretArgument matches the names of arguments whose values are never logged.
var secretArgument = regexp.MustCompile(`(?i)pass|secret|token|key`)

// redact hides the values of secret arguments; what is no JSON object is hidden whole.
func redact(args json.RawMessage) json.RawMessage {
	var fields map[string]json.RawMessage
	if json.Unmarshal(args, &fields) != nil {
		return json.RawMessage(`"[not an object]"`)
	}
	for name := range fields {
		if secretArgument.MatchString(name) {
			fields[name] = json.RawMessage(`"[hidden]"`)
		}
	}
	safe, err := json.Marshal(fields)
	if err != nil {
		return json.RawMessage(`"[not shown]"`)
	}
	return safe
}
