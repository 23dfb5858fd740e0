package client_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

func ids(runs []client.Experiment) string {
	var list []string
	for _, r := range runs {
		list = append(list, r.ID)
	}
	return strings.Join(list, " ")
}

func TestListExperiments(t *testing.T) {
	t.Parallel()
	source := &memory{runs: []client.Experiment{
		run("a", "vision/resnet", 1), run("b", "vision/vit", 2, status("running")),
		run("c", "nlp/bert", 3, status("failed")), run("d", "vision/resnet", 4, alias("best"),
			func(e *client.Experiment) { e.Tags = []string{"paper", "论文"} }),
	}}
	tests := []struct {
		name  string
		opts  client.ListOptions
		want  string
		total int
	}{
		{"everything, newest first", client.ListOptions{}, "d c b a", 4},
		{"project", client.ListOptions{Project: "vision"}, "d b a", 3},
		{"project and name", client.ListOptions{Project: "vision", Name: "resnet"}, "d a", 2},
		{"alias", client.ListOptions{Name: "best"}, "d", 1},
		{"path", client.ListOptions{Name: "vision/vit"}, "b", 1},
		{"status", client.ListOptions{Status: "failed"}, "c", 1},
		{"status synonym", client.ListOptions{Status: "Crashed"}, "c", 1},
		{"page", client.ListOptions{Limit: 2, Offset: 1}, "c b", 4},
		{"last page", client.ListOptions{Limit: 3, Offset: 3}, "a", 4},
		{"past the end", client.ListOptions{Offset: 9}, "", 4},
		{"page of a filter", client.ListOptions{Project: "vision", Status: "finished", Limit: 1}, "d", 2},
		{"tags", client.ListOptions{Tags: []string{"论文", "paper"}}, "d", 1},
		{"one tag is missing", client.ListOptions{Tags: []string{"paper", "x"}, Limit: 1}, "", 0},
		{"no such project", client.ListOptions{Project: "vis"}, "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := client.New(source).ListExperiments(t.Context(), tt.opts)
			if err != nil {
				t.Fatal(err)
			}
			if s := ids(got.Experiments); s != tt.want || got.Total != tt.total {
				t.Errorf("got %q of %d, want %q of %d", s, got.Total, tt.want, tt.total)
			}
		})
	}
}

func TestListExperiments_readsThePageOnly(t *testing.T) {
	t.Parallel()
	source := &memory{unlisted: 2}
	for i := range 1000 {
		source.runs = append(source.runs, run(strings.Repeat("x", i+1), "p", i))
	}
	page, err := client.New(source).ListExperiments(t.Context(), client.ListOptions{Limit: 20})
	if err != nil || page.Total != 1000 || page.Unlisted != 2 {
		t.Fatalf("total %d, unlisted %d, %v", page.Total, page.Unlisted, err)
	}
	if source.read != 20 {
		t.Errorf("%d runs were read for a page of 20", source.read)
	}
	_, err = client.New(source).Resolve(t.Context(), "lost")
	if !errors.Is(err, client.ErrNotFound) || !strings.Contains(err.Error(), "does not list all of its runs") {
		t.Errorf("a run that may be unlisted: %v", err)
	}
}

