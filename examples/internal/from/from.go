// Package from opens what the examples read, as a flag names it.
package from

import (
	"errors"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/storage"
	"github.com/runicorn-mcp/runicorn-mcp/client/viewer"
)

// Open returns the client of a running Viewer, of any version from 0.4 to 0.7, when where is an
// address such as http://127.0.0.1:23300, and else of the storage folder where.
func Open(where string) (*client.Client, error) {
	if where == "" {
		return nil, errors.New("name what to read: -from DIR, the folder that holds runs/, or -from URL")
	}
	if strings.Contains(where, "://") {
		return client.New(viewer.New(viewer.Options{BaseURL: where})), nil
	}
	store, err := storage.Open(where)
	if err != nil {
		return nil, err
	}
	return client.New(store), nil
}
