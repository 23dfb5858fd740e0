package storage

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Find finds the storage folder that Runicorn itself would use here, by its rules (0.4 to 0.7,
// config.py and sdk.py): the variable RUNICORN_DIR, then user_root_dir of the user's
// config.json, then .runicorn in the working directory. It returns the folder and the rule that
// named it, also where the folder does not exist; dir is "" when no rule names one. .runicorn
// counts only when it is there. Nothing is created. getenv is [os.Getenv].
func Find(getenv func(string) string) (dir, rule string) {
	if dir := getenv("RUNICORN_DIR"); dir != "" {
		return expand(dir, getenv), "RUNICORN_DIR"
	}
	for _, folder := range configFolders(getenv) {
		file := filepath.Join(folder, "config.json")
		data, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		v, err := DecodeJSON(data)
		if err != nil {
			continue
		}
		config, _ := v.(map[string]any)
		if dir := text(config["user_root_dir"]); dir != "" {
			return expand(dir, getenv), file
		}
		break
	}
	if info, err := os.Stat(".runicorn"); err == nil && info.IsDir() {
		if dir, err := filepath.Abs(".runicorn"); err == nil {
			return dir, "./.runicorn"
		}
	}
	return "", ""
}

// expand puts the home folder for a leading ~, as Runicorn does.
func expand(dir string, getenv func(string) string) string {
	rest, ok := strings.CutPrefix(dir, "~")
	if !ok || rest != "" && rest[0] != '/' && rest[0] != filepath.Separator {
		return dir
	}
	return filepath.Join(home(getenv), rest)
}

func home(getenv func(string) string) string {
	if runtime.GOOS == "windows" {
		return getenv("USERPROFILE")
	}
	return getenv("HOME")
}

// configFolders are where Runicorn keeps its config.json on this system, first choice first.
func configFolders(getenv func(string) string) []string {
	home := home(getenv)
	fallback := filepath.Join(home, ".runicorn_config")
	switch runtime.GOOS {
	case "windows":
		if roaming := getenv("APPDATA"); roaming != "" {
			return []string{filepath.Join(roaming, "Runicorn"), fallback}
		}
		return []string{filepath.Join(home, "AppData", "Roaming", "Runicorn"), fallback}
	case "darwin":
		return []string{filepath.Join(home, "Library", "Application Support", "Runicorn"), fallback}
	}
	if config := getenv("XDG_CONFIG_HOME"); config != "" {
		return []string{filepath.Join(config, "runicorn"), fallback}
	}
	return []string{filepath.Join(home, ".config", "runicorn"), fallback}
}
