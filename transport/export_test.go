package transport

import "time"

// Fixtures is fixtures, for the tests that look at a server from outside.
var Fixtures = fixtures

// SetHeartbeat sets the longest silence on a stream.
func (s *Server) SetHeartbeat(d time.Duration) { s.heartbeat = d }
