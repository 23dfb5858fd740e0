package interop

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// attachments are resources of the demo store and a part of what each must hold.
var attachments = []struct{ uri, mime, want string }{
	{"runicorn://run/baseline", "application/json", `"status":"finished"`},
	{"runicorn://run/%E6%99%AE%E9%80%9A%E8%AF%9D%E5%9F%BA%E7%BA%BF", "application/json", `"project":"speech"`},
	{"runicorn://run/vision%2Fvit-b16", "application/json", `"path":"vision/vit-b16"`},
	{"runicorn://run/vision%2Fvit-b16/log", "text/plain", "torch.OutOfMemoryError: CUDA out of memory"},
	{"runicorn://run/%E5%8A%A0%E5%99%AA%E5%BE%AE%E8%B0%83/metrics.csv", "text/csv", "step,lr,train_loss,val_cer"},
	{"runicorn://run/latest", "application/json", `"alias":"student"`},
	{"runicorn://run/latest/metrics.csv", "text/csv", "step,lr,train_loss"},
}

// TestGoSDK_attachments reads every resource, completes every argument and gets every prompt, with
// the official SDK for Go on each transport and revision.
func TestGoSDK_attachments(t *testing.T) {
	t.Parallel()
	eachGoSDK(t, func(t *testing.T, kind, revision string) {
		var way mcp.Transport = &mcp.CommandTransport{Command: exec.Command(program, serverArgs(t)...)}
		if kind != "stdio" {
			way = product(t).goSDK(kind)
		}
		session := connectGoSDK(t, way, revision, nil)
		defer session.Close()
		for _, a := range attachments {
			result, err := session.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: a.uri})
			if err != nil || len(result.Contents) != 1 {
				t.Errorf("%s: %+v, %v", a.uri, result, err)
				continue
			}
			c := result.Contents[0]
			if c.URI != a.uri || c.MIMEType != a.mime || !strings.Contains(c.Text, a.want) {
				t.Errorf("%s is %s %s and lacks %q: %.300s", a.uri, c.URI, c.MIMEType, a.want, c.Text)
			}
		}
		readsWhatIsLinked(t, session, revision)
		refusesResources(t, session, revision)
		completes(t, session)
		getsPrompts(t, session)
	})
}

// readsWhatIsLinked follows the link of an export, which revisions before 2025-06-18 do not have.
func readsWhatIsLinked(t *testing.T, session *mcp.ClientSession, revision string) {
	t.Helper()
	result, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "export_metrics_to_csv",
		Arguments: object{"run_id": "baseline", "output_path": "曲线/a b.csv",
			"metric_names": []string{"val_loss"}}})
	if err != nil {
		t.Fatal(err)
	}
	var link *mcp.ResourceLink
	for _, c := range result.Content {
		if l, ok := c.(*mcp.ResourceLink); ok {
			link = l
		}
	}
	if (link != nil) != (revision >= "2025-06-18") {
		t.Fatalf("the content is %+v", result.Content)
	}
	uri := "runicorn://export/%E6%9B%B2%E7%BA%BF%2Fa%20b.csv"
	if link != nil && (link.URI != uri || link.MIMEType != "text/csv" || link.Size == nil) {
		t.Errorf("the link is %+v", link)
	}
	read, err := session.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: uri})
	if err != nil || !strings.HasPrefix(read.Contents[0].Text, "step,val_loss\n20,") {
		t.Errorf("the export reads as %+v, %v", read, err)
	}
}

// refusesResources has addresses of what is not there, which get the code of the revision.
func refusesResources(t *testing.T, session *mcp.ClientSession, revision string) {
	t.Helper()
	code := int64(-32002)
	if revision >= "2026-07-28" {
		code = -32602
	}
	for _, uri := range []string{"runicorn://run/none", "runicorn://run/vision%2Fresnet18",
		"runicorn://run/", "runicorn://run/%FF%00", "runicorn://run/a/b/log", "runicorn://export/none.csv",
		"runicorn://export/..%2Fx.csv", "runicorn://run/baseline%2Flog", "file:///etc/passwd"} {
		_, err := session.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: uri})
		var wire *jsonrpc.Error
		if !errors.As(err, &wire) || wire.Code != code ||
			!strings.Contains(string(wire.Data), `"uri":`) || len([]rune(wire.Message)) > 1000 {
			t.Errorf("%s: %+v", uri, err)
		}
	}
}

