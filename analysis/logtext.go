package analysis

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// cleanLog is raw as text that can be shown: UTF-8, or GBK where it is no UTF-8 (consoles of
// Chinese Windows); without terminal escape sequences (ECMA-48), control characters and those
// that a reader cannot see; backspaces carried out; no spaces at the end.
func cleanLog(raw []byte) string {
	plain := true
	for _, b := range raw {
		if (b < 0x20 && b != '\t') || b >= 0x7f {
			plain = false
			break
		}
	}
	text := string(raw)
	if !plain {
		text = visible(withoutEscapes(decodeText(raw)))
	}
	return strings.TrimRight(text, " \t")
}

// decodeText is raw as UTF-8. A character that was cut off at the end is dropped.
func decodeText(raw []byte) string {
	if utf8.Valid(raw) {
		return string(raw)
	}
	if n := len(raw); n == maxSegment {
		for cut := 1; cut < utf8.UTFMax; cut++ {
			if utf8.Valid(raw[:n-cut]) {
				return string(raw[:n-cut])
			}
		}
	}
	text, err := simplifiedchinese.GB18030.NewDecoder().Bytes(raw)
	if err == nil && strings.Count(string(text), "\uFFFD") <= 1 { // one: cut off at the end
		return strings.TrimSuffix(string(text), "\uFFFD")
	}
	return strings.ToValidUTF8(string(raw), "\uFFFD")
}

const escape = '\x1b'

// withoutEscapes removes escape sequences: CSI (colours, cursor), the strings OSC, DCS, SOS, PM
// and APC up to their end (titles, links), and two-character ones.
func withoutEscapes(s string) string {
	if strings.IndexByte(s, escape) < 0 {
		return s
	}
	var b strings.Builder
	for {
		i := strings.IndexByte(s, escape)
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i])
		s = s[i+escapeLength(s[i:]):]
	}
}

// escapeLength is how many bytes the sequence has that s begins with, at least 1.
func escapeLength(s string) int {
	if len(s) < 2 {
		return len(s)
	}
	switch c := s[1]; {
	case c == '[': // parameters 0x30–0x3f, then 0x20–0x2f, then one byte 0x40–0x7e
		n := 2
		for n < len(s) && s[n] >= 0x20 && s[n] <= 0x3f {
			n++
		}
		if n < len(s) && s[n] >= 0x40 && s[n] <= 0x7e {
			n++
		}
		return n
	case strings.IndexByte("]PX^_", c) >= 0: // until BEL or ESC \; unended: the introducer alone
		if bell := strings.IndexByte(s, '\a'); bell > 0 {
			if end := strings.Index(s[2:], "\x1b\\"); end < 0 || end+2 > bell {
				return bell + 1
			}
		}
		if end := strings.Index(s[2:], "\x1b\\"); end >= 0 {
			return 2 + end + 2
		}
		return 2
	case c >= 0x20 && c <= 0x2f && len(s) > 2: // such as ESC ( B
		return 3
	case c >= 0x30 && c <= 0x7e:
		return 2
	}
	return 1
}

// visible drops what a reader cannot see, and carries out backspaces.
func visible(s string) string {
	out := make([]byte, 0, len(s))
	for _, c := range s {
		switch {
		case c == '\t':
			out = append(out, '\t')
		case c == '\b':
			_, size := utf8.DecodeLastRune(out)
			out = out[:len(out)-size]
		case c == '\u2028' || c == '\u2029': // line and paragraph separator
			out = append(out, ' ')
		case unicode.In(c, unicode.Cc, unicode.Cf, unicode.Co):
		default:
			out = utf8.AppendRune(out, c)
		}
	}
	return string(out)
}

// cutBytes shortens a line to maxLineText bytes at most, marking that it did.
func cutBytes(s string) string {
	if len(s) <= maxLineText {
		return s
	}
	n := maxLineText - len("…")
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}
