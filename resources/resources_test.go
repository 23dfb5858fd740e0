package resources_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/runicorn-mcp/runicorn-mcp/resources"
	"github.com/runicorn-mcp/runicorn-mcp/tools"
)

func TestFor_servesWhatToolsServe(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		groups   []string
		readOnly bool
		want     string
	}{
		{nil, false, "run run-log run-metrics export"},
		{nil, true, "run run-log run-metrics"}, // nothing is exported
		{[]string{"export"}, false, "export"},
		{[]string{"artifacts", "system"}, false, ""},
	} {
		list, err := tools.Select(c.groups, c.readOnly)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, template := range resources.For(list) {
			names = append(names, template.Name)
		}
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("%q, read-only %t: %q, want %q", c.groups, c.readOnly, got, c.want)
		}
	}
}

// TestRun_hostileNames has runs whose names are no help to whoever writes addresses.
func TestRun_hostileNames(t *testing.T) {
	t.Parallel()
	s := store{t, t.TempDir()}
	aliases := []string{"two words", "中文 实验", "50%", "a%20b", "a/b", "../../etc/passwd", "a,b",
		`"quoted"`, "?x=1#y", "{id}", "log", "metrics.csv"}
	for i, alias := range aliases {
		s.run(fmt.Sprintf("p/n/20250101_10%04d_aaaaaa", i), alias)
	}
	env := s.env()
	for i, alias := range aliases {
		var run struct{ ID, Alias string }
		text := must(t, env, "run", alias)
		if err := json.Unmarshal([]byte(text), &run); err != nil || run.Alias != alias ||
			run.ID != fmt.Sprintf("20250101_10%04d_aaaaaa", i) {
			t.Errorf("%q reads as %+v, %v", alias, run, err)
		}
	}
	for _, id := range []string{"none", "p/n", "..", "../../etc/passwd\x00", "\xff", " ",
		strings.Repeat("x", 1<<16)} {
		for _, name := range []string{"run", "run-log", "run-metrics"} {
			_, err := read(t, env, name, id)
			if !errors.Is(err, resources.ErrNotFound) || utf8.RuneCountInString(err.Error()) > 1000 {
				t.Errorf("%s of %.20q: %.200v", name, id, err)
			}
		}
	}
}

func TestRun_isWhatGetExperimentAnswers(t *testing.T) {
	t.Parallel()
	s := store{t, t.TempDir()}
	s.run("p/n/20250101_100000_aaaaaa", "a")
	s.write("p/n/20250101_100000_aaaaaa", "assets.json", `{"config":{"args":{"lr":0.1,"api_key":"sk-1"}}}`)
	env := s.env()
	tool, err := tools.Find(tools.All(), "get_experiment")
	if err != nil {
		t.Fatal(err)
	}
	want, err := tool.Call(t.Context(), env, json.RawMessage(`{"run_id":"a"}`))
	if got := must(t, env, "run", "a"); err != nil || got != string(want) || strings.Contains(got, "sk-1") {
		t.Errorf("the resource is %s, the answer %s, %v", got, want, err)
	}
}

func TestLog_isItsCleanedEnd(t *testing.T) {
	t.Parallel()
	s := store{t, t.TempDir()}
	run := "p/n/20250101_100000_aaaaaa"
	s.run(run, "a")
	var b strings.Builder
	b.WriteString("HF_TOKEN=hf_abcdefghijklmnopqrst\n")
	for i := range 300 {
		fmt.Fprintf(&b, "\x1b[32mstep %d\x1b[0m password=hunter22 \u202e\n", i)
	}
	s.write(run, "logs.txt", b.String())
	text := must(t, s.env(), "run-log", "a")
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if lines[0] != "# run 20250101_100000_aaaaaa, p/n, finished; 200 of 301 lines" || len(lines) != 201 ||
		lines[1] != "102: step 100 password=[hidden]" || lines[200] != "301: step 299 password=[hidden]" {
		t.Errorf("%d lines: %q, %q … %q", len(lines), lines[0], lines[1], lines[len(lines)-1])
	}
	s.write(run, "logs.txt", strings.Repeat(strings.Repeat("长", 1000)+"\n", 5000))
	text = must(t, s.env(), "run-log", "a")
	if n := utf8.RuneCountInString(text); n > 40_000 || !strings.Contains(text, "# too much to show") {
		t.Errorf("a log of long lines is %d characters: %.200s", n, text)
	}
	s.run("p/n/20250102_100000_bbbbbb", "silent")
	_, err := read(t, s.env(), "run-log", "silent")
	if !errors.Is(err, resources.ErrNotFound) || !strings.Contains(err.Error(), "capture_console=True") {
		t.Errorf("a log that was not captured: %v", err)
	}
}

func TestMetrics_wholeWhereItIsSmall(t *testing.T) {
	t.Parallel()
	s := store{t, t.TempDir()}
	run := "p/n/20250101_100000_aaaaaa"
	s.run(run, "a")
	s.events(run, []string{`"loss":2.123456789,"a,\"b\n\u202ec":1`, `"loss":NaN`, `"loss":-Infinity,"acc":0.5`})
	want := "step,\"a,\"\"b c\",acc,loss\n1,1,,2.12346\n2,,,NaN\n3,,0.5,-Infinity\n"
	if got := must(t, s.env(), "run-metrics", "a"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	s.run("p/n/20250102_100000_bbbbbb", "empty")
	if got := must(t, s.env(), "run-metrics", "empty"); got != "step\n" {
		t.Errorf("a run without metrics is %q", got)
	}
}

// TestMetrics_bounded has curves that are long and many: their extremes are there, and the table
// has the size of an answer.
func TestMetrics_bounded(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ metrics, steps int }{{1, 100_000}, {6, 20_000}, {20, 3_000}, {300, 200}} {
		s := store{t, t.TempDir()}
		run := "p/n/20250101_100000_aaaaaa"
		s.run(run, "a")
		data := make([]string, c.steps)
		for i := range data {
			var members []string
			for m := range c.metrics {
				v := math.Sin(float64(i)/50) * 1.2345678901234e-7
				if i == c.steps/3+m%7 {
					v = 99
				}
				if i == c.steps/2+m%7 {
					v = -99
				}
				members = append(members, fmt.Sprintf(`"m%03d":%v`, m, v))
			}
			data[i] = strings.Join(members, ",")
		}
		s.events(run, data)
		text := must(t, s.env(), "run-metrics", "a")
		lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		t.Logf("%d metrics, %d steps: %d lines, %d characters", c.metrics, c.steps, len(lines), len(text))
		if len(text) > 40_000 || !strings.HasPrefix(lines[0], "# ") ||
			!strings.Contains(lines[0], fmt.Sprintf("of %d steps", c.steps)) ||
			c.metrics > 20 && !strings.Contains(lines[0], "the first 20 of 300 metrics") {
			t.Errorf("%d metrics, %d steps: %d characters, %s", c.metrics, c.steps, len(text), lines[0])
		}
		for column := range min(20, c.metrics) {
			var seen []string
			for _, line := range lines[2:] {
				if v := strings.Split(line, ",")[column+1]; v == "99" || v == "-99" {
					seen = append(seen, v)
				}
			}
			if strings.Join(seen, " ") != "99 -99" {
				t.Errorf("%d metrics: column %d has the extremes %q", c.metrics, column, seen)
			}
		}
		if !strings.HasPrefix(lines[2], "1,") || !strings.HasPrefix(lines[len(lines)-1], fmt.Sprintf("%d,", c.steps)) {
			t.Errorf("it goes from %q to %q", lines[2], lines[len(lines)-1])
		}
	}
}
