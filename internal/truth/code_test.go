package truth

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/viewer"
	"github.com/runicorn-mcp/runicorn-mcp/internal/realtest"
)

// TestCode compares the code that real SDKs captured with two runs, from the folder and through the
// Viewer.
func TestCode(t *testing.T) {
	t.Parallel()
	want := []client.FileChange{{Name: "train.py", Kind: "changed"}}
	want[0].Added, want[0].Removed = 1, 1
	want[0].Lines, want[0].Of = []string{"@@ -2 +2 @@", " ", "-lr = 0.1", "+lr = 0.2", " main()"}, 5
	for _, version := range []string{"0.6.0", "0.7.2"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			cmd := realtest.Command(t, version, realtest.Program(t, "two_codes.py"), root)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			for _, c := range []*client.Client{client.New(open(t, root)),
				client.New(viewer.New(viewer.Options{BaseURL: realtest.Viewer(t, version, root)}))} {
				got := must(c.ContrastRuns(t.Context(), []string{"code-0", "code-1"}, nil))(t)
				if len(got.Code) != 1 || len(got.Problems) > 0 || got.Differs[0].What != "code" {
					t.Fatalf("%s: %+v", c.Source(), got)
				}
				if diff := cmp.Diff(want, got.Code[0].Files); diff != "" {
					t.Errorf("%s (-want +got):\n%s", c.Source(), diff)
				}
			}
		})
	}
}
