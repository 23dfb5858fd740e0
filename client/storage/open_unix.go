//go:build unix

package storage

import (
	"errors"
	"syscall"
)

// nonBlocking keeps the open of a FIFO without a writer from waiting for one.
const nonBlocking = syscall.O_NONBLOCK

// processAlive reports whether a process of this machine has this id. One that belongs to
// another user is alive too.
func processAlive(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}
