package client_test

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// logged is a source of labelled runs, with their console output.
type logged struct {
	memory
	logs map[string]string
}

func (s *logged) Log(_ context.Context, run client.Experiment) (io.ReadCloser, error) {
	log, there := s.logs[run.ID]
	if !there {
		return nil, &client.Error{Kind: client.ErrNotFound}
	}
	return io.NopCloser(strings.NewReader(log)), nil
}

func labelledSource(all []labelled) *logged {
	s := &logged{memory{metrics: map[string]client.Metrics{}}, map[string]string{}}
	for _, l := range all {
		s.runs = append(s.runs, l.run)
		m := client.Metrics{Series: slices.SortedFunc(slices.Values(l.series),
			func(a, b client.MetricSeries) int { return strings.Compare(a.Name, b.Name) })}
		for _, curve := range m.Series {
			if n := len(curve.Steps); n > 0 {
				m.Rows, m.LastStep = max(m.Rows, n), max(m.LastStep, curve.Steps[n-1])
			}
		}
		s.metrics[l.run.ID] = m
		if !l.noLog {
			s.logs[l.run.ID] = l.log
		}
	}
	return s
}

// A score counts how often a rule found what was there.
type score struct{ hit, missed, false int }

// judge diagnoses runs and counts, by rule.
func judge(t *testing.T, all []labelled) (map[string]*score, []string) {
	t.Helper()
	c := client.New(labelledSource(all))
	scores, wrong := make(map[string]*score), []string(nil)
	count := func(rule string) *score {
		if scores[rule] == nil {
			scores[rule] = &score{}
		}
		return scores[rule]
	}
	for _, l := range all {
		d, err := c.DiagnoseRun(t.Context(), l.run.ID, time.Unix(int64(diagnosedAt), 0))
		if err != nil {
			t.Fatal(err)
		}
		found := make(map[string]bool)
		for _, f := range d.Findings {
			if !found[f.Rule] && !slices.Contains(l.want, f.Rule) {
				count(f.Rule).false++
				wrong = append(wrong, fmt.Sprintf("%s: %s %s: %s", l.run.ID, f.Rule, f.Metric, f.Text))
			}
			found[f.Rule] = true
		}
		for _, rule := range l.want {
			if found[rule] {
				count(rule).hit++
			} else {
				count(rule).missed++
				wrong = append(wrong, fmt.Sprintf("%s: no %s", l.run.ID, rule))
			}
		}
	}
	return scores, wrong
}

// pinned are the shares of runs with something wrong of which it is found; all, where a rule is not
// named. Nothing else is ever found of them.
var pinned = map[string]float64{"spike": 0.9, "overfitting": 0.96}

// TestDiagnoseRun_labelled diagnoses 500 generated runs. None of the 280 healthy ones has a finding,
// and how many of the others have theirs is pinned.
func TestDiagnoseRun_labelled(t *testing.T) {
	t.Parallel()
	const rounds = 10
	well, sick := made(1, rounds, healthy), made(2, rounds, ill)
	if len(well) != 280 || len(sick) != 220 {
		t.Errorf("%d healthy runs, %d others", len(well), len(sick))
	}
	if _, wrong := judge(t, well); len(wrong) > 0 {
		t.Errorf("healthy runs have findings:\n%s", strings.Join(wrong, "\n"))
	}
	scores, wrong := judge(t, sick)
	for _, rule := range slices.Sorted(maps.Keys(scores)) {
		s := scores[rule]
		recall := float64(s.hit) / float64(max(1, s.hit+s.missed))
		t.Logf("%-18s %2d runs: precision %.2f, recall %.2f", rule, s.hit+s.missed,
			float64(s.hit)/float64(max(1, s.hit+s.false)), recall)
		least, ok := pinned[rule]
		if !ok {
			least = 1
		}
		if recall < least || s.false > 0 {
			t.Errorf("%s: %+v\n%s", rule, *s, strings.Join(wrong, "\n"))
		}
	}
	if len(scores) != 11 {
		t.Errorf("%d rules were tried, not 11", len(scores))
	}
}

// TestDiagnoseRuns_bounded has 10,000 runs: only the newest are read, the failed ones in full.
func TestDiagnoseRuns_bounded(t *testing.T) {
	t.Parallel()
	m := &memory{metrics: map[string]client.Metrics{}}
	for i := range 10_000 {
		r := run(fmt.Sprintf("run%05d", i), "p/n", i)
		if i%10 == 0 {
			r.Status, r.Summary = client.StatusFailed, map[string]any{"error": "disk full"}
		}
		m.runs = append(m.runs, r)
	}
	source := &counting{memory: m}
	c := client.New(source)
	now := time.Unix(1_800_000_000, 0)
	found, read, coverage, err := c.DiagnoseRuns(t.Context(), client.RunFilter{}, 50, now, nil)
	if err != nil || read != 50 || len(found) != 50 || coverage.Total != 10_000 || coverage.Complete() ||
		found[0].Run.ID != "run09999" || len(found[9].Findings) != 1 ||
		found[9].Findings[0].Text != "disk full" {
		t.Errorf("read %d, %+v, %+v (%v)", read, coverage, found[9], err)
	}
	if m.read != 50 || source.metrics.Load() != 50 || source.details.Load() != 5 {
		t.Errorf("looked at %d runs, read %d curves and %d in full", m.read, source.metrics.Load(),
			source.details.Load())
	}
	since := client.RunFilter{Status: "failed", Since: 1_700_000_000 + 60*9_985}
	found, _, coverage, err = c.DiagnoseRuns(t.Context(), since, 50, now, nil)
	if err != nil || len(found) != 1 || found[0].Run.ID != "run09990" || !coverage.Complete() {
		t.Errorf("%d failed runs since then, %+v (%v)", len(found), coverage, err)
	}
}
