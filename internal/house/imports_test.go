// Package house holds the rules of the house as tests: which way imports may go, what every
// exported name owes its reader, what go.mod may not contain. Each message says how to mend it.
package house

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

const (
	module = "github.com/runicorn-mcp/runicorn-mcp"
	root   = "../.."
)

// mayImport says which of our packages each package may import; a key ending in /… holds for
// everything below it, and the longest key counts. Imports go downwards only.
var mayImport = map[string][]string{
	".":              {"internal/cli"},
	"internal/cli":   {"transport", "tools", "resources", "prompts", "client", "client/viewer", "client/storage", "internal/demo"},
	"transport":      {"tools", "resources", "prompts", "completion"},
	"resources":      {"tools", "completion", "schema", "client", "analysis"},
	"prompts":        {"tools", "completion", "schema", "client"},
	"tools":          {"schema", "client", "analysis", "plot"},
	"completion":     {"schema", "client", "analysis"},
	"plot":           {},
	"schema":         {"analysis"},
	"client/viewer":  {"client", "client/storage"},
	"client/storage": {"client"},
	"client":         {"analysis"},
	"analysis":       {},
	"internal/demo":  {"client", "client/storage"},
	"internal/…":     {"*"}, // test support
	"examples/…":     {"client", "client/storage", "client/viewer", "examples/internal/from"},
}

// onlyIn says which packages alone may import a module, and why; test files are free.
var onlyIn = map[string]struct {
	rooms []string
	why   string
}{
	"github.com/mark3labs/mcp-go":       {[]string{"transport"}, "the SDK can be changed in one place"},
	"github.com/invopop/jsonschema":     {[]string{"schema"}, "tools know Go structs only"},
	"github.com/sethvargo/go-retry":     {[]string{"client/viewer"}, "there is one retry policy"},
	"github.com/alecthomas/kong":        {[]string{"internal/cli"}, "flags are the command line's"},
	"github.com/lmittmann/tint":         {[]string{"internal/cli"}, "others log through slog"},
	"github.com/coder/websocket":        {[]string{"client/viewer"}, "only a Viewer is asked"},
	"gonum.org/v1/plot":                 {[]string{"plot"}, "pictures are drawn in one place"},
	"github.com/hajimehoshi/bitmapfont": {[]string{"plot"}, "pictures are drawn in one place"},
	"golang.org/x/image":                {[]string{"plot"}, "pictures are drawn in one place"},
	"golang.org/x/text":                 {[]string{"analysis"}, "text is decoded in one place"},
	"net/http":                          {[]string{"client/viewer", "internal/realtest", "transport"}, "one client, one policy; one server"},
	"os/exec":                           {[]string{"client/storage", "internal/realtest", "internal/realtest/prepare"}, "nothing else starts programs"},
	"github.com/rogpeppe/go-internal":   {[]string{"analysis", "client/viewer", "internal/realtest"}, "lockedfile is for what programs share, diff for code"},
	"github.com/modelcontextprotocol":   {nil, "it is a client for our tests"},
	"github.com/google/go-cmp":          {nil, "it is for tests"},
}

// imports calls each with every import of every non-test file outside testdata.
func imports(t *testing.T, each func(pkg, file, imported string)) {
	t.Helper()
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && name != root) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		for _, spec := range f.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			each(path.Dir(rel), rel, imported)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestImports_downwards(t *testing.T) {
	t.Parallel()
	seen := 0
	imports(t, func(pkg, file, imported string) {
		target, ours := strings.CutPrefix(imported, module+"/")
		if !ours {
			return
		}
		seen++
		if !allowed(pkg, target) {
			t.Errorf("%s imports %s: imports go downwards only, see DESIGN in CONTRIBUTING.md; "+
				"move the code, or the rule in mayImport", file, target)
		}
	})
	if seen < 10 {
		t.Errorf("only %d imports of ours were seen: the test looks in the wrong place", seen)
	}
}

func allowed(pkg, target string) bool {
	rule, found := mayImport[pkg]
	for dir := pkg; !found && dir != "."; dir = path.Dir(dir) {
		rule, found = mayImport[path.Dir(dir)+"/…"]
	}
	for _, r := range rule {
		if r == target || r == "*" || target == "internal/version" {
			return true
		}
	}
	return false
}

func TestImports_modules(t *testing.T) {
	t.Parallel()
	imports(t, func(pkg, file, imported string) {
		for mod, rule := range onlyIn {
			if imported != mod && !strings.HasPrefix(imported, mod+"/") {
				continue
			}
			in := false
			for _, room := range rule.rooms {
				in = in || room == pkg
			}
			if !in {
				t.Errorf("%s imports %s, which only %q may: %s", file, imported, rule.rooms, rule.why)
			}
		}
	})
}

// asClient matches what makes net/http a client.
var asClient = regexp.MustCompile(`\bhttp\.(Get|Post|PostForm|Head|Client|DefaultClient|Transport|` +
	`DefaultTransport|NewRequest(WithContext)?)\b`)

// TestNetHTTP_aServerIsNoClient holds that transport serves over HTTP and asks nobody.
func TestNetHTTP_aServerIsNoClient(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(root, "transport", "*.go"))
	if err != nil || len(files) < 10 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if use := asClient.Find(text); use != nil {
			t.Errorf("%s has %s: only client/viewer asks over HTTP, with one policy", file, use)
		}
	}
}

func TestGoMod(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(strings.TrimSpace(line), "replace") {
			t.Errorf("go.mod has %q: a replace breaks go install %s@latest", line, module)
		}
	}
}
