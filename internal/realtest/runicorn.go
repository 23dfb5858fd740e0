package realtest

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

//go:embed testdata/*.py testdata/*.mjs
var programs embed.FS

// Program writes the Python programs of testdata into a folder of its own and returns the path of
// one of them.
func Program(t testing.TB, name string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, programs); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "testdata", name)
}

// Seed makes a store with the SDK of a Runicorn release, in the folder store of base; the SDK's
// working directory is the folder work. What the store holds is written down in internal/truth.
func Seed(t testing.TB, version string) (base, root string) {
	t.Helper()
	base = t.TempDir()
	root, work := filepath.Join(base, "store"), filepath.Join(base, "work")
	if err := os.Mkdir(work, 0o755); err != nil {
		t.Fatal(err)
	}
	program := "seed_assets.py"
	if HasRegistry(version) {
		program = "seed_registry.py"
	}
	cmd := Command(t, version, Program(t, program), root)
	cmd.Dir = work
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("seeding with Runicorn %s: %v\n%s", version, err, out)
	}
	return base, root
}

// HasRegistry reports whether a release has artifacts in a registry (0.4, 0.5) rather than
// assets.
func HasRegistry(version string) bool { return version < "0.6" }

// Command is a Python program that uses the SDK of a Runicorn release, with a home and a working
// directory of its own.
func Command(t testing.TB, version, program string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), Python(t, version), append([]string{program}, args...)...)
	cmd.Env, cmd.Dir = Environ(t.TempDir()), t.TempDir()
	return cmd
}

// Viewer starts the Viewer of a Runicorn release on a store and returns its address. It has
// settled: what it lists no longer changes by itself. It ends with the test.
func Viewer(t testing.TB, version, root string) (url string) {
	t.Helper()
	p := StartViewer(t, version, root, 0)
	p.Settle(t)
	return p.URL
}

// A Process is a Viewer that is running.
type Process struct {
	URL  string
	Port int
	cmd  *exec.Cmd
}

// StartViewer starts the Viewer of a Runicorn release on a store and a port (0: a free one),
// without waiting for it. It ends with the test.
func StartViewer(t testing.TB, version, root string, port int) *Process {
	t.Helper()
	python := Python(t, version)
	if port == 0 {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port = listener.Addr().(*net.TCPAddr).Port
		listener.Close()
	}
	log, err := os.Create(filepath.Join(t.TempDir(), "viewer.log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(strings.TrimSuffix(python, filepath.Base(python))+
		strings.Replace(filepath.Base(python), "python", "runicorn", 1),
		"viewer", "--host", "127.0.0.1", "--port", fmt.Sprint(port), "--storage", root)
	cmd.Env, cmd.Dir, cmd.Stdout, cmd.Stderr = Environ(t.TempDir()), t.TempDir(), log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &Process{URL: fmt.Sprintf("http://127.0.0.1:%d", port), Port: port, cmd: cmd}
	t.Cleanup(func() {
		p.Kill()
		if text, err := os.ReadFile(log.Name()); err == nil && t.Failed() {
			t.Logf("the Viewer's log:\n%s", text)
		}
		log.Close()
	})
	return p
}

// Kill ends the Viewer at once.
func (p *Process) Kill() {
	p.cmd.Process.Kill()
	p.cmd.Wait()
}

// Signal sends a signal to the Viewer.
func (p *Process) Signal(t testing.TB, s os.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// PID is the process id of the Viewer.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Settle waits until the Viewer answers and lists the same runs for a second.
func (p *Process) Settle(t testing.TB) {
	t.Helper()
	settle(t, p.URL)
}

// Up waits until the Viewer answers.
func (p *Process) Up(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for GetJSON(ctx, p.URL+"/api/health", new(json.RawMessage)) != nil {
		select {
		case <-ctx.Done():
			t.Fatalf("the Viewer at %s does not answer: %v", p.URL, ctx.Err())
		case <-tick.C:
		}
	}
}

// settle waits until a Viewer answers and lists the same runs for a second: 0.7.1 and 0.7.2
// list a part of them while they index a store.
func settle(t testing.TB, url string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	rows, same := -1, 0
	for same < 10 {
		select {
		case <-ctx.Done():
			t.Fatalf("the Viewer at %s does not answer: %v", url, ctx.Err())
		case <-tick.C:
		}
		var list []json.RawMessage
		if err := GetJSON(ctx, url+"/api/runs", &list); err != nil {
			continue
		}
		if same++; len(list) != rows {
			rows, same = len(list), 0
		}
	}
}

// GetJSON reads the JSON answer of an address: what a Viewer says, with nothing of ours between.
func GetJSON(ctx context.Context, url string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s: %s", url, resp.Status, text)
	}
	return json.Unmarshal(text, into)
}
