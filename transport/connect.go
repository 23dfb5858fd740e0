package transport

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/mark3labs/mcp-go/client"
	wire "github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"
)

// A Session is an MCP client of a [Server] in the same process.
type Session struct {
	client *client.Client
	cancel context.CancelFunc
	served chan error
}

// Connect starts the server on a pair of pipes, as [Server.ServeStdio] does on standard input
// and output, and connects a client to it, so that what a call answers has been through the
// whole protocol. Close the session to end both.
func (s *Server) Connect(ctx context.Context) (*Session, error) {
	ctx, cancel := context.WithCancel(ctx)
	requests, requestWriter := io.Pipe()
	answers, answerWriter := io.Pipe()
	session := &Session{cancel: cancel, served: make(chan error, 1)}
	go func() {
		err := s.ServeStdio(ctx, requests, answerWriter)
		answerWriter.Close()
		session.served <- err
	}()
	session.client = client.NewClient(wire.NewIO(answers, requestWriter,
		io.NopCloser(strings.NewReader(""))))
	if err := session.client.Start(ctx); err != nil {
		return nil, errors.Join(err, session.Close())
	}
	var hello mcp.InitializeRequest
	hello.Params.ProtocolVersion = mcp.LATEST_PROTOCOL_VERSION
	hello.Params.ClientInfo = mcp.Implementation{Name: "runicorn-mcp", Version: "in-process"}
	if _, err := session.client.Initialize(ctx, hello); err != nil {
		return nil, errors.Join(err, session.Close())
	}
	return session, nil
}

// ListTools returns the names of the tools that the server lists, in its order.
func (s *Session) ListTools(ctx context.Context) ([]string, error) {
	list, err := s.client.ListTools(ctx, mcp.ListToolsRequest{})
	if err != nil {
		return nil, err
	}
	names := make([]string, len(list.Tools))
	for i, t := range list.Tools {
		names[i] = t.Name
	}
	return names, nil
}

// CallTool calls a tool and returns the text of its answer, or of its error when failed. err is
// a failure of the protocol, such as a tool that is not served.
func (s *Session) CallTool(
	ctx context.Context, name string, args map[string]any,
) (text string, failed bool, err error) {
	var request mcp.CallToolRequest
	request.Params.Name, request.Params.Arguments = name, args
	result, err := s.client.CallTool(ctx, request)
	if err != nil {
		return "", false, err
	}
	for _, content := range result.Content {
		if t, ok := content.(mcp.TextContent); ok {
			text += t.Text
		}
	}
	return text, result.IsError, nil
}

// Close ends the session and its server.
func (s *Session) Close() error {
	err := s.client.Close()
	s.cancel()
	return errors.Join(err, <-s.served)
}
