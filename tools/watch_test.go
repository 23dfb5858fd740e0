package tools_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// live is a run of which a test writes more while it is watched.
type live struct {
	store
	mu     sync.Mutex // events happen in goroutines of their own
	events strings.Builder
	step   int
}

func newLive(t *testing.T) *live {
	l := &live{store: newStore(t)}
	l.run(logged, int(time.Now().Unix()), "")
	l.status("running", "")
	return l
}

func (l *live) status(word, more string) {
	l.write(logged, "status.json", fmt.Sprintf(`{"status":%q,"started_at":%d%s}`, word, time.Now().Unix(), more))
}

// log logs a step with this loss, now.
func (l *live) log(loss string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.step++
	fmt.Fprintf(&l.events, `{"ts":%d,"type":"metrics","data":{"z":1,"loss":%s,"global_step":%d}}`+"\n",
		time.Now().Unix(), loss, l.step)
	l.write(logged, "events.jsonl", l.events.String())
}

// An event is what happens so many seconds after the watch began; not when it looks, which is
// every 5 seconds.
type event struct {
	after float64
	do    func(l *live)
}

func TestWatchRun(t *testing.T) {
	t.Parallel()
	every := func(seconds float64, n int, loss string) []event { // logs n steps
		var list []event
		for i := range n {
			list = append(list, event{seconds * float64(i+1), func(l *live) { l.log(loss) }})
		}
		return list
	}
	tests := []struct {
		name, args string
		meanwhile  []event
		want       string // outcome, seconds waited, last step, new steps
		has        string
	}{
		{"finishes", `"seconds":600`, append(every(11, 3, "0.5"), event{33, func(l *live) {
			l.status("finished", fmt.Sprintf(`,"ended_at":%d`, time.Now().Unix()))
		}}), "finished 35 4 3", `"rows":[["loss",0.5],["z",1]]`},
		{"fails", `"seconds":600`, []event{{7, func(l *live) {
			l.status("failed", `,"exit_reason":"OOM, password=hunter22"`)
		}}}, "failed 10 1 0", `"why":"OOM, password=[hidden]"`},
		{"reaches a step", `"seconds":600,"until_step":3`, every(11, 5, "0.5"), "reached_step 25 3 2",
			`"steps_per_second":0.0909,`},
		{"becomes NaN", `"seconds":600`, every(6, 1, "NaN"), "non_finite 10 2 1",
			`"why":"loss: 1 value at step 2"`},
		{"stalls", `"seconds":86400`, every(11, 10, "0.5"), "stalled 415 11 10",
			`"why":"the last event was 5m5s ago; it logged every 11s`},
		{"goes on", `"seconds":61,"until_step":1000`, every(4, 30, "0.5"), "time_up 61 16 15",
			`"seconds_to_step":3940`},
		{"by default", ``, nil, "time_up 45 1 0", `"last_step":1`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := newLive(t)
				l.log("1")
				for _, e := range tt.meanwhile {
					timer := time.AfterFunc(time.Duration(e.after*float64(time.Second)), func() { e.do(l) })
					defer timer.Stop()
				}
				args := `{"run_id":"latest"`
				if tt.args != "" {
					args += "," + tt.args
				}
				env := l.env()
				looks := 0
				env.Progress = func(done, total float64, message string) {
					looks++
					if done > total || !strings.HasPrefix(message, "step ") {
						t.Errorf("progress %v of %v: %s", done, total, message)
					}
				}
				text, got := must(t, env, "watch_run", args+"}")
				if s := fmt.Sprint(got["outcome"], " ", got["waited_seconds"], " ", got["last_step"], " ",
					got["new_steps"]); s != tt.want || !strings.Contains(text, tt.has) || looks == 0 {
					t.Errorf("got %s after %d looks, want %s with %s:\n%s", s, looks, tt.want, tt.has, text)
				}
				if got["outcome"] == "stalled" && got["steps_per_second"] != nil {
					t.Errorf("a stalled run has a rate: %s", text)
				}
			})
		})
	}
}

// TestWatchRun_limits holds that it answers before its call's time is over, and ends at once when
// it is cancelled or has nothing to wait for.
func TestWatchRun_limits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLive(t)
		l.log("1")
		env := l.env()
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Second)
		defer cancel()
		text, err := callWith(ctx, t, env, "watch_run", `{"run_id":"latest","seconds":3600}`)
		if err != nil || !strings.Contains(text, `"outcome":"time_up","waited_seconds":47,`) {
			t.Errorf("within 50 s: %s, %v", text, err)
		}
		start := time.Now()
		text, err = call(t, env, "watch_run", `{"run_id":"latest","seconds":0}`)
		if err != nil || time.Since(start) != 0 || !strings.Contains(text, `"outcome":"time_up","waited_seconds":0,`) {
			t.Errorf("without a wait: %s, %v after %v", text, err, time.Since(start))
		}
		ctx, cancel = context.WithCancel(t.Context())
		time.AfterFunc(12*time.Second, cancel)
		start = time.Now()
		_, err = callWith(ctx, t, env, "watch_run", `{"run_id":"latest","seconds":3600}`)
		if err == nil || time.Since(start) != 12*time.Second {
			t.Errorf("cancelled: %v after %v", err, time.Since(start))
		}
		l.status("interrupted", "")
		start = time.Now()
		text, err = call(t, env, "watch_run", `{"run_id":"latest"}`)
		if err != nil || time.Since(start) != 0 || !strings.Contains(text, "the run had ended before") {
			t.Errorf("a run that has ended: %s, %v", text, err)
		}
		if _, err := call(t, env, "watch_run", `{"run_id":"none"}`); err == nil {
			t.Error("no run, and no error")
		}
	})
}
