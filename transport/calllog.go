package transport

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"regexp"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

// logCall writes the one line of a call; its arguments only at debug, and never a secret.
func (s *Server) logCall(
	ctx context.Context, tool string, args json.RawMessage, start time.Time, size int, err error,
) {
	attrs := []any{"tool", tool, "outcome", outcome(err),
		"ms", time.Since(start).Milliseconds(), "bytes", size}
	if session, ok := server.ClientSessionFromContext(ctx).(server.SessionWithClientInfo); ok {
		if info := session.GetClientInfo(); info.Name != "" {
			attrs = append(attrs, "client", cut(info.Name+" "+info.Version, 100))
		}
	}
	if s.log.Enabled(ctx, slog.LevelDebug) {
		attrs = append(attrs, "args", string(redacted(args)))
	}
	if err != nil {
		attrs = append(attrs, "error", cut(plainText(err), maxError))
	}
	s.log.Info("call", attrs...)
}

// outcome is how a call ended, in a word.
func outcome(err error) string {
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, context.Canceled):
		return "cancelled"
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	}
	return "error"
}

// logRefusal notes a request that the SDK refuses before a tool, a resource or a prompt is reached,
// such as the call of one that is not served. The others have had their line.
func (s *Server) logRefusal(
	_ context.Context, _ any, method mcp.MCPMethod, _ any, err error,
) {
	if errors.As(err, new(refusal)) || errors.As(err, new(givenUp)) {
		return
	}
	s.log.Info("refused", "method", cut(string(method), 100), "error", cut(err.Error(), maxError))
}

// secretName matches the names of arguments whose values are never logged.
var secretName = regexp.MustCompile(`(?i)pass|secret|token|key|auth|credential`)

// redacted hides the values of secret arguments at every depth, and what is no JSON object whole.
func redacted(args json.RawMessage) json.RawMessage {
	var fields map[string]any
	if json.Unmarshal(args, &fields) != nil {
		return json.RawMessage(`"[not an object]"`)
	}
	hide(fields)
	safe, err := json.Marshal(fields)
	if err != nil {
		return json.RawMessage(`"[not shown]"`)
	}
	return safe
}

func hide(value any) {
	switch v := value.(type) {
	case map[string]any:
		for name, inner := range v {
			if secretName.MatchString(name) {
				v[name] = "[hidden]"
			} else {
				hide(inner)
			}
		}
	case []any:
		for _, inner := range v {
			hide(inner)
		}
	}
}

// messagesOnly is the log for the SDK, whose attributes have session ids in them.
func messagesOnly(log *slog.Logger) *slog.Logger {
	return slog.New(plainHandler{log.Handler()})
}

type plainHandler struct{ slog.Handler }

// Enabled implements [slog.Handler].
func (h plainHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && h.Handler.Enabled(ctx, level)
}

// Handle implements [slog.Handler].
func (h plainHandler) Handle(ctx context.Context, r slog.Record) error {
	return h.Handler.Handle(ctx, slog.NewRecord(r.Time, r.Level, r.Message, r.PC))
}

// WithAttrs implements [slog.Handler].
func (h plainHandler) WithAttrs([]slog.Attr) slog.Handler { return h }

// debugWriter takes what net/http has to say, which is what clients do wrong.
type debugWriter struct{ log *slog.Logger }

// Write implements [io.Writer].
func (w debugWriter) Write(line []byte) (int, error) {
	if bytes.HasPrefix(line, []byte("http: panic")) {
		w.log.Error("internal error", "panic", string(line))
	} else {
		w.log.Debug(cut(string(bytes.TrimSpace(line)), maxError))
	}
	return len(line), nil
}
