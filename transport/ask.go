package transport

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/runicorn-mcp/runicorn-mcp/tools"
)

const (
	// askTime is how long a person may think.
	askTime = 5 * time.Minute
	// maxAsked are the questions that may be open at a time.
	maxAsked = 64
	// confirmField is the one field of the form; it must be set by hand.
	confirmField = "accept"
)

var (
	errNoAnswer = errors.New("there was no answer in time")
	errDeclined = errors.New("the host application answered no, which some do without asking anybody")
)

// questionForm is a question as MCP asks it (2025-06-18 and later, elicitation).
func questionForm(question string) mcp.ElicitationParams {
	return mcp.ElicitationParams{Message: question, RequestedSchema: map[string]any{
		"type": "object", "required": []string{confirmField},
		"properties": map[string]any{confirmField: map[string]any{"type": "boolean",
			"title": "Accept", "description": "Yes, I have checked it.", "default": false}}}}
}

// consent is nil only for a person's yes.
func consent(r *mcp.ElicitationResult) error {
	if r == nil {
		return errNoAnswer
	}
	content, _ := r.Content.(map[string]any)
	if r.Action == mcp.ElicitationResponseActionAccept && content[confirmField] == true {
		return nil
	}
	return errDeclined
}

// canAsk reports whether what a client says of itself has forms that a person fills in.
func canAsk(c *mcp.ElicitationCapability) bool {
	return c != nil && (c.Form != nil || c.URL == nil)
}

// ask is how a call asks the person at a client of the revisions up to 2025-11-25, with a request
// to the client; nil when that cannot.
func (s *Server) ask(ctx context.Context) func(context.Context, string) error {
	session := server.ClientSessionFromContext(ctx)
	info, ok := session.(server.SessionWithClientInfo)
	if !ok || !canAsk(info.GetClientCapabilities().Elicitation) {
		return nil
	}
	return func(ctx context.Context, question string) error {
		ctx, cancel := context.WithTimeout(ctx, askTime)
		defer cancel()
		var request mcp.ElicitationRequest
		request.Method = string(mcp.MethodElicitationCreate)
		request.Params = questionForm(question)
		r, err := s.mcp.RequestElicitation(ctx, request)
		if ctx.Err() != nil {
			return errNoAnswer
		}
		if err != nil {
			s.log.Warn("a question could not be asked", "error", cut(err.Error(), maxError))
			return errors.New("the host application could not ask")
		}
		return consent(r)
	}
}

// A conversation is a call of a client of 2026-07-28, which asks a person by answering with the
// question: the client comes back with the answer in another request ("multi round-trip"). The
// call waits for it where it is, so that it goes on with exactly what the person was shown.
type conversation struct {
	tool, args string
	end        context.CancelFunc
	question   chan string
	reply      chan *mcp.ElicitationResult
	done       chan ended
	progress   atomic.Pointer[func(done, total float64, message string)]
}

type ended struct {
	answer json.RawMessage
	beside beside // only to be read when there is no error
	err    error
}

// conversations are those that wait for a person, by a key that only the client has that was
// asked.
type conversations struct {
	mu      sync.Mutex
	waiting map[string]*conversation
}

// add keeps a conversation and returns its key, "" when there are too many.
func (c *conversations) add(one *conversation) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.waiting) >= maxAsked {
		return ""
	}
	if c.waiting == nil {
		c.waiting = make(map[string]*conversation)
	}
	key := rand.Text()
	c.waiting[key] = one
	time.AfterFunc(askTime+time.Minute, func() {
		if c.take(key) != nil {
			one.end()
		}
	})
	return key
}

// take returns a conversation, once.
func (c *conversations) take(key string) *conversation {
	c.mu.Lock()
	defer c.mu.Unlock()
	one := c.waiting[key]
	delete(c.waiting, key)
	return one
}

// asksByAnswer reports whether a request is of a client that is asked by answering it.
func asksByAnswer(ctx context.Context, request mcp.CallToolRequest) bool {
	if !mcp.IsModernProtocol(server.RequestProtocolVersion(ctx)) || request.Params.Meta == nil {
		return false
	}
	c := request.Params.Meta.ClientCapabilities()
	return c != nil && canAsk(c.Elicitation)
}

var errNoQuestion = errors.New("there is no such question, or it is too old; nothing was done. " +
	"Call again without requestState")

// converse begins a call, or goes on with one whose question is answered, until it ends or asks:
// then asked is the key of the question.
func (s *Server) converse(
	ctx context.Context, t tools.Tool, request mcp.CallToolRequest, args json.RawMessage,
) (e ended, question, asked string) {
	var c *conversation
	if key := request.Params.RequestState; key != "" {
		c = s.asked.take(key)
		if c == nil {
			return ended{err: errNoQuestion}, "", ""
		}
		if c.tool != t.Name || c.args != string(args) {
			c.end()
			return ended{err: errNoQuestion}, "", ""
		}
		c.reply <- server.ElicitationResponse(request.Params.InputResponses, confirmField) // has room
	} else {
		c = s.begin(ctx, t, request, args)
	}
	if progress := s.progress(ctx, request); progress != nil {
		c.progress.Store(&progress)
	}
	life := ctx
	if l, ok := ctx.Value(lifeKey{}).(context.Context); ok {
		life = l
	}
	defer context.AfterFunc(life, c.end)()
	select {
	case e := <-c.done:
		return e, "", ""
	case question := <-c.question:
		if asked := s.asked.add(c); asked != "" {
			return ended{}, question, asked
		}
		c.end()
		return ended{err: errors.New("too many questions are open; try again later")}, "", ""
	}
}

// begin starts a call that outlives its request.
func (s *Server) begin(
	ctx context.Context, t tools.Tool, request mcp.CallToolRequest, args json.RawMessage,
) *conversation {
	c := &conversation{tool: t.Name, args: string(args), question: make(chan string),
		reply: make(chan *mcp.ElicitationResult, 1), done: make(chan ended, 1)}
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	c.end = end
	env := *s.env
	env.Progress = func(done, total float64, message string) {
		if p := c.progress.Load(); p != nil {
			(*p)(done, total, message)
		}
	}
	env.Ask = func(ctx context.Context, question string) error {
		ctx, cancel := context.WithTimeout(ctx, askTime)
		defer cancel()
		select {
		case c.question <- question:
		case <-ctx.Done():
			return errNoAnswer
		}
		select {
		case r := <-c.reply:
			return consent(r)
		case <-ctx.Done():
			return errNoAnswer
		}
	}
	go func() {
		defer end()
		var e ended
		e.answer, e.err = s.call(context.WithValue(life, lifeKey{}, life), t, env, args, &e.beside)
		c.done <- e
	}()
	return c
}
