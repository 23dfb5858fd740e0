package analysis_test

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/runicorn-mcp/runicorn-mcp/analysis"
)

// alerts are the findings of a log's alerts, a line each.
func alerts(log io.Reader) (list []string) {
	var finder analysis.AlertFinder
	_, _ = io.Copy(&finder, log)
	for _, a := range finder.Alerts() {
		f := a.Finding()
		list = append(list, fmt.Sprintf("%s %s %t: %s", f.Rule, f.Metric, f.Located, f.Text))
	}
	return list
}

func TestAlertFinder(t *testing.T) {
	t.Parallel()
	const nan = "12:00:01 | ⚠️ Alert: loss is NAN\n"
	const by = " by the SDK's alerts in the log, "
	const found = "non_finite loss false: NaN once" + by + "at 12:00:01; the log has no steps"
	for _, c := range []struct {
		name, log string
		want      []string
	}{
		{"nothing", "", nil},
		{"one", "12:00:00 | begin\n" + nan + "12:00:02 | end\n", []string{found}},
		{"unended", strings.TrimSuffix(nan, "\n"), []string{found}},
		{"CRLF", strings.ReplaceAll(nan, "\n", "\r\n"), []string{found}},
		{"many", strings.Repeat(nan, 3) + "23:59:59 | ⚠️ Alert: loss is INF\n" +
			"00:00:03 | ⚠️ Alert: val_loss is NAN\n" +
			"00:00:04 | ⚠️ Alert: loss is INF\n", []string{
			"non_finite loss false: NaN 3 times and infinite 2 times" + by + "the first " +
				"at 12:00:01, the last at 00:00:04; the log has no steps",
			"non_finite val_loss false: NaN once" + by + "at 00:00:03; the log has no steps"}},
		{"rule of training code", "12:00:01 | ⚠️ Alert: what is is INF\n", []string{
			"non_finite what is false: infinite once" + by + "at 12:00:01; the log has no steps"}},
		{"threshold", "12:00:01 | ⚠️ Alert: loss=9.5 gt 5.0\n", nil},
		{"no clock", "⚠️ Alert: loss is NAN\n", nil},
		{"captured too", "[12:00:01] ⚠️ Alert: loss is NAN\n" + nan, []string{found}},
		{"told of", "12:00:01 | saw ⚠️ Alert: loss is NAN\n12:00:01 | ⚠️ Alert: loss is NAN again\n", nil},
		{"too long a name", "12:00:01 | ⚠️ Alert: " + strings.Repeat("x", 201) + " is NAN\n" + nan,
			[]string{found}},
		{"a long name", "12:00:01 | ⚠️ Alert: " + strings.Repeat("损", 200) + " is NAN\n", []string{
			strings.Replace(found, "loss", strings.Repeat("损", 200), 1)}},
		{"too long an end", strings.TrimSuffix(nan, "\n") + strings.Repeat("\r", 2000) + "x\n", nil},
		{"too long a line", strings.Repeat("x", 5000) + nan + nan, []string{found}},
	} {
		for _, log := range []io.Reader{strings.NewReader(c.log), iotest.OneByteReader(strings.NewReader(c.log))} {
			if d := cmp.Diff(c.want, alerts(log)); d != "" {
				t.Errorf("%s (-want +got):\n%s", c.name, d)
			}
		}
	}
	var many strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&many, "12:00:01 | ⚠️ Alert: m%d is NAN\n", i)
	}
	if n := len(alerts(strings.NewReader(many.String()))); n != 100 {
		t.Errorf("%d metrics are kept", n)
	}
}

// FuzzAlertFinder reads anything in any portions: what is found fits an answer, and does not depend
// on how the log was cut.
func FuzzAlertFinder(f *testing.F) {
	f.Add("12:00:01 | ⚠️ Alert: loss is NAN\n")
	f.Add("\r\n12:00:01 | ⚠️ Alert: \xff is INF\r\r")
	f.Fuzz(func(t *testing.T, log string) {
		whole := alerts(strings.NewReader(log))
		if d := cmp.Diff(whole, alerts(iotest.OneByteReader(strings.NewReader(log)))); d != "" {
			t.Errorf("(-whole +by bytes):\n%s", d)
		}
		for _, text := range whole {
			if len(text) > 1000 || utf8.ValidString(log) && !utf8.ValidString(text) {
				t.Errorf("found %q", text)
			}
		}
	})
}
