package transport

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/prompts"
	"github.com/runicorn-mcp/runicorn-mcp/resources"
	"github.com/runicorn-mcp/runicorn-mcp/tools"
)

// answered is what the SDK and the code around it answer to a request over stdio.
func answered(t *testing.T, s *Server, method, params string) (result, failure map[string]any) {
	t.Helper()
	response := s.mcp.HandleMessage(t.Context(), json.RawMessage(
		`{"jsonrpc":"2.0","id":1,"method":"`+method+`","params":`+params+`}`))
	line, err := json.Marshal(response)
	if err != nil {
		t.Fatal(err)
	}
	var m struct{ Result, Error map[string]any }
	if err := json.Unmarshal(mended(line), &m); err != nil {
		t.Fatal(err)
	}
	return m.Result, m.Error
}

// TestTemplates_fitOne holds that an address fits one template and comes back as it was written:
// with two the SDK would choose by chance.
func TestTemplates_fitOne(t *testing.T) {
	t.Parallel()
	var read []string // template and value of each resource read
	var templates []resources.Template
	for _, template := range resources.For(tools.All()) {
		template.Read = func(_ context.Context, _ *tools.Env, value string) (resources.Content, error) {
			read = append(read, template.URI+" "+value)
			return resources.Content{Text: "x"}, nil
		}
		templates = append(templates, template)
	}
	s := NewServer(Options{Name: "test", Env: &tools.Env{}, Resources: templates})
	for _, value := range []string{"baseline", "two words", "中文 实验", "50%", "%2F", "a/b/log", "a,b,c",
		"log", "metrics.csv", "../..", "?a=b&c#d", "{id}", "a+b", "~!$&'()*;=:@[]", "\"", "\x00", "\xff\xfe",
		"latest", strings.Repeat("长", 300)} {
		for _, template := range templates {
			read = nil
			escaped := strings.ReplaceAll(url.QueryEscape(value), "+", "%20")
			uri := strings.Replace(template.URI, "{"+template.Variable+"}", escaped, 1)
			text, err := json.Marshal(map[string]string{"uri": uri})
			if err != nil {
				t.Fatal(err)
			}
			_, failure := answered(t, s, "resources/read", string(text))
			if want := template.URI + " " + value; len(read) != 1 || read[0] != want {
				t.Errorf("%s reads %q, %v; want %q", uri, read, failure, want)
			}
		}
	}
}

// TestTemplates_commas has an address in which a comma is left as it is.
func TestTemplates_commas(t *testing.T) {
	t.Parallel()
	s := NewServer(Options{Name: "test", Env: &tools.Env{}, Resources: []resources.Template{{
		URI: "t://{id}", Variable: "id", Name: "t", Read: func(
			_ context.Context, _ *tools.Env, value string) (resources.Content, error) {
			return resources.Content{Text: value}, nil
		}}}})
	if result, failure := answered(t, s, "resources/read", `{"uri":"t://a,b%2Cc"}`); !strings.Contains(
		fmt.Sprint(result), "text:a,b,c") {
		t.Errorf("%v, %v", result, failure)
	}
}