func TestListExperiments_badArguments(t *testing.T) {
	t.Parallel()
	for _, opts := range []client.ListOptions{{Status: "broken"}, {Limit: -1}, {Offset: -1}} {
		_, err := client.New(&memory{}).ListExperiments(t.Context(), opts)
		var e *client.Error
		if !errors.Is(err, client.ErrBadRequest) || !errors.As(err, &e) || e.Op != "list_experiments" {
			t.Errorf("%+v: error %v", opts, err)
		}
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	source := &memory{
		runs: []client.Experiment{
			run("20250101_100000_aaaaaa", "vision/resnet", 1, alias("baseline")),
			run("20250101_110000_bbbbbb", "vision/resnet", 2),
			run("20250102_100000_cccccc", "vision/vit", 3, alias("twin")),
			run("20250103_100000_dddddd", "nlp/bert", 4, alias("twin")),
			run("resnet", "odd/place", 5), // an id that is also a name
			run("same", "one", 6), run("same", "two", 7),
			run("20250105_100000_ffffff", "odd/spaces", 0, alias(" Final FINAL ")),
		},
		deleted: []string{"20250104_100000_eeeeee"},
	}
	tests := []struct {
		ref, want, err string
	}{
		{ref: "20250101_100000_aaaaaa", want: "20250101_100000_aaaaaa"},
		{ref: "20250102", want: "20250102_100000_cccccc"},
		{ref: "baseline", want: "20250101_100000_aaaaaa"},
		{ref: "vision/vit", want: "20250102_100000_cccccc"},
		{ref: "bert", want: "20250103_100000_dddddd"},
		{ref: "resnet", want: "resnet"}, // the exact id is asked first
		{ref: "latest", want: "same"},
		{ref: "vision/resnet/latest", want: "20250101_110000_bbbbbb"},
		{ref: "vision/latest", want: "20250102_100000_cccccc"},
		{ref: "twin/latest", want: "20250103_100000_dddddd"},
		{ref: "one/same", want: "same"},
		{ref: "final final", want: "20250105_100000_ffffff"},
		{ref: "Vision/VIT ", want: "20250102_100000_cccccc"},
		{ref: "Twin", err: `"Twin" fits 2 runs: 20250103_100000_dddddd`},
		{ref: "same", err: "two runs same"},
		{ref: "20250101", err: `"20250101" fits 2 runs: 20250101_110000_bbbbbb (vision/resnet, ` +
			`finished, 2023-11-14 22:15); 20250101_100000_aaaaaa (vision/resnet, baseline, finished, ` +
			`2023-11-14 22:14). Give the id of one, or "20250101/latest" for the newest.`},
		{ref: "twin", err: `"twin" fits 2 runs: 20250103_100000_dddddd (nlp/bert, twin, finished, ` +
			`2023-11-14 22:17); 20250102_100000_cccccc (vision/vit, twin, finished, 2023-11-14 22:16). ` +
			`Give the id of one, or "twin/latest" for the newest.`},
		{ref: "vision/resnext", err: `No run "vision/resnext" among 8 runs. The nearest names are ` +
			`"vision/resnet".`},
		{ref: "zzzz", err: `No run "zzzz" among 8 runs. list_experiments shows what there is.`},
		{ref: "", err: "run_id is empty. Give an id, a unique beginning of one, an alias, a path, a " +
			"name or latest; list_experiments shows them."},
		{ref: "20250104_100000_eeeeee", err: `run "20250104_100000_eeeeee" is in the recycle bin`},
	}
	for _, tt := range tests {
		t.Run(tt.ref, func(t *testing.T) {
			got, err := client.New(source).Resolve(t.Context(), tt.ref)
			switch {
			case tt.err == "" && err != nil:
				t.Fatal(err)
			case tt.err != "" && (err == nil || !strings.HasPrefix(err.Error(), tt.err)):
				t.Errorf("error\n got %v\nwant %s", err, tt.err)
			case tt.err == "" && got.ID != tt.want:
				t.Errorf("%q is %s, want %s", tt.ref, got.ID, tt.want)
			}
		})
	}
	_, err := client.New(source).GetRun(t.Context(), "20250104_100000_eeeeee")
	if !errors.Is(err, client.ErrNotFound) || !errors.Is(err, client.ErrInRecycleBin) {
		t.Errorf("a deleted run gives %v", err)
	}
}

func TestGetExperiment_readsDetail(t *testing.T) {
	t.Parallel()
	withSummary := run("a", "p/n", 1, alias("x"))
	withSummary.Summary = map[string]any{"acc": 0.5}
	c := client.New(&memory{runs: []client.Experiment{withSummary}})
	for _, ref := range []string{"a", "x", "latest", "n"} {
		got, err := c.GetExperiment(t.Context(), ref)
		if err != nil || got.Summary["acc"] != 0.5 {
			t.Errorf("GetExperiment(%q) has summary %v, %v", ref, got.Summary, err)
		}
	}
}

func TestListProjects(t *testing.T) {
	t.Parallel()
	c := client.New(&memory{runs: []client.Experiment{
		run("a", "vision/x", 1), run("b", "nlp/x", 2, status("running")), run("c", "vision/y", 3),
		run("d", "", 4),
	}})
	got, err := c.ListProjects(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []client.Project{
		{Name: "", ExperimentCount: 1, LatestUpdate: 1_700_000_240},
		{Name: "nlp", ExperimentCount: 1, Running: 1, LatestUpdate: 1_700_000_120},
		{Name: "vision", ExperimentCount: 2, LatestUpdate: 1_700_000_180},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("ListProjects (-want +got):\n%s", d)
	}
}

func TestNormalizeStatus(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"running": "running", " Finished ": "finished", "completed": "finished", "success": "finished",
		"error": "failed", "crashed": "failed", "killed": "interrupted", "aborted": "interrupted",
		"paused": "finished", "": "unknown",
	} {
		if got := client.NormalizeStatus(raw); got != want {
			t.Errorf("NormalizeStatus(%q) = %s, want %s", raw, got, want)
		}
	}
}

func TestNeedsViewer(t *testing.T) {
	t.Parallel()
	c := client.New(&memory{})
	_, err := c.UpdateConfig(t.Context(), "/data")
	if err == nil || !errors.Is(err, client.ErrBadRequest) ||
		!strings.Contains(err.Error(), "update_config needs a running Viewer (0.4 to 0.7)") {
		t.Errorf("UpdateConfig on a folder: %v", err)
	}
	for _, root := range []string{"", "data", " /data", "./x"} {
		if _, err := c.UpdateConfig(t.Context(), root); !errors.Is(err, client.ErrBadRequest) ||
			!strings.Contains(err.Error(), "not an absolute path") {
			t.Errorf("UpdateConfig(%q): %v", root, err)
		}
	}
	if _, err := c.Remote.ListSessions(t.Context()); err == nil || !strings.Contains(err.Error(),
		"list_sessions needs a running Viewer 0.5, 0.6 or 0.7; this is a storage folder") {
		t.Errorf("ListSessions on a folder: %v", err)
	}
}
