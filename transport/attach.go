package transport

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/runicorn-mcp/runicorn-mcp/completion"
	"github.com/runicorn-mcp/runicorn-mcp/prompts"
	"github.com/runicorn-mcp/runicorn-mcp/resources"
)

// addResources makes each template one of MCP, and a resource of the value that is listed.
func (s *Server) addResources(list []resources.Template) {
	for _, t := range list {
		read := s.reader(t)
		s.mcp.AddResourceTemplate(mcp.NewResourceTemplate(t.URI, t.Name,
			mcp.WithTemplateTitle(t.Title), mcp.WithTemplateDescription(t.Description),
			mcp.WithTemplateMIMEType(t.MIMEType)), server.ResourceTemplateHandlerFunc(read))
		if t.Listed == "" {
			continue
		}
		uri := strings.Replace(t.URI, "{"+t.Variable+"}", t.Listed, 1)
		listed := mcp.NewResource(uri, t.Listed+" "+t.Name, mcp.WithMIMEType(t.MIMEType),
			mcp.WithResourceDescription(t.Description),
			mcp.WithResourceTitle(fmt.Sprintf("%s (%s)", t.Title, t.Listed)))
		s.mcp.AddResource(listed, func(
			ctx context.Context, r mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
			r.Params.Arguments = map[string]any{t.Variable: []string{t.Listed}}
			return read(ctx, r)
		})
	}
}

// reader is a template as MCP reads it.
func (s *Server) reader(t resources.Template) server.ResourceHandlerFunc {
	return func(ctx context.Context, r mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
		// The SDK splits a value at commas that are not percent-encoded.
		values, _ := r.Params.Arguments[t.Variable].([]string)
		value := strings.Join(values, ",")
		if value == "" {
			return nil, notFound(ctx, r.Params.URI, fmt.Errorf("the address has no %s", t.Variable))
		}
		content, err := t.Read(ctx, s.env, value)
		switch {
		case errors.Is(err, resources.ErrNotFound):
			return nil, notFound(ctx, r.Params.URI, err)
		case err != nil:
			return nil, err
		case content.Blob != nil:
			return []mcp.ResourceContents{mcp.BlobResourceContents{URI: r.Params.URI,
				MIMEType: content.MIMEType, Blob: base64.StdEncoding.EncodeToString(content.Blob)}}, nil
		}
		return []mcp.ResourceContents{mcp.TextResourceContents{URI: r.Params.URI,
			MIMEType: content.MIMEType, Text: content.Text}}, nil
	}
}

// link is a link to an exported file, nil for one that is no resource.
func (s *Server) link(name string, size int64) *mcp.ResourceLink {
	uri, mime, ok := resources.ExportURI(name, size)
	if !ok {
		return nil
	}
	link := mcp.NewResourceLink(uri, name, "", mime)
	link.Size = &size
	return &link
}

// addPrompts makes each prompt one of MCP.
func (s *Server) addPrompts(list []prompts.Prompt) {
	for _, p := range list {
		prompt := mcp.Prompt{Name: p.Name, Title: p.Title, Description: p.Description}
		for _, a := range p.Arguments {
			prompt.Arguments = append(prompt.Arguments, mcp.PromptArgument{Name: a.Name,
				Description: a.Description, Required: a.Required})
		}
		s.mcp.AddPrompt(prompt, func(
			ctx context.Context, r mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
			text, err := p.Get(ctx, s.env, r.Params.Arguments)
			if errors.Is(err, prompts.ErrArgument) {
				return nil, refusal{code: mcp.INVALID_PARAMS, text: cut(err.Error(), maxError)}
			}
			if err != nil {
				return nil, err
			}
			return mcp.NewGetPromptResult(p.Description, []mcp.PromptMessage{
				mcp.NewPromptMessage(mcp.RoleUser, mcp.NewTextContent(text))}), nil
		})
	}
}

// readResource is around the reading of every resource, as handler is around every tool.
func (s *Server) readResource(next server.ResourceHandlerFunc) server.ResourceHandlerFunc {
	return func(ctx context.Context, r mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
		start := time.Now()
		contents, err := within(ctx, s, "resources/read", s.timeout,
			func(ctx context.Context) ([]mcp.ResourceContents, error) { return next(ctx, r) })
		size := 0
		for _, c := range contents {
			switch c := c.(type) {
			case mcp.TextResourceContents:
				size += len(c.Text)
			case mcp.BlobResourceContents:
				size += len(c.Blob)
			}
		}
		s.logCall(ctx, "resources/read", asked(r.Params.URI, nil), start, size, err)
		return contents, shortened(err)
	}
}

