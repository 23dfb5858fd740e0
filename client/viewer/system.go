package viewer

import (
	"context"
	"errors"
	"io"
	"net/url"
	"path"
	"strconv"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/storage"
)

// Health implements [client.Source]: GET /api/health.
func (v *Viewer) Health(ctx context.Context) (client.Health, error) {
	if _, err := v.identify(ctx, false); err != nil {
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
	root, err := v.root(ctx)
	if err != nil {
		return client.Config{}, err
	}
	config := client.Config{UserRoot: root}
	if u, err := url.Parse(v.base); err == nil {
		port, err := strconv.Atoi(u.Port())
		if err != nil {
			port = map[string]int{"http": 80, "https": 443}[u.Scheme]
		}
		config.Port = &port
	}
	return config, nil
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

// Assets implements [client.Source] from the run's assets.json.
func (v *Viewer) Assets(ctx context.Context, run client.Experiment) (client.RunAssets, error) {
	if _, err := v.identify(ctx, false); err != nil {
		return client.RunAssets{}, err
	}
	data, err := v.file(ctx, run, "assets.json")
	if err != nil || data == nil {
		return client.RunAssets{}, err
	}
	var assets client.RunAssets
	assets.Assets, assets.Config, err = storage.ReadAssets(data)
	if err != nil {
		assets.Problems = []string{"assets.json of " + run.ID + " is no valid JSON"}
	}
	return assets, nil
}

// RegistryArtifacts implements [client.Source]: 0.7 has no registry.
func (v *Viewer) RegistryArtifacts(ctx context.Context) ([]client.Artifact, error) {
	_, err := v.identify(ctx, false)
	return nil, err
}

// Media implements [client.Source]: the files that GET /api/runs/{id}/images lists (0.7).
func (v *Viewer) Media(
	ctx context.Context, run client.Experiment, each func(name string, r io.Reader) error,
) error {
	if _, err := v.identify(ctx, false); err != nil {
		return err
	}
	names, err := v.images(ctx, run)
	if err != nil {
		return err
	}
	for _, name := range names {
		data, err := v.file(ctx, run, name)
		if err != nil {
			return err
		}
		if data == nil {
			return errors.New(name + " is listed but not there")
		}
		if err := each(name, strings.NewReader(string(data))); err != nil {
			return err
		}
	}
	return nil
}

// images are the names of the run's media files ("media/…"), as GET /api/runs/{id}/images lists
// them (0.7).
func (v *Viewer) images(ctx context.Context, run client.Experiment) ([]string, error) {
	var list struct{ Images []struct{ Path string } }
	err := v.getJSON(ctx, "/api/runs/"+url.PathEscape(run.ID)+"/images", nil, &list)
	var names []string
	for _, image := range list.Images {
		names = append(names, "media/"+path.Base(strings.ReplaceAll(image.Path, `\`, "/")))
	}
	return names, err
}
