package truth

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/viewer"
	"github.com/runicorn-mcp/runicorn-mcp/internal/realtest"
	"github.com/runicorn-mcp/runicorn-mcp/prompts"
	"github.com/runicorn-mcp/runicorn-mcp/tools"
)

// TestViewer_happened asks what happened since a time shortly before the seeded runs from dddddd on
// ended. Lists do not say when that was; details do, but those of 0.4 and 0.5.
func TestViewer_happened(t *testing.T) {
	t.Parallel()
	for _, version := range realtest.Versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			_, root := realtest.Seed(t, version)
			c := client.New(viewer.New(viewer.Options{BaseURL: realtest.Viewer(t, version, root)}))
			env := &tools.Env{Client: func(context.Context, string) (*client.Client, error) { return c, nil }}
			list := prompts.For(tools.All())
			i := slices.IndexFunc(list, func(p prompts.Prompt) bool { return p.Name == "what_happened_since" })
			text := must(list[i].Get(t.Context(), env, map[string]string{"since": "2023-11-14T22:20:05Z"}))(t)
			_, told, _ := strings.Cut(text, "\n\n")
			want := []string{" Of 4 older ones it is not known when they ended.\n",
				"Z started and interrupted nlp/bert [" + eeeeee + "]\n"}
			if !realtest.HasRegistry(version) {
				want = []string{"Z failed nlp/bert [" + ffffff + "] reason \"process_not_found\"\n",
					"\n2023-11-14 22:28Z finished default [" + three + "] after 10s best loss=NaN\n",
					"\n2023-11-14 22:24Z finished [my run 1] after 10s\n",
					"\n2023-11-14 22:21Z interrupted nlp/bert/deep [" + eeeeee + "] after 10s\n",
					"\n2023-11-14 22:20Z failed nlp/bert [" + dddddd + "] after 10s\n"}
			}
			for _, part := range want {
				if !strings.Contains(told, part) {
					t.Errorf("no %q in\n%s", part, told)
				}
			}
			if known := !strings.Contains(told, "not known"); known == realtest.HasRegistry(version) {
				t.Errorf("when runs ended is said to be known: %t\n%s", known, told)
			}
		})
	}
}
