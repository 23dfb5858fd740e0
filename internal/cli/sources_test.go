package cli

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/client/viewer"
)

// fakeViewer is a Viewer 0.7 as far as finding one goes, while up is true.
func fakeViewer(t *testing.T, up *atomic.Bool) (url string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch {
		case !up.Load():
			w.WriteHeader(http.StatusServiceUnavailable)
		case r.URL.Path == "/openapi.json":
			fmt.Fprint(w, `{"info":{"title":"Runicorn Viewer","version":"0.7.2"},"paths":{"/api/runs":{},"/api/runs/move":{}}}`)
		case r.URL.Path == "/api/gpu/telemetry":
			fmt.Fprint(w, `{"available":true,"gpus":[{"index":0,"name":"far away"}]}`)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// TestSources_decide goes from nothing to a folder to a Viewer, and never back from that.
func TestSources_decide(t *testing.T) {
	t.Parallel()
	var up atomic.Bool
	url := fakeViewer(t, &up)
	now, dir := time.Unix(0, 0), ""
	s := &sources{now: func() time.Time { return now },
		find: func() (string, string) { return dir, "a test" },
		viewer: func() *viewer.Viewer {
			return viewer.New(viewer.Options{BaseURL: url, Timeout: 5 * time.Second})
		}}
	kind := func() string {
		c, err := s.client(t.Context(), "")
		if err != nil {
			return err.Error()
		}
		return c.Source().Kind
	}
	if got := kind(); !strings.Contains(got, "There is nothing to read") {
		t.Errorf("with nothing: %s", got)
	}
	dir = t.TempDir()
	if got := kind(); got != "storage" {
		t.Errorf("with a folder: %s", got)
	}
	first := s.found
	up.Store(true)
	if got := kind(); got != "storage" {
		t.Errorf("at once after: %s", got)
	}
	up.Store(false)
	now = now.Add(lookAgain)
	if got := kind(); got != "storage" || s.found != first {
		t.Errorf("the same folder again: %s, opened anew: %t", got, s.found != first)
	}
	up.Store(true)
	now = now.Add(lookAgain)
	if got := kind(); got != "viewer" {
		t.Errorf("with a Viewer: %s", got)
	}
	up.Store(false)
	now = now.Add(lookAgain)
	if got := kind(); got != "viewer" {
		t.Errorf("after the Viewer has gone: %s", got)
	}
	if _, err := s.client(t.Context(), "other"); err == nil || !strings.Contains(err.Error(), `"other"`) {
		t.Errorf("an unknown Viewer: %v", err)
	}
}

// TestSources_both reads the folder, and asks the Viewer for its GPUs.
func TestSources_both(t *testing.T) {
	t.Parallel()
	var up atomic.Bool
	up.Store(true)
	o := options{Storage: t.TempDir(), BaseURL: fakeViewer(t, &up), Timeout: 5 * time.Second}
	c, err := newSources(o, func(string) string { return "" }).client(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Source(); got.Kind != "storage" || got.Location != o.Storage {
		t.Errorf("%+v", got)
	}
	gpus, err := c.GetGPUInfo(t.Context())
	if err != nil || len(gpus.Devices) != 1 || gpus.Devices[0].Name != "far away" {
		t.Errorf("%+v (%v)", gpus, err)
	}
}

// TestSources_cancelled gives the caller's error, not that nothing was found.
func TestSources_cancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := &sources{now: time.Now, find: func() (string, string) { return "", "" },
		viewer: func() *viewer.Viewer { return viewer.New(viewer.Options{BaseURL: "http://127.0.0.1:1"}) }}
	if _, err := s.client(ctx, ""); err != context.Canceled {
		t.Errorf("%v", err)
	}
}

// TestSources_viewer picks a Viewer by its name, and names those that there are.
func TestSources_viewer(t *testing.T) {
	t.Parallel()
	var up atomic.Bool
	up.Store(true)
	url := fakeViewer(t, &up)
	o := options{Storage: t.TempDir(), Timeout: 5 * time.Second,
		Viewer: map[string]string{"lab": url, "far": "http://127.0.0.1:1"}}
	s := newSources(o, func(string) string { return "" })
	for name, want := range map[string]string{"": "folder " + o.Storage, "lab": "Viewer " + url,
		"far": "Viewer http://127.0.0.1:1"} {
		c, err := s.client(t.Context(), name)
		if err != nil || c.Source().String() != want {
			t.Errorf("%q is %v (%v), want %s", name, c, err, want)
		}
	}
	if _, err := s.client(t.Context(), "lob"); err == nil ||
		!strings.Contains(err.Error(), `no Viewer "lob": there is far, lab`) {
		t.Errorf("an unknown name: %v", err)
	}
	for _, bad := range []string{"", "lab", "127.0.0.1:23300", "http://"} {
		o := options{Timeout: time.Second, Viewer: map[string]string{"lab": bad}}
		if err := o.Validate(); err == nil || !strings.Contains(err.Error(), "lab=http://") {
			t.Errorf("--viewer lab=%s: %v", bad, err)
		}
	}
}
