package truth

import (
	"math"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/internal/realtest"
)

// Ids of the seeded runs, by what they are.
const (
	aaaaaa = "20250101_100000_aaaaaa" // the full one
	bbbbbb = "20250102_100000_bbbbbb" // uses what aaaaaa made
	cccccc = "20250103_100000_cccccc" // empty
	dddddd = "20250104_100000_dddddd" // failed
	eeeeee = "20250105_100000_eeeeee" // interrupted
	ffffff = "20250106_100000_ffffff" // its process died
	one    = "20250107_100000_111111" // running on another machine
	two    = "20250108_100000_222222" // deleted (0.4, 0.5)
	three  = "20250109_100000_333333" // NaN is its best
	custom = "my run 1"
)

// at is a time of the seeding programs.
func at(s float64) float64 { return 1_700_000_000 + s }

// places are project, name and path of the seeded runs.
type place struct{ project, name, path string }

func places(version string) map[string]place {
	if realtest.HasRegistry(version) {
		bert := place{"nlp", "bert", ""}
		return map[string]place{
			aaaaaa: {"vision", "resnet", ""}, bbbbbb: {"vision", "resnet", ""},
			cccccc: {"视觉", "实验 1", ""}, dddddd: bert, eeeeee: bert, ffffff: bert, one: bert,
			three: {"nlp", "nan", ""}, custom: {"nlp", "custom", ""},
		}
	}
	bert := place{"nlp", "bert", "nlp/bert"}
	resnet := place{"vision", "resnet", "vision/resnet"}
	return map[string]place{
		aaaaaa: resnet, bbbbbb: resnet, cccccc: {"solo", "solo", "solo"}, dddddd: bert,
		eeeeee: {"nlp", "bert/deep", "nlp/bert/deep"}, ffffff: bert, one: bert,
		three: {"default", "default", "default"}, custom: {"", "", ""},
	}
}

// expectedRuns are the seeded runs as get_experiment tells them, newest first.
func expectedRuns(version string) []client.Experiment {
	finished := func(id string, begin, end float64) client.Experiment {
		return client.Experiment{ID: id, Status: client.StatusFinished, CreatedAt: at(begin),
			StartedAt: at(begin), UpdatedAt: at(end), EndedAt: at(end), Hostname: "here",
			Tags: []string{}, Summary: map[string]any{}, Captured: &client.Captured{}}
	}
	runs := []client.Experiment{
		finished(three, 900, 910), finished(one, 700, 0), finished(custom, 650, 660),
		finished(ffffff, 600, 0), finished(eeeeee, 500, 510), finished(dddddd, 400, 410),
		finished(cccccc, 300, 301), finished(bbbbbb, 200, 210), finished(aaaaaa, 100, 110),
	}
	step := func(n int64) *int64 { return &n }
	for i := range runs {
		r := &runs[i]
		switch r.ID {
		case three:
			r.Best = &client.BestMetric{Name: "loss", Value: math.NaN(), Step: step(1), Mode: "min"}
			r.Summary = map[string]any{"best_metric_name": "loss", "best_metric_value": math.NaN(),
				"best_metric_step": int64(1), "best_metric_mode": "min"}
			r.Captured.Console = version == "0.4.1" || version == "0.7.2" // their SDK warns of NaN
		case one:
			r.Status, r.EndedAt, r.UpdatedAt, r.Hostname = client.StatusRunning, 0, at(701), "gpu-9"
		case ffffff:
			r.Status, r.RawStatus, r.StatusReason = client.StatusFailed, "running", "process gone"
			r.EndedAt, r.UpdatedAt = 0, at(601)
		case eeeeee:
			r.Status = client.StatusInterrupted
		case dddddd:
			r.Status = client.StatusFailed
		case bbbbbb:
			if realtest.HasRegistry(version) {
				r.RawStatus = "completed"
			}
		case aaaaaa:
			r.Best = &client.BestMetric{Name: "acc", Value: 0.5, Step: step(2), Mode: "max"}
			r.Summary = map[string]any{"best_metric_name": "acc", "best_metric_value": 0.5,
				"best_metric_step": int64(2), "best_metric_mode": "max", "n": int64(3),
				"bad": math.NaN(), "final": map[string]any{"f1": 0.5, "list": []any{int64(1), int64(2)}}}
			r.Captured.Console, r.Captured.Media = true, true
			if !realtest.HasRegistry(version) {
				r.Alias, r.Tags, r.Captured.Code = "baseline", []string{"paper", "b,c"}, true
			}
		}
		place := places(version)[r.ID]
		r.Project, r.Name, r.Path = place.project, place.name, place.path
		r.RunDir = strings.Join([]string{"$BASE/store", place.project, place.name, "runs", r.ID}, "/")
		if !realtest.HasRegistry(version) {
			r.RunDir = strings.ReplaceAll("$BASE/store/runs/"+place.path+"/"+r.ID, "//", "/")
		}
		r.Captured.Environment = version == "0.4.1" // always on there
		r.PID, r.Python, r.Platform = 1, "some", "some"
	}
	return runs
}

