package viewer

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// A playback answers with what a Viewer was recorded to answer, but for one request.
type playback struct {
	answers map[string]recorded
	path    string // this one is answered with body
	body    []byte
	asked   atomic.Int64
}

type recorded struct {
	Status int
	Type   string
	Base64 bool
	Body   string
}

// recordings reads what internal/truth has recorded of a release.
func recordings(f *testing.F, version string) map[string]recorded {
	f.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "recorded", version+".json"))
	if err != nil {
		f.Fatal(err)
	}
	var answers map[string]recorded
	if err := json.Unmarshal(text, &answers); err != nil {
		f.Fatal(err)
	}
	return answers
}

// pathOf is the path of a recorded request, without method, query and range.
func pathOf(request string) string { return strings.Fields(request)[1] }

func (p *playback) RoundTrip(r *http.Request) (*http.Response, error) {
	p.asked.Add(1)
	answer := recorded{Status: 404, Type: "application/json", Body: `{"detail":"Run not found"}`}
	key := strings.TrimSpace(r.Method + " " + r.URL.Path + " " + r.URL.Query().Get("path"))
	for request, a := range p.answers {
		if request == key || pathOf(request) == r.URL.Path && !strings.Contains(r.URL.Path, "download") ||
			strings.Contains(request, r.URL.Path+" path="+r.URL.Query().Get("path")) {
			answer = a
		}
	}
	body := []byte(answer.Body)
	if answer.Base64 {
		body, _ = base64.StdEncoding.DecodeString(answer.Body)
	}
	if r.URL.Path == p.path {
		answer.Status, body = 200, p.body
	}
	return &http.Response{StatusCode: answer.Status, Request: r,
		Header: http.Header{"Content-Type": {answer.Type}}, Body: io.NopCloser(bytes.NewReader(body))}, nil
}

// fuzzDialect answers one request of a generation with anything. Nothing may panic, nothing may
// come beside an error, and the work must stay bounded.
func fuzzDialect(f *testing.F, version string) {
	answers := recordings(f, version)
	paths := make(map[string]bool)
	for request, a := range answers {
		if a.Status == 200 && strings.HasPrefix(request, "GET /api/") {
			paths[pathOf(request)] = true
		}
	}
	list := slices.Sorted(maps.Keys(paths))
	for request, a := range answers {
		if i := slices.Index(list, pathOf(request)); i >= 0 && !a.Base64 {
			f.Add(uint16(i), []byte(a.Body))
			f.Add(uint16(i), []byte(strings.ReplaceAll(a.Body, "null", "NaN")))
		}
	}
	none := 0
	f.Fuzz(func(t *testing.T, which uint16, body []byte) {
		p := &playback{answers: answers, path: list[int(which)%len(list)], body: body}
		c := client.New(New(Options{BaseURL: "http://viewer:1", MaxRetries: &none, Transport: p}))
		ctx := t.Context()
		const id = "20250101_100000_aaaaaa"
		page, err := c.ListExperiments(ctx, client.ListOptions{})
		nothingBeside(t, err, len(page.Experiments))
		run, err := c.GetExperiment(ctx, id)
		nothingBeside(t, err, len(run.Summary))
		m, err := c.GetMetrics(ctx, id, client.MetricsOptions{})
		nothingBeside(t, err, len(m.Series))
		for _, s := range m.Series {
			if len(s.Steps) != len(s.Values) || len(s.Steps) != len(s.Times) || !slices.IsSorted(s.Steps) {
				t.Fatalf("series %q: %d steps, %d values, %d times", s.Name, len(s.Steps), len(s.Values),
					len(s.Times))
			}
		}
		artifacts, err := c.Artifacts.ListArtifacts(ctx, client.ArtifactOptions{})
		nothingBeside(t, err, len(artifacts.Artifacts))
		for _, a := range artifacts.Artifacts[:min(3, len(artifacts.Artifacts))] {
			c.Artifacts.GetArtifact(ctx, a.Type+"/"+a.Name)
		}
		c.HealthCheck(ctx)
		c.GetConfig(ctx)
		c.GetGPUInfo(ctx)
		if asked := p.asked.Load(); asked > int64(200+len(body)) {
			t.Fatalf("%d requests for an answer of %d bytes", asked, len(body))
		}
	})
}

func nothingBeside(t *testing.T, err error, n int) {
	t.Helper()
	if err != nil && n > 0 {
		t.Fatalf("%d beside the error %v", n, err)
	}
}

func FuzzDialect04(f *testing.F) { fuzzDialect(f, "0.4.1") }
func FuzzDialect05(f *testing.F) { fuzzDialect(f, "0.5.3") }
func FuzzDialect06(f *testing.F) { fuzzDialect(f, "0.6.0") }
func FuzzDialect07(f *testing.F) { fuzzDialect(f, "0.7.2") }

// FuzzTable reads tables of metrics beside encoding/json.
func FuzzTable(f *testing.F) {
	for _, version := range []string{"0.4.1", "0.5.3"} {
		for request, a := range recordings(f, version) {
			if strings.Contains(request, "/metrics") {
				f.Add([]byte(a.Body))
			}
		}
	}
	f.Add([]byte(`{"a":[{"rows":1},"\"]"],"rows":[{"global_step":1,"x":null,"\"\\":-1.5e3},{}],"total":2}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := readTable(context.Background(), bytes.NewReader(text), nil)
		var table struct {
			Rows []map[string]any `json:"rows"`
		}
		if json.Unmarshal(text, &table) != nil || duplicates(text) {
			return // no JSON: any answer, but no panic
		}
		if err != nil {
			if bytes.Contains(text, []byte(`"rows"`)) && table.Rows != nil {
				t.Fatalf("a table of %d rows: %v", len(table.Rows), err)
			}
			return
		}
		want := 0
		for _, row := range table.Rows {
			step, ok := row["global_step"].(float64)
			if !ok || step != math.Trunc(step) || math.Abs(step) > 1<<50 {
				return // the step is not one that both read alike
			}
			for name, value := range row {
				if _, number := value.(float64); number && !slices.Contains(notMetrics, name) {
					want++
				}
			}
		}
		got := 0
		for _, s := range m.Series {
			got += len(s.Values)
		}
		if steps := distinctSteps(table.Rows); steps == len(table.Rows) && got != want {
			t.Fatalf("%d numbers, want %d", got, want)
		}
	})
}

var notMetrics = []string{"global_step", "step", "epoch", "time", "stage"}

func distinctSteps(rows []map[string]any) int {
	steps := make(map[any]bool)
	for _, row := range rows {
		steps[row["global_step"]] = true
	}
	return len(steps)
}

// duplicates reports whether an object may have a key twice, of which readers take one or the
// other, or in a spelling that encoding/json takes for another.
func duplicates(text []byte) bool {
	decoder := json.NewDecoder(bytes.NewReader(text))
	seen := make(map[string]bool)
	for {
		token, err := decoder.Token()
		if err != nil {
			return false
		}
		switch v := token.(type) {
		case json.Delim:
			clear(seen)
		case string:
			if seen[v] || strings.EqualFold(v, "rows") && v != "rows" {
				return true
			}
			seen[v] = true
		}
	}
}
