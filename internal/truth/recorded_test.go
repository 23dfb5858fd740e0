package truth

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/coder/websocket"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/viewer"
	"github.com/runicorn-mcp/runicorn-mcp/internal/realtest"
)

// recordings are what a Viewer answered in TestContract, for tests on machines without one:
// go test ./internal/truth -run Contract -update records them anew.
func recordings(version string) string {
	return filepath.Join("..", "..", "client", "viewer", "testdata", "recorded", version+".json")
}

// A recorded answer; Body is base64 where it is no text.
type recorded struct {
	Status int    `json:"status"`
	Type   string `json:"type,omitempty"`
	Base64 bool   `json:"base64,omitempty"`
	Body   string `json:"body"`
}

// A recorder stands before a Viewer and keeps what it answers, by request.
type recorder struct {
	next    http.RoundTripper
	replace *strings.Replacer

	mu      sync.Mutex
	answers map[string]recorded
}

// requestKey tells requests apart that a Viewer answers differently.
func requestKey(r *http.Request) string {
	query, err := url.QueryUnescape(r.URL.RawQuery)
	if err != nil {
		query = r.URL.RawQuery
	}
	key := r.Method + " " + r.URL.Path + " " + query + " " + r.Header.Get("Range")
	return strings.TrimSpace(key)
}

// RoundTrip implements [http.RoundTripper].
func (rec *recorder) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := rec.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode == http.StatusSwitchingProtocols {
		resp.Body = &recordedSocket{resp.Body.(io.ReadWriteCloser), rec, requestKey(r), nil}
		return resp, nil
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(strings.NewReader(string(body)))
	answer := recorded{Status: resp.StatusCode, Type: resp.Header.Get("Content-Type")}
	switch {
	case r.URL.Path == "/openapi.json":
		answer.Body = pathsOnly(body)
	case strings.HasPrefix(r.URL.Path, "/api/environment/"):
		answer.Body = availableOnly(body)
	case utf8.Valid(body):
		text := platform.ReplaceAllString(rec.replace.Replace(string(body)), `"platform":${1}"Linux"`)
		answer.Body = temporary.ReplaceAllString(text, "/home")
	default:
		answer.Base64, answer.Body = true, base64.StdEncoding.EncodeToString(body)
	}
	rec.mu.Lock()
	defer rec.mu.Unlock()
	rec.answers[rec.replace.Replace(requestKey(r))] = answer
	return resp, nil
}

// A recordedSocket keeps the text that a Viewer sends on a WebSocket.
type recordedSocket struct {
	io.ReadWriteCloser
	rec *recorder
	key string
	got []byte
}

// Read implements [io.Reader].
func (s *recordedSocket) Read(p []byte) (int, error) {
	n, err := s.ReadWriteCloser.Read(p)
	s.got = append(s.got, p[:n]...)
	s.rec.mu.Lock()
	defer s.rec.mu.Unlock()
	if text := frames(s.got); len(text) >= len(s.rec.answers[s.key].Body) { // one may look at a line only
		s.rec.answers[s.key] = recorded{Status: http.StatusSwitchingProtocols, Body: text}
	}
	return n, err
}

// frames are the short text messages among the frames of a server (RFC 6455, 5.2), a line each.
func frames(data []byte) string {
	var lines strings.Builder
	for len(data) >= 2 && int(data[1]) < 126 && len(data) >= 2+int(data[1]) {
		if data[0] == 0x81 { // the one frame of a text
			lines.Write(append(data[2:2+data[1]:2+data[1]], '\n'))
		}
		data = data[2+data[1]:]
	}
	return lines.String()
}

// talk sends recorded messages on a WebSocket, and then waits for its end as a Viewer does.
func talk(w http.ResponseWriter, r *http.Request, lines string) {
	socket, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer socket.CloseNow()
	for line := range strings.Lines(lines) {
		socket.Write(r.Context(), websocket.MessageText, []byte(strings.TrimSuffix(line, "\n")))
	}
	socket.Read(r.Context())
}

var platform = regexp.MustCompile(`"platform":( ?)"[^"]*"`)

// temporary is a folder of this test other than the store's.
var temporary = regexp.MustCompile(regexp.QuoteMeta(os.TempDir()) + `/TestContract[^/"]*/[0-9]+`)

// availableOnly is an answer about a captured environment without what was captured.
func availableOnly(body []byte) string {
	var environment struct{ Available bool }
	if json.Unmarshal(body, &environment) != nil {
		return string(body)
	}
	return fmt.Sprintf(`{"available":%t}`, environment.Available)
}

// pathsOnly is as much of an openapi.json as tells what a Viewer is.
func pathsOnly(body []byte) string {
	var api struct {
		Info  map[string]any      `json:"info"`
		Paths map[string]struct{} `json:"paths"`
	}
	if json.Unmarshal(body, &api) != nil {
		return string(body)
	}
	text, err := json.Marshal(api)
	if err != nil {
		return string(body)
	}
	return string(text)
}

// record returns a client of a Viewer whose answers are written down when the test ends, with
// -update.
func record(t *testing.T, version, address, base string) *client.Client {
	t.Helper()
	if !*update {
		return client.New(viewer.New(viewer.Options{BaseURL: address}))
	}
	rec := &recorder{next: http.DefaultTransport, answers: make(map[string]recorded),
		replace: strings.NewReplacer(base, "/base", strconv.Quote(hostname), `"here"`)}
	t.Cleanup(func() {
		text, err := json.MarshalIndent(rec.answers, "", " ")
		if err == nil {
			err = os.WriteFile(recordings(version), append(text, '\n'), 0o644)
		}
		if err != nil {
			t.Error(err)
		}
	})
	return client.New(viewer.New(viewer.Options{BaseURL: address, Transport: rec}))
}

// TestContract_recorded asks the same of the recorded answers, where no Viewer is.
func TestContract_recorded(t *testing.T) {
	t.Parallel()
	for _, version := range realtest.Versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			c := client.New(viewer.New(viewer.Options{BaseURL: replay(t, version)}))
			rows := append(commonRows(version), artifactRows(version)...)
			used := make(map[exemption]bool)
			for i, got := range answers(t, c, rows) {
				allow(t, version, rows[i].call, missing(version, expected(rows[i]), got, "/base"), used)
			}
		})
	}
}

// replay serves recorded answers below a path of its own. What was not recorded is an answer
// that says so.
func replay(t *testing.T, version string) (address string) {
	t.Helper()
	text, err := os.ReadFile(recordings(version))
	if err != nil {
		t.Fatal(err)
	}
	var answers map[string]recorded
	if err := json.Unmarshal(text, &answers); err != nil {
		t.Fatal(err)
	}
	const below = "/some/prefix"
	server := httptest.NewServer(http.StripPrefix(below, http.HandlerFunc(
		func(w http.ResponseWriter, r *http.Request) {
			answer, ok := answers[requestKey(r)]
			if !ok {
				t.Errorf("%q was not recorded: go test ./internal/truth -run Contract -update", requestKey(r))
				answer = recorded{Status: http.StatusTeapot}
			}
			if answer.Status == http.StatusSwitchingProtocols {
				talk(w, r, answer.Body)
				return
			}
			body := []byte(answer.Body)
			if answer.Base64 {
				body, _ = base64.StdEncoding.DecodeString(answer.Body)
			}
			w.Header().Set("Content-Type", answer.Type)
			w.WriteHeader(answer.Status)
			w.Write(body)
		})))
	t.Cleanup(server.Close)
	return server.URL + below
}
