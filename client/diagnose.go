package client

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/analysis"
)

// A Diagnosis is what is wrong with a run, by the rules of package analysis.
type Diagnosis struct {
	Run      Experiment
	Rows     int // distinct steps
	LastStep int64
	LastTime float64            // seconds since 1970; 0 without events
	Findings []analysis.Finding // empty: nothing is wrong as far as could be checked
	// Unchecked says which rules could not be applied and why, a sentence each.
	Unchecked []string
	// Log are the lines of the console output around what ended the run.
	Log      []string
	Problems []string
}

// DiagnoseRun says what is wrong with a run, as of now. ref is any form that [Client.Resolve]
// takes. No documented method.
func (c *Client) DiagnoseRun(ctx context.Context, ref string, now time.Time) (Diagnosis, error) {
	const op = "diagnose_run"
	run, err := c.experiment(ctx, ref)
	if err != nil {
		return Diagnosis{}, c.named(op, err)
	}
	d, err := c.diagnose(ctx, run, now, nil)
	return d, c.named(op, err)
}

// diagnosedSteps is after how many steps no more runs are diagnosed in one call.
const diagnosedSteps = 5_000_000

// DiagnoseRuns is [Client.DiagnoseRun] for the newest runs that fit a filter, at most limit of
// them and fewer once they hold 5,000,000 steps; read is how many. The diagnoses are in order,
// newest first. That no run fits is no error, but for a project that does not exist. look, unless
// nil, is called with the metrics of each run, by several goroutines at once.
func (c *Client) DiagnoseRuns(
	ctx context.Context, filter RunFilter, limit int, now time.Time, look func(Experiment, Metrics),
) (found []Diagnosis, read int, coverage RunCoverage, err error) {
	const op = "diagnose_run"
	runs, _, coverage, err := c.matching(ctx, filter, limit)
	if err != nil {
		return nil, 0, coverage, c.named(op, err)
	}
	over := mostOf(ctx)
	for steps := 0; read < len(runs) && steps < diagnosedSteps && !over(); {
		some := runs[read:min(read+requests, len(runs))]
		diagnoses := make([]Diagnosis, len(some))
		err := inParallel(ctx, len(some), readers, func(ctx context.Context, i int) error {
			run, err := some[i], error(nil)
			if run.Status == StatusFailed && run.StatusReason == "" { // its summary may say why
				run, err = c.detail(ctx, run)
			}
			if err == nil {
				diagnoses[i], err = c.diagnose(ctx, run, now, look)
			}
			if isKind(err, ErrNotFound) { // deleted since it was listed
				return nil
			}
			return err
		})
		if err != nil {
			return nil, read, coverage, c.named(op, err)
		}
		for _, d := range diagnoses {
			if steps += d.Rows; d.Run.ID != "" {
				found = append(found, d)
			}
		}
		read += len(some)
	}
	return found, read, coverage, nil
}

// diagnose applies all rules to a run.
func (c *Client) diagnose(
	ctx context.Context, run Experiment, now time.Time, look func(Experiment, Metrics),
) (Diagnosis, error) {
	m, err := c.source.Metrics(ctx, run, nil)
	if err != nil {
		return Diagnosis{}, err
	}
	if look != nil {
		look(run, m)
	}
	d := Diagnosis{Run: run, Rows: m.Rows, LastStep: m.LastStep, LastTime: m.LastTime,
		Problems: append(run.Problems[:len(run.Problems):len(run.Problems)], m.Problems...)}
	end := d.ended()
	unknown := m.NonFiniteUnknown && m.Rows > 0
	var out console
	if end != nil || unknown {
		if out, err = readConsole(ctx, c.source, run, unknown); err != nil {
			return d, err
		}
	}
	if end != nil {
		d.died(*end, out)
	}
	if unknown {
		d.alerted(out)
	}
	var curves []analysis.Curve
	for _, s := range m.Series {
		curves = append(curves, analysis.Curve{Name: s.Name, Steps: s.Steps, Values: s.Values})
	}
	findings, unchecked := analysis.Examine(curves)
	d.Findings, d.Unchecked = append(d.Findings, findings...), append(d.Unchecked, unchecked...)
	if run.Status == StatusRunning {
		d.running(eventTimes(m), now)
	}
	return d, nil
}

// eventTimes are the times of all values; those that series share are there once.
func eventTimes(m Metrics) []float64 {
	var times []float64
	seen := make(map[*float64]bool)
	for _, s := range m.Series {
		if len(s.Times) > 0 && !seen[&s.Times[0]] {
			seen[&s.Times[0]] = true
			times = append(times, s.Times...)
		}
	}
	return times
}

