package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/transport"
)

// tokenVariable can hold the token. There is no flag for the token itself: other accounts of a
// machine see the arguments of its programs.
const tokenVariable = "RUNICORN_MCP_TOKEN"

// minToken is the shortest token that is taken, in bytes.
const minToken = 16

// listen serves over HTTP. Where it listens, and a token that was made for this run, are shown
// on standard error.
func (c serveCommand) listen(ctx context.Context, a *app, server *transport.Server) error {
	token, made, err := c.token(a)
	if err != nil {
		return errUsage{err}
	}
	host, _, err := net.SplitHostPort(c.Addr)
	if err != nil {
		return errUsage{fmt.Errorf("--addr: %w; give one such as 127.0.0.1:23380", err)}
	}
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", c.Addr)
	if err != nil {
		return err
	}
	if addr, ok := ln.Addr().(*net.TCPAddr); c.InsecureNoToken && ok && !addr.IP.IsLoopback() {
		ln.Close()
		return errUsage{fmt.Errorf("--insecure-no-token: %s can be reached from other machines; "+
			"it goes with a loopback address only, such as 127.0.0.1:23380", addr)}
	}
	c.announce(a, ln.Addr().String(), token, made)
	return server.ServeNetwork(ctx, ln, transport.NetworkOptions{
		HTTP: slices.Contains(c.Transport, "http"), SSE: slices.Contains(c.Transport, "sse"),
		Token: token, Origins: c.AllowOrigin, Hosts: append(c.AllowHost, host),
	})
}

// token is the token that clients must present, and whether it was made for this run.
func (c serveCommand) token(a *app) (token string, made bool, err error) {
	named := os.Getenv(tokenVariable)
	os.Unsetenv(tokenVariable) // programs that we start need not know it
	switch {
	case c.InsecureNoToken && (named != "" || c.TokenFile != ""):
		return "", false, errors.New("--insecure-no-token: a token is given, too; leave one out")
	case c.InsecureNoToken:
		return "", false, nil
	case c.TokenFile != "":
		if named, err = readToken(a, c.TokenFile); err != nil {
			return "", false, fmt.Errorf("--token-file: %w", err)
		}
	case named == "":
		return rand.Text(), true, nil
	}
	if len(named) < minToken {
		return "", false, fmt.Errorf("the token has %d characters; at least %d are needed, "+
			"such as those of: openssl rand -hex 32", len(named), minToken)
	}
	return named, false, nil
}

// readToken reads a file that holds a token and nothing else.
func readToken(a *app, file string) (string, error) {
	info, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%w; make one with: (umask 077; openssl rand -hex 32 > FILE)", err)
	}
	if err != nil {
		return "", err
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		a.logger().Warn("other accounts may read the token file; run chmod 600 on it", "file", file)
	}
	text, err := os.ReadFile(file)
	return strings.TrimSpace(string(text)), err
}

func (c serveCommand) announce(a *app, addr, token string, made bool) {
	for _, path := range []struct{ transport, path string }{{"http", "/mcp"}, {"sse", "/sse"}} {
		if slices.Contains(c.Transport, path.transport) {
			fmt.Fprintf(a.stderr, "serving %s at http://%s%s\n", path.transport, addr, path.path)
		}
	}
	switch {
	case made:
		fmt.Fprintf(a.stderr, "the token, until this server ends: %s\n"+
			"(clients send it as the header Authorization: Bearer TOKEN; --token-file keeps one)\n", token)
	case token == "":
		fmt.Fprintln(a.stderr, "without a token: every account of this machine can call")
	}
}
