package transport

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
)

// progressInterval is the least time between two progress notifications of a call.
const progressInterval = 250 * time.Millisecond

// progressNotice is the notification of MCP, notifications/progress.
const progressNotice = "notifications/progress"

// progress reports to a client that asked for it, ever forward and until ctx ends; nil when it
// did not ask.
func (s *Server) progress(
	ctx context.Context, request mcp.CallToolRequest,
) func(done, total float64, message string) {
	if request.Params.Meta == nil || request.Params.Meta.ProgressToken == nil {
		return nil
	}
	var mu sync.Mutex
	var last time.Time
	var highest float64
	return func(done, total float64, message string) {
		mu.Lock()
		defer mu.Unlock()
		if ctx.Err() != nil || done <= highest || time.Since(last) < progressInterval {
			return
		}
		highest, last = done, time.Now()
		params := map[string]any{"progressToken": request.Params.Meta.ProgressToken,
			"progress": done, "message": message}
		if total > 0 {
			params["total"] = total
		}
		if err := s.notify(ctx, progressNotice, params); err != nil {
			s.log.Debug("progress was not sent", "error", err)
		}
	}
}

// An outlet is the way on which a request's answer goes.
type outlet interface {
	// notify sends a notification, a JSON object, before the answer.
	notify(message []byte) error
}

type outletKey struct{} // of the outlet in the context of a call

// notify sends a notification the way that the answer of its call will go. The SDK's own way
// lets the answer overtake it, and over HTTP gives it to any call of the session.
func (s *Server) notify(ctx context.Context, method string, params map[string]any) error {
	out, ok := ctx.Value(outletKey{}).(outlet)
	if !ok {
		return s.mcp.SendNotificationToClient(ctx, method, params)
	}
	message, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "method": method, "params": params})
	if err != nil {
		return err
	}
	return out.notify(message)
}
