//go:build unix

package remote

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/runicorn-mcp/runicorn-mcp/internal/realtest"
)

// A host is a host application with the server, as a user has it.
type mcpHost struct {
	p        *place
	program  string
	home     string
	env      []string
	session  *mcp.ClientSession
	cmd      *exec.Cmd
	mu       sync.Mutex
	wrote    bytes.Buffer // all that the server said to anybody
	asked    []string
	progress int
}

// Write takes the server's log.
func (h *mcpHost) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.wrote.Write(p)
}

// serve starts the server; answer is what the person says when asked, nil when nobody can be.
func (h *mcpHost) serve(t *testing.T, revision string, answer *mcp.ElicitResult) {
	t.Helper()
	cmd := exec.Command(h.program, "serve", "--base-url", h.p.local.URL, "--log-level", "debug")
	cmd.Env, cmd.Stderr = append(realtest.Environ(h.home), h.env...), h
	opts := &mcp.ClientOptions{ProgressNotificationHandler: func(
		_ context.Context, r *mcp.ProgressNotificationClientRequest) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.progress++
		h.wrote.WriteString(r.Params.Message)
	}}
	if answer != nil {
		opts.ElicitationHandler = func(_ context.Context, r *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.asked = append(h.asked, r.Params.Message)
			h.wrote.WriteString(r.Params.Message)
			return answer, nil
		}
	}
	client := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, opts)
	session, err := client.Connect(t.Context(), &mcp.CommandTransport{Command: cmd},
		&mcp.ClientSessionOptions{ProtocolVersion: revision})
	if err != nil {
		t.Fatal(err)
	}
	h.session, h.cmd = session, cmd
}

func (h *mcpHost) end(t *testing.T) {
	t.Helper()
	if err := h.session.Close(); err != nil {
		t.Errorf("the server ended with %v", err)
	}
}

// terminate ends the server as a host does that does not wait for it.
func (h *mcpHost) terminate(t *testing.T) {
	t.Helper()
	if err := h.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = h.session.Wait() // it tells of the broken pipe, or of nothing
	_ = h.session.Close()
	if h.cmd.ProcessState == nil {
		t.Error("the server is still there after SIGTERM")
	}
}

// call returns the answer of a tool, or the words of its error.
func (h *mcpHost) call(t *testing.T, tool string, args map[string]any) (answer map[string]any, failure string) {
	t.Helper()
	params := &mcp.CallToolParams{Name: tool, Arguments: args}
	params.SetProgressToken(tool)
	result, err := h.session.CallTool(t.Context(), params)
	if err != nil {
		t.Fatalf("%s: %v", tool, err)
	}
	text := ""
	for _, c := range result.Content {
		if c, ok := c.(*mcp.TextContent); ok {
			text += c.Text
		}
	}
	all, _ := json.Marshal(result)
	h.Write(all)
	if result.IsError {
		return nil, text
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		t.Fatalf("%s: %v in %s", tool, err, text)
	}
	return answer, ""
}

