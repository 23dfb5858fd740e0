package storage_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/storage"
)

// TestHostile_links has links to all kinds of places outside the folder: nothing there is read.
func TestHostile_links(t *testing.T) {
	t.Parallel()
	outside := tree{
		"run/meta.json": `{"created_at": 1.7e9, "alias": "SECRET"}`, "run/status.json": `{"status": "SECRET"}`,
		"run/events.jsonl":                    ev(`"SECRET": 1, "global_step": 1`),
		"run/summary.json":                    `{"SECRET": 1}`,
		"run/assets.json":                     `{"datasets": [{"name": "SECRET"}]}`,
		"run/media/SECRET.png":                "SECRET",
		"run/logs.txt":                        "SECRET",
		"run/environment.json":                `{"conda_env": "SECRET"}`,
		"project/exp/runs/SECRET/meta.json":   meta(1),
		"project/exp/runs/SECRET/status.json": finished,
		"model/SECRET/v1/metadata.json":       `{"description": "SECRET"}`,
	}.write(t)
	root := tree{
		"runs/p/honest/meta.json": meta(1), "runs/p/honest/status.json": finished,
		"runs/p/file links/status.json": finished, "runs/p/file links/media/": "",
		"artifacts/model/net/": "",
	}.write(t)
	for link, target := range map[string]string{
		"runs/p/dir link":                     "run",
		"runs/linked":                         "run",
		"linked":                              "project",
		"artifacts/linked":                    "model",
		"artifacts/model/net/v1":              "model/SECRET/v1",
		"runs/p/file links/meta.json":         "run/meta.json",
		"runs/p/file links/events.jsonl":      "run/events.jsonl",
		"runs/p/file links/summary.json":      "run/summary.json",
		"runs/p/file links/assets.json":       "run/assets.json",
		"runs/p/file links/media/x.png":       "run/media/SECRET.png",
		"runs/p/honest/media":                 "run/media",
		"runs/p/honest/events.jsonl":          "run/events.jsonl",
		"runs/p/honest/artifacts_used.json":   "run/assets.json",
		"runs/p/honest/code_snapshot.zip":     "run/meta.json",
		"runs/p/file links/environment.json":  "run/meta.json",
		"runs/p/honest/environment.json":      "run/environment.json",
		"runs/p/honest/logs.txt":              "run/logs.txt",
		"runs/p/file links/logs.txt":          "nowhere",
		"runs/p/file links/status.json.lock":  "run",
		"runs/p/file links/artifacts_created": "run",
	} {
		if err := os.Symlink(filepath.Join(outside, target), filepath.Join(root, link)); err != nil {
			t.Skip("no symbolic links here: ", err)
		}
	}
	store := open(t, root)
	if all := everything(t, store); strings.Contains(all, "SECRET") {
		t.Errorf("something outside was read:\n%s", all)
	}
	want := []string{"p:p:file links", "p:p:honest"}
	if got := list(t, store, client.Scope{}); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	run, err := store.Run(t.Context(), "file links")
	if err != nil || run.Captured.Environment || !strings.Contains(strings.Join(run.Problems, "\n"), "meta.json") {
		t.Errorf("%+v (%v)", run, err)
	}
	for _, ref := range []string{"dir link", "../outside", "linked/exp/SECRET", "SECRET"} {
		if _, err := store.Run(t.Context(), ref); !errors.Is(err, client.ErrNotFound) {
			t.Errorf("%q: %v", ref, err)
		}
	}
	stray := client.Experiment{ID: "run", RunDir: filepath.Join(outside, "run")}
	if m, err := store.Metrics(t.Context(), stray, nil); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("a run outside: %+v, %v", m, err)
	}
	if _, err := store.Log(t.Context(), stray); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("the log of a run outside: %v", err)
	}
	if env, err := store.Environment(t.Context(), stray); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("the environment of a run outside: %+v, %v", env, err)
	}
}

