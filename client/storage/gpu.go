package storage

import (
	"context"
	"encoding/csv"
	"os/exec"
	"strconv"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// gpuQuery are the columns asked of nvidia-smi, in the order that parseGPUs reads them.
const gpuQuery = "index,name,memory.total,memory.used,utilization.gpu,temperature.gpu," +
	"power.draw,power.limit"

// GPU implements [client.Source] for the machine that this process runs on, by nvidia-smi.
func (s *Store) GPU(ctx context.Context) (client.GPUInfo, error) {
	smi, err := exec.LookPath("nvidia-smi")
	if err != nil {
		return client.GPUInfo{Reason: "nvidia-smi is not on this machine"}, nil
	}
	out, err := exec.CommandContext(ctx, smi, "--query-gpu="+gpuQuery,
		"--format=csv,noheader,nounits").Output()
	if ctx.Err() != nil {
		return client.GPUInfo{}, ctx.Err()
	}
	if err != nil {
		return client.GPUInfo{Reason: "nvidia-smi failed: " + firstLine(string(out), err)}, nil
	}
	devices := parseGPUs(string(out))
	if len(devices) == 0 {
		return client.GPUInfo{Reason: "nvidia-smi lists no GPU"}, nil
	}
	return client.GPUInfo{Available: true, Devices: devices}, nil
}

func firstLine(out string, err error) string {
	line, _, _ := strings.Cut(strings.TrimSpace(out), "\n")
	if line == "" {
		return err.Error()
	}
	return line
}

// parseGPUs reads nvidia-smi's CSV without header and units; a line of another form is passed
// over, and a number that is none ("[N/A]") is nil.
func parseGPUs(out string) []client.GPUDevice {
	var devices []client.GPUDevice
	for line := range strings.Lines(out) {
		reader := csv.NewReader(strings.NewReader(line))
		reader.TrimLeadingSpace = true
		cells, err := reader.Read()
		if err != nil || len(cells) != strings.Count(gpuQuery, ",")+1 {
			continue
		}
		index, err := strconv.Atoi(cells[0])
		if err != nil {
			continue
		}
		numbers := make([]*float64, len(cells))
		for i, c := range cells {
			if f, err := strconv.ParseFloat(strings.TrimSpace(c), 64); err == nil {
				numbers[i] = &f
			}
		}
		devices = append(devices, client.GPUDevice{Index: index, Name: cells[1],
			MemoryTotal: numbers[2], MemoryUsed: numbers[3], Utilization: numbers[4],
			Temperature: numbers[5], Power: numbers[6], PowerLimit: numbers[7]})
	}
	return devices
}
