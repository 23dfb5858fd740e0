package cli

import (
	"flag"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/runicorn-mcp/runicorn-mcp/internal/demo"
	"github.com/runicorn-mcp/runicorn-mcp/internal/demo/demotest"
)

var update = flag.Bool("update", false, "write the golden parts of testdata/script")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"runicorn-mcp": func() { os.Exit(Main()) }})
}

// TestScripts runs the command lines of testdata/script, each in a home of its own with the demo
// store in $WORK/store and $STORE.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       *update,
		Setup: func(e *testscript.Env) error {
			store := filepath.Join(e.WorkDir, "store")
			home := filepath.Join(e.WorkDir, "home")
			e.Vars = append(e.Vars, "STORE="+store, "HOME="+home, "USERPROFILE="+home,
				"XDG_CACHE_HOME="+filepath.Join(home, "cache"), "COLUMNS=80")
			if err := os.MkdirAll(home, 0o755); err != nil {
				return err
			}
			viewer := httptest.NewServer(http.HandlerFunc(unknownHost))
			e.Defer(viewer.Close)
			e.Vars = append(e.Vars, "VIEWER="+viewer.URL)
			_, err := demo.Write(store, demotest.Now)
			return err
		},
		Condition: func(name string) (bool, error) {
			return name == "viewer" && viewerRuns(), nil
		},
	})
}

// unknownHost is a Viewer 0.6 that does not know the key of any host.
func unknownHost(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	switch r.URL.Path {
	case "/openapi.json":
		fmt.Fprint(w, `{"info":{"title":"Runicorn Viewer"},"paths":{"/api/runs":{},"/api/paths":{},"/api/remote/viewer/start":{}}}`)
	case "/api/remote/connect":
		w.WriteHeader(http.StatusConflict)
		fmt.Fprint(w, `{"detail":{"code":"HOST_KEY_CONFIRMATION_REQUIRED","host_key":{"host":"gpu-9","port":2222,`+
			`"key_type":"ssh-ed25519","fingerprint_sha256":"SHA256:X/ZLlQq/4n/SEYgFy7c2MPOmR8KDkEWeRRStbtqpEbw",`+
			`"public_key":"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPzu9HXeTsp9xEGJqnBSbUbSVv4EwLWWAMLMTlEGQ8pL","reason":"unknown"}}}`)
	case "/api/remote/known-hosts/list":
		fmt.Fprint(w, `{"entries":[]}`)
	default:
		fmt.Fprint(w, `{"ok":true}`)
	}
}

// viewerRuns reports whether this machine has something at the default address.
func viewerRuns() bool {
	conn, err := net.DialTimeout("tcp", "127.0.0.1:23300", time.Second)
	if err == nil {
		conn.Close()
	}
	return err == nil
}

// TestFlags_twins holds that every flag of every command has its environment twin.
func TestFlags_twins(t *testing.T) {
	t.Parallel()
	var line commands
	seen := 0
	for _, f := range parser(&line).Model.Flags {
		if f.Name == "help" {
			continue
		}
		seen++
		want := "RUNICORN_MCP_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		if len(f.Envs) == 0 || f.Envs[0] != want {
			t.Errorf("--%s has the twins %q, want %s first", f.Name, f.Envs, want)
		}
	}
	if seen < 9 {
		t.Errorf("only %d flags were seen", seen)
	}
}

// TestFlags_environment reads each option from its twin, and lets the flag win.
func TestFlags_environment(t *testing.T) {
	for name, value := range map[string]string{"STORAGE": "/s", "BASE_URL": "http://v", "TIMEOUT": "7s",
		"MAX_RETRIES": "1", "READ_ONLY": "true", "TOOLSETS": "runs,system", "EXPORT_DIR": "/e",
		"LOG_LEVEL": "debug", "LOG_FORMAT": "json", "REMOTE_HOSTS": "a,b:22"} {
		t.Setenv("RUNICORN_MCP_"+name, value)
	}
	var line commands
	if _, err := parser(&line).Parse([]string{"serve", "--timeout=8s"}); err != nil {
		t.Fatal(err)
	}
	got := line.options
	if got.Storage != "/s" || got.BaseURL != "http://v" || got.Timeout != 8*time.Second ||
		got.MaxRetries != 1 || !got.ReadOnly || strings.Join(got.Toolsets, " ") != "runs system" ||
		got.ExportDir != "/e" || strings.Join(got.RemoteHosts, " ") != "a b:22" ||
		got.LogLevel != "debug" || got.LogFormat != "json" {
		t.Errorf("%+v", got)
	}
	t.Setenv("RUNICORN_MCP_BASE_URL", "")
	t.Setenv("RUNICORN_URL", "http://documented")
	forgetEmpty()
	line = commands{}
	if _, err := parser(&line).Parse([]string{"serve"}); err != nil || line.BaseURL != "http://documented" {
		t.Errorf("RUNICORN_URL: %q (%v)", line.BaseURL, err)
	}
}
