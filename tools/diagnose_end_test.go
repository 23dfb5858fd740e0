package tools_test

import (
	"strings"
	"testing"
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
