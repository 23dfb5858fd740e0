package storage_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/storage"
)

// A tree is a storage folder by file; a name that ends in / is an empty folder.
type tree map[string]string

// write makes the tree in a new folder.
func (files tree) write(t *testing.T) (root string) {
	t.Helper()
	root = t.TempDir()
	for name, text := range files {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "/") {
			if err := os.MkdirAll(file, 0o755); err != nil {
				t.Fatal(err)
			}
		} else if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func open(t *testing.T, root string) *storage.Store {
	t.Helper()
	store, err := storage.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return store
}

// meta is a meta.json of a run created n seconds after an arbitrary time.
func meta(n int, more ...string) string {
	return fmt.Sprintf(`{"created_at": %d%s}`, 1_700_000_000+n, strings.Join(append([]string{""}, more...), ", "))
}

const finished = `{"status": "finished", "started_at": 1, "ended_at": 2}`

// list is every run as "label/id", newest first.
func list(t *testing.T, store *storage.Store, scope client.Scope) []string {
	t.Helper()
	var ids []string
	for run, err := range store.Runs(t.Context(), scope) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, strings.TrimPrefix(run.Project+":"+run.Name+":"+run.ID, "::"))
	}
	count, err := store.CountRuns(t.Context(), scope)
	if err != nil || count.Total != len(ids) {
		t.Errorf("CountRuns says %d (%v), Runs yields %d", count.Total, err, len(ids))
	}
	return ids
}

// layouts is a store of every layout, each with what is no run.
var layouts = tree{
	// 0.6 and later
	"runs/vision/resnet/20250101_100000_aaaaaa/meta.json":   meta(1),
	"runs/vision/resnet/20250101_100000_aaaaaa/status.json": finished,
	"runs/solo/20250101_100000_bbbbbb/status.json":          finished,
	"runs/solo/20250101_100000_bbbbbb/meta.json":            meta(2),
	"runs/a/b/c/d/my run/meta.json":                         meta(3),
	"runs/a/b/c/d/my run/status.json":                       finished,
	"runs/20250101_100000_cccccc/meta.json":                 meta(4),
	"runs/20250101_100000_cccccc/status.json":               finished,
	"runs/vision/empty/":                                    "",
	"runs/vision/20250101_100000_eeeeee/":                   "", // a run's name, and no run
	"runs/vision/notes.txt":                                 "x",
	"runs/.recycle/20250101_100000_dddddd/meta.json":        meta(5),
	"runs/.hidden/x/meta.json":                              meta(5),
	// 0.4, 0.5
	"nlp/bert/runs/20250101_100000_111111/meta.json":     meta(6),
	"nlp/bert/runs/20250101_100000_111111/status.json":   finished,
	"nlp/bert/runs/20250101_100000_222222/meta.json":     meta(7),
	"nlp/bert/runs/20250101_100000_222222/status.json":   finished,
	"nlp/bert/runs/20250101_100000_222222/.deleted":      "{}",
	"视觉/实验 1/runs/100%/meta.json":                        meta(8),
	"视觉/实验 1/runs/100%/status.json":                      finished,
	"vision/old/runs/20250101_100000_333333/meta.json":   meta(0),
	"vision/old/runs/20250101_100000_333333/status.json": finished,
	"nlp/notes/readme.md":                                "x",
	".cache/x/runs/y/meta.json":                          meta(9),
	"archive/x/runs/y/meta.json":                         meta(9), // no project
	"artifacts/model/runs/v1/metadata.json":              "{}",    // an artifact named runs
}