// getPrompt is around every prompt.
func (s *Server) getPrompt(next server.PromptHandlerFunc) server.PromptHandlerFunc {
	return func(ctx context.Context, r mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
		start := time.Now()
		result, err := within(ctx, s, "prompts/get", s.timeout,
			func(ctx context.Context) (*mcp.GetPromptResult, error) { return next(ctx, r) })
		size := 0
		if result != nil {
			for _, m := range result.Messages {
				if text, ok := m.Content.(mcp.TextContent); ok {
					size += len(text.Text)
				}
			}
		}
		s.logCall(ctx, "prompts/get", asked(r.Params.Name, r.Params.Arguments), start, size, err)
		return result, shortened(err)
	}
}

// asked is what was asked for, as the log takes it.
func asked(what string, args map[string]string) json.RawMessage {
	fields := map[string]string{"of": what}
	for name, value := range args {
		fields[name] = value
	}
	raw, err := json.Marshal(fields)
	if err != nil {
		return json.RawMessage("null")
	}
	return raw
}

// completionTime is how long a completion may take: a person is typing.
const completionTime = 300 * time.Millisecond

// completing are the options of a server that completes what opts have to complete.
func (s *Server) completing(opts Options) []server.ServerOption {
	var options []server.ServerOption
	if len(opts.Resources) > 0 {
		options = append(options, server.WithResourceCapabilities(false, false))
	}
	if len(opts.Prompts) > 0 {
		options = append(options, server.WithPromptCapabilities(false))
	}
	if len(options) > 0 {
		c := completer{s, opts.Resources, opts.Prompts, new(completion.Completer)}
		options = append(options, server.WithCompletions(),
			server.WithResourceCompletionProvider(c), server.WithPromptCompletionProvider(c))
	}
	return options
}

// A completer completes the variables of templates and the arguments of prompts.
type completer struct {
	server    *Server
	templates []resources.Template
	prompts   []prompts.Prompt
	names     *completion.Completer
}

// CompleteResourceArgument implements [server.ResourceCompletionProvider].
func (c completer) CompleteResourceArgument(
	ctx context.Context, uri string, argument mcp.CompleteArgument, known mcp.CompleteContext,
) (*mcp.Completion, error) {
	for _, t := range c.templates {
		if t.URI == uri && t.Variable == argument.Name {
			return c.complete(ctx, t.Completes, argument.Value, known), nil
		}
	}
	return nil, refusal{code: mcp.INVALID_PARAMS, text: fmt.Sprintf("there is no template %q with "+
		"a variable %q; resources/templates/list shows them", cut(uri, 200), cut(argument.Name, 100))}
}

// CompletePromptArgument implements [server.PromptCompletionProvider].
func (c completer) CompletePromptArgument(
	ctx context.Context, name string, argument mcp.CompleteArgument, known mcp.CompleteContext,
) (*mcp.Completion, error) {
	for _, p := range c.prompts {
		for _, a := range p.Arguments {
			if p.Name == name && a.Name == argument.Name {
				return c.complete(ctx, a.Completes, argument.Value, known), nil
			}
		}
	}
	return nil, refusal{code: mcp.INVALID_PARAMS, text: fmt.Sprintf("there is no prompt %q with "+
		"an argument %q; prompts/list shows them", cut(name, 100), cut(argument.Name, 100))}
}

// complete offers what is found in time. A source that cannot be read offers nothing: it is not
// while typing that a person wants to hear of it.
func (c completer) complete(
	ctx context.Context, kind completion.Kind, typed string, known mcp.CompleteContext,
) *mcp.Completion {
	ctx, cancel := context.WithTimeout(ctx, completionTime)
	defer cancel()
	found, err := within(ctx, c.server, "completion/complete", c.server.timeout,
		func(ctx context.Context) (completion.Found, error) {
			source, err := c.server.env.Client(ctx, "")
			if err != nil {
				return completion.Found{}, err
			}
			return c.names.Complete(ctx, source, kind, typed, known.Arguments["run"])
		})
	if err != nil {
		c.server.log.LogAttrs(ctx, slog.LevelDebug, "no completion",
			slog.String("of", string(kind)), slog.String("error", cut(err.Error(), maxError)))
		return &mcp.Completion{Values: []string{}}
	}
	return &mcp.Completion{Values: found.Values, Total: found.Total, HasMore: found.More}
}
