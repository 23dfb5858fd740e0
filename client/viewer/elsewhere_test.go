package viewer_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/viewer"
)

// TestOnlyTheViewer calls every method of a Viewer that names another place wherever an answer
// can: in redirects, headers and addresses, and with proxies in the environment. Nothing may be
// sent there. It is not parallel, for the environment's sake.
func TestOnlyTheViewer(t *testing.T) {
	elsewhere, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	contacted := make(chan struct{}, 1)
	go func() {
		for {
			conn, err := elsewhere.Accept()
			if err != nil {
				return
			}
			conn.Close()
			select {
			case contacted <- struct{}{}:
			default:
			}
		}
	}()
	other := "http://" + elsewhere.Addr().String()
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"} {
		t.Setenv(name, other)
	}
	var mu sync.Mutex
	asked := make(map[string]bool)
	for _, mode := range []string{"answers", "redirects"} {
		for _, generation := range []string{"/api/none", "/api/remote/viewer/start", "/api/paths",
			"/api/runs/move"} {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				mu.Lock()
				asked[r.URL.Path] = true
				mu.Unlock()
				w.Header().Set("Content-Type", "application/json")
				w.Header().Set("Location", other+r.URL.Path)
				w.Header().Set("Refresh", "0; url="+other)
				w.Header().Set("Link", "<"+other+">; rel=next")
				switch {
				case r.URL.Path == "/openapi.json":
					fmt.Fprintf(w, `{"info":{"title":"Runicorn Viewer"},"servers":[{"url":%q}],`+
						`"paths":{"/api/runs":{},%q:{}}}`, other, generation)
				case mode == "redirects":
					w.WriteHeader(http.StatusTemporaryRedirect)
				default:
					io.WriteString(w, elsewhereAnswer(r.URL.Path, other))
				}
			}))
			none := 0
			callEverything(t, client.New(viewer.New(viewer.Options{BaseURL: server.URL, MaxRetries: &none})))
			server.Close()
		}
	}
	elsewhere.Close()
	select {
	case <-contacted:
		t.Error("another place than the Viewer was contacted")
	default:
	}
	if len(asked) < 15 {
		t.Errorf("only %d paths were asked for: %v", len(asked), asked)
	}
}

// elsewhereAnswer is an answer in which every text is an address.
func elsewhereAnswer(path, other string) string {
	run := fmt.Sprintf(`{"id":"r","run_dir":"%[1]s/runs/a/r","path":"%[1]s","status":"finished",`+
		`"created_time":1,"artifacts_used_count":1,"logs":"%[1]s","metrics":"%[1]s"}`, other)
	switch {
	case path == "/api/runs":
		return "[" + run + "]"
	case path == "/api/runs/r":
		return run
	case path == "/api/config":
		return fmt.Sprintf(`{"storage":%q,"user_root_dir":%[1]q}`, other)
	case path == "/api/artifacts":
		return fmt.Sprintf(`[{"name":%q,"type":%[1]q,"aliases":{}}]`, other)
	case strings.HasSuffix(path, "/versions"):
		return fmt.Sprintf(`[{"version":1,"created_by_run":%q}]`, other)
	}
	return fmt.Sprintf(`{"url":%q,"projects":[%[1]q],"assets":{"datasets":[{"name":"d","uri":%[1]q}]}}`, other)
}

// callEverything calls every method; what it answers does not matter.
func callEverything(t *testing.T, c *client.Client) {
	t.Helper()
	ctx := t.Context()
	c.ListExperiments(ctx, client.ListOptions{})
	c.ListProjects(ctx)
	c.GetExperiment(ctx, "r")
	c.GetMetrics(ctx, "r", client.MetricsOptions{})
	c.ExportExperiment(ctx, "r", client.ExportOptions{IncludeMedia: true})
	artifacts, _ := c.Artifacts.ListArtifacts(ctx, client.ArtifactOptions{})
	for _, a := range artifacts.Artifacts {
		c.Artifacts.GetArtifact(ctx, a.Type+"/"+a.Name)
	}
	c.Artifacts.ListExperimentArtifacts(ctx, "r", "")
	c.HealthCheck(ctx)
	c.GetConfig(ctx)
	c.GetGPUInfo(ctx)
	c.UpdateConfig(ctx, "/data")
}
