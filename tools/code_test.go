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

// TestCompareRuns_secretCode holds that no line of code shows a secret, however it is written, and
// that other lines are as they were.
func TestCompareRuns_secretCode(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		`os.environ["WANDB_API_KEY"] = "SECRET"`, `os.environ['AWS_SECRET_ACCESS_KEY'] = 'SECRET'`,
		`os.environ.setdefault("DB_PASSWORD", "SECRET")`, `wandb.login(key="SECRET")`, `password: str = "SECRET"`,
		`api_key: Optional[str] = "SECRET"`, `password = ("SECRET")`, `password = f"SECRET"`,
		`p.add_argument("--password", default="SECRET")`, `r = redis.from_url("redis://:SECRET@host/0")`,
		`    "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\n"`,
		`KEY = """MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj`,
		`x = "0123456789abcdef0123456789abcdef01234567"`, `TOKEN = 'SECRET`, `HF = "hf_abcdefghijklmnopqrstuvwx"`,
	} {
		s := coded(t, []string{"a.py", "a = 1\n"}, []string{"a.py", "a = 1\n" + strings.ReplaceAll(line, "SECRET", "hunter2b1g") + "\n"})
		text, _ := must(t, s.env(), "compare_runs", `{"run_ids":["r0","r1"],"limit":0}`)
		for _, secret := range []string{"hunter2b1g", "MIIEvQIBADANBg", "0123456789abcdef01", "hf_abcdefghij"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s shows its secret: %s", line, text)
			}
		}
		if !strings.Contains(text, "a.py +1 -0") {
			t.Errorf("%s: %s", line, text)
		}
	}
	for _, line := range []string{`model = AutoModel.from_pretrained("bert-base-uncased", num_labels=2)`,
		`max_tokens = 4096`, `tok = Tokenizer.from_pretrained("bert-base", max_tokens=5)`, `lr = 3e-4  # was 1e-3 at 2024-05-01 12:00:00`,
		`from package.subpackage.some_really_long_module_name_here import some_really_long_function_name`,
		`opt = torch.optim.AdamW(model.parameters(), lr=args.lr, weight_decay=0.01)`} {
		s := coded(t, []string{"a.py", "a = 1\n"}, []string{"a.py", "a = 1\n" + line + "\n"})
		text, a := must(t, s.env(), "compare_runs", `{"run_ids":["r0","r1"],"limit":0}`)
		diff := fmt.Sprint(a["code"])
		if !strings.Contains(diff, "+"+line) {
			t.Errorf("%s is changed: %s", line, text)
		}
	}
}
