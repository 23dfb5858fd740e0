package docs

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
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
	for _, document := range append([]string{"README.md", "CONTRIBUTING.md"}, skills...) {
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
	case strings.HasPrefix(line, "claude mcp add --transport http runicorn "):
		addressAndHeader(t, line)
	case strings.Contains(line, "--transport http"):
		servesHTTP(t, line)
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

// addressAndHeader holds a host's command to the address and the header of the server.
func addressAndHeader(t *testing.T, line string) {
	t.Helper()
	help := newHome(t).run(t, "runicorn-mcp", "serve", "--help")
	_, address, _ := strings.Cut(help, `--addr="`)
	address, _, _ = strings.Cut(address, `"`)
	if !strings.Contains(line, " http://"+address+"/mcp ") ||
		!strings.HasSuffix(line, `--header "Authorization: Bearer TOKEN"`) {
		t.Errorf("%q names another server than one at %s", line, address)
	}
}

// servesHTTP holds that a command listens and says where.
func servesHTTP(t *testing.T, line string) {
	t.Helper()
	h := newHome(t)
	words := strings.Fields(strings.ReplaceAll(line, "~/", h.dir+"/"))
	if i := slices.Index(words, "--token-file") + 1; i > 0 {
		if err := os.WriteFile(words[i], []byte("0123456789abcdef\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := h.command(t, append(words, "--addr", "127.0.0.1:0")...)
	said, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(said)
	text, err := lines.ReadString('\n')
	if err != nil || !strings.HasPrefix(text, "serving http at http://127.0.0.1:") {
		t.Errorf("%s says %q, %v", line, text, err)
	}
	_ = cmd.Process.Signal(os.Interrupt)
	_, _ = io.Copy(io.Discard, lines)
	if err := cmd.Wait(); err != nil {
		t.Errorf("%s ends with %v", line, err)
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
