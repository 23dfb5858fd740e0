package storage

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func TestFind(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the folders are those of Linux")
	}
	home := t.TempDir()
	t.Chdir(t.TempDir())
	write := func(name, text string) {
		t.Helper()
		file := filepath.Join(home, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("xdg/runicorn/config.json", `{"user_root_dir": "/from/xdg"}`)
	write("two/.config/runicorn/config.json", `{"user_root_dir": "~/runs"}`)
	write("three/.runicorn_config/config.json", `{"user_root_dir": "/from/fallback"}`)
	write("four/.config/runicorn/config.json", `{"gpu_interval_sec": 2}`)
	write("four/.runicorn_config/config.json", `{"user_root_dir": "/never"}`)
	write("five/.config/runicorn/config.json", `{broken`)
	find := func(env map[string]string) (dir, rule string) {
		return Find(func(name string) string { return env[name] })
	}
	for _, test := range []struct {
		env       map[string]string
		dir, rule string
	}{
		{map[string]string{"HOME": home, "RUNICORN_DIR": "/data", "XDG_CONFIG_HOME": home + "/xdg"},
			"/data", "RUNICORN_DIR"},
		{map[string]string{"HOME": home, "RUNICORN_DIR": "~/data"}, home + "/data", "RUNICORN_DIR"},
		{map[string]string{"HOME": home, "RUNICORN_DIR": "~bob/data"}, "~bob/data", "RUNICORN_DIR"},
		{map[string]string{"HOME": home, "XDG_CONFIG_HOME": home + "/xdg"}, "/from/xdg",
			home + "/xdg/runicorn/config.json"},
		{map[string]string{"HOME": home + "/two"}, home + "/two/runs",
			home + "/two/.config/runicorn/config.json"},
		{map[string]string{"HOME": home + "/three"}, "/from/fallback",
			home + "/three/.runicorn_config/config.json"},
		{map[string]string{"HOME": home + "/four"}, "", ""},
		{map[string]string{"HOME": home + "/five"}, "", ""},
		{map[string]string{"HOME": home + "/none"}, "", ""},
	} {
		if dir, rule := find(test.env); dir != test.dir || rule != test.rule {
			t.Errorf("%v: %q by %q, want %q by %q", test.env, dir, rule, test.dir, test.rule)
		}
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(".runicorn", 0o755); err != nil {
		t.Fatal(err)
	}
	if dir, rule := find(nil); dir != filepath.Join(here, ".runicorn") || rule != "./.runicorn" {
		t.Errorf("%q by %q", dir, rule)
	}
}