// expectedRun is one of them.
func expectedRun(version, id string) client.Experiment {
	for _, r := range expectedRuns(version) {
		if r.ID == id {
			return r
		}
	}
	panic("no run " + id)
}

// listed are runs as lists tell them.
func listed(runs ...client.Experiment) []client.Experiment {
	var list []client.Experiment
	for _, r := range runs {
		r.Summary, r.Captured, r.UpdatedAt, r.Unavailable = nil, nil, 0, nil
		list = append(list, r)
	}
	return list
}

// expectedMetrics are the metrics of the seeded runs, the same in every release.
func expectedMetrics() map[string]client.Metrics {
	nan, inf := math.NaN(), math.Inf(1)
	series := func(name string, steps []int64, values ...float64) client.MetricSeries {
		return client.MetricSeries{Name: name, Steps: steps, Values: values}
	}
	times := func(s client.MetricSeries, seconds ...float64) client.MetricSeries {
		for _, sec := range seconds {
			s.Times = append(s.Times, at(sec))
		}
		return s
	}
	single := func(second float64, s ...client.MetricSeries) client.Metrics {
		m := client.Metrics{Rows: 1, LastStep: 1, LastTime: at(second)}
		for _, s := range s {
			m.Series = append(m.Series, times(s, second))
		}
		return m
	}
	first, two := []int64{1}, []int64{1, 2}
	return map[string]client.Metrics{
		// loss is logged at steps 1 and 2, again at 1, and at 5; acc at 5 is taken back by null;
		// time is that of the last event of a step.
		aaaaaa: {Rows: 4, LastStep: 5, LastTime: at(107), Series: []client.MetricSeries{
			times(series("acc", two, 0.1, 0.5), 104, 103),
			times(series("extra", []int64{2}, 1.5), 103),
			times(series("loss", []int64{1, 2, 5}, 1.75, nan, inf), 104, 103, 107),
			times(series("lr", []int64{0}, 0.1), 105),
			times(series("neg", []int64{5}, -inf), 107),
		}, Other: []client.OtherSeries{
			{Name: "flag", Kind: "boolean", Count: 1, Last: "true", LastStep: 2},
			{Name: "note", Kind: "string", Count: 2, Last: "hot", LastStep: 5, Changes: 1},
		}},
		bbbbbb: {Rows: 2, LastStep: 2, LastTime: at(202), Series: []client.MetricSeries{
			times(series("loss", two, 1, 0.5), 201, 202)}},
		cccccc: {},
		dddddd: single(401, series("loss", first, 3)),
		eeeeee: single(501, series("loss", first, 4)),
		ffffff: single(601, series("loss", first, 0.5)),
		one:    single(701, series("loss", first, 0.25)),
		custom: single(651, series("a/b", first, 2), series("学习率", first, 0.1)),
		three: {Rows: 2, LastStep: 2, LastTime: at(902), Series: []client.MetricSeries{
			times(series("loss", two, nan, 1), 901, 902)}},
	}
}
