package tools

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// units of a time before now.
var units = map[string]time.Duration{
	"m": time.Minute, "h": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour,
}

// maxHours is how long ago a number may mean: a century.
const maxHours = 24 * 366 * 100

// SinceTime is the time that a person means: so many hours, minutes or days before now, a date, or
// a time. Without a zone it is this machine's. Empty is a day.
func SinceTime(text string, now time.Time) (time.Time, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	if text == "" {
		return now.Add(-24 * time.Hour), nil
	}
	number, unit := text, time.Hour
	for suffix, of := range units {
		if rest, found := strings.CutSuffix(text, suffix); found {
			number, unit = rest, of
		}
	}
	if n, err := strconv.ParseFloat(strings.TrimSpace(number), 64); err == nil && n > 0 &&
		n*unit.Hours() < maxHours {
		return now.Add(-time.Duration(n * float64(unit))), nil
	}
	for _, layout := range []string{time.RFC3339, time.DateTime, "2006-01-02t15:04:05",
		"2006-01-02 15:04", "2006-01-02t15:04", time.DateOnly} {
		t, err := time.ParseInLocation(strings.ToLower(layout), text, now.Location())
		if layout == time.RFC3339 {
			t, err = time.Parse(layout, strings.ToUpper(text))
		}
		if err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("since %q is no time: give hours back, such as 24, or 90m, 3d, "+
		"2026-03-14, 2026-03-14 18:00, 2026-03-14T18:00:00Z", name(text))
}
