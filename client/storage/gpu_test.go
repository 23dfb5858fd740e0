package storage

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

func TestParseGPUs(t *testing.T) {
	t.Parallel()
	f := func(v float64) *float64 { return &v }
	out := "0, NVIDIA H100 80GB HBM3, 81559, 1024, 97, 41, 312.50, 700.00\r\n" +
		"\n" + "No devices were found\n" + "x, y, 1, 2, 3, 4, 5, 6\n" + "1, 2\n" +
		"1, Quadro, RTX, 49140, [N/A], 0, [Not Supported], nan, \n"
	want := []client.GPUDevice{
		{Index: 0, Name: "NVIDIA H100 80GB HBM3", MemoryTotal: f(81559), MemoryUsed: f(1024),
			Utilization: f(97), Temperature: f(41), Power: f(312.5), PowerLimit: f(700)},
		{Index: 1, Name: "Quadro, RTX", MemoryTotal: f(49140), Utilization: f(0)},
	}
	if diff := cmp.Diff(want, parseGPUs(out)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestGPU_none says why there is no GPU: no nvidia-smi, one that fails, one that finds none.
func TestGPU_none(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the fake nvidia-smi is a shell script")
	}
	store, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	for _, test := range []struct{ script, want string }{
		{"", "nvidia-smi is not on this machine"},
		{"#!/bin/sh\necho 'Failed to initialize NVML: Driver mismatch'\necho more\nexit 18\n",
			"nvidia-smi failed: Failed to initialize NVML: Driver mismatch"},
		{"#!/bin/sh\nexit 9\n", "nvidia-smi failed: exit status 9"},
		{"#!/bin/sh\necho 'No devices were found'\n", "nvidia-smi lists no GPU"},
	} {
		dir := t.TempDir()
		if test.script != "" {
			if err := os.WriteFile(filepath.Join(dir, "nvidia-smi"), []byte(test.script), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		t.Setenv("PATH", dir)
		info, err := store.GPU(t.Context())
		if err != nil || info.Available || info.Reason != test.want {
			t.Errorf("%+v (%v), want %q", info, err, test.want)
		}
	}
}
