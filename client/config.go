package client

// Config is the documented answer of get_config.
type Config struct {
	UserRoot string `json:"user_root"` // absolute storage root in use
	Port     *int   `json:"port"`      // of the Viewer; nil for a folder
}
