package docs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/runicorn-mcp/runicorn-mcp/prompts"
	"github.com/runicorn-mcp/runicorn-mcp/resources"
	"github.com/runicorn-mcp/runicorn-mcp/tools"
)

// TestReadme_generated holds the generated parts of the README to the code.
func TestReadme_generated(t *testing.T) {
	t.Parallel()
	file := filepath.Join(root, "README.md")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	made := string(text)
	for name, part := range map[string]string{
		"conversation": conversation(t), "tools": toolTable(), "methods": methodTable(t),
		"attach": attachTable(),
		"flags":  flagTable(flagsOf(t, "tools")), "serve": flagTable(onlyServe(t)),
	} {
		made = replacePart(t, made, name, part)
	}
	if *update {
		if err := os.WriteFile(file, []byte(made), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if d := cmp.Diff(string(text), made); d != "" {
		t.Errorf("README.md is out of step; go test ./internal/docs -update (-is +should be):\n%s", d)
	}
}

// attachTable are the resources and the prompts.
func attachTable() string {
	var b strings.Builder
	b.WriteString("| | |\n|---|---|\n")
	for _, r := range resources.For(tools.All()) {
		fmt.Fprintf(&b, "| `%s` | %s |\n", r.URI, r.Description)
	}
	for _, p := range prompts.For(tools.All()) {
		fmt.Fprintf(&b, "| prompt `%s`", p.Name)
		for _, a := range p.Arguments {
			if fmt.Fprintf(&b, " `%s`", a.Name); !a.Required {
				b.WriteString("?")
			}
		}
		fmt.Fprintf(&b, " | %s |\n", p.Description)
	}
	return b.String()
}

const end = "<!-- end -->\n"

// replacePart puts part between the comment that begins it and the next end.
func replacePart(t *testing.T, text, name, part string) string {
	t.Helper()
	begin := "<!-- " + name + ": made by go test ./internal/docs -update -->\n"
	before, rest, found := strings.Cut(text, begin)
	_, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("README.md lacks the part %q: %s…%s", name, begin, end)
	}
	return before + begin + part + end + after
}

// conversation is the beginning of what the demo prints, as the golden file of its test has it.
func conversation(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "internal", "demo", "testdata", "demo.txt"))
	if err != nil {
		t.Fatal(err)
	}
	questions := strings.Split(string(text), "\n you ")
	if len(questions) < 5 {
		t.Fatalf("the demo has %d questions", len(questions)-1)
	}
	var b strings.Builder
	b.WriteString("```text\n")
	for i, n := range []int{2, 3, 5} { // one on curves, one on one run, one on files
		if i > 0 {
			b.WriteString("\n")
		}
		b.WriteString(" you " + strings.TrimRight(questions[n], "\n") + "\n")
	}
	b.WriteString("```\n")
	return b.String()
}

func toolTable() string {
	kept, err := tools.Select(nil, true)
	if err != nil {
		panic(err)
	}
	var b strings.Builder
	b.WriteString("| group | tools | |\n|---|---|---|\n")
	for _, group := range tools.Groups() {
		var names, changing []string
		for _, tool := range tools.All() {
			if tool.Group != group {
				continue
			}
			names = append(names, "`"+tool.Name+"`")
			if _, err := tools.Find(kept, tool.Name); err != nil {
				changing = append(changing, "`"+tool.Name+"`")
			}
		}
		note := "not with `--read-only`"
		if len(changing) == 0 {
			note = ""
		} else if len(changing) < len(names) {
			note += ": " + strings.Join(changing, " ")
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", group, strings.Join(names, " "), note)
	}
	return b.String()
}

// methodTable is what internal/truth has found of the methods through real Viewers.
func methodTable(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "internal", "truth", "testdata", "contract.json"))
	if err != nil {
		t.Fatal(err)
	}
	var found struct {
		Notes   []string
		Methods map[string]map[string][]string
	}
	if err := json.Unmarshal(text, &found); err != nil {
		t.Fatal(err)
	}
	releases := slices.Sorted(maps.Keys(found.Methods["get_metrics"]))
	var b strings.Builder
	fmt.Fprintf(&b, "| | folder | %s |\n|---|---|%s\n", strings.Join(releases, " | "),
		strings.Repeat("---|", len(releases)))
	for _, tool := range tools.All() {
		causes, asked := found.Methods[tool.Name]
		if !asked {
			continue
		}
		folder := "yes"
		if tool.Name == "update_config" {
			folder = "no"
		}
		fmt.Fprintf(&b, "| `%s` | %s |", tool.Name, folder)
		for _, release := range releases {
			cell := " yes"
			for i, note := range found.Notes {
				if slices.Contains(causes[release], note) {
					cell += fmt.Sprintf(" (%d)", i+1)
				}
			}
			b.WriteString(cell + " |")
		}
		b.WriteString("\n")
	}
	b.WriteString("\n")
	for i, note := range found.Notes {
		fmt.Fprintf(&b, "%d. %s\n", i+1, note)
	}
	return b.String()
}

var (
	flagLine = regexp.MustCompile(`^      --([a-z-]+)(=\S+)? +(.*)$`)
	twin     = regexp.MustCompile(`\s*\((\$[A-Z_]+(?:, \$[A-Z_]+)*)\)\.?$`)
)

// An option is a flag of a command: its name, what it takes and what --help says of it.
type option [3]string

// flagsOf are the flags of a command.
func flagsOf(t *testing.T, command string) (flags []option) {
	t.Helper()
	help := newHome(t).run(t, "runicorn-mcp", command, "--help")
	for line := range strings.Lines(help) {
		line = strings.TrimRight(line, "\n")
		if m := flagLine.FindStringSubmatch(line); m != nil {
			flags = append(flags, option{m[1], m[2], m[3]})
		} else if n := len(flags); n > 0 && strings.HasPrefix(line, "        ") {
			flags[n-1][2] += " " + strings.TrimSpace(line)
		}
	}
	if len(flags) < 5 {
		t.Fatalf("--help has %d flags:\n%s", len(flags), help)
	}
	return flags
}

// onlyServe are the flags that serve alone has.
func onlyServe(t *testing.T) []option {
	t.Helper()
	every := flagsOf(t, "tools")
	return slices.DeleteFunc(flagsOf(t, "serve"), func(f option) bool {
		return slices.ContainsFunc(every, func(e option) bool { return e[0] == f[0] })
	})
}

func flagTable(flags []option) string {
	var b bytes.Buffer
	b.WriteString("| flag | environment | |\n|---|---|---|\n")
	for _, f := range flags {
		variables := ""
		if m := twin.FindStringSubmatch(f[2]); m != nil {
			f[2] = strings.TrimSuffix(f[2], m[0])
			variables = "`" + strings.ReplaceAll(strings.ReplaceAll(m[1], "$", ""), ", ", "` `") + "`"
		}
		value := strings.Trim(strings.ReplaceAll(f[1], `"`, ""), ".")
		fmt.Fprintf(&b, "| `--%s%s` | %s | %s |\n", f[0], strings.TrimSuffix(value, ","), variables,
			strings.TrimSuffix(f[2], "."))
	}
	return b.String()
}
