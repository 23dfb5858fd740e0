//go:build unix

package main

import (
	"fmt"

	"github.com/runicorn-mcp/runicorn-mcp/internal/realtest"
)

// prepareFar makes what the account of the throw-away sshd uses, with the system's Python: that of
// who runs the tests may lie where other accounts cannot look.
func prepareFar() error {
	if !realtest.HasFar() {
		fmt.Println("no sshd, no user", realtest.FarUser, "or not root: tests of remote Viewers will not run")
		return nil
	}
	for _, version := range realtest.FarVersions {
		err := once(realtest.FarDir(version), pythonOf("/usr/bin/python3", "runicorn=="+version))
		if err != nil {
			return err
		}
	}
	return nil
}
