package resources_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/resources"
	"github.com/runicorn-mcp/runicorn-mcp/tools"
)

// put writes a file below dir.
func put(t *testing.T, dir, name, text string) {
	t.Helper()
	file := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestExport_onlyOwnFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	env := &tools.Env{ExportDir: filepath.Join(dir, "exports")}
	if _, err := read(t, env, "export", "a.csv"); !errors.Is(err, resources.ErrNotFound) {
		t.Errorf("without an export folder: %v", err)
	}
	put(t, dir, "outside.csv", "secret")
	put(t, env.ExportDir, "a.csv", "step,loss\n1,2\n")
	put(t, env.ExportDir, "曲线/b 50%.CSV", "x\n")
	put(t, env.ExportDir, "run.zip", "PK")
	put(t, env.ExportDir, "notes.txt", "text")
	put(t, env.ExportDir, "big.csv", strings.Repeat("1,2\n", 70_000))
	put(t, env.ExportDir, "p.png", "\x89PNG\r\n\x1a\n\x00")
	put(t, env.ExportDir, "folder.csv/x.csv", "x")
	for link, target := range map[string]string{"out.csv": "../outside.csv", "in.csv": "a.csv",
		"up": "..", "absolute.csv": filepath.Join(dir, "outside.csv"), "down": "曲线"} {
		if err := os.Symlink(target, filepath.Join(env.ExportDir, link)); err != nil {
			t.Skipf("this machine makes no links: %v", err)
		}
	}
	if got := must(t, env, "export", "a.csv"); got != "step,loss\n1,2\n" {
		t.Errorf("a.csv reads %q", got)
	}
	if got := must(t, env, "export", "曲线/b 50%.CSV"); got != "x\n" {
		t.Errorf("曲线/b 50%%.CSV reads %q", got)
	}
	picture, err := read(t, env, "export", "p.png")
	if err != nil || picture.MIMEType != "image/png" || !bytes.HasPrefix(picture.Blob, []byte("\x89PNG")) {
		t.Errorf("p.png reads %+v, %v", picture, err)
	}
	for _, name := range []string{"", ".", "..", "none.csv", "../outside.csv", "up/outside.csv", "out.csv",
		"in.csv", "absolute.csv", "down/b 50%.CSV", "folder.csv", "a.csv/x.csv", "./a.csv", "/a.csv",
		filepath.Join(dir, "outside.csv"), "a.csv\x00", "run.zip", "notes.txt", "big.csv",
		"a.csv/", "曲线//b 50%.CSV", `..\outside.csv`, strings.Repeat("a/", 5000) + "a.csv"} {
		content, err := read(t, env, "export", name)
		if !errors.Is(err, resources.ErrNotFound) || content.Text != "" || strings.Contains(err.Error(), "secret") {
			t.Errorf("%.40q reads %+v, %v", name, content, err)
		}
	}
}

// TestExport_hidesSecrets exports a run whose settings have some, and reads the file.
func TestExport_hidesSecrets(t *testing.T) {
	t.Parallel()
	s := store{t, t.TempDir()}
	run := "p/n/20250101_100000_aaaaaa"
	s.run(run, "a")
	s.events(run, []string{`"loss":0.1234567890123456`})
	s.write(run, "assets.json", `{"config":{"args":{"lr":0.1,"api_key":"open sesame","seed":9007199254740993,`+
		`"command":"train --token=abcdef12345 -n 3","max_tokens":"512"}}}`)
	env := s.env()
	var wrote string
	env.Wrote = func(name string, _ int64) { wrote = name }
	tool, err := tools.Find(tools.All(), "export_experiment")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tool.Call(t.Context(), env, []byte(`{"run_id":"a"}`)); err != nil || wrote == "" {
		t.Fatalf("wrote %q, %v", wrote, err)
	}
	text := must(t, env, "export", wrote)
	for _, secret := range []string{"sesame", "abcdef12345"} {
		if strings.Contains(text, secret) {
			t.Errorf("the export shows %s: %s", secret, text)
		}
	}
	for _, fact := range []string{`"api_key":"[hidden]"`, `"value":0.1234567890123456`, `"max_tokens":"512"`,
		"9007199254740993"} {
		if !strings.Contains(text, fact) {
			t.Errorf("the export lacks %s: %s", fact, text)
		}
	}
}

func TestExportURI(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, uri, mime string
		size            int64
	}{
		{"a.csv", "runicorn://export/a.csv", "text/csv", 1},
		{"曲 线/a,b%?#.json", "runicorn://export/%E6%9B%B2%20%E7%BA%BF%2Fa%2Cb%25%3F%23.json", "application/json", 9},
		{"lr=0.1+x@y:z&(1)!.csv", "runicorn://export/lr%3D0.1%2Bx%40y%3Az%26%281%29%21.csv", "text/csv", 1},
		{"p.PNG", "runicorn://export/p.PNG", "image/png", 256 << 10},
		{"a.zip", "", "", 1},
		{"a.csv", "", "", 256<<10 + 1},
	} {
		uri, mime, ok := resources.ExportURI(c.name, c.size)
		if uri != c.uri || mime != c.mime || ok != (c.uri != "") {
			t.Errorf("%s of %d bytes: %q, %q, %t", c.name, c.size, uri, mime, ok)
		}
	}
}
