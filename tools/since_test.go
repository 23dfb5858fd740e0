package tools_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/internal/testkit"
	"github.com/runicorn-mcp/runicorn-mcp/tools"
)

const liveRun = "图像分类/残差网络五十层/20250101_100000_abcdef"

// live writes a run that began a while ago and goes on: it has logged what lines say, the last of
// them now.
func (s store) live(settings string, lines []string) {
	s.t.Helper()
	now := time.Now().Unix()
	begun := now - int64(len(lines))
	s.run(liveRun, int(begun), "")
	s.write(liveRun, "status.json", fmt.Sprintf(`{"status":"running","started_at":%d}`, begun))
	s.write(liveRun, "assets.json", `{"config":{"args":{`+settings+`}}}`)
	s.write(liveRun, "events.jsonl", "")
	s.log(lines, begun+1)
}

// log adds lines to what a live run has logged, a second after another.
func (s store) log(lines []string, at int64) {
	s.t.Helper()
	var b strings.Builder
	b.WriteString(s.read(liveRun, "events.jsonl"))
	for i, data := range lines {
		fmt.Fprintf(&b, `{"ts":%d.5,"type":"metrics","data":{%s,"time":%d.5}}`+"\n", at+int64(i), data, at+int64(i))
	}
	s.write(liveRun, "events.jsonl", b.String())
}

// steps are lines of so many steps.
func steps(from, to int) (lines []string) {
	for step := from; step <= to; step++ {
		lines = append(lines, fmt.Sprintf(`"loss":%v,"train/epoch":%v,"global_step":%d`, 1/float64(step), float64(step)/10, step))
	}
	return lines
}

// inBubble runs a test at synctest's time with a store.
func inBubble(t *testing.T, test func(s store, env *tools.Env)) {
	t.Helper()
	s := newStore(t)
	synctest.Test(t, func(t *testing.T) {
		s.t = t
		test(s, s.env())
	})
}

// TestSince_onlyNews polls a run that logs, logs nothing, begins its steps anew, and ends.
func TestSince_onlyNews(t *testing.T) {
	t.Parallel()
	inBubble(t, func(s store, env *tools.Env) {
		s.live(`"max_steps":1000`, steps(1, 100))
		ask := func(since any) (string, map[string]any) {
			s.t.Helper()
			return must(s.t, env, "get_metrics", fmt.Sprintf(`{"run_id":"latest","since":%q}`, since))
		}
		_, first := must(s.t, env, "get_metrics", `{"run_id":"latest"}`)
		if first["cursor"] != fmt.Sprintf("pz5K:100@%d.5", time.Now().Unix()) || first["new_steps"] != nil ||
			first["steps_per_second"] != 1.0 || first["total"] != "max_steps=1000" || first["seconds_left"] != 900.0 {
			s.t.Errorf("the first answer is %v", first)
		}
		text, none := ask(first["cursor"])
		n := testkit.Tokens(s.t, text)
		s.t.Logf("no news: %d tokens, %s", n, text)
		if n >= 150 || none["new_steps"] != 0.0 || none["cursor"] != first["cursor"] ||
			fmt.Sprint(none["rows"]) != "[]" || none["range"] != "since step 100" {
			s.t.Errorf("no news is %d tokens: %s", n, text)
		}

		time.Sleep(10 * time.Second)
		s.log([]string{`"loss":NaN,"note":"hot","global_step":101`, `"loss":0.5,"global_step":102`}, time.Now().Unix())
		text, news := ask(first["cursor"])
		if news["new_steps"] != 2.0 || !strings.Contains(text, `["loss",2,"NaN",0.5,0.5,102,0.5,102`) ||
			strings.Contains(text, "train/epoch") || !strings.Contains(text, "loss: 1 value at step 101") ||
			!strings.Contains(text, `"note","string",1,"hot"`) {
			s.t.Errorf("the news are %s", text)
		}
		if text, none = ask(news["cursor"]); none["new_steps"] != 0.0 || strings.Contains(text, "note") {
			s.t.Errorf("told again: %s", text)
		}
		s.log([]string{`"note":"cold","global_step":103`}, time.Now().Unix())
		if text, none = ask(news["cursor"]); none["new_steps"] != 0.0 ||
			!strings.Contains(text, `["note","string",2,"cold",103`) {
			s.t.Errorf("text alone: %s", text)
		}

		time.Sleep(10 * time.Second)
		s.log([]string{`"loss":7,"global_step":1`, `"loss":6,"global_step":2`}, time.Now().Unix())
		if text, _ = ask(news["cursor"]); !strings.Contains(text, `["loss",2,7,6,6,2,7,1`) {
			s.t.Errorf("steps that began anew are %s", text)
		}

		s.write(liveRun, "status.json", `{"status":"finished","started_at":946684000,"ended_at":946684900}`)
		if text, news = ask(news["cursor"]); news["status"] != "finished" || news["cursor"] != nil ||
			news["steps_per_second"] != nil || news["new_steps"] != 2.0 {
			s.t.Errorf("the end is %s", text)
		}
	})
}

