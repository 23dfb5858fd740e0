package transport

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/runicorn-mcp/runicorn-mcp/tools"
)

// onePixel is a PNG, silence a WAV.
const (
	onePixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
	silence  = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAAAAA=="
)

// fixtures is a server with what the scenarios of the conformance suite ask a server to have, as
// their descriptions say it.
func fixtures(log *slog.Logger) *Server {
	s := NewServer(Options{Name: "fixtures", Version: "1", Env: &tools.Env{}, Logger: log})
	for _, option := range []server.ServerOption{
		server.WithToolCapabilities(true), server.WithResourceCapabilities(true, true),
		server.WithPromptCapabilities(true), server.WithLogging(), server.WithCompletions(),
		server.WithPromptCompletionProvider(noCompletions{}),
		server.WithResourceCompletionProvider(noCompletions{}),
		server.WithMethodCacheHints(mcp.MethodResourcesRead, 0, mcp.CacheScopePrivate),
	} {
		option(s.mcp)
	}
	f := fixture{s}
	f.contents()
	f.conversations()
	f.inputRequired()
	f.resources()
	f.prompts()
	return s
}

type noCompletions struct{}

func (noCompletions) CompletePromptArgument(
	context.Context, string, mcp.CompleteArgument, mcp.CompleteContext,
) (*mcp.Completion, error) {
	return &mcp.Completion{Values: []string{}}, nil
}

func (noCompletions) CompleteResourceArgument(
	context.Context, string, mcp.CompleteArgument, mcp.CompleteContext,
) (*mcp.Completion, error) {
	return &mcp.Completion{Values: []string{}}, nil
}

type fixture struct{ *Server }

type toolResult = mcp.CallToolResult

// tool adds a tool that runs as the product's do.
func (f fixture) tool(name, schema string, do func(context.Context, toolCall) (*toolResult, error)) {
	if schema == "" {
		schema = `{"type":"object","properties":{}}`
	}
	f.mcp.AddTool(mcp.Tool{Name: name, Description: name, RawInputSchema: json.RawMessage(schema)},
		func(ctx context.Context, r toolCall) (*toolResult, error) {
			return within(ctx, f.Server, name, f.timeout,
				func(ctx context.Context) (*toolResult, error) { return do(ctx, r) })
		})
}

// says adds a tool that always answers the same.
func (f fixture) says(name string, content ...mcp.Content) {
	f.tool(name, "", func(context.Context, toolCall) (*toolResult, error) {
		return &toolResult{Content: content}, nil
	})
}

func embedded(uri, mime, text string) mcp.Content {
	return mcp.NewEmbeddedResource(mcp.TextResourceContents{URI: uri, MIMEType: mime, Text: text})
}

func (f fixture) contents() {
	picture := mcp.NewImageContent(onePixel, "image/png")
	f.says("test_simple_text", mcp.NewTextContent("This is a simple text response for testing."))
	f.says("test_image_content", picture)
	f.says("test_audio_content", mcp.NewAudioContent(silence, "audio/wav"))
	f.says("test_embedded_resource", embedded("test://embedded-resource", "text/plain",
		"This is an embedded resource content."))
	f.says("test_multiple_content_types", mcp.NewTextContent("Multiple content types test:"), picture,
		embedded("test://mixed-content-resource", "application/json", `{"test":"data","value":123}`))
	f.tool("test_error_handling", "", func(context.Context, toolCall) (*toolResult, error) {
		return mcp.NewToolResultError("This tool intentionally returns an error for testing"), nil
	})
	f.tool("json_schema_2020_12_tool", `{"$schema":"https://json-schema.org/draft/2020-12/schema",
		"type":"object","$defs":{"address":{"$anchor":"addressDef","type":"object","properties":{
		"street":{"type":"string"},"city":{"type":"string"}}}},"properties":{"name":{"type":"string"},
		"address":{"$ref":"#/$defs/address"},"contactMethod":{"type":"string","enum":["phone","email"]},
		"phone":{"type":"string"},"email":{"type":"string"}},
		"allOf":[{"anyOf":[{"required":["phone"]},{"required":["email"]}]}],
		"if":{"properties":{"contactMethod":{"const":"phone"}},"required":["contactMethod"]},
		"then":{"required":["phone"]},"else":{"required":["email"]},"additionalProperties":false}`,
		func(context.Context, toolCall) (*toolResult, error) {
			return mcp.NewToolResultText("ok"), nil
		})
	f.tool("test_custom_header", `{"type":"object","properties":{"region":{"type":"string",
		"x-mcp-header":"Region"}}}`, func(context.Context, toolCall) (*toolResult, error) {
		return mcp.NewToolResultText("ok"), nil
	})
}

