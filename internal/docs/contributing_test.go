package docs

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestContributing_modules holds that CONTRIBUTING.md says what each module is for that our code
// imports.
func TestContributing_modules(t *testing.T) {
	t.Parallel()
	text := read(t, "CONTRIBUTING.md")
	direct := directModules(t)
	if len(direct) < 4 {
		t.Fatalf("only %q are imported: the test looks in the wrong place", direct)
	}
	for _, module := range direct {
		if !strings.Contains(text, "| `"+module+"` |") {
			t.Errorf("CONTRIBUTING.md does not say what %s is for: add a line to its table", module)
		}
	}
}

// requiredModules are the modules of go.mod, the longest path first.
func requiredModules(t *testing.T) []string {
	t.Helper()
	var modules []string
	for line := range strings.Lines(read(t, "go.mod")) {
		fields := strings.Fields(strings.TrimPrefix(line, "require "))
		if len(fields) >= 2 && strings.Contains(fields[0], "/") && strings.HasPrefix(fields[1], "v") {
			modules = append(modules, fields[0])
		}
	}
	slices.SortFunc(modules, func(a, b string) int { return len(b) - len(a) })
	return modules
}

// directModules are the modules that any file of ours imports, tests included.
func directModules(t *testing.T) []string {
	t.Helper()
	modules := requiredModules(t)
	var direct []string
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(name) != ".go" {
			if d != nil && d.IsDir() && d.Name() == "testdata" {
				return filepath.SkipDir
			}
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range f.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			i := slices.IndexFunc(modules, func(m string) bool {
				return imported == m || strings.HasPrefix(imported, m+"/")
			})
			if i >= 0 && !slices.Contains(direct, modules[i]) {
				direct = append(direct, modules[i])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return direct
}
