package tools

// All returns every tool, in the order a reader should meet them.
func All() []Tool { return nil }

// Select returns the tools of the named groups, all groups when there are none, without those
// that change something when readOnly is set. A group that does not exist is an error that
// names the ones that do.
func Select(groups []string, readOnly bool) ([]Tool, error) { return All(), nil }
