package schema

import (
	"regexp"
	"strings"
)

// Hidden stands where a secret was.
const Hidden = "[hidden]"

// token matches what is a secret whatever it is called: tokens of well-known forms and private
// keys. One that was cut off counts at any length. Before it may stand what %q and JSON make of "\n"
// and "\u200b", what is left of a colour ("[31m"), and in names "_".
var token = regexp.MustCompile(`(?i)(\b|_|\\[abfnrtv]|\\u[0-9a-f]{4}|\\x[0-9a-f]{2}|\[[0-9;?]*[a-z])(?:` +
	`sk-[a-z0-9_\-]{16,}|hf_[a-z0-9]{16,}|gh[pousr]_[a-z0-9]{16,}|github_pat_\w{16,}|xox[baprs]-[a-z0-9\-]{10,}|` +
	`AKIA[0-9A-Z]{16}|glpat-[\w\-]{16,}|eyJ[\w\-]{10,}\.[\w\-]{10,}\.[\w\-]+|` +
	`(?:sk-|hf_|gh[pousr]_|github_pat_|xox[baprs]-|AKIA|glpat-|eyJ)[\w\-.]*…)|` +
	`-----BEGIN [A-Z ]*PRIVATE KEY-----(?s:.*?)(?:-----END [A-Z ]*PRIVATE KEY-----|$)`)

// credential matches a user and password in an address.
var credential = regexp.MustCompile(`(://)[^/\s:@]*:[^/\s@]+@`)

// onlyWords matches names such as sk-learn-random-forest, which a key never looks like.
var onlyWords = regexp.MustCompile(`\bsk(-[a-z]{1,15})+$`)

// HideTokens returns s as it is [Visible], since a token may have something invisible in it, with
// [Hidden] in place of what has the form of a secret.
func HideTokens(s string) string {
	return hideTokens(Visible(s), func(string) bool { return false })
}

func hideTokens(s string, spared func(string) bool) string {
	if !mayHold(s) {
		return s
	}
	s = credential.ReplaceAllString(s, "${1}"+Hidden+"@")
	return token.ReplaceAllStringFunc(s, func(found string) string {
		if spared(found) {
			return found
		}
		return token.FindStringSubmatch(found)[1] + Hidden
	})
}

// Line is a name, tag or path that somebody chose, in one line of at most n characters, without
// what cannot be seen and without tokens.
func Line(s string, n int) string {
	s = strings.Join(strings.Fields(Visible(s)), " ")
	s = hideTokens(s, onlyWords.MatchString)
	if len(s) > n {
		if r := []rune(s); len(r) > n {
			return string(r[:n-1]) + "…"
		}
	}
	return s
}

// mayHold is false for most texts that have no secret: lists have thousands of names, and the
// patterns are slow. It looks for two bytes in a row that every form has.
func mayHold(s string) bool {
	for i := 1; i < len(s); i++ {
		before, here := s[i-1]|0x20, s[i]|0x20
		switch s[i] {
		case '-': // sk-, xox?-, glpat-, -----BEGIN
			if strings.IndexByte("ktbaprs-", before) >= 0 || before >= 0x80 {
				return true
			}
		case '_': // hf_, gh?_, github_pat_
			if strings.IndexByte("fpousrt", before) >= 0 || before >= 0x80 {
				return true
			}
		case '/': // ://
			if s[i-1] == ':' {
				return true
			}
		default: // AKIA, eyJ; other letters fold to k and s
			if before == 'a' && (here == 'k' || here >= 0x80) || before == 'e' && here == 'y' {
				return true
			}
		}
	}
	return false
}