// TestConversation is what an assistant does, by the official SDK, from an unknown host key to no
// process left; and nothing that the server writes has a secret in it.
func TestConversation(t *testing.T) {
	program := filepath.Join(t.TempDir(), "runicorn-mcp")
	if out, err := realtest.Go(t, "build", "-o", program, "../..").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	revisions := map[string]string{"0.5.3": "2025-11-25", "0.6.0": "2026-07-28", "0.7.2": "2026-07-28"}
	each(t, func(t *testing.T, p *place) {
		revision := revisions[p.version]
		h := &mcpHost{p: p, program: program, home: t.TempDir(),
			env: []string{"RUNICORN_SSH_RIGHT=" + p.Password, "OTHER_SECRET=env-secret-nn"}}
		byKey := map[string]any{"host": host, "port": p.Port, "username": realtest.FarUser,
			"private_key_path": p.Key}

		h.serve(t, revision, nil)
		_, failure := h.call(t, "connect", byKey)
		if !strings.Contains(failure, "not confirmed (this host application cannot ask a person)") ||
			!strings.Contains(failure, "runicorn-mcp trust 127.0.0.1:") {
			t.Errorf("without a way to ask: %q", failure)
		}
		h.end(t)

		h.serve(t, revision, &mcp.ElicitResult{Action: "decline"})
		if _, failure := h.call(t, "connect", byKey); !strings.Contains(failure, "not confirmed") || len(h.asked) != 1 {
			t.Errorf("declined: %q after %q", failure, h.asked)
		}
		h.end(t)
		p.left(t, 0)

		h.serve(t, revision, &mcp.ElicitResult{Action: "accept", Content: map[string]any{"accept": true}})
		c, failure := h.call(t, "connect", byKey)
		if failure != "" || len(h.asked) != 2 || p.checksKeys() != p.shows(t, h.asked[1]) {
			t.Fatalf("connect: %s after %q", failure, h.asked)
		}
		before := h.progress
		s, failure := h.call(t, "start_viewer", map[string]any{"connection_id": c["connection_id"], "remote_root": p.root})
		if failure != "" || s["working"] != true || h.progress == before {
			t.Fatalf("start_viewer: %v, %s, %d times progress", s, failure, h.progress-before)
		}
		id := s["session_id"]
		list, failure := h.call(t, "list_experiments", map[string]any{"viewer": id})
		if failure != "" || list["total"] != 3.0 {
			t.Errorf("list_experiments: %v, %s", list, failure)
		}
		for tool, run := range map[string]string{"get_metrics": "run_id", "diagnose_run": "run_id", "plot_metrics": "run_ids"} {
			if answer, failure := h.call(t, tool, map[string]any{run: "latest", "viewer": id}); failure != "" {
				t.Errorf("%s: %v, %s", tool, answer, failure)
			}
		}
		if _, failure := h.call(t, "list_projects", map[string]any{"viewer": "deadbeef"}); !strings.Contains(failure, "no Viewer") {
			t.Errorf("a session that there is not: %q", failure)
		}
		if p.version == "0.6.0" {
			h.terminate(t)
		} else {
			h.end(t)
		}
		p.left(t, 1) // the Viewer, and no more

		h.serve(t, revision, nil) // the next server knows it as its own
		sessions, failure := h.call(t, "list_viewer_sessions", nil)
		if rows, _ := sessions["sessions"].([]any); failure != "" || len(rows) != 1 || rows[0].(map[string]any)["ours"] != true {
			t.Errorf("list_viewer_sessions: %v, %s", sessions, failure)
		}
		if stopped, failure := h.call(t, "stop_viewer", map[string]any{"session_id": id}); stopped["stopped"] != true {
			t.Errorf("stop_viewer: %v, %s", stopped, failure)
		}
		if gone, failure := h.call(t, "disconnect", map[string]any{"host": host}); failure != "" {
			t.Errorf("disconnect: %v, %s", gone, failure)
		}
		p.left(t, 0)

		h.secrets(t, byKey)
		h.end(t)
		p.left(t, 0)
		state, err := os.ReadFile(filepath.Join(h.home, ".local", "state", "runicorn-mcp", "remote.json"))
		if err != nil {
			t.Error(err)
		}
		h.Write(state)
		for _, secret := range []string{p.Password, p.Passphrase, "plain-secret-nn", "phrase-secret-nn", "env-secret-nn"} {
			if strings.Contains(h.wrote.String(), secret) {
				t.Errorf("the secret %q was written", secret)
			}
		}
		if !strings.Contains(h.wrote.String(), "call") || !strings.Contains(h.wrote.String(), "[hidden]") {
			t.Errorf("the log is not what was looked through:\n%s", h.wrote.String())
		}
	})
}

// secrets has the server use secrets that are right, wrong, and not to be had.
func (h *mcpHost) secrets(t *testing.T, byKey map[string]any) {
	t.Helper()
	with := func(more map[string]any) string {
		args := map[string]any{"host": host, "port": byKey["port"], "username": realtest.FarUser}
		for name, value := range more {
			args[name] = value
		}
		_, failure := h.call(t, "connect", args)
		return failure
	}
	if !h.p.checksKeys() { // nobody can be asked any more
		ssh := filepath.Join(h.home, ".ssh")
		if err := os.MkdirAll(ssh, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(ssh, "config"), []byte("Host "+host+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		args map[string]any
		want string
	}{
		"wrong password":   {map[string]any{"password": "plain-secret-nn"}, "refused the credentials"},
		"wrong passphrase": {map[string]any{"private_key_path": h.p.LockedKey, "passphrase": "phrase-secret-nn"}, "key"},
		"another variable": {map[string]any{"password_env": "OTHER_SECRET"}, "RUNICORN_SSH_"},
		"no variable":      {map[string]any{"password_env": "RUNICORN_SSH_NONE"}, "is not set"},
		"wrong type":       {map[string]any{"password": []string{"plain-secret-nn"}}, "must be a string"},
		"wrong name":       {map[string]any{"pass": "plain-secret-nn"}, "does not exist"},
	} {
		if failure := with(c.args); !strings.Contains(failure, c.want) {
			t.Errorf("%s: %q, want %q", name, failure, c.want)
		}
	}
	if failure := with(map[string]any{"password_env": "RUNICORN_SSH_RIGHT"}); failure != "" {
		t.Errorf("password_env: %s", failure)
	}
	if _, failure := h.call(t, "disconnect", map[string]any{"host": host}); failure != "" {
		t.Errorf("disconnect: %s", failure)
	}
}
