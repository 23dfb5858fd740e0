package client

// Health is the documented answer of health_check.
type Health struct {
	Status  string `json:"status"`            // "ok"
	Version string `json:"version,omitempty"` // of the Viewer, as it says ("0.5.3" says 0.5.2); "" for a folder
	Storage string `json:"storage,omitempty"` // storage root
	Mode    string `json:"mode,omitempty"`    // "sqlite" or "file" for a Viewer ≥ 0.7.1
}
