package client

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// Config is the documented answer of get_config.
type Config struct {
	UserRoot string `json:"user_root"` // absolute storage root in use
	Port     *int   `json:"port"`      // of the Viewer; nil for a folder
}

// GetConfig returns where the data lies: documented get_config(), GET /api/config.
func (c *Client) GetConfig(ctx context.Context) (Config, error) {
	config, err := c.source.Config(ctx)
	return config, c.named("get_config", err)
}

// A rootSetter is a [Source] whose storage root can be changed: a Viewer.
type rootSetter interface {
	SetUserRoot(ctx context.Context, root string) (Config, error)
}

// UpdateConfig points a Viewer at another storage root: documented update_config(config), whose
// only documented key is user_root. It changes what everybody sees who uses the Viewer, and the
// answer is the configuration afterwards. An empty or relative root is ErrBadRequest and never
// sent: a Viewer would take its own working directory instead (POST /api/config/user_root_dir,
// 0.4 to 0.7). A folder has no configuration: that is ErrBadRequest naming what to use.
func (c *Client) UpdateConfig(ctx context.Context, userRoot string) (Config, error) {
	const op = "update_config"
	if !isAbsolute(userRoot) {
		return Config{}, c.named(op, badRequest(
			fmt.Sprintf("user_root %q is not an absolute path", userRoot),
			"Give the whole path of the storage folder on the Viewer's machine, beginning at the root."))
	}
	viewer, ok := c.source.(rootSetter)
	if !ok {
		return Config{}, c.needsViewer(op, "a running Viewer (0.4 to 0.7)",
			"Change the storage root in the Viewer's own settings page.")
	}
	config, err := viewer.SetUserRoot(ctx, userRoot)
	return config, c.named(op, err)
}

// isAbsolute reports whether path is absolute on some system, the Viewer's need not be this one,
// and free of what a Viewer would expand (a leading ~, variables) or a person overlook.
func isAbsolute(path string) bool {
	if strings.TrimSpace(path) != path || strings.ContainsFunc(path, unicode.IsControl) ||
		strings.ContainsAny(path, "$%") {
		return false
	}
	return strings.HasPrefix(path, "/") || strings.HasPrefix(path, `\\`) || windowsDrive.MatchString(path)
}

var windowsDrive = regexp.MustCompile(`^[A-Za-z]:[\\/]`)

// needsViewer is the error of methods that a source cannot answer.
func (c *Client) needsViewer(op, needs, instead string) error {
	e := &Error{Op: op, Kind: ErrBadRequest}
	if c.Source().Kind == "viewer" {
		e.Detail = fmt.Sprintf("%s is not available for a Viewer in this release", op)
		e.Hint = instead
		return e
	}
	e.Detail = fmt.Sprintf("%s needs %s; this is a storage folder", op, needs)
	e.Hint = "Start `runicorn viewer` and name it with --base-url, http://127.0.0.1:23300 by default."
	return e
}
