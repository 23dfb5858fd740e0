package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/viewer"
	"github.com/runicorn-mcp/runicorn-mcp/tools"
)

// remoteOptions are what a Viewer may do on other machines.
func remoteOptions(o options, getenv func(string) string) viewer.RemoteOptions {
	return viewer.RemoteOptions{Hosts: o.RemoteHosts, StateFile: stateFile(getenv),
		Known: func(host string) bool {
			home, err := os.UserHomeDir()
			return err == nil && namesHost(filepath.Join(home, ".ssh", "config"), host)
		}}
}

// stateFile is where it is remembered which remote Viewers are ours: in the user's state folder,
// never in a storage.
func stateFile(getenv func(string) string) string {
	const name = "runicorn-mcp/remote.json"
	if dir := getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, name)
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "" // nobody's
	}
	switch runtime.GOOS {
	case "windows", "darwin":
		if dir, err := os.UserConfigDir(); err == nil {
			return filepath.Join(dir, name)
		}
	}
	return filepath.Join(home, ".local", "state", name)
}

// namesHost reports whether an ssh configuration (ssh_config(5)) names a host itself: patterns
// name none.
func namesHost(file, host string) bool {
	text, err := os.ReadFile(file)
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(strings.Replace(line, "=", " ", 1))
		if len(words) < 2 || !strings.EqualFold(words[0], "Host") && !strings.EqualFold(words[0], "HostName") {
			continue
		}
		for _, w := range words[1:] {
			if strings.EqualFold(strings.Trim(w, `"`), host) {
				return true
			}
		}
	}
	return false
}

type trustCommand struct {
	Host string `arg:"" name:"host[:port]" help:"The host, and its SSH port if that is not 22."`
}

// Run shows what a host presents and has the person at the terminal decide.
func (c trustCommand) Run(ctx context.Context, a *app) error {
	if !isTerminal(a.stdin) {
		return errUsage{errors.New("trust asks a person: it must be typed in a terminal")}
	}
	host, port := c.Host, 22
	if h, p, err := net.SplitHostPort(c.Host); err == nil {
		if port, err = strconv.Atoi(p); err != nil {
			return errUsage{fmt.Errorf("%q is no port", p)}
		}
		host = h
	}
	source, err := a.env().Client(ctx, "")
	if err != nil {
		return err
	}
	said, err := source.Remote.Trust(ctx, host, port, func(_ context.Context, key client.HostKey) error {
		fmt.Fprint(a.stdout, tools.Question(key), "\n\nType yes to accept: ")
		answer, _ := bufio.NewReader(a.stdin).ReadString('\n')
		if strings.TrimSpace(answer) != "yes" {
			return errors.New("you did not say yes")
		}
		return nil
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(a.stdout, said)
	return err
}
