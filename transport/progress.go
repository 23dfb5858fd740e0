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

// notify sends a notification. On stdio it is written at once: the SDK's own way lets the
// answer of the call overtake it.
func (s *Server) notify(ctx context.Context, method string, params map[string]any) error {
	x, ok := ctx.Value(exchangeKey{}).(*exchange)
	if !ok {
		return s.mcp.SendNotificationToClient(ctx, method, params)
	}
	line, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "method": method, "params": params})
	if err != nil {
		return err
	}
	_, err = x.Write(append(line, '\n'))
	return err
}

type exchangeKey struct{} // of the *exchange in the context of a call
