package tools_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestGetMetrics_conditions says when a metric was below or above a value, and whether it stayed so.
func TestGetMetrics_conditions(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	run := "p/n/20250101_100000_aaaaaa"
	s.run(run, 1_700_000_000, "")
	var b strings.Builder
	for i, v := range []string{"5", "2.5", "3.5", "NaN", "2", "1.5"} {
		fmt.Fprintf(&b, `{"ts":%d,"type":"metrics","data":{"loss":%s,"acc":%v,"f1<0.5":1,"global_step":%d}}`+"\n", 1_700_000_000+i, v, float64(i)/10, i*10)
	}
	s.write(run, "events.jsonl", b.String())
	env := s.env()
	for asked, want := range map[string]string{
		"loss<3.0":    `["loss<3",10,2.5,"2023-11-14T22:13:21Z",3,6,3.5,20,40]`,
		"loss >= 3.5": `["loss>=3.5",0,5,"2023-11-14T22:13:20Z",2,6,1.5,50,null]`,
		"loss<-1e2":   `["loss<-100",null,null,null,0,6,null,null,null]`,
		"acc>30%":     `["acc>0.3",40,0.4,"2023-11-14T22:13:24Z",2,6,null,null,40]`,
	} {
		text, _ := must(t, env, "get_metrics", fmt.Sprintf(`{"run_id":"latest","metric_names":[%q]}`, asked))
		if !strings.Contains(text, `"rows":[`+want+`]`) || !strings.Contains(text, `"rows":[["`+asked[:2]) {
			t.Errorf("%s: no %s in %s", asked, want, text)
		}
	}
	text, a := must(t, env, "get_metrics", `{"run_id":"latest","metric_names":["f1<0.5","los<3","loss<"]}`)
	if a["conditions"] != nil || !strings.Contains(text, `["f1<0.5",6,1,1,`) ||
		!strings.Contains(text, `"missing":[{"name":"los","nearest":["loss"]},{"name":"loss<","nearest":["loss"]}]`) {
		t.Errorf("a metric of such a name, one that is mistyped and half a condition: %s", text)
	}
	text, _ = must(t, env, "get_metrics", `{"run_id":"latest","metric_names":["loss<3","loss<2"],"from_step":20}`)
	if !strings.Contains(text, `["loss<3",40,2,"2023-11-14T22:13:24Z",2,4,null,null,40],["loss<2",50,1.5,"2023-11-14T22:13:25Z",1,4,null,null,50]`) {
		t.Errorf("two conditions from a step on: %s", text)
	}
}

// TestCompareRuns_conditions says for each run when a metric reached a value.
func TestCompareRuns_conditions(t *testing.T) {
	t.Parallel()
	s := rivals(t)
	text, a := must(t, s.env(), "compare_runs", `{"run_ids":["base","twin","hot"],"metric_names":["acc>=0.8","loss<0.1"]}`)
	table, _ := a["conditions"].(map[string]any)
	var rows []string
	for _, row := range table["rows"].([]any) {
		cells := row.([]any)
		rows = append(rows, fmt.Sprint(cells[0], " ", cells[1], " ", cells[2], " ", cells[5], " ", cells[9]))
	}
	want := "base acc>=0.8 80 21 80; twin acc>=0.8 80 21 80; hot acc>=0.8 80 21 80; " +
		"base loss<0.1 21 80 21; twin loss<0.1 23 78 23; hot loss<0.1 <nil> 0 <nil>"
	if got := strings.Join(rows, "; "); got != want || a["by_step"] != nil {
		t.Errorf("%s\nwant %s\n%s", got, want, text)
	}
}
