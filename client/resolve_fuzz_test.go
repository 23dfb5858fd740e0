package client_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// FuzzResolve holds that a reference finds a run that it describes, or fails with one of the
// documented kinds, with a message without control characters.
func FuzzResolve(f *testing.F) {
	for _, seed := range []string{"latest", "/latest", "a/latest", "20250101", "图像/残差", "twin",
		"a b%20c", "..", "\x00", "same", "one/same", "x/y", "//", "latest/latest"} {
		f.Add(seed)
	}
	c := client.New(&memory{
		runs: []client.Experiment{
			run("20250101_100000_aaaaaa", "vision/resnet", 1, alias("twin")),
			run("20250101_110000_bbbbbb", "图像/残差", 2, alias("twin")),
			run("a b%20c", "", 3), run("same", "one", 4), run("same", "two", 5), run("y", "p/x", 6),
		},
		deleted: []string{"20250104_100000_eeeeee"},
	})
	f.Fuzz(func(t *testing.T, ref string) {
		got, err := c.Resolve(t.Context(), ref)
		if err != nil {
			if !errors.Is(err, client.ErrNotFound) && !errors.Is(err, client.ErrBadRequest) {
				t.Fatalf("Resolve(%q): %v is of no kind", ref, err)
			}
			if strings.ContainsFunc(err.Error(), func(r rune) bool { return r < ' ' }) {
				t.Fatalf("Resolve(%q): %q has control characters", ref, err)
			}
			return
		}
		base := strings.TrimSuffix(ref, "/latest")
		described := ref == "latest" || strings.HasPrefix(got.ID, base) || got.Alias == base ||
			got.Name == base || got.Project == base || strings.HasPrefix(got.Label(), base) ||
			got.Label()+"/"+got.ID == ref
		if !described {
			t.Fatalf("Resolve(%q) is %s of %s", ref, got.ID, got.Label())
		}
	})
}

// FuzzArtifactID holds the same for references to artifact versions.
func FuzzArtifactID(f *testing.F) {
	for _, seed := range []string{"net", "net:v1", "net:2", "net:best", "model/net:latest", ":", "net:",
		"net:v-1", "net:v99999999999999999999", "hf:/x", "hf:/x:v1", "a:b:c"} {
		f.Add(seed)
	}
	source := registry()
	source.registry = append(source.registry, client.Artifact{Name: "hf:/x", Type: "dataset", Version: 1})
	c := client.New(source)
	f.Fuzz(func(t *testing.T, id string) {
		a, err := c.Artifacts.GetArtifact(t.Context(), id)
		switch {
		case err != nil && !errors.Is(err, client.ErrNotFound) && !errors.Is(err, client.ErrBadRequest):
			t.Fatalf("GetArtifact(%q): %v is of no kind", id, err)
		case err == nil && !strings.Contains(id, a.Name):
			t.Fatalf("GetArtifact(%q) is %s", id, a.ID())
		}
	})
}
