package client

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
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

// UpdateConfig points a Viewer at another storage root: documented update_config(config), whose
// only documented key is user_root. An empty or relative root is ErrBadRequest and never sent:
// a Viewer would take its own working directory instead (POST /api/config/user_root_dir, 0.4
// to 0.7). A folder has no configuration, and this release changes no Viewer's either: both
// are ErrBadRequest naming what to use.
func (c *Client) UpdateConfig(ctx context.Context, userRoot string) (Config, error) {
	const op = "update_config"
	if userRoot == "" || strings.TrimSpace(userRoot) != userRoot || !filepath.IsAbs(userRoot) {
		return Config{}, c.named(op, badRequest(
			fmt.Sprintf("user_root %q is not an absolute path", userRoot),
			"Give the whole path of the storage folder, beginning at the root."))
	}
	if err := ctx.Err(); err != nil {
		return Config{}, err
	}
	return Config{}, c.needsViewer(op, "a running Viewer (0.4 to 0.7)",
		"Change the storage root in the Viewer's own settings page.")
}

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