// conversations are tools that say or ask something before they answer.
func (f fixture) conversations() {
	logs := func(ctx context.Context, _ toolCall) (*toolResult, error) {
		for _, line := range []string{"Tool execution started", "Tool processing data",
			"Tool execution completed"} {
			if err := f.mcp.SendLogMessageToClient(ctx,
				mcp.NewLoggingMessageNotification(mcp.LoggingLevelInfo, "test", line)); err != nil {
				return nil, err
			}
			<-time.After(50 * time.Millisecond)
		}
		return mcp.NewToolResultText("logged"), nil
	}
	f.tool("test_tool_with_logging", "", logs)
	f.tool("test_logging_tool", "", logs)
	f.tool("test_tool_with_progress", "", func(ctx context.Context, r toolCall) (*toolResult, error) {
		if r.Params.Meta != nil && r.Params.Meta.ProgressToken != nil {
			for _, done := range []int{0, 50, 100} { // faster than tools may, see progress
				if err := f.notify(ctx, progressNotice, map[string]any{"progress": done, "total": 100,
					"progressToken": r.Params.Meta.ProgressToken}); err != nil {
					return nil, err
				}
				<-time.After(50 * time.Millisecond)
			}
		}
		return mcp.NewToolResultText("done"), nil
	})
	f.tool("test_sampling", `{"type":"object","properties":{"prompt":{"type":"string"}},"required":["prompt"]}`,
		func(ctx context.Context, r toolCall) (*toolResult, error) {
			//lint:ignore SA1019 the scenario of the older revisions asks for it
			result, err := f.mcp.RequestSampling(ctx, mcp.CreateMessageRequest{
				CreateMessageParams: sample(r.GetString("prompt", ""), 100)})
			if err != nil {
				return mcp.NewToolResultError(err.Error()), nil
			}
			return mcp.NewToolResultText(fmt.Sprintf("LLM response: %+v", result.Content)), nil
		})
	person := `{"type":"object","properties":{"username":{"type":"string","description":"User's response"},
		"email":{"type":"string","description":"User's email address"}},"required":["username","email"]}`
	f.asks("test_elicitation", "User response: ", person)
	f.asks("test_elicitation_sep1034_defaults", "Elicitation completed: ", `{"type":"object","properties":{
		"name":{"type":"string","default":"John Doe"},"age":{"type":"integer","default":30},
		"score":{"type":"number","default":95.5},"status":{"type":"string",
		"enum":["active","inactive","pending"],"default":"active"},"verified":{"type":"boolean","default":true}}}`)
	f.asks("test_elicitation_sep1330_enums", "Elicitation completed: ", `{"type":"object","properties":{
		"untitledSingle":{"type":"string","enum":["option1","option2","option3"]},
		"titledSingle":{"type":"string","oneOf":[{"const":"value1","title":"First Option"},
			{"const":"value2","title":"Second Option"},{"const":"value3","title":"Third Option"}]},
		"legacyEnum":{"type":"string","enum":["opt1","opt2","opt3"],"enumNames":["Option One","Option Two","Option Three"]},
		"untitledMulti":{"type":"array","items":{"type":"string","enum":["option1","option2","option3"]}},
		"titledMulti":{"type":"array","items":{"anyOf":[{"const":"value1","title":"First Choice"},
			{"const":"value2","title":"Second Choice"},{"const":"value3","title":"Third Choice"}]}}}}`)
	f.tool("test_trigger_tool_change", "", func(context.Context, toolCall) (*toolResult, error) {
		f.says("test_changed_tool", mcp.NewTextContent("changed"))
		f.mcp.DeleteTools("test_changed_tool")
		return mcp.NewToolResultText("changed"), nil
	})
	f.tool("test_trigger_prompt_change", "", func(context.Context, toolCall) (*toolResult, error) {
		f.prompt("test_changed_prompt", "", mcp.NewTextContent("changed"))
		f.mcp.DeletePrompts("test_changed_prompt")
		return mcp.NewToolResultText("changed"), nil
	})
}

func sample(prompt string, tokens int) mcp.CreateMessageParams {
	return mcp.CreateMessageParams{MaxTokens: tokens, Messages: []mcp.SamplingMessage{
		{Role: mcp.RoleUser, Content: mcp.NewTextContent(prompt)}}}
}

func form(message, schema string) mcp.ElicitationParams {
	return mcp.ElicitationParams{Message: message, RequestedSchema: json.RawMessage(schema)}
}

