package completion_test

import (
	"slices"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/completion"
	"github.com/runicorn-mcp/runicorn-mcp/internal/testkit"
)

// TestComplete_hostileStore completes names of which some are tokens: those are left out, as what
// is offered must be usable, and the others are there.
func TestComplete_hostileStore(t *testing.T) {
	t.Parallel()
	root, tokens := testkit.HostileStore(t)
	c, err := testkit.Env(t, root).Client(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, ask := range []struct {
		kind       completion.Kind
		typed, run string
		want       []string
	}{
		{completion.Run, "", "", []string{"latest", "fourth", "20250103_100000_cccccc", "second", "evil/x/latest",
			"20250102_100000_bbbbbb", "first", "20250101_100000_aaaaaa"}},
		{completion.Run, "hf_Qz7", "", nil},
		{completion.Run, "hf_Qz8", "", nil},
		{completion.Project, "", "", []string{"evil"}},
		{completion.Metric, "", tokens.Of("alias"), []string{"loss"}},
	} {
		found, err := new(completion.Completer).Complete(t.Context(), c, ask.kind, ask.typed, ask.run)
		if err != nil || !slices.Equal(found.Values, ask.want) {
			t.Errorf("%s %q: %q, %v; want %q", ask.kind, ask.typed, found.Values, err, ask.want)
		}
	}
}

// TestComplete_words has a name that only begins as a key does.
func TestComplete_words(t *testing.T) {
	t.Parallel()
	s := &source{runs: []client.Experiment{{ID: "1", Alias: "sk-learn-random-forest"}}}
	found, err := new(completion.Completer).Complete(t.Context(), client.New(s), completion.Run, "sk", "")
	if err != nil || !slices.Equal(found.Values, []string{"sk-learn-random-forest"}) {
		t.Errorf("%q, %v", found.Values, err)
	}
}
