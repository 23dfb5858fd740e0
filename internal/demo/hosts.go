package demo

import (
	"encoding/json"
	"strings"
)

// goOn says how to go on with the store in a host.
func (t *talk) goOn() {
	dir := t.Store.Dir
	t.printf("\n%s\n", t.bold("Go on with these runs in your own assistant"))
	if t.GoRun {
		t.printf("\n  First install the program:  go install github.com/runicorn-mcp/runicorn-mcp@latest\n" +
			"  In a checkout:              go install .\n")
	}
	t.printf("\n  Claude Code:\n    claude mcp add runicorn -- runicorn-mcp serve --storage %s\n",
		shellQuote(dir, t.OS))
	t.printf("\n  VS Code, .vscode/mcp.json:\n%s", hostConfig("servers", dir))
	t.printf("\n  Cursor, .cursor/mcp.json:\n%s", hostConfig("mcpServers", dir))
	t.printf("\n  Your own runs: the same with your storage folder in place of this one.\n"+
		"  In a browser:  runicorn viewer --storage %s\n", shellQuote(dir, t.OS))
}

// hostConfig is the whole configuration file of a host that starts the server for dir.
func hostConfig(key, dir string) string {
	return `    {
      "` + key + `": {
        "runicorn": {
          "type": "stdio",
          "command": "runicorn-mcp",
          "args": ["serve", "--storage", ` + jsonQuote(dir) + `]
        }
      }
    }
`
}

func jsonQuote(text string) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		panic(err) // a string always has a form in JSON
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// shellQuote quotes a path as one word. In a shell of Unix what double quotes leave alive needs
// single ones; on Windows a path can hold no quote, and both shells there take double ones.
func shellQuote(path, goos string) string {
	if goos == "windows" || !strings.ContainsAny(path, "\"$`\\!") {
		return `"` + path + `"`
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}