// running judges a run that is said to be running.
func (d *Diagnosis) running(times []float64, now time.Time) {
	began := d.Run.StartedAt
	if began == 0 {
		began = d.Run.CreatedAt
	}
	f, unchecked := analysis.Stall(times, began, float64(now.UnixMicro())/1e6)
	if f == nil {
		if unchecked != "" {
			d.Unchecked = append(d.Unchecked, unchecked)
		}
		return
	}
	host := ""
	if d.Run.Hostname != "" {
		host = fmt.Sprintf("; it ran on %s", d.Run.Hostname)
	}
	f.Text += fmt.Sprintf(" (by this machine's clock, %s%s)", now.UTC().Format(time.RFC3339), host)
	f.Step, f.Located = d.LastStep, d.Rows > 0
	d.Findings = append(d.Findings, *f)
}

// ended says how a run ended that did not finish; nil of any other.
func (d *Diagnosis) ended() *analysis.Finding {
	run := d.Run
	f := analysis.Finding{Step: d.LastStep, Located: d.Rows > 0}
	switch {
	case run.ProcessGone():
		f.Rule, f.Text = analysis.RuleDead, "the process is gone without having said that it ended"
	case run.Status == StatusFailed:
		f.Rule, f.Text = analysis.RuleCrash, run.StatusReason
	case run.Status == StatusInterrupted:
		f.Rule, f.Text = analysis.RuleInterrupted, run.StatusReason
	default:
		return nil
	}
	return &f
}

// ProcessGone tells that a run is failed because its process was no longer there, not because it
// said so.
func (e Experiment) ProcessGone() bool {
	return e.Status == StatusFailed &&
		(e.StatusReason == "process gone" || e.StatusReason == "process_not_found")
}

// died adds how a run ended, with what its console output tells.
func (d *Diagnosis) died(f analysis.Finding, out console) {
	if f.Text == "" {
		f.Text = errorInSummary(d.Run)
	}
	switch {
	case out.crash.Exception != "":
		f.Text = strings.TrimRight(join(f.Text, out.crash.Exception), ".")
		if out.crash.Frame != "" {
			f.Text += ", raised at " + out.crash.Frame
		}
	case out.crash.LastWords != "":
		quoteReason(&f, out.crash)
	case f.Text == "" || f.Rule == analysis.RuleDead:
		f.Text = cmp.Or(f.Text, "no reason is recorded")
		quoteEnd(&f, out)
	}
	d.Log = out.crash.Around
	if out.missing != "" {
		d.Unchecked = append(d.Unchecked, out.missing)
	}
	d.Findings = append(d.Findings, f)
}

// quoteReason adds the line of the log that tells why, unless the finding says it already.
func quoteReason(f *analysis.Finding, crash analysis.Crash) {
	switch words := crash.LastWords; {
	case strings.Contains(f.Text, words):
		return
	case strings.Contains(words, f.Text): // also ""
		f.Text = "the log says"
	default:
		f.Text += "; the log says"
	}
	f.Quote, f.Clock = crash.LastWords, crash.Clock
}

// quoteEnd adds how a log ends that tells no reason.
func quoteEnd(f *analysis.Finding, out console) {
	switch {
	case out.missing != "": // there is none to quote
	case out.last == "":
		f.Text += "; the log is empty"
	default:
		f.Text += "; the log ends with"
		f.Quote, f.Clock = out.last, out.clock
	}
}

// alerted adds what the SDK's alerts tell of values that the source shows as missing. A log without
// any proves nothing: not every SDK writes them, nor of every metric.
func (d *Diagnosis) alerted(out console) {
	const shown = ": this Viewer shows them as missing"
	for _, a := range out.alerts {
		d.Findings = append(d.Findings, a.Finding())
	}
	what := "NaN and infinities" + shown
	switch {
	case len(out.alerts) > 0:
		what = "other NaN and infinities" + shown
	case out.missing == "":
		what += ", and the log has no alert of any"
	case out.missing != notCapturedNote && !slices.Contains(d.Unchecked, out.missing):
		d.Unchecked = append(d.Unchecked, out.missing)
	}
	d.Unchecked = append(d.Unchecked, what+"; --storage on that machine tells")
}

// join puts two sentences together, one that contains the other standing for both.
func join(a, b string) string {
	switch {
	case a == "" || strings.Contains(b, a):
		return b
	case strings.Contains(a, b):
		return a
	}
	return a + "; " + b
}

// errorInSummary is what training code that caught its own failure put into the summary.
func errorInSummary(run Experiment) string {
	for _, key := range []string{"error", "exception", "failure", "traceback"} {
		if text, ok := run.Summary[key].(string); ok && text != "" {
			return text
		}
	}
	return ""
}