func TestRuns_layouts(t *testing.T) {
	t.Parallel()
	store := open(t, layouts.write(t))
	for _, test := range []struct {
		project string
		want    []string
	}{
		{"", []string{"视觉:实验 1:100%", "nlp:bert:20250101_100000_111111", "20250101_100000_cccccc",
			"a:b/c/d:my run", "solo:solo:20250101_100000_bbbbbb", "vision:resnet:20250101_100000_aaaaaa",
			"vision:old:20250101_100000_333333"}},
		{"vision", []string{"vision:resnet:20250101_100000_aaaaaa", "vision:old:20250101_100000_333333"}},
		{"a", []string{"a:b/c/d:my run"}},
		{"视觉", []string{"视觉:实验 1:100%"}},
		{"..", nil}, {"archive", nil}, {"vision/resnet", nil},
	} {
		if got := list(t, store, client.Scope{Project: test.project}); !slices.Equal(got, test.want) {
			t.Errorf("project %q: %q, want %q", test.project, got, test.want)
		}
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	store := open(t, layouts.write(t))
	for id, want := range map[string]string{
		"20250101_100000_aaaaaa": "vision/resnet", "vision/resnet/20250101_100000_aaaaaa": "vision/resnet",
		"my run": "a/b/c/d", "a/b/c/d/my run": "a/b/c/d", "100%": "视觉/实验 1",
		"solo/20250101_100000_bbbbbb": "solo", "20250101_100000_cccccc": "",
	} {
		run, err := store.Run(t.Context(), id)
		if err != nil || run.Label() != want {
			t.Errorf("%q: label %q (%v), want %q", id, run.Label(), err, want)
		}
	}
	for id, kind := range map[string]error{
		"": client.ErrNotFound, "none": client.ErrNotFound, "..": client.ErrNotFound,
		"vision": client.ErrNotFound, "20250101_100000_eeeeee": client.ErrNotFound,
		"20250101_100000_222222": client.ErrInRecycleBin, "20250101_100000_dddddd": client.ErrInRecycleBin,
	} {
		if _, err := store.Run(t.Context(), id); !errors.Is(err, kind) {
			t.Errorf("%q: %v, want %v", id, err, kind)
		}
	}
}

// TestRun_duplicates has one id at several places, as after copying a folder by hand.
func TestRun_duplicates(t *testing.T) {
	t.Parallel()
	const id = "20250101_100000_aaaaaa"
	store := open(t, tree{
		"runs/a/" + id + "/meta.json": meta(1), "runs/a/" + id + "/status.json": finished,
		"runs/b/c/" + id + "/meta.json": meta(2), "runs/b/c/" + id + "/status.json": finished,
		"a/x/runs/" + id + "/meta.json": meta(3), "a/x/runs/" + id + "/status.json": finished,
	}.write(t))
	want := []string{"a:x:" + id, "b:c:" + id, "a:a:" + id}
	if got := list(t, store, client.Scope{}); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	_, err := store.Run(t.Context(), id)
	if !errors.Is(err, client.ErrBadRequest) || !strings.Contains(err.Error(), "a/x/"+id) {
		t.Errorf("the id alone: %v", err)
	}
	for _, label := range []string{"a/" + id, "b/c/" + id, "a/x/" + id} {
		run, err := store.Run(t.Context(), label)
		if err != nil || !strings.HasSuffix(label, run.Label()+"/"+id) {
			t.Errorf("%s: %q (%v)", label, run.Label(), err)
		}
	}
}

// TestRuns_order puts runs in the order of created_at, whatever their ids say, equal ones by id.
func TestRuns_order(t *testing.T) {
	t.Parallel()
	files := tree{}
	add := func(id string, created int) {
		files["runs/p/"+id+"/meta.json"], files["runs/p/"+id+"/status.json"] = meta(created), finished
	}
	// Ids are wall-clock times of 2023-11-14, 22:13:20 UTC being second 0: some zones apart.
	add("20231114_221320_aaaaaa", 0)
	add("20231114_141321_bbbbbb", 1) // 8 hours west
	add("20231115_061318_cccccc", -2)
	add("20231115_061320_000001", 0)
	add("20231115_061320_000002", 0)
	add("zz custom", -1)
	add("custom", 2)
	want := []string{"custom", "20231114_141321_bbbbbb", "20231115_061320_000002",
		"20231115_061320_000001", "20231114_221320_aaaaaa", "zz custom", "20231115_061318_cccccc"}
	var got []string
	for run, err := range open(t, files.write(t)).Runs(t.Context(), client.Scope{}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, run.ID)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
}

// TestRuns_status covers what status.json, the process and its absence make of a run.
func TestRuns_status(t *testing.T) {
	t.Parallel()
	gone := exec.Command(os.Args[0], "-test.run=^$")
	if err := gone.Run(); err != nil {
		t.Fatal(err)
	}
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	process := func(host string, pid int) string {
		name, err := json.Marshal(host)
		if err != nil {
			t.Fatal(err)
		}
		return meta(1, fmt.Sprintf(`"pid": %d, "hostname": %s`, pid, name))
	}
	running := `{"status": "running", "started_at": 1}`
	for _, test := range []struct{ name, meta, status, want string }{
		{"alive", process(host, os.Getpid()), running, "running"},
		{"gone", process(host, gone.Process.Pid), running, "failed running process gone"},
		{"gone elsewhere", process("other", gone.Process.Pid), running, "running"},
		{"no pid", meta(1), running, "running"},
		{"gone and finished", process(host, gone.Process.Pid), finished, "finished"},
		{"reason", meta(1), `{"status": "failed", "exit_reason": "OOM"}`, "failed OOM"},
		{"old word", meta(1), `{"status": "crashed"}`, "failed crashed"},
		{"new word", meta(1), `{"status": "paused"}`, "finished paused"},
		{"no word", meta(1), `{}`, "unknown"},
		{"no text", meta(1), `{"status": 7}`, `unknown "runs/p/r/status.json": "status" is not a text`},
		{"no file", meta(1), "", `unknown "runs/p/r/status.json" is missing`},
		{"empty", meta(1), "\n", `unknown "runs/p/r/status.json" cannot be read: it is no valid JSON`},
		{"a list", meta(1), "[]", `unknown "runs/p/r/status.json" cannot be read: it holds no JSON object`},
		{"half", meta(1), `{"status": "runn`,
			`unknown "runs/p/r/status.json" cannot be read: it is no valid JSON`},
		{"two", meta(1), `{} {}`, `unknown "runs/p/r/status.json" cannot be read: it is no valid JSON`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			files := tree{"runs/p/r/meta.json": test.meta}
			if test.status != "" {
				files["runs/p/r/status.json"] = test.status
			}
			run, err := open(t, files.write(t)).Run(t.Context(), "r")
			got := strings.Join(slices.DeleteFunc(append([]string{run.Status, run.RawStatus,
				run.StatusReason}, run.Problems...), func(s string) bool { return s == "" }), " ")
			if err != nil || got != test.want {
				t.Errorf("%s (%v), want %s", got, err, test.want)
			}
		})
	}
}

