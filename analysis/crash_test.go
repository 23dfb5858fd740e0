package analysis_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/runicorn-mcp/runicorn-mcp/analysis"
)

func findCrash(log string) (analysis.Crash, bool) {
	var finder analysis.CrashFinder
	lines := analysis.NewLogReader(finder.Add)
	_, _ = lines.Write([]byte(log))
	_ = lines.Close()
	return finder.Crash()
}

func TestCrashFinder(t *testing.T) {
	t.Parallel()
	const deep = "a\nb\n12:00:01 | epoch 1\nepoch 2\nepoch 3\n" +
		"Traceback (most recent call last):\n" +
		"  File \"/x/train.py\", line 3, in <module>\n    main()\n" +
		"  File \"C:\\x\\net.py\", line 58, in forward\n    y = a / b\n" +
		"ZeroDivisionError: division by zero\n"
	tests := []struct {
		name, log string
		want      analysis.Crash
		none      bool
	}{
		{name: "traceback", log: deep, want: analysis.Crash{
			Exception: "ZeroDivisionError: division by zero", Frame: "net.py:58 in forward",
			Around: []string{"12:00:01 | epoch 1", "epoch 2", "epoch 3",
				`  File "C:\x\net.py", line 58, in forward`, "    y = a / b",
				"ZeroDivisionError: division by zero"}}},
		{name: "the last of two", log: deep + "During handling of the above exception, another " +
			"exception occurred:\n[12:00:02] Traceback (most recent call last):\n" +
			"[12:00:02]   File \"t.py\", line 9\n[12:00:02] my.Failure: two\n[12:00:02] lines\n",
			want: analysis.Crash{Exception: "my.Failure: two", Frame: "t.py:9", Around: []string{
				"    y = a / b", "ZeroDivisionError: division by zero", "During handling of the above " +
					"exception, another exception occurred:",
				`[12:00:02]   File "t.py", line 9`, "[12:00:02] my.Failure: two"}}},
		{name: "no traceback", log: "x\ny\nz\n\x1b[31mSegmentation fault (core dumped)\x1b[0m\n",
			want: analysis.Crash{LastWords: "Segmentation fault (core dumped)",
				Around: []string{"x", "y", "z", "Segmentation fault (core dumped)"}}},
		{name: "progress bar", log: " 10%|#\r 20%|##\r\r\nKilled\n", want: analysis.Crash{
			LastWords: "Killed", Around: []string{" 20%|##", "Killed"}}},
		{name: "cut off", log: "Traceback (most recent call last):\n  File \"t.py\", line 9, in f\n",
			none: true},
		{name: "nothing", log: "epoch 1\nepoch 2, 0 errors\n", none: true},
		{name: "long ago", log: "error: retried\n" + strings.Repeat("fine\nwell\n", 20), none: true},
		{name: "empty", none: true},
	}
	for _, tt := range tests {
		got, ok := findCrash(tt.log)
		if ok == tt.none {
			t.Errorf("%s: found %v: %+v", tt.name, ok, got)
		} else if d := cmp.Diff(tt.want, got); ok && d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, d)
		}
	}
}

