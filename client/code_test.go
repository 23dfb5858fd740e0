package client_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// coders are runs with captured code, each file by its name; nil: none was captured.
func coders(code ...map[string]string) *memory {
	m := &memory{metrics: map[string]client.Metrics{}, assets: map[string]client.RunAssets{},
		code: map[string]map[string]string{}}
	for i, files := range code {
		id := string(rune('a' + i))
		m.runs = append(m.runs, run(id, "p/n", i))
		m.metrics[id] = client.Metrics{Rows: 1, Series: []client.MetricSeries{series("loss", 1, 1)}}
		m.assets[id] = client.RunAssets{Config: map[string]any{"args": map[string]any{"lr": 0.1}}}
		if files != nil {
			a := m.assets[id]
			a.Assets = []client.Asset{{Type: "code", Name: "src", Fingerprint: fmt.Sprintf("%d0000000", i)}}
			m.assets[id], m.code[id] = a, files
		}
	}
	return m
}

func TestContrastRuns_code(t *testing.T) {
	t.Parallel()
	base := map[string]string{"train.py": "lr = 0.1\nmain()\n", "data.bin": "\x00\x01", "notes.md": "old\n",
		"long.py": strings.Repeat("x = 1\n", 60_000), "gone.py": "a\nb\n"}
	with := func(changes ...string) map[string]string {
		files := make(map[string]string)
		for name, text := range base {
			files[name] = text
		}
		for i := 0; i < len(changes); i += 2 {
			if files[changes[i]] = changes[i+1]; changes[i+1] == "" {
				delete(files, changes[i])
			}
		}
		return files
	}
	for _, c := range []struct {
		name    string
		code    []map[string]string
		want    string // changes
		differs string
	}{
		{"one line", []map[string]string{base, with("train.py", "lr = 0.2\nmain()\n")},
			"0>1: train.py +1 -1", "code"},
		{"order", []map[string]string{base, with("notes.md", "new\n", "new.py", "1\n", "gone.py", "",
			"data.bin", "\x00\x02", "long.py", base["long.py"]+"y = 2\n", "train.py", "main()\n")},
			"0>1: train.py +0 -1, long.py (no text, or too long), new.py added +1 -0, gone.py removed +0 -2, " +
				"notes.md +1 -1, data.bin (no text, or too long)", "code"},
		{"times alone", []map[string]string{base, with()}, "", ""},
		{"line ends alone", []map[string]string{base, with("train.py", "lr = 0.1\r\nmain()\r\n")}, "", ""},
		{"three", []map[string]string{base, with(), with("train.py", "main()\n")}, "0>2: train.py +0 -1", "code"},
		{"first without", []map[string]string{nil, base, with("train.py", "main()\n")},
			"1>2: train.py +0 -1", "code"},
		{"one alone", []map[string]string{base, nil}, "", "code"},
		{"none", []map[string]string{nil, nil}, "", ""},
	} {
		m := coders(c.code...)
		var refs []string
		for _, run := range m.runs {
			refs = append(refs, run.ID)
		}
		got, err := client.New(m).ContrastRuns(t.Context(), refs, nil)
		if err != nil {
			t.Fatal(err)
		}
		var changes []string
		for _, change := range got.Code {
			var files []string
			for _, f := range change.Files {
				files = append(files, f.String())
			}
			changes = append(changes, fmt.Sprintf("%d>%d: %s", change.From, change.To, strings.Join(files, ", ")))
		}
		var differs []string
		for _, d := range got.Differs {
			differs = append(differs, d.What)
		}
		if s := strings.Join(changes, "; "); s != c.want || strings.Join(differs, " ") != c.differs {
			t.Errorf("%s: %s\nwant %s\n%v differ", c.name, s, c.want, differs)
		}
	}
}

// TestContrastRuns_unreadableCode compares the rest, and says what could not be; nothing is compared
// with code that was read in part.
func TestContrastRuns_unreadableCode(t *testing.T) {
	t.Parallel()
	m := coders(map[string]string{"a.py": "1\n"}, map[string]string{"a.py": "2\n"}, map[string]string{"a.py": "3\n"})
	delete(m.code, "b")
	got, err := client.New(m).ContrastRuns(t.Context(), []string{"a", "b", "c"}, nil)
	if err != nil || len(got.Code) != 1 || got.Code[0].To != 2 || len(got.Problems) != 1 ||
		!strings.Contains(got.Problems[0], "of run b could not be compared: The code of run b was not captured") || got.Differs[0].What != "code" {
		t.Errorf("%+v, %v", got, err)
	}
	delete(m.code, "a")
	m.code["b"] = map[string]string{"a.py": "2\n"}
	got, err = client.New(m).ContrastRuns(t.Context(), []string{"a", "b", "c"}, nil)
	if err != nil || len(got.Code) != 0 || len(got.Problems) != 1 || got.Differs[0].What != "code" {
		t.Errorf("%+v, %v", got, err)
	}
}
