package docs

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/runicorn-mcp/runicorn-mcp/internal/demo"
	"github.com/runicorn-mcp/runicorn-mcp/tools"
)

// skills are the same for readers of two languages.
var skills = []string{"skills/runicorn/SKILL.md", "skills/runicorn/SKILL.zh.md"}

var skillRow = regexp.MustCompile("(?m)^\\| ([^|]+) \\| `([^`|]+)` \\|$")

// TestSkills_calls runs every call of the skills on the demo store, whose names they use. The store
// is of today: one call asks for the last days.
func TestSkills_calls(t *testing.T) {
	t.Parallel()
	rows := skillRow.FindAllStringSubmatch(read(t, skills[0]), -1)
	if len(rows) < 15 {
		t.Fatalf("only %d calls were seen", len(rows))
	}
	h := newHome(t)
	today, err := demo.Write(filepath.Join(h.dir, "today"), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		args := append([]string{"runicorn-mcp", "--storage", today.Dir, "call"}, strings.Fields(row[2])...)
		if out := h.run(t, args...); !json.Valid([]byte(out)) || len(out) < 50 {
			t.Errorf("%s answers %q", row[2], out)
		}
	}
}

// TestSkills_alike holds that both languages have the same calls, and the form that hosts read:
// the name of the folder and a description of at most 1,024 characters between lines of dashes.
func TestSkills_alike(t *testing.T) {
	t.Parallel()
	var calls [2][]string
	for i, file := range skills {
		text := read(t, file)
		for _, row := range skillRow.FindAllStringSubmatch(text, -1) {
			calls[i] = append(calls[i], row[2])
		}
		head, _, closed := strings.Cut(strings.TrimPrefix(text, "---\n"), "\n---\n")
		name, description, two := strings.Cut(head, "\n")
		description, described := strings.CutPrefix(description, "description: ")
		if !closed || !two || !described || name != "name: runicorn" || strings.Contains(description, "\n") ||
			strings.Contains(description, ": ") || utf8.RuneCountInString(description) > 1024 {
			t.Errorf("%s begins with %q", file, head)
		}
		if n := len(text); n > 6_000 {
			t.Errorf("%s has %d bytes: a host reads it whole", file, n)
		}
	}
	if !slices.Equal(calls[0], calls[1]) {
		t.Errorf("the calls differ:\n%q\n%q", calls[0], calls[1])
	}
	for _, tool := range tools.All() {
		named := slices.ContainsFunc(calls[0], func(call string) bool {
			name, _, _ := strings.Cut(call, " ")
			return name == tool.Name
		})
		if !named && tool.Group == "runs" && tool.Name != "get_run" {
			t.Errorf("no question of the skills takes %s", tool.Name)
		}
	}
}
