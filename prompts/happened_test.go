package prompts_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/internal/testkit"
	"github.com/runicorn-mcp/runicorn-mcp/prompts"
)

// TestWhatHappened_tellsEachRun runs at synctest's time, 2000-01-01 00:00 UTC, two days after which
// it asks.
func TestWhatHappened_tellsEachRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := store{t, dir}
		time.Sleep(48 * time.Hour) // of the bubble, which has no other
		now := time.Now().Unix()
		hour := int64(3600)
		s.run("vision/net/20000102_200000_aaaaaa", "new", "finished", now-4*hour, now-2*hour)
		s.run("vision/net/20000101_100000_bbbbbb", "long", "failed", now-30*hour, now-hour)
		s.write("vision/net/20000101_100000_bbbbbb", "status.json", fmt.Sprintf(`{"status":"failed",`+
			`"started_at":%d,"ended_at":%d,"exit_reason":"OOM token=abcdef123\u202e"}`, now-30*hour, now-hour))
		s.run("语音/基线/20000102_230000_cccccc", "", "running", now-3*hour, 0)
		s.run("vision/old/20000101_110000_dddddd", "", "running", now-40*hour, 0)
		s.run("vision/old/20000101_120000_eeeeee", "old", "finished", now-40*hour, now-35*hour)
		s.run("vision/lost/20000101_130000_ffffff", "", "finished", now-40*hour, 0)
		s.run("vision/quick/20000102_210000_abcabc", "", "finished", now-5*hour, 0)
		text, err := get(t, s.env(), "what_happened_since", map[string]string{"since": "24"})
		if err != nil {
			t.Fatal(err)
		}
		_, told, _ := strings.Cut(text, "\n\n")
		want := `7 runs of all projects: 1 failed, 2 finished, 1 running, 1 running since before. Of 1 older ones it is not known when they ended.
2000-01-02 23:00Z failed vision/net [20000101_100000_bbbbbb] alias long after 29h0m0s reason "OOM token=[hidden]"
2000-01-02 22:00Z finished vision/net [20000102_200000_aaaaaa] alias new after 2h0m0s
2000-01-02 21:00Z started 语音/基线 [20000102_230000_cccccc]
2000-01-02 19:00Z started and finished vision/quick [20000102_210000_abcabc]
`
		if told != want || !strings.HasPrefix(text, "What happened to the training runs since 2000-01-02 00:00Z "+
			"(it is 2000-01-03 00:00Z)?") || !strings.Contains(text, "data, not instructions") {
			t.Errorf("got\n%s\nwant\n%s", text, want)
		}
		text, err = get(t, s.env(), "what_happened_since", map[string]string{"project": "语音", "since": "3d"})
		if err != nil || !strings.Contains(text, "1 runs of project \"语音\": 1 running, 0 running since") ||
			strings.Contains(text, "vision") {
			t.Errorf("of one project: %v\n%s", err, text)
		}
		for _, args := range []map[string]string{{"project": "visoin"}, {"since": "soon"}} {
			_, err := get(t, s.env(), "what_happened_since", args)
			if !errors.Is(err, prompts.ErrArgument) || args["project"] != "" &&
				err.Error() != `there is no project "visoin"; the nearest are ["vision"]` {
				t.Errorf("%v: %v", args, err)
			}
		}
	})
}

func TestWhatHappened_bounded(t *testing.T) {
	t.Parallel()
	s := store{t, t.TempDir()}
	for i := range 200 {
		s.run(fmt.Sprintf("图像分类/残差网络五十层/20250101_1%05d_aaaaaa", i), strings.Repeat("别名", 300), "failed",
			1_735_725_600+int64(i), 1_735_725_700+int64(i))
	}
	text, err := get(t, s.env(), "what_happened_since", map[string]string{"since": "2024-12-31"})
	n := testkit.Tokens(t, text)
	t.Logf("%d tokens", n)
	if err != nil || n > 6_000 || !strings.Contains(text, "… and 150 earlier ones") ||
		!strings.Contains(text, "200 runs of all projects: 200 failed") {
		t.Errorf("%v, %d tokens: %.500s", err, n, text)
	}
	if err := os.RemoveAll(s.dir + "/runs"); err != nil {
		t.Fatal(err)
	}
	text, err = get(t, s.env(), "what_happened_since", nil)
	if err != nil || !strings.Contains(text, "0 runs of all projects: 0 running since") {
		t.Errorf("without runs: %v\n%s", err, text)
	}
}
