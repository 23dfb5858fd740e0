package truth

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/viewer"
	"github.com/runicorn-mcp/runicorn-mcp/internal/realtest"
)

// TestViewer_comesBackAsAnother kills a Viewer between two calls and starts another release at
// the same port: it is asked in its own dialect, whichever way the change goes.
func TestViewer_comesBackAsAnother(t *testing.T) {
	t.Parallel()
	_, oldRoot := realtest.Seed(t, "0.5.3")
	_, newRoot := realtest.Seed(t, "0.7.2")
	p := realtest.StartViewer(t, "0.5.3", oldRoot, 0)
	p.Settle(t)
	c := client.New(viewer.New(viewer.Options{BaseURL: p.URL}))
	check := func(version string) {
		t.Helper()
		run := must(c.GetExperiment(t.Context(), aaaaaa))(t)
		if hasTags := len(run.Tags) > 0; hasTags == realtest.HasRegistry(version) {
			t.Errorf("%s: tags %q", version, run.Tags)
		}
		m := must(c.GetMetrics(t.Context(), aaaaaa, client.MetricsOptions{}))(t)
		if m.NonFiniteUnknown != realtest.HasRegistry(version) {
			t.Errorf("%s: NaN unknown is %t", version, m.NonFiniteUnknown)
		}
		page := must(c.ListExperiments(t.Context(), client.ListOptions{Project: "vision"}))(t)
		artifacts := must(c.Artifacts.ListArtifacts(t.Context(), client.ArtifactOptions{}))(t)
		if page.Total != 2 || artifacts.Total != len(summaries(expectedVersions(version))) {
			t.Errorf("%s: %d runs, %d artifacts", version, page.Total, artifacts.Total)
		}
	}
	check("0.5.3")
	for _, next := range []struct{ version, root string }{{"0.7.2", newRoot}, {"0.5.3", oldRoot}} {
		p.Kill()
		p = realtest.StartViewer(t, next.version, next.root, p.Port)
		p.Settle(t)
		check(next.version)
	}
	p.Kill()
	_, err := c.GetExperiment(t.Context(), aaaaaa)
	if !errors.Is(err, client.ErrConnection) || !strings.Contains(err.Error(), "Start `runicorn viewer`") {
		t.Errorf("without a Viewer: %v", err)
	}
}

// A killer is a transport that ends the Viewer when enough of a body has come.
type killer struct {
	once sync.Once
	kill func()
	left int
}

func (k *killer) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err == nil && strings.HasSuffix(r.URL.Path, "/assets/download") &&
		strings.Contains(r.URL.RawQuery, "events.jsonl") {
		resp.Body = killingBody{resp.Body, k}
	}
	return resp, err
}

type killingBody struct {
	io.ReadCloser
	k *killer
}

func (b killingBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p[:min(len(p), 64<<10)])
	if b.k.left -= n; b.k.left < 0 {
		b.k.once.Do(b.k.kill)
	}
	return n, err
}

// TestViewer_killedInABody ends a Viewer in the middle of an answer: that is an error, never a
// part of a run taken for the whole.
func TestViewer_killedInABody(t *testing.T) {
	t.Parallel()
	_, root := realtest.Seed(t, "0.7.2")
	events := filepath.Join(root, "runs", "vision", "resnet", bbbbbb, "events.jsonl")
	line := []byte(`{"ts":1700000201,"type":"metrics","data":{"loss":1,"global_step":1}}` + "\n")
	if err := os.WriteFile(events, bytes.Repeat(line, 1_000_000), 0o644); err != nil {
		t.Fatal(err)
	}
	p := realtest.StartViewer(t, "0.7.2", root, 0)
	p.Settle(t)
	none := 0
	c := client.New(viewer.New(viewer.Options{BaseURL: p.URL, MaxRetries: &none,
		Transport: &killer{kill: p.Kill, left: 1 << 20}}))
	m, err := c.GetMetrics(t.Context(), bbbbbb, client.MetricsOptions{})
	if !errors.Is(err, client.ErrConnection) || m.Rows != 0 {
		t.Errorf("%d rows, error %v", m.Rows, err)
	}
}

// TestViewer_otherStore puts another store in the place of the one below a running Viewer: what
// is gone is not found, and what is new is there.
func TestViewer_otherStore(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"0.5.3", "0.6.0"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			base, root := realtest.Seed(t, version)
			c := client.New(viewer.New(viewer.Options{BaseURL: realtest.Viewer(t, version, root)}))
			run := must(c.GetExperiment(t.Context(), aaaaaa))(t)
			if err := os.Rename(root, filepath.Join(base, "away")); err != nil {
				t.Fatal(err)
			}
			if _, err := c.GetMetrics(t.Context(), aaaaaa, client.MetricsOptions{}); !errors.Is(err,
				client.ErrNotFound) {
				t.Errorf("the metrics of a run that is away: %v", err)
			}
			moved := filepath.Join(filepath.Dir(run.RunDir), "20250301_000000_abcdef")
			if err := os.CopyFS(moved, os.DirFS(strings.Replace(run.RunDir, root,
				filepath.Join(base, "away"), 1))); err != nil {
				t.Fatal(err)
			}
			if _, err := c.GetExperiment(t.Context(), aaaaaa); !errors.Is(err, client.ErrNotFound) {
				t.Errorf("a run of the store that was there: %v", err)
			}
			m := must(c.GetMetrics(t.Context(), "20250301_000000_abcdef", client.MetricsOptions{}))(t)
			if m.Rows != 4 {
				t.Errorf("the new run has %d rows", m.Rows)
			}
		})
	}
}
