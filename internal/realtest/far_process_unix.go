//go:build unix

package realtest

import (
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

type farProcess struct {
	pid  int
	args string
	sshd bool
}

// all are the processes of the account.
func (f *Far) all(t testing.TB) (list []farProcess) {
	t.Helper()
	out, _ := exec.Command("ps", "-u", FarUser, "-o", "pid=,stat=,args=").Output() // 1: none
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		if len(fields) < 3 || strings.HasPrefix(fields[1], "Z") {
			continue
		}
		pid, err := strconv.Atoi(fields[0])
		if err != nil {
			t.Fatal(err)
		}
		args := strings.Join(fields[2:], " ")
		list = append(list, farProcess{pid, args, strings.HasPrefix(args, "sshd:")})
	}
	return list
}

// Processes are the account's processes but for those of sshd, as "pid args".
func (f *Far) Processes(t testing.TB) (list []string) {
	t.Helper()
	for _, p := range f.all(t) {
		if !p.sshd {
			list = append(list, fmt.Sprint(p.pid, " ", p.args))
		}
	}
	return list
}

// Kill kills the account's processes but for those of sshd.
func (f *Far) Kill(t testing.TB) {
	t.Helper()
	for _, p := range f.all(t) {
		if !p.sshd {
			syscall.Kill(p.pid, syscall.SIGKILL)
		}
	}
}

func (f *Far) killAll(t testing.TB) {
	t.Helper()
	for _, p := range f.all(t) {
		syscall.Kill(p.pid, syscall.SIGKILL)
	}
}
