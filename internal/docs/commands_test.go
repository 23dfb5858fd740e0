package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// TestCommands runs every command of the documents, but for those that cannot be run here.
func TestCommands(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the commands are for a shell of Unix")
	}
	ran := 0
	for _, document := range []string{"README.md", "CONTRIBUTING.md"} {
		for _, command := range blocks(t, document, "sh") {
			for line := range strings.Lines(command) {
				runLine(t, document, strings.TrimSpace(line))
				ran++
			}
		}
	}
	if ran < 5 {
		t.Errorf("only %d commands were seen", ran)
	}
}

// runLine runs one command line in a home of its own.
func runLine(t *testing.T, document, line string) {
	t.Helper()
	switch program, rest, _ := strings.Cut(line, " "); {
	case line == "go test ./...": // it is running
	case line == "go install github.com/runicorn-mcp/runicorn-mcp@latest": // from the network
	case line == "go run ./internal/realtest/prepare": // from the network, long
		isPackage(t, document, line, "internal/realtest/prepare")
	case strings.HasPrefix(line, "go test ./") && strings.HasSuffix(line, " -update"):
		isPackage(t, document, line, strings.Fields(line)[2])
	case strings.HasPrefix(line, "go run . "): // the same program is installed already
		printsSomething(t, strings.Replace(line, "go run .", "runicorn-mcp", 1))
	case strings.HasPrefix(line, "claude mcp add runicorn -- "):
		h := newHome(t)
		server := strings.Fields(strings.TrimPrefix(line, "claude mcp add runicorn -- "))
		for i, word := range server { // the shell's work
			server[i] = strings.Replace(word, "~/", h.dir+"/", 1)
		}
		h.speaksMCP(t, server...)
	case program == "runicorn-mcp" && rest != "":
		printsSomething(t, line)
	default:
		t.Errorf("%s has the command %q, which no test runs: add it to runLine", document, line)
	}
}

func printsSomething(t *testing.T, line string) {
	t.Helper()
	if out := newHome(t).run(t, "sh", "-c", line); len(out) < 100 {
		t.Errorf("%s prints %q", line, out)
	}
}

func isPackage(t *testing.T, document, line, dir string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(dir), "*.go"))
	if err != nil || len(files) == 0 {
		t.Errorf("%s has %q, but there is no package %s", document, line, dir)
	}
}

// blocks are the fenced blocks of a language in a document.
func blocks(t *testing.T, document, language string) []string {
	t.Helper()
	var found []string
	for _, part := range strings.Split(read(t, document), "\n```"+language+"\n")[1:] {
		block, _, closed := strings.Cut(part, "```")
		if !closed {
			t.Errorf("%s has a block that does not end", document)
		}
		found = append(found, block)
	}
	return found
}

func read(t *testing.T, document string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, document))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var link = regexp.MustCompile(`\]\(([^)]+)\)`)

// TestLinks holds that what the documents link to in this repository is there.
func TestLinks(t *testing.T) {
	t.Parallel()
	for _, document := range []string{"README.md", "CONTRIBUTING.md"} {
		for _, m := range link.FindAllStringSubmatch(read(t, document), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(m[1]))); err != nil {
				t.Errorf("%s links to %s: %v", document, m[1], err)
			}
		}
	}
}
