package tools_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/tools"
)

// TestNews_lists holds what lists with filters tell of runs that end, go on again and are young,
// where more run and more have ended than a page has.
func TestNews_lists(t *testing.T) {
	t.Parallel()
	inBubble(t, func(s store, env *tools.Env) {
		set := func(run, status string) {
			s.t.Helper()
			s.write(run, "status.json", fmt.Sprintf(`{"status":%q,"started_at":%d}`, status, time.Now().Unix()))
			s.write(run, "events.jsonl", fmt.Sprintf(`{"ts":%d,"type":"metrics","data":{"loss":1,"global_step":1}}`+"\n", time.Now().Unix()))
		}
		old := "p/a/20250101_100000_aaaaaa" // older than all others
		s.run(old, 899_000_000, "")
		set(old, "running")
		for i := range 30 {
			s.run(fmt.Sprintf("p/n/20250101_1000%02d_aaaa%02d", i, i), 900_000_000+i, "")
			set(fmt.Sprintf("p/n/20250101_1000%02d_aaaa%02d", i, i), "failed")
		}
		for i := range 25 {
			run := fmt.Sprintf("图像分类/残差网络五十层/20250102_1000%02d_bbbb%02d", i, i)
			s.run(run, 900_100_000+i, "")
			set(run, "running")
		}
		twin := "p/b/20250101_100000_aaaaaa" // a copy with the same id
		s.run(twin, 898_000_000, "")
		polls := map[string]*poll{}
		for _, args := range []string{`{}`, `{"status":"running"}`, `{"status":"failed"}`, `{"limit":5}`, `{"project":"p"}`} {
			polls[args] = &poll{t: s.t, env: env, tool: "list_experiments", args: args}
			_, polls[args].cursor = must2(s, env, "list_experiments", args)
		}
		all := func(want string, but ...string) {
			s.t.Helper()
			for args, p := range polls {
				if slices.Contains(but, args) {
					p.news(nil)
				} else {
					p.news([]string{want})
				}
			}
		}
		all("", "{}", `{"status":"running"}`, `{"status":"failed"}`, `{"limit":5}`, `{"project":"p"}`)
		set(old, "failed")
		all(`["20250101_100000_aaaaaa","p","a","failed"`)
		set(old, "running")
		all(`["20250101_100000_aaaaaa","p","a","running"`, `{"status":"failed"}`)
		young := "p/a/20250103_100000_cccccc"
		s.write(young, "meta.json", `{"id":"20250103_100000_cccccc","path":"p/a","created_at":900200000}`)
		all(`["20250103_100000_cccccc","p","a","unknown"`, `{"status":"failed"}`, `{"status":"running"}`)
		set(young, "failed")
		all(`["20250103_100000_cccccc","p","a","failed"`, `{"status":"running"}`)
	})
}

// news holds that the next answer has these rows alone, by how they begin.
func (p *poll) news(want []string) {
	p.t.Helper()
	text, a := must(p.t, p.env, p.tool, strings.Replace(strings.Replace(p.args, "{", fmt.Sprintf(`{"since":%q,`, p.cursor), 1), ",}", "}", 1))
	rows, _ := a["rows"].([]any)
	if len(rows) != len(want) || len(want) > 0 && !strings.Contains(text, want[0]) || len(text) > 4000 {
		p.t.Errorf("%s: want the news %s: %s", p.args, want, text)
	}
	p.cursor = a["cursor"]
}

// TestNews_growing polls a run that goes on and off its numbers: each finding is told once.
func TestNews_growing(t *testing.T) {
	t.Parallel()
	inBubble(t, func(s store, env *tools.Env) {
		s.live("", nil)
		one := &poll{t: s.t, env: env, tool: "diagnose_run", args: `{"run_id":"latest"}`}
		many := &poll{t: s.t, env: env, tool: "diagnose_run", args: `{"status":"running"}`}
		told, kinds := map[*poll]int{}, map[string]int{}
		for _, p := range []*poll{one, many} {
			_, p.cursor = must2(s, env, p.tool, p.args)
		}
		for step := 1; step <= 300; step += 10 {
			var lines []string
			for i := range 10 {
				value := "NaN"
				if n := step + i; n*n*31%7 < 3 { // at no regular steps
					value = fmt.Sprint(1 / float64(step+i))
				}
				lines = append(lines, fmt.Sprintf(`"loss":%s,"val_loss":%v,"global_step":%d`, value, 1+float64(step+i)/100, step+i))
			}
			time.Sleep(10 * time.Second)
			s.log(lines, time.Now().Unix()-9)
			for _, p := range []*poll{one, many} {
				_, a := must(s.t, env, p.tool, strings.Replace(p.args, "{", fmt.Sprintf(`{"since":%q,`, p.cursor), 1))
				rows, _ := a["rows"].([]any)
				told[p] += len(rows)
				for _, row := range rows {
					if cells, _ := row.([]any); p == one {
						kinds[fmt.Sprint(cells[:2])]++
					}
				}
				p.cursor = a["cursor"]
			}
		}
		if told[one] == 0 || told[one] != len(kinds) || told[many] == 0 || told[many] > 2*len(kinds) {
			s.t.Errorf("findings are told %v times, and of all runs %d times", kinds, told[many])
		}
	})
}

// TestNews_log tells of a line that is being written once, of a traceback that began before, and
// counts no line twice that is folded into a new one.
func TestNews_log(t *testing.T) {
	t.Parallel()
	inBubble(t, func(s store, env *tools.Env) {
		s.live("", steps(1, 30))
		p := &poll{t: s.t, env: env, tool: "get_logs", args: `{"run_id":"latest"}`}
		var log strings.Builder
		write := func(text string) {
			log.WriteString(text)
			s.write(liveRun, "logs.txt", log.String())
		}
		write(strings.Repeat("ERROR: the same\n", 50) + "step 1")
		_, p.cursor = must2(s, env, p.tool, p.args)
		p.next("")
		write(" of 9")
		p.next(`["51: step 1 of 9"]`)
		p.next("")
		write("\n" + strings.Repeat("ERROR: another\n", 50))
		p.next("another")
		write("ERROR: another\nTraceback (most recent call last):\n  File \"t.py\", line 1, in f\n")
		if a := p.next("Traceback"); fmt.Sprint(a["errors"]) != "map[count:1]" {
			s.t.Errorf("of one new line that is an error: %v", a["errors"])
		}
		write("    f()\nValueError: bad\n")
		if a := p.next("ValueError"); a["traceback"] == nil || !strings.Contains(fmt.Sprint(a["traceback"]), "ValueError: bad") {
			s.t.Errorf("a traceback that began before: %v", a)
		}
		p.next("")
	})
}
