package main

// prepareFar makes nothing: tests of remote Viewers need an sshd that logs in as another account.
func prepareFar() error { return nil }
