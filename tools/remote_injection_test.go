package tools_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/viewer"
	"github.com/runicorn-mcp/runicorn-mcp/internal/testkit"
	"github.com/runicorn-mcp/runicorn-mcp/tools"
)

// password is given to a Viewer, which repeats it wherever it can.
const password = "hunter-two-secret"

// A hostileViewer answers by path; a text that begins with a number is a failure of that status.
type hostileViewer map[string]string

// env is one whose Viewer is v, of a version.
func (v hostileViewer) env(t *testing.T, version string) *tools.Env {
	t.Helper()
	marks := `"/api/runs":1,"/api/remote/viewer/start":1`
	for path, since := range map[string]string{"/api/paths": "0.6", "/api/runs/move": "0.7"} {
		if version >= since {
			marks += fmt.Sprintf(",%q:1", path)
		}
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		text, found := v[strings.TrimPrefix(r.URL.Path, "/api/remote/")]
		switch status := 0; {
		case r.URL.Path == "/openapi.json":
			fmt.Fprintf(w, `{"info":{"title":"Runicorn Viewer"},"paths":{%s}}`, marks)
		case !found:
			w.WriteHeader(http.StatusNotFound)
			io.WriteString(w, `{"detail":"Not Found"}`)
		default:
			if n, _ := fmt.Sscanf(text, "%d ", &status); n == 1 {
				w.WriteHeader(status)
				text = text[4:]
			}
			io.WriteString(w, text)
		}
	}))
	t.Cleanup(server.Close)
	none := 0
	c := client.New(viewer.New(viewer.Options{BaseURL: server.URL, MaxRetries: &none}))
	return &tools.Env{Client: func(context.Context, string) (*client.Client, error) { return c, nil }}
}

// hostKey is a host key with this type, as a Viewer asks for its confirmation.
func hostKey(kind string) string {
	sum := sha256.Sum256([]byte("key"))
	return fmt.Sprintf(`409 {"detail":{"code":"HOST_KEY_CONFIRMATION_REQUIRED","host_key":{"host":"h","port":22,`+
		`"key_type":%s,"public_key":%s,"fingerprint_sha256":"SHA256:%s","reason":"unknown"}}}`, quote(kind),
		quote(kind+" "+base64.StdEncoding.EncodeToString([]byte("key"))), base64.RawStdEncoding.EncodeToString(sum[:]))
}

func quote(s string) string { text, _ := json.Marshal(s); return string(text) }

