package truth

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/runicorn-mcp/runicorn-mcp/analysis"
	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/viewer"
	"github.com/runicorn-mcp/runicorn-mcp/internal/realtest"
)

// TestViewer_alerts diagnoses runs that logged NaN and infinities. A Viewer up to 0.5 hides these:
// then the alerts of the SDK 0.4.1, which knows "loss" and not "neg", tell of them. 0.5.3 has none.
func TestViewer_alerts(t *testing.T) {
	t.Parallel()
	const hidden = "NaN and infinities: this Viewer shows them as missing"
	want := map[string][]string{
		"0.4.1 " + aaaaaa: {
			"loss: NaN once and infinite once by the SDK's alerts in the log, the first at <time>, the last " +
				"at <time>; the log has no steps", "other " + hidden},
		"0.4.1 " + three: {
			"loss: NaN once by the SDK's alerts in the log, at <time>; the log has no steps",
			"other " + hidden},
		"0.4.1 " + bbbbbb: {hidden},
		"0.5.3 " + aaaaaa: {hidden + ", and the log has no alert of any"},
		"0.5.3 " + three:  {hidden},
		"0.5.3 " + bbbbbb: {hidden},
	}
	for _, version := range []string{"0.4.1", "0.5.3"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			_, root := realtest.Seed(t, version)
			c := client.New(viewer.New(viewer.Options{BaseURL: realtest.Viewer(t, version, root)}))
			for _, id := range []string{aaaaaa, three, bbbbbb} {
				d := must(c.DiagnoseRun(t.Context(), id, time.Unix(int64(at(1000)), 0)))(t)
				var got []string
				for _, f := range d.Findings {
					if f.Rule == analysis.RuleNonFinite {
						got = append(got, f.Metric+": "+clock.ReplaceAllString(f.Text, "<time>"))
					}
				}
				for _, u := range d.Unchecked {
					if u, _, found := strings.Cut(u, "; --storage"); found {
						got = append(got, u)
					}
				}
				if diff := cmp.Diff(want[version+" "+id], got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", id, diff)
				}
			}
		})
	}
}
