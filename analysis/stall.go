package analysis

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// Stall judges a run that is said to be running by its rhythm: it has stalled when nothing was
// logged for more than ten times the middle interval, three times the longest one and five
// minutes; or, having logged nothing at all, for a day since it began. times are when it logged,
// in any order, non-finite ones passed over; began and now are seconds since 1970, began 0 when
// not known. unchecked says why that could not be judged; then there is no finding.
func Stall(times []float64, began, now float64) (finding *Finding, unchecked string) {
	times = slices.DeleteFunc(slices.Clone(times), func(t float64) bool { return !finite(t) })
	slices.Sort(times)
	times = slices.Compact(times)
	if len(times) == 0 {
		if age := now - began; began > 0 && age > 24*3600 {
			return &Finding{Rule: RuleStalled, Text: fmt.Sprintf("has logged nothing since it began %s "+
				"ago", ago(age))}, ""
		}
		return nil, "stalled: nothing was logged yet"
	}
	age := now - times[len(times)-1]
	if age < -60 {
		return nil, fmt.Sprintf("stalled: its last event is %s ahead of this machine's clock, so ages "+
			"mean nothing", ago(-age))
	}
	if len(times) < 6 {
		return nil, fmt.Sprintf("stalled: %d times of logging make no rhythm (the last was %s ago)",
			len(times), ago(age))
	}
	gaps := make([]float64, len(times)-1)
	for i := range gaps {
		gaps[i] = times[i+1] - times[i]
	}
	usual, longest := median(gaps), slices.Max(gaps)
	if age <= max(10*usual, 3*longest, 300) {
		return nil, ""
	}
	return &Finding{Rule: RuleStalled, Text: fmt.Sprintf("the last event was %s ago; it logged every "+
		"%s, and never more than %s apart", ago(age), ago(usual), ago(longest))}, ""
}

// ago is a duration in seconds for a reader: "12.5s", "3m20s", "5h10m", "3d4h".
func ago(seconds float64) string {
	if seconds >= 1e9 || math.IsNaN(seconds) {
		return "ages"
	}
	d := time.Duration(seconds * float64(time.Second))
	switch {
	case d < 10*time.Second:
		return d.Round(10 * time.Millisecond).String()
	case d < time.Hour:
		return d.Round(time.Second).String()
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%dd%dh", int(d.Hours())/24, int(d.Hours())%24)
}
