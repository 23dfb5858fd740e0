package storage

import (
	"context"
	"math"
	"os/exec"
	"strconv"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// gpuQuery are the columns asked of nvidia-smi, in the order that parseGPUs reads them: those of
// the Viewer (0.7.2 viewer/services/gpu.py). power.limit is missing on many laptops.
const gpuQuery = "index,name,memory.total,memory.used,utilization.gpu,temperature.gpu," +
	"power.draw,enforced.power.limit"

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

// parseGPUs reads nvidia-smi's CSV without header and units, which quotes nothing: a name may
// hold commas. A line of another form is passed over, and a number that is none ("[N/A]") is nil.
func parseGPUs(out string) []client.GPUDevice {
	var devices []client.GPUDevice
	columns := strings.Count(gpuQuery, ",") + 1
	for line := range strings.Lines(out) {
		cells := strings.Split(line, ",")
		first, last := 1, len(cells)-columns+2 // of the name
		if last <= first {
			continue
		}
		index, err := strconv.Atoi(strings.TrimSpace(cells[0]))
		if err != nil {
			continue
		}
		var numbers []*float64
		for _, c := range cells[last:] {
			f, err := strconv.ParseFloat(strings.TrimSpace(c), 64)
			if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
				numbers = append(numbers, nil)
				continue
			}
			numbers = append(numbers, &f)
		}
		devices = append(devices, client.GPUDevice{Index: index,
			Name:        strings.TrimSpace(strings.Join(cells[first:last], ",")),
			MemoryTotal: numbers[0], MemoryUsed: numbers[1], Utilization: numbers[2],
			Temperature: numbers[3], Power: numbers[4], PowerLimit: numbers[5]})
	}
	return devices
}