func TestSince_wrong(t *testing.T) {
	t.Parallel()
	inBubble(t, func(s store, env *tools.Env) {
		s.live("", steps(1, 30))
		text, all := must(s.t, env, "get_metrics", `{"run_id":"latest","since":"000000:20@1.5"}`)
		if !strings.Contains(text, "a cursor of another run") || !strings.Contains(text, `["loss",30,`) ||
			all["new_steps"] != nil {
			s.t.Errorf("a cursor of another run gives %s", text)
		}
		for _, since := range []string{"5", "abcdef", "abcdef:5", ":5@1", "abcdef:x@1", "abcdef:5@NaN",
			"abcdef:5@inf", "abcdef:99999999999999999999@1", strings.Repeat("x", 5000)} {
			_, err := call(s.t, env, "get_metrics", fmt.Sprintf(`{"run_id":"latest","since":%q}`, since))
			if err == nil || !strings.Contains(err.Error(), "is no cursor") || len(err.Error()) > 1000 {
				s.t.Errorf("since %.20q gives %.200v", since, err)
			}
		}
		_, err := call(s.t, env, "get_metrics", `{"run_id":"latest","since":"abcdef:5@1","at_step":3}`)
		if err == nil || !strings.Contains(err.Error(), "leave out at_step") {
			s.t.Errorf("since and at_step: %v", err)
		}
	})
}

// TestSince_cursors holds that all answers about one run have the same cursor, before its first
// metric too.
func TestSince_cursors(t *testing.T) {
	t.Parallel()
	inBubble(t, func(s store, env *tools.Env) {
		s.live("", nil)
		_, before := must(s.t, env, "get_metrics", `{"run_id":"latest"}`)
		s.log([]string{`"loss":1,"global_step":0`}, time.Now().Unix())
		text, news := must(s.t, env, "get_metrics", fmt.Sprintf(`{"run_id":"latest","since":%q}`, before["cursor"]))
		if before["cursor"] != "pz5K:-1@0" || news["new_steps"] != 1.0 {
			s.t.Errorf("after %v came %s", before["cursor"], text)
		}
		for tool, args := range map[string]string{"get_experiment": `{"run_id":"latest"}`,
			"watch_run": `{"run_id":"latest","seconds":1}`} {
			if _, a := must(s.t, env, tool, args); a["cursor"] != news["cursor"] || a["cursor"] == nil {
				s.t.Errorf("%s has the cursor %v, get_metrics %v", tool, a["cursor"], news["cursor"])
			}
		}
	})
}

// TestSince_withoutTimes has events that do not say when they were: then steps alone tell.
func TestSince_withoutTimes(t *testing.T) {
	t.Parallel()
	inBubble(t, func(s store, env *tools.Env) {
		s.live(`"max_steps":500`, nil)
		s.write(liveRun, "events.jsonl", `{"type":"metrics","data":{"loss":3,"global_step":1}}`+"\n")
		_, first := must(s.t, env, "get_metrics", `{"run_id":"latest"}`)
		s.write(liveRun, "events.jsonl", s.read(liveRun, "events.jsonl")+
			`{"type":"metrics","data":{"loss":2,"global_step":2}}`+"\n")
		text, news := must(s.t, env, "get_metrics", fmt.Sprintf(`{"run_id":"latest","since":%q}`, first["cursor"]))
		if news["new_steps"] != 1.0 || news["steps_per_second"] != nil || news["seconds_left"] != nil {
			s.t.Errorf("after %v came %s", first["cursor"], text)
		}
	})
}

func TestSince_timeLeft(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, settings string
		silent         time.Duration
		total          any
		left, rate     any
	}{
		{"steps", `"max-steps":500`, 0, "max-steps=500", 400.0, 1.0},
		{"deep", `"train":{"max_steps":500}`, 0, nil, nil, 1.0}, // who knows of what
		{"surest", `"steps":700,"max_steps":500`, 0, "max_steps=500", 400.0, 1.0},
		{"text", `"max_steps":"500"`, 0, nil, nil, 1.0},
		{"passed", `"max_steps":50`, 0, nil, nil, 1.0},
		{"epochs", `"epochs":20`, 0, "epochs=20", 100.0, 1.0},
		{"epochs passed", `"epochs":5`, 0, nil, nil, 1.0},
		{"unknown", `"lr":0.1`, 0, nil, nil, 1.0},
		{"stalled", `"max_steps":500`, 5 * time.Hour, nil, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(s store, env *tools.Env) {
				s.live(c.settings, steps(1, 100))
				time.Sleep(c.silent)
				_, a := must(s.t, env, "get_metrics", `{"run_id":"latest"}`)
				if a["total"] != c.total || a["seconds_left"] != c.left || a["steps_per_second"] != c.rate {
					s.t.Errorf("total %v, left %v, rate %v", a["total"], a["seconds_left"], a["steps_per_second"])
				}
			})
		})
	}
}
