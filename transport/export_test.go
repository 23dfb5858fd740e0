package transport

// Fixtures is fixtures, for the tests that look at a server from outside.
var Fixtures = fixtures
