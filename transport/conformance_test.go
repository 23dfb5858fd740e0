package transport

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/internal/realtest"
	"github.com/runicorn-mcp/runicorn-mcp/prompts"
	"github.com/runicorn-mcp/runicorn-mcp/resources"
	"github.com/runicorn-mcp/runicorn-mcp/tools"
)

// serveOpen serves on a port of this machine, without a token, which the suite could not send.
func serveOpen(t *testing.T, s *Server) (url string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.ServeNetwork(ctx, ln, NetworkOptions{HTTP: true}) }()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return "http://" + ln.Addr().String() + "/mcp"
}

// A verdict is how a scenario of the suite ended.
type verdict struct {
	passed, failed, skipped int
	why                     []string // of the checks that failed
}

var resultFolder = regexp.MustCompile(`^server-(.+)-\d{4}-\d\d-\d\dT[-0-9]+Z$`)

// conformance runs the suite's scenarios of a revision and returns what came of each.
func conformance(t *testing.T, url, revision string) map[string]verdict {
	t.Helper()
	node, script := realtest.Conformance(t)
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), node, script, "server", "--url", url,
		"--suite", "all", "--spec-version", revision, "--output-dir", dir)
	out, err := cmd.CombinedOutput() // its exit code is that of failures
	entries, readErr := os.ReadDir(dir)
	if readErr != nil || len(entries) == 0 {
		t.Fatalf("the suite ran nothing: %v\n%s", err, out)
	}
	verdicts := make(map[string]verdict)
	for _, entry := range entries {
		name := resultFolder.FindStringSubmatch(entry.Name())
		text, err := os.ReadFile(filepath.Join(dir, entry.Name(), "checks.json"))
		var checks []struct{ ID, Status, ErrorMessage string }
		if err != nil || name == nil || json.Unmarshal(text, &checks) != nil {
			t.Fatalf("%s: %v", entry.Name(), err)
		}
		var v verdict
		for _, c := range checks {
			switch c.Status {
			case "SUCCESS":
				v.passed++
			case "FAILURE", "WARNING":
				v.failed++
				v.why = append(v.why, c.Status+" "+c.ID+": "+c.ErrorMessage)
			case "SKIPPED":
				v.skipped++
			}
		}
		verdicts[name[1]] = v
	}
	return verdicts
}

