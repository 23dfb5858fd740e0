package docs

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// TestHosts starts the server as each host configuration says.
func TestHosts(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(root, "examples", "hosts", "*.json"))
	if err != nil || len(files) < 4 {
		t.Fatalf("%d host configurations, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			startsServer(t, text)
		})
	}
}

// startsServer holds that a host configuration names one server that works.
func startsServer(t *testing.T, text []byte) {
	t.Helper()
	type entry struct {
		Type    string   `json:"type"`
		Command string   `json:"command"`
		Args    []string `json:"args"`
	}
	var config struct {
		Servers    map[string]entry `json:"servers"`    // VS Code
		MCPServers map[string]entry `json:"mcpServers"` // the others
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields() // a misspelt key is one that the host passes over
	if err := decoder.Decode(&config); err != nil {
		t.Fatal(err)
	}
	if len(config.Servers)+len(config.MCPServers) != 1 {
		t.Fatalf("it names %d servers", len(config.Servers)+len(config.MCPServers))
	}
	h := newHome(t)
	for _, servers := range []map[string]entry{config.Servers, config.MCPServers} {
		for name, s := range servers {
			if name != "runicorn" || s.Type != "" && s.Type != "stdio" {
				t.Errorf("server %q of type %q", name, s.Type)
			}
			h.speaksMCP(t, append([]string{s.Command}, s.Args...)...)
		}
	}
}