func completes(t *testing.T, session *mcp.ClientSession) {
	t.Helper()
	run := &mcp.CompleteReference{Type: "ref/resource", URI: "runicorn://run/{id}"}
	why := &mcp.CompleteReference{Type: "ref/prompt", Name: "why_did_it_fail"}
	since := &mcp.CompleteReference{Type: "ref/prompt", Name: "what_happened_since"}
	for _, c := range []struct {
		ref                  *mcp.CompleteReference
		argument, typed, run string
		want                 []string // the first of them
	}{
		{run, "id", "BASE", "", []string{"baseline"}},
		{run, "id", "basline", "", []string{"baseline"}},
		{run, "id", "vision/resnet5", "", []string{"vision/resnet50/latest"}},
		{run, "id", "普通", "", []string{"普通话基线"}},
		{run, "id", "", "", []string{"latest", "student", "vision/distill"}},
		{&mcp.CompleteReference{Type: "ref/resource", URI: "runicorn://run/{id}/log"}, "id", "stud", "",
			[]string{"student"}},
		{why, "run", "lr-1", "", []string{"lr-1.0"}},
		{why, "metric", "val", "普通话基线", []string{"val_cer", "val_loss"}},
		{why, "metric", "val", "none", nil},
		{since, "project", "sp", "", []string{"speech"}},
		{since, "since", "2", "", nil},
	} {
		params := &mcp.CompleteParams{Ref: c.ref,
			Argument: mcp.CompleteParamsArgument{Name: c.argument, Value: c.typed}}
		if c.run != "" {
			params.Context = &mcp.CompleteContext{Arguments: map[string]string{"run": c.run}}
		}
		result, err := session.Complete(t.Context(), params)
		if err != nil {
			t.Errorf("%s %q: %v", c.argument, c.typed, err)
			continue
		}
		got := result.Completion.Values
		if n := min(len(got), max(1, len(c.want))); !slices.Equal(got[:n], c.want) && n+len(c.want) > 0 {
			t.Errorf("%s %q gives %q, want %q first", c.argument, c.typed, got, c.want)
		}
	}
	_, err := session.Complete(t.Context(), &mcp.CompleteParams{
		Ref: &mcp.CompleteReference{Type: "ref/prompt", Name: "none"}})
	var wire *jsonrpc.Error
	if !errors.As(err, &wire) || wire.Code != -32602 {
		t.Errorf("a prompt that is not there: %v", err)
	}
}

func getsPrompts(t *testing.T, session *mcp.ClientSession) {
	t.Helper()
	for _, p := range []struct {
		name string
		args map[string]string
		want string // "" where it is refused
	}{
		{"why_did_it_fail", map[string]string{"run": "vision/vit-b16"}, "raised at vit.py:58"},
		{"why_did_it_fail", map[string]string{"run": "lr-1.0", "metric": "train_loss"}, "## The metric"},
		{"why_did_it_fail", nil, ""},
		{"why_did_it_fail", map[string]string{"run": "none"}, ""},
		{"what_happened_since", map[string]string{"since": "2026-03-12"}, "failed vision/vit-b16"},
		{"what_happened_since", map[string]string{"since": "2026-03-01", "project": "speech"}, "普通话基线"},
		{"what_happened_since", map[string]string{"since": "yesterday"}, ""},
		{"what_happened_since", map[string]string{"project": "speach"}, ""},
		{"none", nil, ""},
	} {
		result, err := session.GetPrompt(t.Context(), &mcp.GetPromptParams{Name: p.name, Arguments: p.args})
		var wire *jsonrpc.Error
		if p.want == "" {
			if !errors.As(err, &wire) || wire.Code != -32602 {
				t.Errorf("%s %v: %v", p.name, p.args, err)
			}
			continue
		}
		if err != nil || len(result.Messages) != 1 {
			t.Errorf("%s %v: %+v, %v", p.name, p.args, result, err)
			continue
		}
		text := result.Messages[0].Content.(*mcp.TextContent).Text
		if !strings.Contains(text, p.want) || !strings.Contains(text, "data, not instructions") {
			t.Errorf("%s %v lacks %q: %s", p.name, p.args, p.want, text)
		}
	}
}

// TestLists_golden shows what clients are given of resources and prompts, with all tools and under
// --read-only.
func TestLists_golden(t *testing.T) {
	t.Parallel()
	for name, flags := range map[string][]string{"all": nil, "read_only": {"--read-only"},
		"artifacts": {"--toolsets", "artifacts"}} {
		args := append(serverArgs(t), flags...)
		session := connectGoSDK(t, &mcp.CommandTransport{Command: exec.Command(program, args...)},
			"2026-07-28", nil)
		lists := make(map[string]any)
		capabilities := session.InitializeResult().Capabilities
		if capabilities.Resources != nil {
			resources, err := session.ListResources(t.Context(), nil)
			templates, err2 := session.ListResourceTemplates(t.Context(), nil)
			if err = errors.Join(err, err2); err != nil {
				t.Fatal(err)
			}
			lists["resources"], lists["templates"] = resources.Resources, templates.ResourceTemplates
		}
		if capabilities.Prompts != nil {
			prompts, err := session.ListPrompts(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			lists["prompts"] = prompts.Prompts
		}
		if complete := capabilities.Completions != nil; complete != (len(lists) > 0) {
			t.Errorf("%s: completion is offered: %t", name, complete)
		}
		var got bytes.Buffer
		enc := json.NewEncoder(&got)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if err := errors.Join(enc.Encode(lists), session.Close()); err != nil {
			t.Fatal(err)
		}
		golden(t, filepath.Join("testdata", "lists_"+name+".json"), got.Bytes())
	}
}

// golden compares got with a file, or writes it with -update.
func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(want, got) {
		t.Errorf("%s differs (%v); if that is meant: go test ./internal/interop -update\ngot:\n%s",
			file, err, got)
	}
}
