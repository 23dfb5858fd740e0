package analysis

import (
	"bytes"
	"regexp"
)

// An Alert sums up the lines of a log in which the SDK says that a metric was NaN or infinite.
type Alert struct {
	Metric        string // as logged, at most 200 characters
	NaN, Infinite int    // values that were so: there is a line for each
	First, Last   string // clock time of the first and the last of these lines, "15:04:05"
}

const (
	maxAlertLine = 1000 // bytes; a longer line is none
	maxAlerts    = 100  // metrics
)

// alertLine is what the SDKs 0.4.1 and 0.7.2 write to logs.txt when their monitor, which is always
// there, is given a metric that one of its rules names: "loss" NaN or infinite, "train_loss",
// "val_loss" and "test_loss" NaN, and what training code adds (monitors.py, sdk.py). 0.5.3 and
// 0.6.0 do not find their monitor and write nothing.
var alertLine = regexp.MustCompile(`^(\d\d:\d\d:\d\d) \| ⚠️ Alert: (.{1,200}) is (NAN|INF)$`)

// An AlertFinder finds the SDK's alerts in the bytes of a log, whatever its size in bounded memory.
// [AlertFinder.Write] the log to it in any portions.
type AlertFinder struct {
	line   []byte // the beginning of the line being written
	found  []Alert
	byName map[string]int
}

// Write takes the next portion of the log. It never fails.
func (f *AlertFinder) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		part, rest, ended := bytes.Cut(p, []byte("\n"))
		f.line = append(f.line, part[:min(len(part), maxAlertLine+1-len(f.line))]...)
		if ended {
			f.add(f.line)
			f.line = f.line[:0]
		}
		p = rest
	}
	return n, nil
}

// Alerts are the alerts so far, a last line without its end included, by their first line.
func (f *AlertFinder) Alerts() []Alert {
	f.add(f.line)
	f.line = f.line[:0]
	return f.found
}

func (f *AlertFinder) add(line []byte) {
	if len(line) > maxAlertLine || !bytes.Contains(line, []byte("Alert: ")) {
		return
	}
	m := alertLine.FindSubmatch(bytes.TrimRight(line, "\r"))
	if m == nil {
		return
	}
	metric, clock := string(m[2]), string(m[1])
	i, known := f.byName[metric]
	if !known {
		if len(f.found) == maxAlerts {
			return
		}
		if f.byName == nil {
			f.byName = make(map[string]int)
		}
		i = len(f.found)
		f.byName[metric] = i
		f.found = append(f.found, Alert{Metric: metric, First: clock})
	}
	a := &f.found[i]
	a.Last = clock
	if string(m[3]) == "NAN" {
		a.NaN++
	} else {
		a.Infinite++
	}
}

// Finding is the alert as a finding of [RuleNonFinite]. At which steps it was the log does not say.
func (a Alert) Finding() Finding {
	text := ""
	switch {
	case a.Infinite == 0:
		text = "NaN " + times(a.NaN)
	case a.NaN == 0:
		text = "infinite " + times(a.Infinite)
	default:
		text = "NaN " + times(a.NaN) + " and infinite " + times(a.Infinite)
	}
	text += " by the SDK's alerts in the log, "
	if a.NaN+a.Infinite == 1 {
		text += "at " + a.First
	} else {
		text += "the first at " + a.First + ", the last at " + a.Last
	}
	return Finding{Rule: RuleNonFinite, Metric: a.Metric, Text: text + "; the log has no steps"}
}

// times is "once" or "12 times".
func times(n int) string {
	if n == 1 {
		return "once"
	}
	return itoa(n) + " times"
}