// TestRun_wrongTypes reads what no SDK writes: every field that can be read is kept, every other
// one is named.
func TestRun_wrongTypes(t *testing.T) {
	t.Parallel()
	run, err := open(t, tree{
		"runs/p/r/meta.json": `{"created_at": "yesterday", "pid": "x", "hostname": ["h"], "tags": ["a", 1],
			"alias": 3, "path": "p", "python": null}`,
		"runs/p/r/status.json":  `{"status": "finished", "started_at": 1e300, "ended_at": NaN}`,
		"runs/p/r/summary.json": `{"best_metric_value": "0.5", "best_metric_name": 1}`,
	}.write(t)).Run(t.Context(), "r")
	if err != nil {
		t.Fatal(err)
	}
	if run.Path != "p" || !slices.Equal(run.Tags, []string{"a"}) || run.Status != "finished" ||
		run.Best != nil || run.PID != 0 || run.StartedAt != 0 || run.CreatedAt < 1.7e9 {
		t.Errorf("%+v", run)
	}
	problems := strings.Join(run.Problems, "\n")
	for _, field := range []string{"created_at", "pid", "hostname", "tags", "alias", "started_at", "ended_at"} {
		if !strings.Contains(problems, fmt.Sprintf("%q", field)) {
			t.Errorf("no problem names %s: %s", field, problems)
		}
	}
}

// TestOpen_errors says what is wrong with a folder.
func TestOpen_errors(t *testing.T) {
	t.Parallel()
	root := tree{"file": "x"}.write(t)
	for name, want := range map[string]string{
		"none": "does not exist", "file": "is no folder",
	} {
		_, err := storage.Open(filepath.Join(root, name))
		if !errors.Is(err, client.ErrConnection) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want one that says %q", name, err, want)
		}
	}
	if got := list(t, open(t, root), client.Scope{}); got != nil {
		t.Errorf("a folder without runs has %q", got)
	}
}
