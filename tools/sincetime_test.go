package tools_test

import (
	"testing"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/tools"
)

func TestSinceTime(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("CST", 8*3600)
	now := time.Date(2026, 3, 14, 18, 30, 0, 0, zone)
	for _, c := range []struct{ text, want string }{
		{"", "2026-03-13T18:30:00+08:00"},
		{"24", "2026-03-13T18:30:00+08:00"},
		{" 1.5H ", "2026-03-14T17:00:00+08:00"},
		{"90m", "2026-03-14T17:00:00+08:00"},
		{"3 d", "2026-03-11T18:30:00+08:00"},
		{"1w", "2026-03-07T18:30:00+08:00"},
		{"2026-03-12", "2026-03-12T00:00:00+08:00"},
		{"2026-03-12 07:05", "2026-03-12T07:05:00+08:00"},
		{"2026-03-12T07:05:09", "2026-03-12T07:05:09+08:00"},
		{"2026-03-12 07:05:09", "2026-03-12T07:05:09+08:00"},
		{"2026-03-12T07:05:09Z", "2026-03-12T07:05:09Z"},
		{"2026-03-12t07:05:09+02:00", "2026-03-12T07:05:09+02:00"},
		{"0", ""}, {"-3", ""}, {"NaN", ""}, {"inf", ""}, {"1e300d", ""}, {"d", ""}, {"yesterday", ""},
		{"2026-13-40", ""}, {"昨天", ""},
	} {
		got, err := tools.SinceTime(c.text, now)
		switch {
		case c.want == "" && err == nil:
			t.Errorf("%q is %v", c.text, got)
		case c.want != "" && (err != nil || got.Format(time.RFC3339) != c.want):
			t.Errorf("%q is %v, %v; want %s", c.text, got, err, c.want)
		}
	}
}
