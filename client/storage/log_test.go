package storage_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

func TestLog(t *testing.T) {
	t.Parallel()
	store := open(t, tree{
		"runs/p/a/meta.json": meta(1), "runs/p/a/status.json": finished, "runs/p/a/logs.txt": "x\ny",
		"runs/p/b/meta.json": meta(2), "runs/p/b/status.json": finished,
		"old/exp/runs/c/meta.json": meta(3), "old/exp/runs/c/logs.txt": "10:00:00 | z\n",
	}.write(t))
	for id, want := range map[string]string{"a": "x\ny", "b": "", "c": "10:00:00 | z\n"} {
		run, err := store.Run(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		log, err := store.Log(t.Context(), run)
		if want == "" {
			if !errors.Is(err, client.ErrNotFound) {
				t.Errorf("%s: a log that is not there gives %v", id, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if text, err := io.ReadAll(log); err != nil || string(text) != want {
			t.Errorf("%s: %q, %v", id, text, err)
		}
		log.Close()
	}
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	store := open(t, tree{
		"runs/p/a/meta.json": meta(1), "runs/p/a/status.json": finished,
		"runs/p/a/environment.json": `{"python_version": "3.11", "pip_packages": ["torch==2.1", 5, "numpy==1.26"],
			"conda_packages": ["mkl=2023=0"], "conda_env": "ml", "gpu_info": [{"index": 0, "name": "A100"}],
			"env_variables": {"PATH": "SECRET", "HF_TOKEN": "SECRET"},
			"git_info": {"commit": "abc", "branch": "main", "has_changes": true, "changed_files_count": 3,
				"remote": "https://me:SECRET@host/r.git", "last_commit_message": "fix"}}`,
		"runs/p/b/meta.json": meta(2), "runs/p/b/environment.json": `{"pip_packages": null,
			"git_info": {"commit": "abc", "has_changes": false, "remote": "git@host:r.git"}}`,
		"runs/p/c/meta.json": meta(3), "runs/p/c/environment.json": `{"git_info": `,
	}.write(t))
	none, three := 0, 3
	want := map[string]client.Environment{
		"a": {Packages: []string{"torch==2.1", "numpy==1.26", "mkl=2023=0"}, Conda: "ml",
			GPUs: []string{"A100"}, Variables: []string{"HF_TOKEN", "PATH"},
			Git: &client.Git{Commit: "abc", Branch: "main", Message: "fix",
				Remote: "https://host/r.git", Changed: &three}},
		"b": {Git: &client.Git{Commit: "abc", Remote: "git@host:r.git", Changed: &none}},
	}
	for id, want := range want {
		run, err := store.Run(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		got, err := store.Environment(t.Context(), run)
		if d := cmp.Diff(want, got); d != "" || err != nil || strings.Contains(fmt.Sprintf("%+v", got), "SECRET") {
			t.Errorf("%s: %v (-want +got):\n%s", id, err, d)
		}
	}
	run, err := store.Run(t.Context(), "c")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Environment(t.Context(), run); !errors.Is(err, client.ErrServer) ||
		!strings.Contains(err.Error(), "no valid JSON") {
		t.Errorf("a damaged file gives %v", err)
	}
}
