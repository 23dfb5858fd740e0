package tools

import (
	"context"
	"errors"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

type viewerArgs struct {
	Viewer string `json:"viewer,omitempty" jsonschema_description:"Name or session_id."`
}

type healthCheckAnswer struct {
	Status  string `json:"status"` // "ok" or "unavailable"
	Source  string `json:"source,omitempty"`
	Version string `json:"version,omitempty"`
	Storage string `json:"storage,omitempty"`
	Mode    string `json:"mode,omitempty"`
	Runs    *int   `json:"runs,omitempty"`
	Problem string `json:"problem,omitempty"`
	Note    string `json:"note,omitempty"`
}

var healthCheck = answering[healthCheckAnswer](reads("system", "health_check", words{
	"Check health",
	"Whether the tracker answers, which Viewer or folder is read, how many runs it has, and " +
		"what to do when it does not.",
}, func(ctx context.Context, env *Env, args viewerArgs) (healthCheckAnswer, error) {
	c, err := env.Client(ctx, args.Viewer)
	if err != nil {
		return unavailable(ctx, "", err)
	}
	source := c.Source().String()
	health, err := c.HealthCheck(ctx)
	if err != nil {
		return unavailable(ctx, source, err)
	}
	answer := healthCheckAnswer{Status: name(health.Status), Source: source, Version: name(health.Version),
		Storage: place(health.Storage), Mode: name(health.Mode), Note: said(health.Note, maxText)}
	page, err := c.ListExperiments(ctx, client.ListOptions{Limit: 1})
	if err != nil {
		answer.Problem = Presentable(err).Error()
		return answer, ctx.Err()
	}
	answer.Runs = &page.Total
	return answer, nil
}))

// unavailable is the answer, not the failure, of a health check that finds nothing.
func unavailable(ctx context.Context, source string, err error) (healthCheckAnswer, error) {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return healthCheckAnswer{}, err
	}
	return healthCheckAnswer{Status: "unavailable", Source: source,
		Problem: Presentable(err).Error()}, nil
}

type getConfigAnswer struct {
	Source   string `json:"source"`
	UserRoot string `json:"user_root"`
	Port     *int   `json:"port,omitempty"` // none: a folder has no port
}

var getConfig = answering[getConfigAnswer](reads("system", "get_config", words{
	"Get the configuration",
	"The storage root in use (user_root), and the port of the Viewer when there is one.",
}, func(ctx context.Context, env *Env, args viewerArgs) (getConfigAnswer, error) {
	c, err := env.Client(ctx, args.Viewer)
	if err != nil {
		return getConfigAnswer{}, err
	}
	config, err := c.GetConfig(ctx)
	return configAnswer(c, config), err
}))

func configAnswer(c *client.Client, config client.Config) getConfigAnswer {
	return getConfigAnswer{c.Source().String(), place(config.UserRoot), config.Port}
}

type getGPUInfoAnswer struct {
	Source    string `json:"source"`
	Available bool   `json:"available"`
	Reason    string `json:"reason,omitempty"`
	// Devices: memory in MiB, utilization in per cent, temperature in °C, power in W.
	Devices []gpuDevice `json:"devices"`
}

type gpuDevice struct {
	Index       int      `json:"index"`
	Name        string   `json:"name"`
	MemoryTotal *float64 `json:"memory_total,omitempty"`
	MemoryUsed  *float64 `json:"memory_used,omitempty"`
	Utilization *float64 `json:"utilization,omitempty"`
	Temperature *float64 `json:"temperature,omitempty"`
	Power       *float64 `json:"power,omitempty"`
	PowerLimit  *float64 `json:"power_limit,omitempty"`
}

var getGPUInfo = answering[getGPUInfoAnswer](reads("system", "get_gpu_info", words{
	"GPU state",
	"GPUs of the Viewer's machine (for a folder: of this one): memory in MiB, utilization in " +
		"per cent, temperature in °C, power in W.",
}, func(ctx context.Context, env *Env, args viewerArgs) (getGPUInfoAnswer, error) {
	c, err := env.Client(ctx, args.Viewer)
	if err != nil {
		return getGPUInfoAnswer{}, err
	}
	info, err := c.GetGPUInfo(ctx)
	if err != nil {
		return getGPUInfoAnswer{}, err
	}
	answer := getGPUInfoAnswer{Source: c.Source().String(), Available: info.Available,
		Reason: said(info.Reason, maxText)}
	for _, d := range info.Devices {
		answer.Devices = append(answer.Devices, gpuDevice{d.Index, name(d.Name), d.MemoryTotal,
			d.MemoryUsed, d.Utilization, d.Temperature, d.Power, d.PowerLimit})
	}
	return answer, nil
}))
