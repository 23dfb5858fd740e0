package tools_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/internal/testkit"
	"github.com/runicorn-mcp/runicorn-mcp/tools"
)

const besides = "图像分类/残差网络五十层/20250101_090000_123456"

// poll asks a tool again and again, each time with the cursor of the answer before.
type poll struct {
	t          *testing.T
	env        *tools.Env
	tool, args string
	cursor     any
}

// next is the next answer. It must be as small as no news are, or have a row or line with want.
func (p *poll) next(want string) map[string]any {
	p.t.Helper()
	args := p.args
	if p.cursor != nil {
		args = strings.Replace(args, "{", fmt.Sprintf(`{"since":%q,`, p.cursor), 1)
		args = strings.Replace(args, ",}", "}", 1)
	}
	text, a := must(p.t, p.env, p.tool, args)
	runs, _ := a["runs"].(map[string]any)
	news, _ := json.Marshal([]any{a["rows"], a["lines"], a["metrics"], runs["rows"]})
	switch n := testkit.Tokens(p.t, text); {
	case want == "" && (n >= 150 || strings.Trim(string(news), "[],nul") != ""):
		p.t.Errorf("%s %s: no news are %d tokens: %s", p.tool, args, n, text)
	case want == "":
		p.t.Logf("%s: no news: %d tokens", p.tool, n)
	case !strings.Contains(string(news), want):
		p.t.Errorf("%s %s: the news lack %s: %s", p.tool, args, want, text)
	}
	p.cursor = a["cursor"]
	return a
}

// TestNews polls every tool that tells of runs while one goes on, logs nothing, logs, falls ill and
// ends.
func TestNews(t *testing.T) {
	t.Parallel()
	inBubble(t, func(s store, env *tools.Env) {
		s.live(`"lr":0.1`, steps(1, 100))
		s.write(liveRun, "logs.txt", "one\ntwo\n")
		s.run(besides, 900_000_000, `,"alias":"old"`)
		s.metrics(besides, 30, map[string]func(int) float64{"loss": func(i int) float64 { return 9 / float64(i) }})
		polls := map[string]*poll{}
		for key, args := range map[string]string{
			"list_experiments": `{}`, "list_experiments running": `{"status":"running"}`,
			"list_experiments failed": `{"status":"failed"}`, "get_experiment": `{"run_id":"abcdef"}`,
			"get_run": `{"run_id":"latest"}`, "get_metrics": `{"run_id":"latest"}`,
			"compare_runs": `{"run_ids":["latest","old"]}`, "best_runs": `{"metric_name":"loss"}`,
			"diagnose_run": `{"run_id":"latest"}`, "diagnose_run many": `{}`, "get_logs": `{"run_id":"latest"}`,
		} {
			tool, _, _ := strings.Cut(key, " ")
			args = strings.ReplaceAll(args, "abcdef", "20250101_100000_abcdef")
			polls[key] = &poll{t: s.t, env: env, tool: tool, args: args}
			if _, polls[key].cursor = must2(s, env, tool, args); polls[key].cursor == nil {
				s.t.Errorf("%s %s has no cursor", tool, args)
			}
		}
		all := func(want map[string]string) {
			s.t.Helper()
			for key := range polls {
				polls[key].next(want[key])
			}
		}
		all(nil)
		all(nil) // the cursor of an answer without news is as good
		s.write(liveRun, "logs.txt", "one\ntwo\nstep 3 of")
		all(map[string]string{"get_logs": `["3: step 3 of"]`})

		time.Sleep(10 * time.Second)
		s.log([]string{`"loss":0.001,"global_step":101`}, time.Now().Unix())
		s.write(liveRun, "logs.txt", "one\ntwo\nstep 3 of 9\nfour\n")
		all(map[string]string{"get_experiment": `["loss",0.001,0.001,101]`, "get_run": `["loss",0.001,0.001,101]`,
			"get_metrics": `["loss",1,0.001`, "compare_runs": `["loss","A",101,1,0.001,0.001,101,`,
			"best_runs": `[1,"20250101_100000_abcdef"`, "get_logs": `["3: step 3 of 9","4: four"]`})
		all(nil)

		s.log([]string{`"loss":NaN,"global_step":102`}, time.Now().Unix())
		all(map[string]string{"get_experiment": `["loss","NaN",0.001,101,1]`, "get_run": `["loss","NaN",0.001,101,1]`,
			"get_metrics": `["loss",1,"NaN"`, "compare_runs": `["loss","A",102,1,"NaN",0.001,101,`,
			"diagnose_run": `["non_finite","loss",102,`, "diagnose_run many": `non_finite of loss since step 102`})

		s.write(liveRun, "status.json", `{"status":"failed","started_at":946684000,"ended_at":946684900,"exit_reason":"OOM"}`)
		// What has ended has its last word, and no cursor any more.
		const ended = `["20250101_100000_abcdef",`
		all(map[string]string{"list_experiments": ended, "list_experiments running": ended,
			"list_experiments failed": ended, "diagnose_run": `["crash","",102,"OOM`, "diagnose_run many": `crash: OOM`,
			"compare_runs": `["A","20250101_100000_abcdef","failed"]`})
		for key, p := range polls {
			one := strings.Contains(p.args, "latest") || strings.Contains(p.args, "abcdef")
			if (p.cursor == nil) != one {
				s.t.Errorf("%s, of a run that has ended: cursor %v", key, p.cursor)
			}
		}
	})
}

