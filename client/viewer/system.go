package viewer

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// Health implements [client.Source]: GET /api/health.
func (v *Viewer) Health(ctx context.Context) (client.Health, error) {
	if _, err := v.dialect(ctx); err != nil {
		return client.Health{}, err
	}
	var health struct {
		Status, Storage, Version string
		Backend                  struct{ Mode string } `json:"storage_backend"`
	}
	err := v.getJSON(ctx, "/api/health", nil, &health)
	return client.Health{Status: health.Status, Version: health.Version, Storage: health.Storage,
		Mode: health.Backend.Mode}, err
}

// Config implements [client.Source]: GET /api/config, the root in use and the port of the
// address.
func (v *Viewer) Config(ctx context.Context) (client.Config, error) {
	if _, err := v.dialect(ctx); err != nil {
		return client.Config{}, err
	}
	root, err := v.root(ctx)
	if err != nil {
		return client.Config{}, err
	}
	return v.config(root), nil
}

// config is the documented answer for a Viewer that uses root.
func (v *Viewer) config(root string) client.Config {
	config := client.Config{UserRoot: root}
	if u, err := url.Parse(v.base); err == nil {
		port, err := strconv.Atoi(u.Port())
		if err != nil {
			port = map[string]int{"http": 80, "https": 443}[u.Scheme]
		}
		config.Port = &port
	}
	return config
}

// SetUserRoot points the Viewer at another storage root, for everybody who uses it, and drops
// everything kept: POST /api/config/user_root_dir (0.4 to 0.7). It returns the root that the
// Viewer then uses, which is made when it does not exist. root must be absolute on the Viewer's
// machine: of anything else a Viewer makes a folder below its own working directory.
func (v *Viewer) SetUserRoot(ctx context.Context, root string) (client.Config, error) {
	if _, err := v.dialect(ctx); err != nil {
		return client.Config{}, err
	}
	var answer struct{ Storage string }
	err := v.do(ctx, request{method: http.MethodPost, path: "/api/config/user_root_dir",
		body: map[string]string{"path": root}, json: true, read: jsonInto(&answer)})
	v.forget()
	if err != nil {
		return client.Config{}, err
	}
	return v.config(answer.Storage), nil
}

// GPU implements [client.Source]: GET /api/gpu/telemetry, the same from 0.4 to 0.7.
func (v *Viewer) GPU(ctx context.Context) (client.GPUInfo, error) {
	var telemetry struct {
		Available bool
		Reason    string
		GPUs      []struct {
			Index       int
			Name        string
			MemTotalMiB *float64 `json:"mem_total_mib"`
			MemUsedMiB  *float64 `json:"mem_used_mib"`
			UtilGPU     *float64 `json:"util_gpu"`
			TempC       *float64 `json:"temp_c"`
			PowerW      *float64 `json:"power_w"`
			PowerLimitW *float64 `json:"power_limit_w"`
		}
	}
	if err := v.getJSON(ctx, "/api/gpu/telemetry", nil, &telemetry); err != nil {
		return client.GPUInfo{}, err
	}
	info := client.GPUInfo{Available: telemetry.Available, Reason: telemetry.Reason}
	for _, g := range telemetry.GPUs {
		info.Devices = append(info.Devices, client.GPUDevice{Index: g.Index, Name: g.Name,
			MemoryTotal: g.MemTotalMiB, MemoryUsed: g.MemUsedMiB, Utilization: g.UtilGPU,
			Temperature: g.TempC, Power: g.PowerW, PowerLimit: g.PowerLimitW})
	}
	return info, nil
}
