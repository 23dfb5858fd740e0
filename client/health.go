package client

import "context"

// Health is the documented answer of health_check.
type Health struct {
	Status string `json:"status"` // "ok"
	// Version is what the Viewer says (a 0.5.3 Viewer says 0.5.2); "" for a folder.
	Version string `json:"version,omitempty"`
	Storage string `json:"storage,omitempty"` // storage root
	Mode    string `json:"mode,omitempty"`    // "sqlite" or "file" for a Viewer ≥ 0.7.1
	// Note says what is odd about a source that answers, such as a folder without a run in it.
	Note string `json:"note,omitempty"`
}

// HealthCheck asks whether the source answers: documented health_check(), GET /api/health.
func (c *Client) HealthCheck(ctx context.Context) (Health, error) {
	health, err := c.source.Health(ctx)
	return health, c.named("health_check", err)
}
