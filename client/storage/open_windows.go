package storage

import "os"

// nonBlocking is not needed: folders hold no FIFOs here.
const nonBlocking = 0

// processAlive reports whether a process of this machine has this id.
func processAlive(pid int) bool {
	p, err := os.FindProcess(pid) // opens a handle, which fails for a process that is gone
	if err != nil {
		return false
	}
	_ = p.Release()
	return true
}
