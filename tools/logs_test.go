package tools_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/internal/testkit"
)

const logged = "vision/resnet/20250101_100000_aaaaaa"

// crash is a log of 200 steps, an exception, and what is printed while the program ends.
func crash() string {
	var b strings.Builder
	b.WriteString("[10:00:00] UserWarning: no GPU\n")
	for i := range 200 {
		fmt.Fprintf(&b, "[10:00:%02d] step %d loss %.3f\n", i%60, i, 1/float64(i+1))
	}
	b.WriteString("[10:03:21] Traceback (most recent call last):\n[10:03:21]   File \"/home/u/train.py\"," +
		" line 88, in step\n[10:03:21]     loss.backward()\n[10:03:21] RuntimeError: CUDA out of memory\n")
	for i := range 30 {
		fmt.Fprintf(&b, "[10:03:22] worker %d stopped\n", i)
	}
	return b.String()
}

func TestGetLogs(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	s.run(logged, 1_700_000_000, "")
	s.write(logged, "logs.txt", crash())
	env := s.env()
	tests := []struct {
		args        string
		first, last string
		lines       int
	}{
		{``, "216: [10:03:22] worker 10 stopped", "235: [10:03:22] worker 29 stopped", 20},
		{`,"tail":2`, "234: ", "235: ", 2},
		{`,"head":3`, "1: [10:00:00] UserWarning", "3: ", 3},
		{`,"head":1,"tail":1`, "1: ", "235: ", 2},
		{`,"around":205`, "195: ", "215: ", 21},
		{`,"around":205,"head":1,"tail":2`, "203: ", "206: ", 4},
		{`,"search":"cuda OUT of memory"`, "203- ", "207- ", 5},
		{`,"search":"step 1?5 ","head":1`, "5- ", "9- ", 5},
		{`,"search":"nothing like it"`, "", "", 0},
	}
	for _, tt := range tests {
		text, got := must(t, env, "get_logs", `{"run_id":"latest"`+tt.args+`}`)
		lines, _ := got["lines"].([]any)
		if len(lines) != tt.lines || got["total_lines"] != 235.0 {
			t.Errorf("%s: %d lines\n%s", tt.args, len(lines), text)
			continue
		}
		if tt.lines > 0 && (!strings.HasPrefix(lines[0].(string), tt.first) ||
			!strings.HasPrefix(lines[len(lines)-1].(string), tt.last)) {
			t.Errorf("%s: from %q to %q", tt.args, lines[0], lines[len(lines)-1])
		}
		trace, _ := got["traceback"].(map[string]any)
		if trace["exception"] != "[10:03:21] RuntimeError: CUDA out of memory" && trace["exception"] !=
			"RuntimeError: CUDA out of memory" || trace["frame"] != "train.py:88 in step" || trace["line"] != 202.0 {
			t.Errorf("%s: traceback %v", tt.args, trace)
		}
		above, _ := trace["lines"].([]any)
		if want := map[bool]int{true: 4}[tt.args == ""]; len(above) != want {
			t.Errorf("%s: %d lines of the traceback, want %d", tt.args, len(above), want)
		}
	}
	if _, err := call(t, env, "get_logs", `{"run_id":"latest","around":3,"search":"x"}`); err == nil ||
		!strings.Contains(err.Error(), "not both") {
		t.Errorf("around and search give %v", err)
	}
}

func TestGetLogs_notCaptured(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	s.run(logged, 1_700_000_000, "")
	_, err := call(t, s.env(), "get_logs", `{"run_id":"latest"}`)
	if !errors.Is(err, client.ErrNotFound) || !strings.Contains(err.Error(), "capture_console=True") {
		t.Errorf("without a log: %v", err)
	}
	s.write(logged, "logs.txt", "")
	_, got := must(t, s.env(), "get_logs", `{"run_id":"latest"}`)
	if notes := fmt.Sprint(got["notes"]); notes != "[the log is empty]" || fmt.Sprint(got["lines"]) != "[]" {
		t.Errorf("an empty log: %v", got)
	}
}

// TestGetLogs_noTraceback holds that a failed run whose log does not say why is told apart, and when
// its last line was logged.
func TestGetLogs_noTraceback(t *testing.T) {
	t.Parallel()
	const failed, bars = `"failed"`, "10%|█ | it/s\n20%|██ | it/s\n"
	for _, tt := range []struct {
		status, log string
		note        bool
		last        any
	}{
		{failed, bars, true, nil},
		{`"finished"`, bars, false, nil},
		{`"failed","exit_reason":"process_not_found"`, bars, false, nil},
		{`"failed","exit_reason":"exit code 1"`, "04:27:09 | a\n" + bars + "[04:27:10] b\nmore of b\n", true, "04:27:10"},
		{failed, "10:19:45 | mujoco.FatalError: Nan\n" + bars, false, "10:19:45"},
		{failed, "[10:19:45] SIGTERM from scheduler\n" + bars, false, "10:19:45"},
		{failed, "ERROR no GPU\n" + strings.Repeat("a\nb\n", 20) + bars, false, nil},
	} {
		s := newStore(t)
		s.run(logged, 1_700_000_000, "")
		s.write(logged, "status.json", `{"status":`+tt.status+`,"started_at":1}`)
		s.write(logged, "logs.txt", tt.log)
		text, got := must(t, s.env(), "get_logs", `{"run_id":"latest"}`)
		if strings.Contains(text, "its log has no traceback") != tt.note || got["last_line"] != tt.last ||
			!strings.Contains(text, `20%|██ | it/s [after 1 like it]"`) {
			t.Errorf("%s, %q: %s", tt.status, tt.log, text)
		}
	}
}

