package truth

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/internal/realtest"
)

// TestExamples runs the documented examples as programs, on the Viewer of each release and on
// the folder below it: they say the same.
func TestExamples(t *testing.T) {
	t.Parallel()
	bin := t.TempDir()
	if out, err := realtest.Go(t, "build", "-o", bin+string(filepath.Separator), "../../examples/...").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, version := range realtest.Versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			_, root := realtest.Seed(t, version)
			address := realtest.Viewer(t, version, root)
			for _, example := range []struct {
				name string
				args []string
				want string // the beginning
			}{
				{"best-accuracy", []string{"-project", "vision", "-metric", "acc"}, "Best of 2 runs: resnet"},
				{"export-runs", []string{"-project", "vision"}, "vision-resnet_" + bbbbbb + ".json: 2 steps\n"},
				{"compare-loss", []string{"-metric", "loss", bbbbbb, dddddd},
					"step," + bbbbbb + "," + dddddd + "\n1,1,3\n2,0.5,\n"},
				{"walk-artifacts", []string{"-type", "dataset"}, "dataset "},
			} {
				var said []string
				for _, from := range []string{address, root} {
					args := slices.Concat([]string{"-from", from}, example.args)
					cmd := realtest.Run(t, filepath.Join(bin, example.name), args...)
					out, err := cmd.CombinedOutput()
					if err != nil {
						t.Errorf("%s -from %s: %v\n%s", example.name, from, err, out)
					}
					said = append(said, string(out))
				}
				if said[0] != said[1] || len(said[0]) < len(example.want) ||
					said[0][:len(example.want)] != example.want {
					t.Errorf("%s: the Viewer gives\n%s\nthe folder\n%s", example.name, said[0], said[1])
				}
			}
		})
	}
}
