package schema

import "testing"

// FuzzMayHold holds that the cheap look at a text misses nothing that the patterns find.
func FuzzMayHold(f *testing.F) {
	const k = "aB3aB3aB3aB3aB3aB3aB3"
	for _, seed := range []string{"sk-" + k, "hf_" + k, "ghr_" + k, "github_pat_" + k, "xoxs-" + k, "AKIA" + k[:16],
		"glpat-" + k, "eyJ" + k + "." + k + "." + k, "://a:b@", "-----BEGIN PRIVATE KEY-----", "s\u212a-…", "hf_…"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !mayHold(s) && (token.MatchString(s) || credential.MatchString(s)) {
			t.Errorf("%q holds one", s)
		}
	})
}
