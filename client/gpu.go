package client

import "context"

// GPUInfo is the documented answer of get_gpu_info.
type GPUInfo struct {
	Available bool        `json:"available"`
	Reason    string      `json:"reason,omitempty"` // why not available
	Devices   []GPUDevice `json:"devices"`
}

// A GPUDevice is one GPU as nvidia-smi reports it; nil where it reports nothing.
type GPUDevice struct {
	Index       int      `json:"index"`
	Name        string   `json:"name"`
	MemoryTotal *float64 `json:"memory_total"` // MiB
	MemoryUsed  *float64 `json:"memory_used"`  // MiB
	Utilization *float64 `json:"utilization"`  // per cent
	Temperature *float64 `json:"temperature"`  // °C
	Power       *float64 `json:"power"`        // W
	PowerLimit  *float64 `json:"power_limit"`  // W
}

// GetGPUInfo returns the GPUs of the machine that the Viewer, or for a folder this process, runs
// on: documented get_gpu_info(), GET /api/gpu/telemetry on every real Viewer. No GPU is no
// error: Available is false and Reason says why.
func (c *Client) GetGPUInfo(ctx context.Context) (GPUInfo, error) {
	info, err := c.source.GPU(ctx)
	return info, c.named("get_gpu_info", err)
}
