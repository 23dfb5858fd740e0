package tools

import (
	"context"
	"errors"
)

type updateConfigArgs struct {
	Config  newConfig `json:"config" jsonschema_description:"What to change."`
	Confirm string    `json:"confirm" jsonschema_description:"The same user_root again."`
	Viewer  string    `json:"viewer,omitempty" jsonschema_description:"Name or session_id."`
}

type newConfig struct {
	UserRoot string `json:"user_root" jsonschema_description:"Absolute path of a storage root."`
}

var updateConfig = changes("admin", "update_config", words{
	"Change the Viewer's storage root",
	"Points a running Viewer, for everybody who uses it, at another storage root. Needs a " +
		"Viewer: a folder has no configuration.",
}, Hints{Destructive: true, Idempotent: true},
	func(ctx context.Context, env *Env, args updateConfigArgs) (getConfigAnswer, error) {
		if args.Confirm != args.Config.UserRoot {
			return getConfigAnswer{}, errors.New(`argument "confirm" must repeat config.user_root; ` +
				"nothing was changed")
		}
		c, err := env.Client(ctx, args.Viewer)
		if err != nil {
			return getConfigAnswer{}, err
		}
		config, err := c.UpdateConfig(ctx, args.Config.UserRoot)
		return configAnswer(c, config), err
	})