// asks adds a tool that asks the person, by a request of the older revisions.
func (f fixture) asks(name, says, schema string) {
	f.tool(name, `{"type":"object","properties":{"message":{"type":"string"}}}`,
		func(ctx context.Context, r toolCall) (*toolResult, error) {
			result, err := f.mcp.RequestElicitation(ctx, mcp.ElicitationRequest{
				Params: form(r.GetString("message", "Please answer"), schema)})
			if err != nil {
				return mcp.NewToolResultError(err.Error()), nil
			}
			content, err := json.Marshal(result.Content)
			return mcp.NewToolResultText(fmt.Sprintf("%saction=%s, content=%s", says, result.Action,
				content)), err
		})
}

func (f fixture) resources() {
	resource := func(uri string, contents mcp.ResourceContents) {
		f.mcp.AddResource(mcp.NewResource(uri, uri, mcp.WithResourceDescription("a fixture")),
			func(context.Context, mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
				return []mcp.ResourceContents{contents}, nil
			})
	}
	resource("test://static-text", mcp.TextResourceContents{URI: "test://static-text", MIMEType: "text/plain",
		Text: "This is the content of the static text resource."})
	resource("test://static-binary", mcp.BlobResourceContents{URI: "test://static-binary", MIMEType: "image/png",
		Blob: onePixel})
	resource("test://watched-resource", mcp.TextResourceContents{URI: "test://watched-resource",
		Text: "watched"})
	f.mcp.AddResourceTemplate(mcp.NewResourceTemplate("test://template/{id}/data", "template",
		mcp.WithTemplateDescription("a fixture")),
		func(_ context.Context, r mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
			id := strings.Split(strings.TrimPrefix(r.Params.URI, "test://template/"), "/")[0]
			return []mcp.ResourceContents{mcp.TextResourceContents{URI: r.Params.URI, MIMEType: "application/json",
				Text: fmt.Sprintf(`{"id":%q,"templateTest":true,"data":"Data for ID: %s"}`, id, id)}}, nil
		})
}

// prompt adds a prompt with one argument or none.
func (f fixture) prompt(name, argument string, contents ...mcp.Content) {
	p := mcp.Prompt{Name: name, Description: name}
	if argument != "" {
		p.Arguments = []mcp.PromptArgument{{Name: argument, Required: true}}
	}
	f.mcp.AddPrompt(p, func(_ context.Context, r mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
		result := &mcp.GetPromptResult{}
		for _, c := range contents {
			result.Messages = append(result.Messages, mcp.NewPromptMessage(mcp.RoleUser, c))
		}
		if uri := r.Params.Arguments["resourceUri"]; uri != "" {
			result.Messages[0].Content = embedded(uri, "text/plain", "Embedded resource content for testing.")
		}
		return result, nil
	})
}

func (f fixture) prompts() {
	f.prompt("test_simple_prompt", "", mcp.NewTextContent("This is a simple prompt for testing."))
	f.prompt("test_prompt_with_image", "", mcp.NewImageContent(onePixel, "image/png"),
		mcp.NewTextContent("Please analyze the image above."))
	f.prompt("test_prompt_with_embedded_resource", "resourceUri", mcp.NewTextContent(""),
		mcp.NewTextContent("Please process the embedded resource above."))
	f.mcp.AddPrompt(mcp.Prompt{Name: "test_prompt_with_arguments", Description: "arguments",
		Arguments: []mcp.PromptArgument{{Name: "arg1", Required: true}, {Name: "arg2", Required: true}}},
		func(_ context.Context, r mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
			text := fmt.Sprintf("Prompt with arguments: arg1='%s', arg2='%s'",
				r.Params.Arguments["arg1"], r.Params.Arguments["arg2"])
			return &mcp.GetPromptResult{Messages: []mcp.PromptMessage{
				mcp.NewPromptMessage(mcp.RoleUser, mcp.NewTextContent(text))}}, nil
		})
	f.mcp.AddPrompt(mcp.Prompt{Name: "test_input_required_result_prompt", Description: "asks"},
		func(_ context.Context, r mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
			if e := server.ElicitationResponse(r.Params.InputResponses, "user_context"); e != nil {
				return &mcp.GetPromptResult{Messages: []mcp.PromptMessage{
					mcp.NewPromptMessage(mcp.RoleUser, mcp.NewTextContent(fmt.Sprint(e.Content)))}}, nil
			}
			return server.NewInputRequestBuilder("").Elicit("user_context",
				form("What context should the prompt use?", contextForm)).PromptResult(), nil
		})
}