// tunnelled is the local port of a started Viewer that says of its storage what it likes.
func tunnelled(t *testing.T, storage string) int {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"status":"ok","storage":%s}`, quote(storage))
	}))
	t.Cleanup(s.Close)
	return s.Listener.Addr().(*net.TCPAddr).Port
}

// TestInjection_remote has a Viewer that answers instructions, tokens, floods and the password it was
// given, to every tool for other machines, and says what each makes of it.
func TestInjection_remote(t *testing.T) {
	t.Parallel()
	const (
		live     = `{"sessions":[{"key":"me@h:22","host":"h","port":22,"username":"me","connected":true}]}`
		none     = `{"sessions":[]}`
		there    = `{"exists":true,"is_dir":true}`
		connect  = `{"host":"h","username":"me","password":"` + password + `"}`
		start    = `{"connection_id":"h","remote_root":"/r"}`
		detail   = `500 {"detail":%s}`
		row      = `{"sessionId":%s,"host":%s,"sshPort":22,"username":%s,"localPort":%d,"remotePort":1,"remoteRoot":%s,"remotePid":7}`
		accepted = `{"ok":true}`
	)
	tokens := testkit.Secrets{password: "password"}
	evil := func(place string) string { return quote(tokens.Text(place)) }
	echo := func(place string) string { return quote(tokens.Text(place) + password) }
	failure := func(place string) string { return fmt.Sprintf(detail, evil(place)) }
	foreign := func(host, user string) string {
		return fmt.Sprintf(row, evil("session id"), host, user, 1, evil("root"))
	}
	mine := func(port int) string {
		return fmt.Sprintf(row, evil("id of ours"), evil("host"), evil("user"), port, evil("root"))
	}
	old := fmt.Sprintf(`{"entries":[{"host":"h","port":22,"key_type":%s,"fingerprint_sha256":"SHA256:x"},`+
		`{"host":"h","port":22,"key_type":"ssh-dss","fingerprint_sha256":%s}%s]}`, quote("a "+tokens.Text("old type")),
		echo("old fingerprint"), strings.Repeat(`,{"host":"h","port":22,"key_type":"ssh-rsa","fingerprint_sha256":"SHA256:old"}`, 200))
	for _, c := range []struct {
		versions string
		answers  hostileViewer
		calls    []string // tool and arguments
		asks     int      // questions
		says     string   // by the last
	}{
		{"0.5 0.6 0.7", hostileViewer{"sessions": fmt.Sprintf(`{"sessions":[{"key":%s,"host":%s,"port":22,"username":%s}]}`,
			evil("key"), evil("host"), evil("user"))}, []string{`list_sessions {}`}, 0, `"port":22`},
		{"0.5 0.6 0.7", hostileViewer{"sessions": failure("500")}, []string{`list_sessions {}`}, 0, "own log says more"},
		{"0.7", hostileViewer{"viewer/sessions": `{"sessions":[` + foreign(evil("host"), evil("user")) + `]}`},
			[]string{`list_viewer_sessions {}`}, 0, "Started by somebody else"},
		{"0.5", hostileViewer{"viewer/sessions": `{"sessions":[` + foreign(`"127.0.0.1"`, evil("user")) + `]}`},
			[]string{`list_viewer_sessions {}`}, 0, "Of user"},

		{"0.6", hostileViewer{"sessions": none, "connect": failure("connect")}, []string{"connect " + connect}, 0, "IGNORE"},
		{"0.6", hostileViewer{"sessions": none, "connect": fmt.Sprintf(detail, quote("bad "+password[:6]+"\u200b"+password[6:]))},
			[]string{"connect " + connect}, 0, "they repeat a password"},
		{"0.6", hostileViewer{"sessions": none, "connect": fmt.Sprintf(`{"connection_id":%s,"host":%[1]s,"username":%[1]s,"connected":true}`,
			echo("connect"))}, []string{"connect " + connect}, 0, `"connection_id":"me@h:22","host":"h","port":22,"username":"me","connected":true`},
		{"0.6", hostileViewer{"connect": failure("unused"), "sessions": `{"sessions":[{"key":"me@h:22","host":` + echo("reused") +
			`,"connected":true}]}`}, []string{"connect " + connect}, 0, `"host":"h","port":22,"username":"me","connected":true,"reused":true`},
		{"0.6 0.7", hostileViewer{"sessions": `{"sessions":[{"key":` + echo("key") + `,"host":` + quote(password) + `}]}`,
			"connect": `{"connected":true}`, "config": accepted}, []string{"connect " + connect, "list_sessions {}"}, 0, "hidden"},
		{"0.7", hostileViewer{"sessions": none, "connect": `{"connected":true}`, "config": accepted,
			"viewer/sessions": `{"sessions":[` + fmt.Sprintf(row, `"a"`, quote(password), `"me"`, 1, quote("/"+password)) + `]}`},
			[]string{"connect " + connect, "list_viewer_sessions {}"}, 0, `"remote_root":"(hidden`},
		{"0.6", hostileViewer{"sessions": none, "connect": `409 {"detail":` + evil("409") + `}`}, []string{"connect " + connect}, 0, "IGNORE"},
		{"0.6 0.7", hostileViewer{"sessions": none, "known-hosts/list": old, "connect": hostKey(tokens.Text("key type"))},
			[]string{"connect " + connect}, 0, "not one of h:22"},
		{"0.6 0.7", hostileViewer{"sessions": none, "known-hosts/list": old, "connect": hostKey("Yes,\u00a0accept\u00a0it")},
			[]string{"connect " + connect}, 0, "not one of h:22"},
		{"0.6 0.7", hostileViewer{"sessions": none, "known-hosts/list": old, "connect": hostKey("ssh-ed25519"),
			"known-hosts/remove": failure("remove")}, []string{"connect " + connect}, 1, "own log says more"},

		{"0.6", hostileViewer{"sessions": live, "viewer/sessions": none, "fs/exists": failure("exists")},
			[]string{"start_viewer " + start}, 0, "IGNORE"},
		{"0.6", hostileViewer{"sessions": live, "viewer/sessions": `{"sessions":[` + fmt.Sprintf(row, evil("same root"), `"h"`, `"me"`, 1, `"/r"`) + `]}`,
			"fs/exists": there, "viewer/start": `{"session":` + mine(tunnelled(t, tokens.Text("storage"))) + `}`},
			[]string{"start_viewer " + start, "list_viewer_sessions {}"}, 0, "holds this session no more"},
		{"0.6", hostileViewer{"sessions": strings.Replace(live, `"h"`, evil("host"), 1), "viewer/sessions": none, "fs/exists": there,
			"viewer/start": failure("start")}, []string{`start_viewer {"connection_id":"me@h:22","remote_root":"/r"}`}, 0, "IGNORE"},

		{"0.6", hostileViewer{"viewer/status/" + tokens.Add("session"): `{}`},
			[]string{`stop_viewer {"session_id":"` + tokens.Of("session") + `"}`}, 0, "by somebody else"},
		{"0.6", hostileViewer{"sessions": strings.Replace(live, `"host":"h"`, `"host":"h;reboot"`, 1), "viewer/sessions": none, "fs/exists": there,
			"viewer/start": `{"session":{"sessionId":"abc","remotePid":7,"localPort":` + fmt.Sprint(tunnelled(t, "/r")) + `}}`,
			"viewer/stop":  failure("stop")},
			[]string{`start_viewer {"connection_id":"me@h:22","remote_root":"/r"}`, `stop_viewer {"session_id":"abc"}`}, 0,
			"A person ends it with: kill 7, on that host"},

		{"0.6 0.7", hostileViewer{"sessions": live, "viewer/sessions": `{"sessions":[` + foreign(`"h"`, `"me"`) + `]}`},
			[]string{`disconnect {"host":"h"}`}, 0, "Nothing was disconnected"},
		{"0.6 0.7", hostileViewer{"sessions": live, "viewer/sessions": none, "disconnect": failure("disconnect")},
			[]string{`disconnect {"host":"h"}`}, 0, "own log says more"},
	} {
		for version := range strings.FieldsSeq(c.versions) {
			env, asked := c.answers.env(t, version), 0
			env.Ask = func(_ context.Context, question string) error {
				asked++
				checkQuestion(t, question, tokens)
				return nil
			}
			text := ""
			for _, one := range c.calls {
				tool, args, _ := strings.Cut(one, " ")
				text = harmless(t, env, tool, args, tokens)
			}
			if asked != c.asks || !strings.Contains(text, c.says) {
				t.Errorf("%s %.60q: %d questions, want %d; %q is not in\n%.600s", version, c.calls, asked, c.asks, c.says, text)
			}
		}
	}
}