// must2 is the answer's cursor beside its text.
func must2(s store, env *tools.Env, tool, args string) (string, any) {
	s.t.Helper()
	text, a := must(s.t, env, tool, args)
	return text, a["cursor"]
}

// TestNews_cursors holds what a cursor that does not fit gives: of another run all there is, with a
// word about it; no cursor at all an error that shows one.
func TestNews_cursors(t *testing.T) {
	t.Parallel()
	inBubble(t, func(s store, env *tools.Env) {
		s.live("", steps(1, 30))
		s.write(liveRun, "logs.txt", "one\ntwo\n")
		for tool, c := range map[string]struct{ args, want string }{
			"get_experiment": {`"run_id":"latest","since":"000000:20@1.5"`, `a cursor of another run: all`},
			"get_logs":       {`"run_id":"latest","since":"000000:L1"`, `"lines":["1: one","2: two"]`},
			"get_run":        {`"run_id":"latest","since":"000000:20@1.5"`, `"config"`},
		} {
			if text, _ := must(s.t, env, tool, "{"+c.args+"}"); !strings.Contains(text, c.want) {
				s.t.Errorf("%s %s lacks %s: %s", tool, c.args, c.want, text)
			}
		}
		text, _ := must(s.t, env, "get_logs", `{"run_id":"latest","since":"pz5K:L7"}`) // written anew
		if !strings.Contains(text, `"1: one"`) || !strings.Contains(text, "another run or log") {
			s.t.Errorf("a log that was begun anew is %s", text)
		}
		_, list := must(s.t, env, "list_experiments", `{}`)
		for tool, args := range map[string]string{ // cursors of other questions
			"list_experiments": `{"project":"图像分类","since":%q}`, "best_runs": `{"metric_name":"loss","since":%q}`,
			"diagnose_run": `{"run_id":"latest","since":%q}`} {
			text, a := must(s.t, env, tool, fmt.Sprintf(args, list["cursor"]))
			if !strings.Contains(text, "a cursor of another question: all") || tool != "diagnose_run" && fmt.Sprint(a["rows"]) == "[]" {
				s.t.Errorf("%s with the cursor of another question is %s", tool, text)
			}
		}
		_, err := call(s.t, env, "list_experiments", fmt.Sprintf(`{"since":%q,"offset":5}`, list["cursor"]))
		if err == nil || !strings.Contains(err.Error(), "leave out offset") {
			s.t.Errorf("since and offset: %v", err)
		}
		for _, c := range []struct{ tool, args, want string }{
			{"list_experiments", `{"since":"abcdef:5@1"}`, "the cursor of an earlier answer"},
			{"list_experiments", `{"since":"rows:aaaa:1:abc"}`, "is no cursor"},
			{"list_experiments", `{"since":"rows:aaaa:x:abcd"}`, "is no cursor"},
			{"best_runs", `{"metric_name":"loss","since":"abcdef:5@1"}`, "an earlier answer of best_runs"},
			{"diagnose_run", `{"since":"5"}`, "an earlier answer of diagnose_run"},
			{"diagnose_run", `{"run_id":"latest","since":"5"}`, "is no cursor"},
			{"compare_runs", `{"run_ids":["latest"],"since":"rows:aaaa:0:abcd"}`, "is no cursor"},
			{"get_experiment", `{"run_id":"latest","since":"rows:aaaa:0:abcd"}`, "is no cursor"},
			{"get_logs", `{"run_id":"latest","since":"abcdef:5@1"}`, "such as q3Zk:L120"},
			{"get_logs", `{"run_id":"latest","since":"abcdef:L1","around":1}`, "leave out around"},
		} {
			if _, err := call(s.t, env, c.tool, c.args); err == nil || !strings.Contains(err.Error(), c.want) {
				s.t.Errorf("%s %s: %v, want %s", c.tool, c.args, err, c.want)
			}
		}
	})
}

// TestNews_resumed is told of runs that go on again, and of the rest when there are many.
func TestNews_resumed(t *testing.T) {
	t.Parallel()
	inBubble(t, func(s store, env *tools.Env) {
		for i := range 30 {
			s.run(fmt.Sprintf("p/n/20250101_1000%02d_aaaa%02d", i, i), 900_000_000+i, "")
		}
		p := &poll{t: s.t, env: env, tool: "list_experiments", args: `{"limit":3}`}
		_, p.cursor = must2(s, env, p.tool, p.args)
		p.next("")
		const resumed = "p/n/20250101_100020_aaaa20"
		s.write(resumed, "status.json", fmt.Sprintf(`{"status":"running","started_at":%d}`, time.Now().Unix()))
		s.write(resumed, "events.jsonl", fmt.Sprintf(`{"ts":%d,"type":"metrics","data":{"loss":1,"global_step":1}}`+"\n", time.Now().Unix()))
		p.next("20250101_100020_aaaa20")
		p.next("")
		for i := range 5 {
			s.run(fmt.Sprintf("p/n/20250102_1000%02d_bbbb%02d", i, i), 900_001_000+i, "")
		}
		if a := p.next("20250102_100004_bbbb04"); fmt.Sprint(a["notes"]) != "[2 more runs are new or changed: call without since]" ||
			a["returned"] != 3.0 || a["total"] != 35.0 {
			s.t.Errorf("5 new runs in a page of 3: %v", a)
		}
		p.next("")
		s.write(resumed, "status.json", `{"status":"finished","started_at":1,"ended_at":2}`)
		p.next(`["20250101_100020_aaaa20","p","n","finished"`)
	})
}
