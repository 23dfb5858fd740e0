package schema_test

import (
	"strings"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/schema"
)

func TestHideTokens(t *testing.T) {
	t.Parallel()
	const k = "aB3aB3aB3aB3aB3aB3aB3"
	for _, c := range []struct{ text, want string }{
		{"sk-" + k, "[hidden]"}, {"hf_" + k, "[hidden]"}, {"ghp_" + k, "[hidden]"}, {"gho_" + k, "[hidden]"},
		{"github_pat_" + k, "[hidden]"}, {"xoxb-" + k, "[hidden]"}, {"AKIA" + k[:16], "[hidden]"},
		{"akia" + k[:16], "[hidden]"}, {"glpat-" + k, "[hidden]"}, {"HF_" + k, "[hidden]"},
		{"s\u212a-" + k, "[hidden]"}, {"gh\u017f_" + k, "[hidden]"}, {"A\u212aIA" + k[:16], "[hidden]"},
		{"eyJ" + k + "." + k + "." + k, "[hidden]"}, {"https://me:pw@host/x", "https://[hidden]@host/x"},
		{"-----BEGIN RSA PRIVATE KEY----- MIIE x\nA -----END RSA PRIVATE KEY----- b", "[hidden] b"},
		{"-----BEGIN PRIVATE KEY-----\nMIIE", "[hidden]"},
		{"a/hf_" + k + "/b", "a/[hidden]/b"}, {"team_hf_" + k, "team_[hidden]"}, {"令牌hf_" + k, "令牌[hidden]"},
		{`No run "a\nhf_` + k + `"`, `No run "a\n[hidden]"`}, {`"\u200bhf_` + k + `"`, `"\u200b[hidden]"`},
		{"\x1b[2J\x1b[1;31mhf_" + k + "\x1b[0m", "[2J[1;31m[hidden][0m"}, {`\u001b[2Jsk-` + k, `\u001b[2J[hidden]`},
		{"ends with hf_aB3…", "ends with [hidden]"}, {"sk-…", "[hidden]"},
		{"hf_transformers_baseline", "hf_transformers_baseline"}, {"max_tokens=512", "max_tokens=512"},
		{"risk-aware-policy-gradient-v2", "risk-aware-policy-gradient-v2"}, {"http://h:80/a", "http://h:80/a"},
		{"20250101_100000_aaaaaa", "20250101_100000_aaaaaa"}, {"", ""},
	} {
		if got := schema.HideTokens(c.text); got != c.want {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
		if got := schema.HideTokens(schema.HideTokens(c.text)); got != c.want {
			t.Errorf("%q, twice: %q, want %q", c.text, got, c.want)
		}
	}
}

func TestLine(t *testing.T) {
	t.Parallel()
	const k = "aB3aB3aB3aB3aB3aB3aB3"
	for _, c := range []struct{ text, want string }{
		{" a\n\tb\u202e\x1b[2J ", "a b[2J"}, {"hf_aB3aB3\u200baB3aB3aB3aB3", "[hidden]"},
		{strings.Repeat("长", 21), strings.Repeat("长", 19) + "…"}, {strings.Repeat("x", 15) + " hf_" + k, "xxxxxxxxxxxxxxx [hi…"},
		{"sk-learn-rand-forest", "sk-learn-rand-forest"}, {"sk-learn-rand-forest1", "[hidden]"}, {"sk-" + k, "[hidden]"},
	} {
		if got := schema.Line(c.text, 20); got != c.want {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
}