// harmless calls a tool and holds its answer or error to CheckHarmless.
func harmless(t *testing.T, env *tools.Env, tool, args string, tokens testkit.Secrets) string {
	t.Helper()
	text, err := call(t, env, tool, args)
	longest := 520
	if err != nil {
		longest = 1000
		text = quote(err.Error())
	}
	testkit.CheckHarmless(t, tool+" "+args, text, longest, tokens)
	return text
}

// checkQuestion holds what a person is asked to be harmless, and short enough to be read.
func checkQuestion(t *testing.T, question string, tokens testkit.Secrets) {
	t.Helper()
	lines := strings.Split(question, "\n")
	for _, line := range lines {
		testkit.CheckHarmless(t, "the question", quote(line), 200, tokens)
	}
	if len(lines) > 12 || utf8.RuneCountInString(question) > 1000 || strings.Contains(question, "IGNORE") {
		t.Errorf("the question is\n%s", question)
	}
}

// TestInjection_viewerError has a Viewer whose every failure is a flood with a token in it.
func TestInjection_viewerError(t *testing.T) {
	t.Parallel()
	tokens := make(testkit.Secrets)
	for place, body := range map[string]string{
		"detail":    `{"detail":` + quote(tokens.Text("detail")+strings.Repeat(testkit.Order, 10_000)) + `}`,
		"cut off":   `{"detail":` + quote(strings.Repeat("x", 285)+" "+tokens.Add("cut off")) + `}`,
		"no JSON":   tokens.Text("no JSON") + strings.Repeat(testkit.Order, 10_000),
		"faults":    `{"detail":[{"loc":[` + quote(tokens.Text("place")) + `],"msg":` + quote(tokens.Text("fault")) + `}]}`,
		"an object": `{"detail":{` + quote(tokens.Text("key")) + `:` + quote(tokens.Text("value")) + `}}`,
	} {
		for _, status := range []string{"400 ", "404 ", "500 "} {
			env := hostileViewer{"/api/runs": status + body, "/api/health": status + body, "/api/config": status + body,
				"/api/gpu/telemetry": status + body, "/api/runs/r": status + body}.env(t, "0.7")
			for _, tool := range []string{`list_experiments {}`, `get_experiment {"run_id":"r"}`, `health_check {}`, `get_config {}`, `get_gpu_info {}`} {
				name, args, _ := strings.Cut(tool, " ")
				if text := harmless(t, env, name, args, tokens); text == "" {
					t.Errorf("%s of %s: nothing is said", name, place)
				}
			}
		}
	}
}
