package transport

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/mark3labs/mcp-go/mcp"
)

// questions are requests to a client over SSE that it has not answered yet. The SDK asks for itself
// over the other transports. It is the SDK's server.ElicitationHandler.
type questions struct {
	send func(message []byte) error

	mu     sync.Mutex
	asked  int
	answer map[string]chan message // by the id of the question
}

// Elicit asks the person at the client, and waits for the answer as long as ctx lasts.
func (q *questions) Elicit(
	ctx context.Context, request mcp.ElicitationRequest,
) (*mcp.ElicitationResult, error) {
	answer := make(chan message, 1)
	q.mu.Lock()
	q.asked++
	id := fmt.Sprintf(`"question %d"`, q.asked)
	if q.answer == nil {
		q.answer = make(map[string]chan message)
	}
	q.answer[id] = answer
	q.mu.Unlock()
	defer func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		delete(q.answer, id)
	}()
	question, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": json.RawMessage(id),
		"method": mcp.MethodElicitationCreate, "params": request.Params})
	if err != nil {
		return nil, err
	}
	if err := q.send(question); err != nil {
		return nil, err
	}
	select {
	case m := <-answer:
		result := new(mcp.ElicitationResult)
		if len(m.Result) == 0 || json.Unmarshal(m.Result, result) != nil {
			return nil, errors.New("the client could not ask")
		}
		return result, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// answered takes what a client says to a question. What answers none is ignored.
func (q *questions) answered(m message) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if answer := q.answer[string(m.ID)]; answer != nil {
		delete(q.answer, string(m.ID))
		answer <- m
	}
}