// TestResources_errors has what a resource and a prompt can go wrong with.
func TestResources_errors(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	long := strings.Repeat("长", 3000)
	template := resources.Template{URI: "t://{id}", Variable: "id", Name: "t", Read: func(
		_ context.Context, _ *tools.Env, value string) (resources.Content, error) {
		switch value {
		case "panic":
			panic("secret detail")
		case "none":
			return resources.Content{}, errors.Join(errors.New(`no "such" `+long), resources.ErrNotFound)
		}
		return resources.Content{}, errors.New("the source does not answer " + long)
	}}
	prompt := prompts.Prompt{Name: "p", Get: func(
		_ context.Context, _ *tools.Env, args map[string]string) (string, error) {
		if args["a"] == "panic" {
			panic("secret detail")
		}
		return "", errors.Join(errors.New("which \"run\"? "+long), prompts.ErrArgument)
	}}
	s := NewServer(Options{Name: "test", Env: &tools.Env{}, Resources: []resources.Template{template},
		Prompts: []prompts.Prompt{prompt}, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	for _, c := range []struct {
		method, params string
		code           float64
		says, uri      string
	}{
		{"resources/read", `{"uri":"t://none"}`, -32002, `no "such"`, "t://none"},
		{"resources/read", `{"uri":"t://"}`, -32002, "the address has no id", "t://"},
		{"resources/read", `{"uri":"t://a/b"}`, -32002, "there is no resource t://a/b", "t://a/b"},
		{"resources/read", `{"uri":"t://other"}`, -32603, "does not answer", ""},
		{"resources/read", `{"uri":"t://panic"}`, -32603, "internal error", ""},
		{"prompts/get", `{"name":"p"}`, -32602, `which "run"?`, ""},
		{"prompts/get", `{"name":"p","arguments":{"a":"panic"}}`, -32603, "internal error", ""},
		{"completion/complete", `{"ref":{"type":"ref/prompt","name":"p"},"argument":{"name":"b","value":""}}`,
			-32602, `no prompt "p" with an argument "b"`, ""},
		{"completion/complete", `{"ref":{"type":"ref/resource","uri":"x"},"argument":{"name":"id","value":""}}`,
			-32602, `no template "x"`, ""},
	} {
		_, failure := answered(t, s, c.method, c.params)
		message, _ := failure["message"].(string)
		data, _ := failure["data"].(map[string]any)
		uri, _ := data["uri"].(string)
		if failure["code"] != c.code || !strings.Contains(message, c.says) || uri != c.uri ||
			len([]rune(message)) > maxError || strings.Contains(message, "secret") ||
			strings.Contains(message, "\x1a") {
			t.Errorf("%s %s: %.300v", c.method, c.params, failure)
		}
	}
	if strings.Contains(log.String(), `\x1a`) || strings.Count(log.String(), "msg=call tool=resources/read") != 4 ||
		strings.Count(log.String(), "msg=refused") != 1 {
		t.Errorf("the log is\n%s", log.String())
	}
}

// TestMended_leavesTheRest holds that what looks like a refusal in an answer is left alone.
func TestMended_leavesTheRest(t *testing.T) {
	t.Parallel()
	inside := `{"error":{"code":-32603,"message":"\u001arefusal:{\"code\":1}"}}`
	for _, line := range []string{
		`{"jsonrpc":"2.0","id":1,"result":{"content":` + inside + `}}` + "\n",
		`{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"no such method"}}` + "\n",
		`{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"\u001arefusal:not JSON"}}`,
		`{"error":{"code":`,
	} {
		if got := string(mended([]byte(line))); got != line {
			t.Errorf("%s became %s", line, got)
		}
	}
	line := `{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"\u001arefusal:{\"code\":-32602}"}}` + "\n"
	if got := string(mended([]byte(line))); got != `{"error":{"code":-32602},"id":1,"jsonrpc":"2.0"}`+"\n" {
		t.Errorf("got %s", got)
	}
}

// A slow source yields a run every 100 ms; one that hangs none, and does not hear that its time is
// over.
type slow struct {
	client.Source
	hangs bool
}

func (s slow) Runs(ctx context.Context, _ client.Scope) iter.Seq2[client.Experiment, error] {
	return func(yield func(client.Experiment, error) bool) {
		for i := range 100 {
			time.Sleep(100 * time.Millisecond)
			if err := ctx.Err(); err != nil && !s.hangs {
				yield(client.Experiment{}, err)
				return
			}
			if !s.hangs && !yield(client.Experiment{ID: strings.Repeat("a", i+1)}, nil) {
				return
			}
		}
	}
}

// TestCompletion_inTime is at synctest's time: a completion takes 300 ms at most, with what was read
// until then.
func TestCompletion_inTime(t *testing.T) {
	t.Parallel()
	for _, hangs := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			c := client.New(slow{hangs: hangs})
			s := NewServer(Options{Name: "test", Resources: resources.For(tools.All()), Env: &tools.Env{
				Client: func(context.Context, string) (*client.Client, error) { return c, nil }}})
			begun := time.Now()
			result, failure := answered(t, s, "completion/complete", `{"ref":{"type":"ref/resource",`+
				`"uri":"runicorn://run/{id}"},"argument":{"name":"id","value":""}}`)
			found, _ := result["completion"].(map[string]any)
			values, _ := found["values"].([]any)
			if took := time.Since(begun); failure != nil || took > 300*time.Millisecond || len(values) == 0 ||
				hangs != (len(values) == 1) || values[0] != "latest" || found["hasMore"] != true {
				t.Errorf("hangs %t: %v after %v, %v", hangs, found, took, failure)
			}
			time.Sleep(time.Minute) // until the source has seen it too
		})
	}
}

// TestCompletion_nothingToOffer has a source that cannot be read: no error, no values.
func TestCompletion_nothingToOffer(t *testing.T) {
	t.Parallel()
	s := NewServer(Options{Name: "test", Resources: resources.For(tools.All()), Env: &tools.Env{
		Client: func(context.Context, string) (*client.Client, error) { return nil, errors.New("nothing") }}})
	result, failure := answered(t, s, "completion/complete", `{"ref":{"type":"ref/resource",`+
		`"uri":"runicorn://run/{id}"},"argument":{"name":"id","value":"a"}}`)
	text, err := json.Marshal(result)
	if err != nil || failure != nil || !strings.Contains(string(text), `"values":[]`) {
		t.Errorf("%s, %v, %v", text, failure, err)
	}
}

func TestLinks_byRevision(t *testing.T) {
	t.Parallel()
	tool := tools.Tool{Name: "writes", In: json.RawMessage(`{"type":"object","properties":{}}`),
		Call: func(_ context.Context, env *tools.Env, _ json.RawMessage) (json.RawMessage, error) {
			env.Wrote("a.zip", 1)
			env.Wrote("曲线.csv", 3)
			return json.RawMessage(`{"path":"x"}`), nil
		}}
	s := NewServer(Options{Name: "test", Env: &tools.Env{}, Tools: []tools.Tool{tool}})
	call := func(meta string) []any {
		result, _ := answered(t, s, "tools/call", `{"name":"writes","arguments":{}`+meta+`}`)
		content, _ := result["content"].([]any)
		return content
	}
	modern := call(`,"_meta":{"io.modelcontextprotocol/protocolVersion":"` + mcp.ProtocolVersion20260728 +
		`","io.modelcontextprotocol/clientCapabilities":{}}`)
	if len(modern) != 2 {
		t.Fatalf("the content is %v", modern)
	}
	link, _ := modern[1].(map[string]any)
	if link["uri"] != "runicorn://export/%E6%9B%B2%E7%BA%BF.csv" || link["size"] != 3.0 ||
		link["type"] != "resource_link" {
		t.Errorf("the link is %v", link)
	}
	if content := call(""); len(content) != 1 {
		t.Errorf("a client of an unknown revision gets %v", content)
	}
}
