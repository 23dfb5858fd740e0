package tools_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/internal/testkit"
)

// coded writes runs with captured code, which is a file train.py and others by name and text.
func coded(t *testing.T, code ...[]string) store {
	t.Helper()
	s := newStore(t)
	for i, files := range code {
		run := fmt.Sprintf("p/n/20250101_10000%d_aaaaaa", i)
		s.run(run, 1_700_000_000+i, fmt.Sprintf(`,"alias":"r%d"`, i))
		s.write(run, "assets.json", fmt.Sprintf(`{"config":{"args":{"lr":0.1}},"code":{"snapshot":{`+
			`"workspace_root":"/w/src","fingerprint":"%da46783b460bae"}}}`, i))
		s.metrics(run, 30, map[string]func(int) float64{"val_loss": func(step int) float64 { return float64(10-i) / float64(step) }})
		s.write(run, "code_snapshot.zip", string(testkit.Zip(t, files...)))
	}
	return s
}

func TestCompareRuns_code(t *testing.T) {
	t.Parallel()
	const train = "import torch\n\ndef main():\n\tlr = 0.1\n\tepochs = 30\n\ttrain(lr, epochs)\n\nmain()\n"
	s := coded(t, []string{"train.py", train, "pkg/model.py", "width = 64\n", "w.bin", "\x00\x01"},
		[]string{"train.py", strings.Replace(train, "0.1", "0.2", 1), "pkg/model.py", "width = 64\n", "w.bin", "\x00\x02"})
	text, _ := must(t, s.env(), "compare_runs", `{"run_ids":["r0","r1"],"limit":0}`)
	golden(t, filepath.Join("testdata", "answers", "compare_runs_code.json"),
		[]byte(strings.ReplaceAll(text, s.dir, "STORE")+"\n"))
}

// TestCompareRuns_muchCode holds that a rewritten program takes no more of an answer than it has.
func TestCompareRuns_muchCode(t *testing.T) {
	t.Parallel()
	var code [][]string
	for i := range 3 {
		var files []string
		for f := range 40 {
			var b strings.Builder
			for line := range 200 {
				fmt.Fprintf(&b, "    parameter_%d = some_function_of_the_program(%d, %q)\n", line, i, strings.Repeat("wide ", 40))
			}
			files = append(files, fmt.Sprintf("package_%02d/训练_module.py", f), b.String())
		}
		code = append(code, files)
	}
	s := coded(t, code...)
	text, a := must(t, s.env(), "compare_runs", `{"run_ids":["r0","r1","r2"],"limit":0}`)
	n := testkit.Tokens(t, text)
	t.Logf("%d tokens, %d bytes", n, len(text))
	if changes, _ := a["code"].([]any); n > 1200 || len(changes) != 2 ||
		!strings.Contains(text, "32 more files differ; ") || !strings.Contains(text, "lines of the diff") {
		t.Errorf("%d tokens: %s", n, text)
	}
}
