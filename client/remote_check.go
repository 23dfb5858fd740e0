package client

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// A Viewer hands host, user and root to an ssh command line and a remote shell, so nothing
// is passed on that either could take for something else.

// unsafeInSSH reports whether a program could take a word for an option, or for several words.
func unsafeInSSH(word string) bool {
	return strings.HasPrefix(word, "-") || strings.ContainsFunc(word, func(r rune) bool {
		return unicode.IsSpace(r) || !unicode.IsPrint(r) || strings.ContainsRune("@'\"`\\$;&|<>(){}*?!#/%,", r)
	})
}

func checkHost(host string, port int) error {
	if host == "" || unsafeInSSH(host) {
		return badRequest(fmt.Sprintf("%q is no host", host),
			"Give a host name or an address alone, and the user as username.")
	}
	if port < 1 || port > 65535 {
		return badRequest(fmt.Sprintf("%d is no port", port), "Give one from 1 to 65535.")
	}
	return nil
}

func checkUser(user string) error {
	if user == "" {
		return badRequest("username is missing", "Give the account to log in to on that host.")
	}
	if unsafeInSSH(user) || strings.Contains(user, ":") {
		return badRequest(fmt.Sprintf("%q is no user name that can be used here", user), "")
	}
	return nil
}

// checkConnection takes user@host:port, or a host.
func checkConnection(id string) error {
	user, rest, isID := strings.Cut(id, "@")
	if !isID {
		return checkHost(id, 22)
	}
	i := strings.LastIndexByte(rest, ':')
	port := 0
	if i >= 0 {
		port, _ = strconv.Atoi(rest[i+1:])
	}
	if i < 0 || checkHost(rest[:i], port) != nil || checkUser(user) != nil {
		return badRequest(fmt.Sprintf("%q is no connection", id),
			"list_sessions has those that there are, as user@host:port.")
	}
	return nil
}

// checkRemoteRoot takes absolute paths only: of others a Viewer makes folders in unexpected
// places, and one between quotes in a remote shell must hold none (0.5, 0.6).
func checkRemoteRoot(root string) error {
	switch {
	case !strings.HasPrefix(root, "/"):
		return badRequest(fmt.Sprintf("remote_root %q is not an absolute path", root),
			"Give the whole path of the storage folder on that host, beginning with /.")
	case strings.ContainsAny(root, "'\"`\\$"):
		return badRequest(fmt.Sprintf("remote_root %q has quotes, backslashes or dollar signs, "+
			"which cannot be passed on safely", root), "")
	case strings.ContainsFunc(root, func(r rune) bool { return !unicode.IsPrint(r) }),
		strings.TrimSpace(root) != root:
		return badRequest(fmt.Sprintf("remote_root %q has control characters, or space at its end", root), "")
	}
	return nil
}
