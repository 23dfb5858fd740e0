package tools_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/internal/testkit"
	"github.com/runicorn-mcp/runicorn-mcp/tools"
)

// TestDiagnoseRun_quotes quotes the log in the answers about one run and about many: in its length,
// and without secrets, whatever the line is.
func TestDiagnoseRun_quotes(t *testing.T) {
	t.Parallel()
	const key = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7SECRETAB"
	for log, want := range map[string]string{
		"10:19:45 | mujoco.FatalError: Nan in QACC":  `the log says \"mujoco.FatalError: Nan in QACC\" at 10:19:45"`,
		"[14:39:44] KeyboardInterrupt":               `the log says \"KeyboardInterrupt\" at 14:39:44"`,
		"11:53:30 | too many nan steps, giving up":   `no reason is recorded; the log ends with \"too many nan steps, giving up\" at 11:53:30"`,
		"login with HF_TOKEN=hf_SECRETabcdefghijklm": `the log ends with \"login with HF_TOKEN=[hidden]\"`,
		"10:00:00 | " + key:                          `the log ends with \"[hidden]\" at 10:00:00"`,
		"10:00:00 | ERROR " + strings.Repeat("é", 400): `the log says \"ERROR ` + strings.Repeat("é", 181) +
			`…\" at 10:00:00"`,
		"SIG\u200bINT \x1b[31msaid\x1b[0m": `the log says \"SIGINT said\"`,
	} {
		s := newStore(t)
		s.run(logged, 1_700_000_000, "")
		s.write(logged, "status.json", `{"status":"failed","started_at":1}`)
		s.write(logged, "logs.txt", "step 1\n"+log+"\n")
		for _, args := range []string{`{"run_id":"latest"}`, `{}`} {
			text, _ := must(t, s.env(), "diagnose_run", args)
			if !strings.Contains(text, want) || strings.Contains(text, "SECRET") {
				t.Errorf("%s: no %s in %s", args, want, text)
			}
		}
	}
}

// TestDiagnoseRun_none asks for runs that are not there: an answer, with the newest one.
func TestDiagnoseRun_none(t *testing.T) {
	t.Parallel()
	inBubble(t, func(s store, env *tools.Env) {
		_, a := must(s.t, env, "diagnose_run", `{"status":"running"}`)
		if fmt.Sprint(a["verdict"], a["notes"]) != "there are no runs[this source lists no runs: "+
			"get_config says what is read]" {
			s.t.Errorf("an empty store: %v", a)
		}
		s.run("视觉/n/19991201_100000_aaaaaa", int(time.Now().Unix())-86_400*20, "")
		s.live("", steps(1, 100))
		s.write(liveRun, "status.json", `{"status":"failed","exit_reason":"process_not_found","ended_at":946684800}`)
		old := "[the newest of 1 runs is 19991201_100000_aaaaaa (视觉/n), finished, ended 1999-12-12T00:01:30Z]"
		gone := "[the newest of 2 runs is 20250101_100000_abcdef (图像分类/残差网络五十层), failed, " +
			"last logged 2000-01-01T00:00:00Z]"
		for args, want := range map[string]string{
			`{"status":"running"}`:                "nothing is running" + gone,
			`{"status":"Running","project":"视觉"}`: `nothing is running in project "视觉"` + old,
			`{"status":"interrupted"}`:            "no run matches: 0 interrupted" + gone,
			`{"status":"failed","days":7,"project":"视觉"}`: `no run matches: 0 failed of those created in the ` +
				`last 7 days in project "视觉"` + old,
			`{"days":7,"project":"视觉"}`: `no run matches: 0 created in the last 7 days in project "视觉"` + old,
			`{"status":"running","days":1,"since":"rows:aaaa:0:"}`: "no run matches: 0 running of those created in the last day" +
				strings.TrimSuffix(gone, "]") + " since is a cursor of another question: all of this one is answered]",
		} {
			text, a := must(s.t, env, "diagnose_run", args)
			if got := fmt.Sprint(a["verdict"], a["notes"]); got != want || fmt.Sprint(a["rows"]) != "[]" ||
				testkit.Tokens(s.t, text) > 200 {
				s.t.Errorf("%s: %s\nwant %s\n%s", args, got, want, text)
			}
		}
		_, err := call(s.t, env, "diagnose_run", `{"project":"视","status":"running"}`)
		if !errors.Is(err, client.ErrNotFound) || !strings.Contains(err.Error(), `"视觉"`) {
			s.t.Errorf("no such project: %v", err)
		}
	})
}
