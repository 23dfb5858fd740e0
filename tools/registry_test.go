package tools_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/runicorn-mcp/runicorn-mcp/internal/testkit"
	"github.com/runicorn-mcp/runicorn-mcp/tools"
)

var update = flag.Bool("update", false, "write the golden files anew")

// wire is a tool as tools/list shows it, for golden files and budgets.
type wire struct {
	Name        string          `json:"name"`
	Title       string          `json:"title"`
	Group       string          `json:"group"`
	Description string          `json:"description"`
	Hints       tools.Hints     `json:"hints"`
	Core        bool            `json:"core,omitempty"`
	In          json.RawMessage `json:"input_schema"`
	Out         json.RawMessage `json:"output_schema,omitempty"`
}

func TestTools_golden(t *testing.T) {
	t.Parallel()
	want := make(map[string]bool)
	for _, tool := range tools.All() {
		file := filepath.Join("testdata", "tools", tool.Name+".json")
		want[filepath.Base(file)] = true
		var got bytes.Buffer
		enc := json.NewEncoder(&got)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if err := enc.Encode(wire{tool.Name, tool.Title, tool.Group, tool.Description, tool.Hints,
			tool.Core, tool.In, tool.Out}); err != nil {
			t.Fatal(err)
		}
		golden(t, file, got.Bytes())
	}
	entries, err := os.ReadDir(filepath.Join("testdata", "tools"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !want[e.Name()] {
			t.Errorf("testdata/tools/%s belongs to no tool: remove it", e.Name())
		}
	}
}

// golden compares got with a file, or writes it with -update.
func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(want, got) {
		t.Errorf("%s differs (%v); if that is meant: go test ./tools -update\ngot:\n%s",
			file, err, got)
	}
}

// documented are the methods of the documented client that are tools, by group, and after them
// the tools that go beyond it.
var documented = map[string][]string{
	"runs": {"list_experiments", "get_experiment", "get_run", "list_projects", "get_metrics",
		"compare_runs", "best_runs", "diagnose_run", "get_logs", "plot_metrics",
		"watch_run"},
	"artifacts": {"list_artifacts", "get_artifact", "list_versions", "get_artifact_lineage",
		"list_experiment_artifacts"},
	"export": {"export_experiment", "export_metrics_to_csv"},
	"system": {"health_check", "get_config", "get_gpu_info"},
	"admin":  {"update_config"},
	"remote": {"connect", "start_viewer", "list_sessions", "list_viewer_sessions", "stop_viewer",
		"disconnect"},
}

func TestAll_documented(t *testing.T) {
	t.Parallel()
	got := make(map[string][]string)
	for _, tool := range tools.All() {
		got[tool.Group] = append(got[tool.Group], tool.Name)
	}
	for group, want := range documented {
		if !slices.Equal(got[group], want) {
			t.Errorf("group %s is %q, want %q", group, got[group], want)
		}
	}
	if len(got) != len(documented) {
		t.Errorf("groups are %q", tools.Groups())
	}
}

func TestTools_form(t *testing.T) {
	t.Parallel()
	validName := regexp.MustCompile(`^[a-z0-9_]{1,64}$`)
	for _, tool := range tools.All() {
		if !validName.MatchString(tool.Name) {
			t.Errorf("%s: not a name of a-z, 0-9 and _ of at most 64", tool.Name)
		}
		if n := len([]rune(tool.Description)); n == 0 || n > 1000 || tool.Title == "" {
			t.Errorf("%s: a description of %d characters, title %q", tool.Name, n, tool.Title)
		}
		if tool.Hints.ReadOnly && tool.Hints.Destructive {
			t.Errorf("%s: read-only and destructive", tool.Name)
		}
		for kind, text := range map[string]json.RawMessage{"input": tool.In, "output": tool.Out} {
			if text == nil && kind == "output" {
				continue
			}
			checkSchema(t, tool.Name+" "+kind, text, kind == "input")
		}
	}
}

// checkSchema holds what hosts stumble over, and compiles the schema with a library of others.
func checkSchema(t *testing.T, what string, text json.RawMessage, described bool) {
	t.Helper()
	for _, word := range []string{`"$ref"`, `"$defs"`, `"$schema"`, `"anyOf"`, `"oneOf"`, `"allOf"`,
		`"type":[`, `:true,"`, `"items":true`} {
		if strings.Contains(string(text), word) {
			t.Errorf("%s schema contains %s: %s", what, word, text)
		}
	}
	var s jsonschema.Schema
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatalf("%s schema: %v", what, err)
	}
	if _, err := s.Resolve(nil); err != nil {
		t.Errorf("%s schema does not compile: %v", what, err)
	}
	if s.Type != "object" || s.Properties == nil {
		t.Errorf("%s schema is no object with properties: %s", what, text)
	}
	for name, p := range s.Properties {
		if described && (p.Description == "" || len([]rune(p.Description)) > 160) {
			t.Errorf("%s schema: %s has a description of %d characters", what, name,
				len([]rune(p.Description)))
		}
		if p.Type == "array" && p.Items == nil {
			t.Errorf("%s schema: %s is an array without items", what, name)
		}
	}
}

func TestBudget_list(t *testing.T) {
	t.Parallel()
	var list []map[string]any
	for _, tool := range tools.All() {
		list = append(list, map[string]any{"name": tool.Name, "description": tool.Description,
			"inputSchema": tool.In})
	}
	text, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	n := testkit.Tokens(t, string(text))
	t.Logf("%d tools: %d bytes, %d tokens", len(list), len(text), n)
	if len(text) > 16_000 || n > 4_000 {
		t.Errorf("tools/list is %d bytes and %d tokens, more than 16,000 and 4,000", len(text), n)
	}
}

func TestSelect(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		groups   []string
		readOnly bool
		want     string // names, joined
		err      string
	}{
		{name: "system", groups: []string{"system"}, want: "health_check get_config get_gpu_info"},
		{name: "order is ours", groups: []string{"admin", "export"},
			want: "export_experiment export_metrics_to_csv update_config"},
		{name: "read-only", groups: []string{"admin", "export", "remote"}, readOnly: true,
			want: "list_sessions list_viewer_sessions"},
		{name: "unknown", groups: []string{"artifact"}, err: `there is no group of tools "artifact", ` +
			`did you mean "artifacts"; there are runs, artifacts, export, system, admin, remote`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := tools.Select(tt.groups, tt.readOnly)
			if tt.err != "" {
				if err == nil || err.Error() != tt.err {
					t.Errorf("error is %v, want %s", err, tt.err)
				}
				return
			}
			var list []string
			for _, tool := range got {
				list = append(list, tool.Name)
			}
			if s := strings.Join(list, " "); err != nil || s != tt.want {
				t.Errorf("Select = %s, %v; want %s", s, err, tt.want)
			}
		})
	}
	if all, err := tools.Select(nil, false); err != nil || len(all) != len(tools.All()) {
		t.Errorf("Select without groups gives %d tools, %v", len(all), err)
	}
}