// ofExtensions are the suite's scenarios for servers that belong to no revision.
func ofExtensions(t *testing.T) (names []string) {
	t.Helper()
	node, script := realtest.Conformance(t)
	out, err := exec.CommandContext(t.Context(), node, script, "list", "--server").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^  - (\S+) \[extension\]$`).FindAllSubmatch(out, -1) {
		names = append(names, string(m[1]))
	}
	return names
}

// revisions are those that the suite has scenarios for, by their columns in the document.
var revisions = []string{"2025-06-18", "2025-11-25", "2026-07-28"}

// partly says, of each scenario that the fixtures do not pass whole, why that is.
var partly = map[string]string{
	"server-sse-polling": "Nothing to check: this server never hangs up on a call by itself to have " +
		"the client poll, which it may but need not (2025-11-25, Transports, Sending Messages to the Server).",
	"server-stateless": "A tool that asks for input which the client has not declared it can give must be " +
		"refused with -32021 (2026-07-28, Basic, Capabilities). The SDK does not do so and lets no tool " +
		"answer with that code; no tool of the program asks for input. All other checks pass.",
}

// needNothing are the scenarios that need no fixtures: the program itself has to pass them.
var needNothing = []string{"server-initialize", "server-session-lifecycle", "ping", "tools-list",
	"server-sse-multiple-streams", "dns-rebinding-protection", "http-header-validation",
	"resources-list", "prompts-list", "sep-2164-resource-not-found",
	"input-required-result-unsupported-methods"}

// TestConformance runs MCP's own conformance suite, every scenario for servers that belongs to a
// revision, and holds docs/conformance.md to what came of it.
func TestConformance(t *testing.T) {
	t.Parallel()
	quiet := slog.New(slog.DiscardHandler)
	program := NewServer(Options{Name: "runicorn-mcp", Version: "1", Tools: tools.All(), Logger: quiet,
		Instructions: tools.Instructions(tools.All()), Env: &tools.Env{},
		Resources: resources.For(tools.All()), Prompts: prompts.For(tools.All())})
	urls := map[string]string{"fixtures": serveOpen(t, fixtures(quiet)), "program": serveOpen(t, program)}
	seen := make(map[string]map[string]verdict) // by scenario, then fixtures or program and revision
	for who, url := range urls {
		for _, revision := range revisions {
			for scenario, v := range conformance(t, url, revision) {
				if seen[scenario] == nil {
					seen[scenario] = make(map[string]verdict)
				}
				seen[scenario][who+revision] = v
			}
		}
	}
	for scenario, verdicts := range seen {
		_, excused := partly[scenario]
		whole := true
		for _, revision := range revisions {
			v, ran := verdicts["fixtures"+revision]
			whole = whole && (!ran || v.failed == 0 && v.passed > 0)
			if ran && v.failed > 0 {
				t.Logf("%s, %s: %s", scenario, revision, v.why)
			}
			if v, ran := verdicts["program"+revision]; ran && slices.Contains(needNothing, scenario) &&
				(v.failed > 0 || v.passed == 0) {
				t.Errorf("the program fails %s of %s: %s", scenario, revision, v.why)
			}
		}
		if whole == excused {
			t.Errorf("%s passes: %t, and partly has a reason: %t", scenario, whole, excused)
		}
	}
	const file = "../docs/conformance.md"
	got := conformanceDocument(seen) + "\nNot run, as they are of extensions: " +
		strings.Join(ofExtensions(t), ", ") + ".\n"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(file); err != nil || string(want) != got {
		t.Errorf("%s differs (%v); if that is meant: go test ./transport -run Conformance -update\n%s",
			file, err, got)
	}
}

var update = flag.Bool("update", false, "write docs/conformance.md anew")

// conformanceDocument is docs/conformance.md.
func conformanceDocument(seen map[string]map[string]verdict) string {
	var b strings.Builder
	fmt.Fprintf(&b, `# Conformance

What MCP's own suite, `+"`@modelcontextprotocol/conformance`"+` %s, says of this server over streamable
HTTP: checks passed of checks made, for each scenario for servers that belongs to a revision; those of
extensions are named at the end. `+"`fixtures`"+` is a server with the tools, resources and
prompts that the suite asks for, behind the program's own transport; `+"`program`"+` has the program's own,
for the scenarios that need no fixtures. Made by `+"`go test ./transport -run Conformance -update`"+`.

| scenario | who |`, realtest.ConformanceVersion)
	for _, revision := range revisions {
		fmt.Fprintf(&b, " %s |", revision)
	}
	b.WriteString("\n|---|---|" + strings.Repeat("---|", len(revisions)) + "\n")
	scenarios := slices.Sorted(maps.Keys(seen))
	for _, scenario := range scenarios {
		for _, who := range []string{"fixtures", "program"} {
			if who == "program" && !slices.Contains(needNothing, scenario) {
				continue
			}
			fmt.Fprintf(&b, "| %s | %s |", scenario, who)
			for _, revision := range revisions {
				if v, ran := seen[scenario][who+revision]; ran {
					fmt.Fprintf(&b, " %d of %d |", v.passed, v.passed+v.failed)
				} else {
					b.WriteString(" |")
				}
			}
			b.WriteString("\n")
		}
	}
	b.WriteString("\n## What does not pass\n\n")
	for _, scenario := range slices.Sorted(maps.Keys(partly)) {
		fmt.Fprintf(&b, "* %s: %s\n", scenario, partly[scenario])
	}
	return b.String()
}
