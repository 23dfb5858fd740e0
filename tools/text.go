package tools

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/schema"
)

const (
	maxName = 120 // characters of a name, tag or path in an answer
	maxText = 500 // characters of a text in an answer
)

// cut shortens s to at most n characters, marking that it did.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// name is a tracker's name, tag or path in one short line. What has the form of a secret is hidden
// in it too: a run can be addressed by its id.
func name(s string) string { return schema.Line(s, maxName) }

// place is a path or an address in one line.
func place(s string) string { return schema.Line(s, maxText) }

func names(list []string) []string { return each(list, name) }

// each is f of every element.
func each[T any](list []T, f func(T) T) []T {
	out := make([]T, len(list))
	for i, e := range list {
		out[i] = f(e)
	}
	return out
}

// at is a time as RFC 3339 in UTC to the second; "" when not recorded.
func at(seconds float64) string {
	if seconds == 0 || math.IsNaN(seconds) || math.Abs(seconds) > 1e11 {
		return ""
	}
	return time.Unix(int64(seconds), 0).UTC().Format(time.RFC3339)
}

// brief rounds v to 6 significant digits, for numbers of which the size matters.
func brief(v float64) float64 { return digits(v, 6) }

// status is the status word, with the stored one where it differs: "failed (process gone)".
func status(run client.Experiment) string {
	switch {
	case run.RawStatus != "" && run.StatusReason != "" && run.RawStatus == client.StatusRunning:
		return fmt.Sprintf("%s (%s)", run.Status, name(hideSecrets(run.StatusReason)))
	case run.Status == client.StatusRunning && run.StatusReason != "":
		return fmt.Sprintf("%s (%s)", run.Status, name(hideSecrets(run.StatusReason)))
	case run.RawStatus != "":
		return fmt.Sprintf("%s (%s)", run.Status, name(run.RawStatus))
	}
	return run.Status
}

// best is the primary metric in one cell: "val_accuracy=0.9134"; nil when there is none.
func best(run client.Experiment) any {
	if run.Best == nil {
		return nil
	}
	return name(run.Best.Name) + "=" + strconv.FormatFloat(brief(run.Best.Value), 'g', -1, 64)
}

// secretKey matches the names of settings whose values are nobody's business. Words that merely
// contain one, such as max_tokens or tokenizer, do not match.
var secretKey = regexp.MustCompile(`(?i)(^|[_\-.])(pass(word|wd|phrase)?|secret|token|` +
	`credentials?|(api|access|private|secret|auth)[_\-.]?key|pat|bearer|authorization|cookie)$|` +
	`(?i)(password|apikey|secretkey|accesstoken|authtoken)`)

const hidden = schema.Hidden

// In a line of text a secret also shows by the name before it: "HF_TOKEN=…", "--password …",
// "Authorization: Bearer …", and by being nothing but a long piece of a key file.
var (
	secretPair = regexp.MustCompile(`(?i)((?:^|[^a-z0-9])(?:[a-z0-9]+[_\-.])*` +
		`(?:pass(?:word|wd|phrase)?|secret|token|credentials?|(?:api|access|private|secret|auth)` +
		`[_\-.]?key|bearer|authorization|cookie)["']?(?:\s*[=:]\s*|\s+(?:is|was)\s+)["']?` +
		`(?:bearer |basic )?)([^\s"',;<\[(){}]{4,})`)
	secretEnv  = regexp.MustCompile(`(\b[A-Z][A-Z0-9_]*_KEY=["']?)([^\s"']{4,})`)
	secretFlag = regexp.MustCompile(`(?i)(--[a-z\-_]*(?:password|passwd|secret|token|key)[ =]["']?)([^\s"']{4,})`)
	keyFile    = regexp.MustCompile(`^(\S*\d\d:\d\d:\d\d\S* (?:\| )?)?[A-Za-z0-9+/]{48,}={0,2}$`)
	password   = regexp.MustCompile(`(?i)pass`)
	plainValue = regexp.MustCompile(`^(?i:[\d.,+\-e]+|true|false|none|null|nan)\W*$`)
)

// hideSecrets replaces what looks like a secret in a line of text. Numbers stay, but for
// passwords: a count of tokens is none.
func hideSecrets(s string) string {
	s = schema.HideTokens(s)
	if keyFile.MatchString(s) {
		return hidden
	}
	for _, named := range []*regexp.Regexp{secretPair, secretEnv, secretFlag} {
		s = named.ReplaceAllStringFunc(s, func(pair string) string {
			m := named.FindStringSubmatch(pair)
			if m[2] == hidden || plainValue.MatchString(m[2]) && !password.MatchString(m[1]) {
				return pair
			}
			return m[1] + hidden
		})
	}
	return s
}

// safe is a value of a config or summary, fit to be shown: secrets hidden, texts, lists and
// nesting bounded. key is what the value is called.
func safe(key string, v any, depth int) any {
	switch v := v.(type) {
	case string:
		v = schema.Visible(v)
		if v != "" && (secretKey.MatchString(key) || schema.HideTokens(v) != v) {
			return hidden
		}
		return said(v, maxText)
	case map[string]any:
		if depth == 0 {
			return fmt.Sprintf("(object of %d keys)", len(v))
		}
		return renamed(v, name, func(k string, e any) any { return safe(k, e, depth-1) })
	case []any:
		if depth == 0 || len(v) > 50 {
			return fmt.Sprintf("(array of %d elements)", len(v))
		}
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = safe(key, e, depth-1)
		}
		return out
	}
	return v
}

// WithoutSecrets is a JSON value as encoding/json decodes it, or a text of many lines, in which what
// looks like a secret is replaced: texts under keys that name one, and in any text what has its
// form. What cannot be seen is left out; nothing else is changed or shortened.
func WithoutSecrets(v any) any { return withoutSecrets("", v) }

func withoutSecrets(key string, v any) any {
	switch v := v.(type) {
	case string:
		if v != "" && secretKey.MatchString(key) {
			return hidden
		}
		var b strings.Builder
		for line := range strings.Lines(v) {
			text, end := strings.TrimSuffix(line, "\n"), ""
			if text != line {
				end = "\n"
			}
			b.WriteString(hideSecrets(text) + end)
		}
		return b.String()
	case map[string]any:
		return renamed(v, schema.HideTokens, withoutSecrets)
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = withoutSecrets(key, e)
		}
		return out
	}
	return v
}

// renamed is an object with its keys and values made fit to be shown. Keys that become the same
// are told apart.
func renamed(
	object map[string]any, key func(string) string, value func(key string, v any) any,
) map[string]any {
	out := make(map[string]any, len(object))
	for _, k := range slices.Sorted(maps.Keys(object)) {
		shown := key(k)
		for _, taken := out[shown]; taken; _, taken = out[shown] {
			shown += "′"
		}
		out[shown] = value(k, object[k])
	}
	return out
}

// quoted joins names for a sentence.
func quoted(list []string) string {
	q := make([]string, len(list))
	for i, s := range list {
		q[i] = strconv.Quote(name(s))
	}
	return strings.Join(q, ", ")
}