// TestBudget_getLogs has logs that cost most: long lines of random characters, of Chinese, of
// drawings, with an exception far above, and what is asked for at most.
func TestBudget_getLogs(t *testing.T) {
	t.Parallel()
	randomLine := func(random *rand.Rand, alphabet string) string {
		letters := []rune(alphabet)
		var b strings.Builder
		for range 400 {
			b.WriteRune(letters[random.IntN(len(letters))])
		}
		return b.String()
	}
	for name, alphabet := range map[string]string{
		"base64": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-",
		"digits": "0123456789.", "marks": `"\/<>&{}[]`, "Chinese": "第轮训练损失准确率学习龘鑫淼焱",
		"drawings": "█▏▎▍▌▋▊▉░▒▓⚠🚀🦄", "words": "loss step accuracy ",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(1, 2))
			line := func(alphabet string) string { return randomLine(random, alphabet) }
			var b strings.Builder
			b.WriteString("Traceback (most recent call last):\n")
			for i := range 40 {
				fmt.Fprintf(&b, "  File \"%s.py\", line %d, in f\n", line(alphabet)[:9], i)
			}
			b.WriteString("ValueError: " + line(alphabet) + "\n")
			for i := range 600 {
				fmt.Fprintf(&b, "ERROR %d %s\nWARN %d %s\n", i, line(alphabet), i, line(alphabet))
			}
			s := newStore(t)
			s.run(logged, 1_700_000_000, "")
			s.write(logged, "logs.txt", b.String())
			for _, args := range []string{`{"run_id":"latest"}`, `{"run_id":"latest","search":"ERROR"}`} {
				text, _ := must(t, s.env(), "get_logs", args)
				if n := testkit.Tokens(t, text); n > 4_000 || n < 500 {
					t.Errorf("%s: %d tokens", args, n)
				}
			}
			text, got := must(t, s.env(), "get_logs", `{"run_id":"latest","tail":500}`)
			if n := len([]rune(text)); n > 40_000 || n < 10_000 ||
				!strings.Contains(fmt.Sprint(got["notes"]), "too much to show: the last") {
				t.Errorf("tail=500 has %d characters, notes %v", n, got["notes"])
			}
		})
	}
}

func TestGetLogs_secrets(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	s.run(logged, 1_700_000_000, "")
	const key = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7SECRETAB"
	secret := []string{
		"HF_TOKEN=hf_SECRETabcdefghijklm", "export WANDB_API_KEY='SECRET0123456789'",
		"Authorization: Bearer SECRETabcdef", `{"password": "SECRET"}`, "db_password = SECRET1",
		"train.py --api-key SECRET123 --lr 0.1", "https://me:SECRET@host/repo.git", "sk-SECRETabcdefghijkl",
		"password: 99991234", "-----BEGIN RSA PRIVATE KEY-----", key, "[10:00:00] " + key, "10:00:00 | " + key + "==",
		"AWS_SECRET_ACCESS_KEY=SECRET/abc+def", "sk-SEC\u200bRETabcdefghijkl", "my secret is SECRET12", "OPENAI_KEY=SECRETabc",
	}
	plain := []string{"num_tokens: 400", "token=512", "bos_token: <s>", "pad_token_id=0", "tokens/s=12.5",
		"passed: true", "loss=0.5", "best_key: val/loss", "sha256 e3b0c44298fc1c149afbf4c8996fb924", "use_auth_token=False"}
	s.write(logged, "logs.txt", strings.Join(append(secret, plain...), "\n"))
	text, got := must(t, s.env(), "get_logs", `{"run_id":"latest","tail":100}`)
	if strings.Contains(text, "SECRET") && !strings.Contains(text, "AWS_SECRET_ACCESS_KEY=[hidden]") ||
		strings.Count(text, "SECRET") > 1 || strings.Contains(text, "9999") || strings.Contains(text, "MIIE") {
		t.Errorf("a secret is shown:\n%v", got["lines"])
	}
	for _, line := range plain {
		if !strings.Contains(text, line+`"`) {
			t.Errorf("%q is not shown", line)
		}
	}
}
