package client_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// TestDiagnoseRun_end has what is said of how runs ended, "text|quote|clock", by what they left.
func TestDiagnoseRun_end(t *testing.T) {
	t.Parallel()
	const gone = "the process is gone without having said that it ended"
	failed, interrupted := client.StatusFailed, client.StatusInterrupted
	tests := []struct {
		status, reason string
		noLog          bool
		log            string
		want           string
	}{
		{failed, "", false, "10:19:45 | mujoco.FatalError: Nan\n",
			"the log says|mujoco.FatalError: Nan|10:19:45"},
		{failed, "", false, "11:53:30 | giving up\n",
			"no reason is recorded; the log ends with|giving up|11:53:30"},
		{failed, "", false, "giving up\n", "no reason is recorded; the log ends with|giving up|"},
		{failed, "", false, "ERROR 1\n" + strings.Repeat("fine\nwell\n", 20), // get_logs counts it
			"no reason is recorded; the log ends with|well|"},
		{failed, "", false, "", "no reason is recorded; the log is empty||"},
		{failed, "", true, "", "no reason is recorded||"},
		{failed, "exit code 137", false, "[10:00:00] Killed\n", "exit code 137; the log says|Killed|10:00:00"},
		{failed, "exit code 137", false, "step 1\n", "exit code 137||"},
		{failed, "OOM: Killed", false, "Killed\n", "OOM: Killed||"},
		{failed, "", false, trace, "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.25 GiB, " +
			"raised at model.py:58 in forward||"},
		{interrupted, "", false, "14:39:44 | KeyboardInterrupt\n", "the log says|KeyboardInterrupt|14:39:44"},
		{interrupted, "SIGTERM", false, "SIGTERM from scheduler\n", "the log says|SIGTERM from scheduler|"},
		{interrupted, "", false, "01:00:00 | saved\n", "no reason is recorded; the log ends with|saved|01:00:00"},
		{failed, "process gone", false, "19:42:39 | step 3\n", gone + "; the log ends with|step 3|19:42:39"},
		{failed, "process_not_found", false, "slurmstepd: error: oom\nx\n",
			gone + "; the log says|slurmstepd: error: oom|"},
		{failed, "process gone", false, "", gone + "; the log is empty||"},
		{failed, "process gone", true, "", gone + "||"},
	}
	for _, tt := range tests {
		l := labelled{run: run("a", "p/n", 0), log: tt.log, noLog: tt.noLog}
		l.run.Status, l.run.StatusReason = tt.status, tt.reason
		c := client.New(labelledSource([]labelled{l}))
		one, err := c.DiagnoseRun(t.Context(), "a", time.Unix(int64(diagnosedAt), 0))
		if err != nil {
			t.Fatal(err)
		}
		many, _, _, err := c.DiagnoseRuns(t.Context(), client.RunFilter{}, 1, time.Unix(int64(diagnosedAt), 0), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range append(many, one) {
			f := d.Findings[0]
			if got := f.Text + "|" + f.Quote + "|" + f.Clock; got != tt.want || len(many) != 1 {
				t.Errorf("%s %q, %q: %s\nwant %s", tt.status, tt.reason, tt.log, got, tt.want)
			}
		}
	}
}

// partial is a source that cannot list all of its runs, nor count the others.
type partial struct{ *memory }

func (s partial) CountRuns(ctx context.Context, scope client.Scope) (client.RunCount, error) {
	count, err := s.memory.CountRuns(ctx, scope)
	count.Problems = []string{"some are left out"}
	return count, err
}

// TestDiagnoseRuns_none holds that no run that fits is an answer, and a wrong name an error.
func TestDiagnoseRuns_none(t *testing.T) {
	t.Parallel()
	c := client.New(partial{&memory{runs: []client.Experiment{run("a", "vision/n", 0)}, unlisted: 2}})
	for _, filter := range []client.RunFilter{
		{Status: "running"}, {Status: "failed", Project: "vision"}, {Since: diagnosedAt}} {
		found, read, coverage, err := c.DiagnoseRuns(t.Context(), filter, 50, time.Unix(int64(diagnosedAt), 0), nil)
		if err != nil || len(found) != 0 || read != 0 || coverage.Matched != 0 || !coverage.Complete() ||
			coverage.Total != 1 || coverage.Unlisted != 2 || len(coverage.Problems) != 1 {
			t.Errorf("%+v: %v, %d read, %+v (%v)", filter, found, read, coverage, err)
		}
	}
	for want, filter := range map[string]client.RunFilter{
		`There is no project "visoin". The nearest names are "vision".`: {Project: "visoin", Status: "running"},
		`status "run" does not exist`:                                   {Status: "run"},
	} {
		_, _, _, err := c.DiagnoseRuns(t.Context(), filter, 50, time.Now(), nil)
		var e *client.Error
		if !errors.As(err, &e) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%+v: %v, want %s", filter, err, want)
		}
	}
}
