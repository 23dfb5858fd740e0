package cli

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// TestNamesHost takes hosts that an ssh configuration names, and no patterns.
func TestNamesHost(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "config")
	text := "# gpu-0\nHost gpu-1 gpu-2\n  HostName=lab.example.org\n\tUser gpu-3\nhost *.lab ! gpu-?\nHostName \"quoted\"\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]bool{"gpu-1": true, "GPU-2": true, "lab.example.org": true,
		"quoted": true, "gpu-0": false, "gpu-3": false, "a.lab": false, "gpu-9": false} {
		if got := namesHost(file, host); got != want {
			t.Errorf("%s: %t", host, got)
		}
	}
	if namesHost(file+"x", "gpu-1") {
		t.Error("a file that is not there names a host")
	}
}

// TestStateFile lies in the user's state folder.
func TestStateFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	got := stateFile(func(name string) string { return map[string]string{"XDG_STATE_HOME": dir}[name] })
	if got != filepath.Join(dir, "runicorn-mcp", "remote.json") {
		t.Error(got)
	}
	got = stateFile(func(string) string { return "" })
	if runtime.GOOS == "linux" && filepath.Base(filepath.Dir(filepath.Dir(got))) != "state" {
		t.Error(got)
	}
}