// TestCrashFinder_lastWords has logs that end without a traceback, by what is told as the reason, and
// the last line.
func TestCrashFinder_lastWords(t *testing.T) {
	t.Parallel()
	tests := []struct{ log, want, clock, last, lastClock string }{
		{"10:19:45 | mujoco.FatalError: Nan, Inf or huge value in QACC at DOF 2\n",
			"mujoco.FatalError: Nan, Inf or huge value in QACC at DOF 2", "10:19:45",
			"mujoco.FatalError: Nan, Inf or huge value in QACC at DOF 2", "10:19:45"},
		{"14:39:44 | epoch 3\n14:39:45 | KeyboardInterrupt\n", "KeyboardInterrupt", "14:39:45",
			"KeyboardInterrupt", "14:39:45"},
		{"[01:18:41] SIGINT\n[01:18:42] saved\n", "SIGINT", "01:18:41", "saved", "01:18:42"},
		{"x\nSIGTERM from scheduler\n", "SIGTERM from scheduler", "", "SIGTERM from scheduler", ""},
		{"slurmstepd: error: *** JOB 7 ON n1 CANCELLED AT 2026-11-24T10:00:00 DUE TO TIME LIMIT ***\nbye\n",
			"slurmstepd: error: *** JOB 7 ON n1 CANCELLED AT 2026-11-24T10:00:00 DUE TO TIME LIMIT ***", "",
			"bye", ""},
		{"WARNING: Received Signals.SIGTERM death signal, shutting down\n",
			"WARNING: Received Signals.SIGTERM death signal, shutting down", "",
			"WARNING: Received Signals.SIGTERM death signal, shutting down", ""},
		{"registered a handler for SIGTERM\nInstalling SIGINT hook\nPress Ctrl-C to send SIGINT\nstep 1\n",
			"", "", "step 1", ""},
		{"val error: 0.12\nword error rate 5.3%\ntop1 error 12.5\nerror=nan\n\"error\": .5\n", "", "",
			"\"error\": .5", ""},
		{"WARNING connection error, trying again\nstep 2\n", "", "", "step 2", ""},
		{"11:53:30 | too many nan steps, giving up\n", "", "", "too many nan steps, giving up", "11:53:30"},
		{"", "", "", "", ""},
	}
	for _, tt := range tests {
		var finder analysis.CrashFinder
		lines := analysis.NewLogReader(finder.Add)
		_, _ = lines.Write([]byte(tt.log))
		_ = lines.Close()
		crash, ok := finder.Crash()
		if crash.LastWords != tt.want || crash.Clock != tt.clock || ok != (tt.want != "") {
			t.Errorf("%q: %+v", tt.log, crash)
		}
		if last, clock := finder.Last(); last != tt.last || clock != tt.lastClock {
			t.Errorf("%q ends with %q at %q", tt.log, last, clock)
		}
	}
}

func FuzzCrashFinder(f *testing.F) {
	f.Add("Traceback (most recent call last):\n  File \"t.py\", line 9\nE: x\n")
	f.Add("12:00:00 | \x1b[0mKilled\r")
	f.Fuzz(func(t *testing.T, log string) {
		if crash, ok := findCrash(log); ok && (crash.Exception+crash.LastWords == "" || len(crash.Around) == 0) {
			t.Errorf("%q: %+v", log, crash)
		}
	})
}

func TestStall(t *testing.T) {
	t.Parallel()
	every := func(n int, gap float64) []float64 {
		var times []float64
		for i := range n {
			times = append(times, 1000+float64(i)*gap)
		}
		return times
	}
	tests := []struct {
		name       string
		times      []float64
		began, now float64
		found, not string
	}{
		{name: "in rhythm", times: every(50, 10), now: 1600},
		{name: "silent", times: every(50, 10), now: 1490 + 301,
			found: "the last event was 5m1s ago; it logged every 10s, and never more than 10s apart"},
		{name: "slow", times: every(10, 3600), now: 33400 + 7*3600},
		{name: "slow and silent", times: every(10, 3600), now: 33400 + 11*3600,
			found: "the last event was 11h00m ago; it logged every 1h00m, and never more than 1h00m apart"},
		{name: "pauses", times: append(every(50, 10), 5000, 5010), now: 5010 + 9000},
		{name: "unsorted, NaN, twice", times: []float64{1050, nan, 1010, 1020, 1020, 1030, 1040, 1000},
			now: 1050 + 400, found: "the last event was 6m40s ago; it logged every 10s, and never more than 10s apart"},
		{name: "few", times: every(5, 10), now: 99999,
			not: "stalled: 5 times of logging make no rhythm (the last was 27h29m ago)"},
		{name: "clock", times: every(50, 10), now: 1000,
			not: "stalled: its last event is 8m10s ahead of this machine's clock, so ages mean nothing"},
		{name: "begun", began: 1000, now: 2000, not: "stalled: nothing was logged yet"},
		{name: "never", began: 1000, now: 1000 + 200_000,
			found: "has logged nothing since it began 2d7h ago"},
	}
	for _, tt := range tests {
		f, unchecked := analysis.Stall(tt.times, tt.began, tt.now)
		text := ""
		if f != nil {
			text = f.Text
		}
		if text != tt.found || unchecked != tt.not {
			t.Errorf("%s: %q, %q; want %q, %q", tt.name, text, unchecked, tt.found, tt.not)
		}
	}
}
