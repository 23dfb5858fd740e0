package tools_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestListExperiments_config lists the runs that were made with a setting, a page of them.
func TestListExperiments_config(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	for i := range 30 {
		run := fmt.Sprintf("p/n/20250101_1000%02d_aaaaaa", i)
		s.run(run, 1_700_000_000+i, "")
		s.write(run, "assets.json", fmt.Sprintf(`{"config":{"args":{"batch_size":%d}}}`, 32<<(i%2)))
	}
	env := s.env()
	text, a := must(t, env, "list_experiments", `{"config":["batch_size=64"],"limit":4,"offset":2}`)
	if a["total"] != 15.0 || a["returned"] != 4.0 || a["next_offset"] != 6.0 || a["cursor"] != nil ||
		!strings.Contains(text, `"rows":[["20250101_100025_aaaaaa"`) {
		t.Errorf("runs of a batch size: %s", text)
	}
	for i, changed := range []int{0, 2} {
		s.write(fmt.Sprintf("p/n/20250101_10000%d_aaaaaa", i), "environment.json", fmt.Sprintf(
			`{"git_info":{"commit":"c0ffee%d","branch":"main","changed_files_count":%[1]d}}`, changed))
	}
	for config, want := range map[string]string{"git.dirty=true": "20250101_100001_aaaaaa", "git.commit=c0ffee0": "20250101_100000_aaaaaa"} {
		text, a := must(t, env, "list_experiments", fmt.Sprintf(`{"config":[%q]}`, config))
		if a["total"] != 1.0 || !strings.Contains(text, want) {
			t.Errorf("%s: %s", config, text)
		}
	}
	for args, want := range map[string]string{
		`{"config":["batch_size=7"]}`:                      "There is batch_size: 32, 64.",
		`{"config":["batch_size=64"],"project":"q"}`:       "None of 0 runs",
		`{"config":["batch_size=64"],"since":"rows:a:0:"}`: "leave out config",
	} {
		if _, err := call(t, env, "list_experiments", args); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", args, err, want)
		}
	}
}

// TestListExperiments_sinceTime lists what began since a time, and refuses what is neither a time
// nor a cursor.
func TestListExperiments_sinceTime(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	now := int(time.Now().Unix())
	for _, ago := range []int{100, 7200, 90_000, 900_000} {
		s.run("p/n/"+time.Unix(int64(now-ago), 0).UTC().Format("20060102_150405")+"_aaaaaa", now-ago, "")
	}
	env := s.env()
	for since, want := range map[string]float64{"1h": 1, "24": 2, "7d": 3, "90d": 4, "2020-01-01": 4} {
		text, a := must(t, env, "list_experiments", fmt.Sprintf(`{"since":%q}`, since))
		if a["total"] != want || a["returned"] != want || a["cursor"] == nil {
			t.Errorf("since %s: %s", since, text)
		}
	}
	_, err := call(t, env, "list_experiments", `{"since":"yesterday"}`)
	if err == nil || !strings.Contains(err.Error(), "such as 24, or 90m, 3d") || !strings.Contains(err.Error(), "cursor of an earlier answer") {
		t.Errorf("since yesterday: %v", err)
	}
}
