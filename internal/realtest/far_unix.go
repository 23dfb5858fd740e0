//go:build unix

package realtest

import (
	"crypto/rand"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// FarUser is the account that tests log in to over SSH; it must exist for nothing else.
const FarUser = "researcher"

// FarVersions are the releases whose Viewers control other machines.
var FarVersions = []string{"0.5.3", "0.6.0", "0.7.2"}

// FarDir is a virtual environment of a Runicorn release, made with the system's Python where
// every account can use it.
func FarDir(version string) string { return "/var/tmp/runicorn-mcp-far-" + version }

// HasFar reports whether this machine can be the other machine too: who runs the tests may start
// an sshd that logs in as another, and there is one.
func HasFar() bool {
	_, noUser := user.Lookup(FarUser)
	return os.Geteuid() == 0 && sshdProgram() != "" && noUser == nil
}

func sshdProgram() string {
	for _, name := range []string{"/usr/sbin/sshd", "/usr/bin/sshd"} {
		if _, err := os.Stat(name); err == nil {
			return name
		}
	}
	return ""
}

// Far is a throw-away sshd on loopback, and what it is good for: an account with a key, a key with
// a passphrase, and a password. There is one at a time on a machine, so that all processes of the
// account are the test's own.
type Far struct {
	Port       int
	Key        string // file that the account accepts
	LockedKey  string // the same, with Passphrase
	WrongKey   string // one that it does not accept
	Passphrase string
	Password   string

	dir, version string
	cmd          *exec.Cmd
}

// newPassword gives the account another password: that of an earlier test is nobody's any more.
func newPassword(t testing.TB) string {
	t.Helper()
	password := rand.Text()
	cmd := exec.Command("chpasswd")
	cmd.Stdin = strings.NewReader(FarUser + ":" + password)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("chpasswd: %v\n%s", err, out)
	}
	return password
}

// StartFar starts an sshd whose account has a Runicorn release; it ends with the test, and with it
// all processes of the account.
func StartFar(t testing.TB, version string) *Far {
	t.Helper()
	if !HasFar() || !Complete(FarDir(version)) {
		const how = "the other machine is missing: as root, with openssh-server installed and a user " +
			FarUser + " (useradd -m), run go run ./internal/realtest/prepare"
		if os.Getenv("CI") != "" {
			t.Fatal(how)
		}
		t.Skip(how)
	}
	unlock, err := lockedfile.MutexAt("/var/tmp/runicorn-mcp-far.lock").Lock()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(unlock)
	f := &Far{version: version, Port: freePort(t), Passphrase: rand.Text(), Password: newPassword(t)}
	if f.dir, err = os.MkdirTemp("/var/tmp", "runicorn-mcp-sshd-"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(f.dir) })
	if err := os.Chmod(f.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	f.Key, f.LockedKey, f.WrongKey = f.keygen(t, "key", ""), f.keygen(t, "locked", f.Passphrase),
		f.keygen(t, "wrong", "")
	f.accept(t, f.Key, f.LockedKey)
	f.NewHostKeys(t, "ed25519", "ecdsa", "rsa")
	t.Cleanup(func() { f.Stop(t); f.killAll(t) })
	f.killAll(t)
	f.Start(t)
	return f
}

func freePort(t testing.TB) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

func (f *Far) keygen(t testing.TB, name, passphrase string) string {
	t.Helper()
	file := filepath.Join(f.dir, name)
	run(t, "ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-f", file)
	return file
}

func (f *Far) accept(t testing.TB, keys ...string) {
	t.Helper()
	var all []byte
	for _, key := range keys {
		text, err := os.ReadFile(key + ".pub")
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, text...)
	}
	if err := os.WriteFile(filepath.Join(f.dir, "authorized"), all, 0o644); err != nil {
		t.Fatal(err)
	}
}

// NewHostKeys gives the host keys of these types, anew; a running sshd must be started again.
func (f *Far) NewHostKeys(t testing.TB, types ...string) {
	t.Helper()
	old, _ := filepath.Glob(filepath.Join(f.dir, "host_*"))
	for _, name := range old {
		os.Remove(name)
	}
	config := fmt.Sprintf("Port %d\nListenAddress 127.0.0.1\nPidFile none\nUsePAM no\n"+
		"AllowUsers %s\nAuthorizedKeysFile %s/authorized\nStrictModes no\nLogLevel VERBOSE\n"+
		"SetEnv PATH=%s/bin:/usr/bin:/bin\nMaxAuthTries 6\nMaxStartups 100:30:200\n",
		f.Port, FarUser, f.dir, FarDir(f.version))
	for _, kind := range types {
		file := filepath.Join(f.dir, "host_"+kind)
		run(t, "ssh-keygen", "-q", "-t", kind, "-N", "", "-f", file)
		config += "HostKey " + file + "\n"
	}
	if err := os.WriteFile(filepath.Join(f.dir, "config"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
}

// HostKeys are the fingerprints of the host's keys.
func (f *Far) HostKeys(t testing.TB) (fingerprints []string) {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(f.dir, "host_*.pub"))
	for _, file := range files {
		fingerprints = append(fingerprints, strings.Fields(run(t, "ssh-keygen", "-lf", file))[1])
	}
	return fingerprints
}

// Start starts the sshd and waits until it listens.
func (f *Far) Start(t testing.TB) {
	t.Helper()
	if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
		t.Fatal(err)
	}
	f.cmd = exec.Command(sshdProgram(), "-D", "-f", filepath.Join(f.dir, "config"), "-E",
		filepath.Join(f.dir, "log"))
	if err := f.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); ; {
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", f.Port))
		if err == nil {
			conn.Close()
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("sshd does not listen: %v\n%s", err, f.Log(t))
		}
		<-time.After(20 * time.Millisecond)
	}
}

// Stop stops the sshd and cuts its connections. What was started over them goes on.
func (f *Far) Stop(t testing.TB) {
	t.Helper()
	if f.cmd == nil {
		return
	}
	f.cmd.Process.Kill()
	f.cmd.Wait()
	f.cmd = nil
	f.Cut(t)
}

// Cut cuts all connections.
func (f *Far) Cut(t testing.TB) {
	t.Helper()
	for _, p := range f.all(t) {
		if p.sshd {
			syscall.Kill(p.pid, syscall.SIGKILL)
		}
	}
}

// Log is what the sshd has logged.
func (f *Far) Log(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(f.dir, "log"))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(text)
}

// Store makes a folder with three runs that belongs to the account.
func (f *Far) Store(t testing.TB) (root string) {
	t.Helper()
	root = filepath.Join(f.dir, "store")
	cmd := Command(t, f.version, Program(t, "three_runs.py"), root)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("making three runs: %v\n%s", err, out)
	}
	run(t, "chown", "-R", FarUser, root)
	return root
}

func run(t testing.TB, program string, args ...string) string {
	t.Helper()
	out, err := exec.Command(program, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", program, err, out)
	}
	return string(out)
}