// TestHostile_linkInside follows no link, but a store that is itself reached by one is read.
func TestHostile_rootBehindALink(t *testing.T) {
	t.Parallel()
	root := tree{"runs/p/r/meta.json": meta(1), "runs/p/r/status.json": finished}.write(t)
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(root, link); err != nil {
		t.Skip("no symbolic links here: ", err)
	}
	store := open(t, link)
	if got := list(t, store, client.Scope{}); !slices.Equal(got, []string{"p:p:r"}) {
		t.Errorf("%q", got)
	}
	run, err := store.Run(t.Context(), "r")
	if err != nil || run.RunDir != filepath.Join(link, "runs", "p", "r") {
		t.Errorf("%q (%v)", run.RunDir, err)
	}
}

// TestHostile_files has files of every unreadable kind: the answer names them, and the runs
// beside them are as they are.
func TestHostile_files(t *testing.T) {
	t.Parallel()
	root := tree{
		"runs/p/good/meta.json": "{\r\n" + meta(1)[1:], "runs/p/good/status.json": finished + "\r\n",
		"runs/p/good/events.jsonl": strings.ReplaceAll(ev(`"loss": 1, "global_step": 1`), "\n", "\r\n"),
		"runs/p/good/logs.txt":     "\xd1\xb5\xc1\xb7\r\n", // GBK
		"runs/p/good/summary.json": `{"a": NaN, "b": [Infinity, -Infinity]}`,
		"runs/p/bad/meta.json":     "\xff\xfe{", "runs/p/bad/status.json": strings.Repeat("[", 100_000),
		"runs/p/bad/events.jsonl": strings.Repeat("\x00", 100_000) + "\n\xff\xfe\n",
		"runs/p/bad/summary.json": "", "runs/p/bad/assets.json": "nope",
		"runs/p/folders/meta.json/x": "", "runs/p/folders/status.json": finished,
		"runs/p/folders/events.jsonl/": "", "runs/p/folders/media": "no folder",
		"runs/p/huge/meta.json": meta(3), "runs/p/huge/status.json": finished,
		"artifacts/model/net/versions.json": "{", "artifacts/model/net/v1/metadata.json": "[]",
		"artifacts/model/net/v2/metadata.json": `{"created_at": 5, "size_bytes": "x", "num_files": 1.5}`,
		"artifacts/model/net/v4/metadata.json": "{}", "artifacts/model/net/v4/.deleted": "{}",
		"artifacts/.hidden/net/v1/metadata.json": "{}", "artifacts/model/.hidden/v1/metadata.json": "{}",
		"artifacts/model/net/v0/": "", "artifacts/model/net/v3/": "", "artifacts/file": "",
	}.write(t)
	huge := filepath.Join(root, "runs/p/huge/summary.json")
	if err := os.WriteFile(huge, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(huge, 65<<20); err != nil { // sparse
		t.Fatal(err)
	}
	store := open(t, root)
	everything(t, store)
	for id, want := range map[string][]string{
		"good":    nil,
		"bad":     {`bad/meta.json" cannot be read`, `bad/status.json" cannot be read`, `bad/summary.json" cannot be read`},
		"folders": {`folders/meta.json" cannot be read`},
		"huge":    {`huge/summary.json" cannot be read: it has 68157440 bytes`},
	} {
		run, err := store.Run(t.Context(), id)
		if err != nil {
			t.Errorf("%s: %v", id, err)
			continue
		}
		problems := strings.Join(run.Problems, "\n")
		for _, w := range want {
			if !strings.Contains(problems, w) {
				t.Errorf("%s: no problem says %q:\n%s", id, w, problems)
			}
		}
		if len(run.Problems) != len(want) {
			t.Errorf("%s: problems %q", id, run.Problems)
		}
	}
	bad, _ := store.Run(t.Context(), "bad")
	m, err := store.Metrics(t.Context(), bad, nil)
	if err != nil || len(m.Problems) != 1 || !strings.Contains(m.Problems[0], "2 lines") {
		t.Errorf("metrics of nonsense: %+v (%v)", m, err)
	}
	assets, err := store.Assets(t.Context(), bad)
	if err != nil || len(assets.Problems) != 1 || !strings.Contains(assets.Problems[0], "bad/assets.json") {
		t.Errorf("assets of nonsense: %+v (%v)", assets, err)
	}
	folders, _ := store.Run(t.Context(), "folders")
	m, err = store.Metrics(t.Context(), folders, nil)
	if err != nil || len(m.Problems) != 1 || !strings.Contains(m.Problems[0], "no regular file") {
		t.Errorf("metrics that are a folder: %+v (%v)", m, err)
	}
	checkRegistry(t, store)
}

func checkRegistry(t *testing.T, store *storage.Store) {
	t.Helper()
	registry, err := store.RegistryArtifacts(t.Context())
	if err != nil || len(registry) != 2 {
		t.Fatalf("%+v (%v)", registry, err)
	}
	for _, v := range registry {
		problems := strings.Join(v.Problems, "\n")
		if !strings.Contains(problems, "net/versions.json") ||
			strings.Contains(problems, "v1/metadata.json") != (v.Version == 1) {
			t.Errorf("v%d: problems %q", v.Version, v.Problems)
		}
		if v.SizeBytes != nil || v.NumFiles != nil || v.Version == 2 && v.CreatedAt != 5 {
			t.Errorf("%+v", v)
		}
	}
}

// TestHostile_names has names that are hard on paths, tables and terminals.
func TestHostile_names(t *testing.T) {
	t.Parallel()
	names := []string{"100%", "a b", "实验 一", "émoji 🎉", "tab\there", "new\nline", "esc\x1b[31m", "quo\"te",
		"back`tick", "-flag", "semi;colon", "dollar$HOME", "dots..", "a:b", "v1", "latest", "null", "\xff\xfe",
		strings.Repeat("长", 80)}
	files := tree{}
	for i, name := range names {
		for _, dir := range []string{"runs/p/" + name, "q/" + name + "/runs/x" + fmt.Sprint(i)} {
			files[dir+"/meta.json"], files[dir+"/status.json"] = meta(i), finished
			files[dir+"/events.jsonl"] = ev(`"loss": 1, "global_step": 1`)
		}
	}
	store := open(t, files.write(t))
	if got := list(t, store, client.Scope{}); len(got) != 2*len(names) {
		t.Errorf("%d runs of %d: %q", len(got), 2*len(names), got)
	}
	for i, name := range names {
		for _, id := range []string{name, "p/" + name, fmt.Sprint("x", i), fmt.Sprint("q/", name, "/x", i)} {
			run, err := store.Run(t.Context(), id)
			if err != nil {
				t.Errorf("%q: %v", id, err)
				continue
			}
			if m, err := store.Metrics(t.Context(), run, nil); err != nil || m.Rows != 1 {
				t.Errorf("metrics of %q: %+v (%v)", id, m, err)
			}
		}
	}
}

// TestHostile_deep has a folder of the depth that Runicorn allows, and one far beyond.
func TestHostile_deep(t *testing.T) {
	t.Parallel()
	files := tree{}
	for _, depth := range []int{30, 200} {
		dir := "runs/" + strings.Repeat("d/", depth) + fmt.Sprint("at ", depth)
		files[dir+"/meta.json"], files[dir+"/status.json"] = meta(depth), finished
	}
	got := list(t, open(t, files.write(t)), client.Scope{})
	if len(got) != 1 || !strings.HasSuffix(got[0], ":at 30") {
		t.Errorf("%q", got)
	}
}

// TestMedia_nameOrder also holds that folders in media are left alone.
func TestMedia_nameOrder(t *testing.T) {
	t.Parallel()
	store := open(t, tree{"runs/p/r/meta.json": meta(1), "runs/p/r/status.json": finished,
		"runs/p/r/media/b.png": "B", "runs/p/r/media/a.png": "A", "runs/p/r/media/sub/c.png": "C",
		"runs/p/none/meta.json": meta(1), "runs/p/none/status.json": finished}.write(t))
	for id, want := range map[string]string{"r": "media/a.png=A media/b.png=B ", "none": ""} {
		run, err := store.Run(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		err = store.Media(t.Context(), run, func(name string, r io.Reader) error {
			data, err := io.ReadAll(r)
			got += name + "=" + string(data) + " "
			return err
		})
		if err != nil || got != want || run.Captured.Media != (want != "") {
			t.Errorf("%s: %q (%v), want %q; captured %t", id, got, err, want, run.Captured.Media)
		}
	}
	stop := errors.New("enough")
	run, err := store.Run(t.Context(), "r")
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Media(t.Context(), run, func(string, io.Reader) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("stopped: %v", err)
	}
}
