package transport

import (
	"context"
	"encoding/json"
	"sync"
	"time"
)

const (
	// maxWaiting are calls that may wait for one that runs to end; more are refused.
	maxWaiting = 256
	// maxWait is how long one waits.
	maxWait = 10 * time.Second
)

// calls are the requests of one client that are under way, so that the client, and nobody else,
// can cancel them. The SDK would look for them among those of all clients, and only once they
// have begun.
type calls struct {
	mu  sync.Mutex
	end map[string]context.CancelFunc // by the id as it was written
}

// begin notes a request. done is to be called when it is over.
func (c *calls) begin(id json.RawMessage, end context.CancelFunc) (done func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.end == nil {
		c.end = make(map[string]context.CancelFunc)
	}
	c.end[string(id)] = end
	return func() {
		end()
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.end, string(id))
	}
}

// cancel ends the request that the parameters of a notifications/cancelled name.
func (c *calls) cancel(params json.RawMessage) {
	var p struct {
		RequestID json.RawMessage `json:"requestId"`
	}
	if json.Unmarshal(params, &p) != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if end := c.end[string(p.RequestID)]; end != nil {
		end()
	}
}

// A gate lets so many calls run at a time, those of all clients together, and a bounded number
// wait.
type gate struct {
	running, waiting chan struct{}
}

func newGate(running, waiting int) gate {
	return gate{make(chan struct{}, running), make(chan struct{}, waiting)}
}

// enter waits for a place and reports whether there was one; then leave must be called.
func (g gate) enter(ctx context.Context) bool {
	select {
	case g.running <- struct{}{}:
		return true
	default:
	}
	select {
	case g.waiting <- struct{}{}:
		defer func() { <-g.waiting }()
	default:
		return false
	}
	timer := time.NewTimer(maxWait)
	defer timer.Stop()
	select {
	case g.running <- struct{}{}:
		return true
	case <-timer.C:
	case <-ctx.Done():
	}
	return false
}

func (g gate) leave() { <-g.running }

// isWork says which requests pass the gate: those that may read the source, and run in within.
func (m message) isWork() bool {
	if !m.isRequest() {
		return false
	}
	switch *m.Method {
	case "tools/call", "resources/read", "prompts/get", "completion/complete":
		return true
	}
	return false
}

// isRequest says whether a message is to be answered.
func (m message) isRequest() bool {
	return m.Method != nil && len(m.ID) > 0 && string(m.ID) != "null"
}

// isA says whether a message is of this method.
func (m message) isA(method string) bool { return m.Method != nil && *m.Method == method }
