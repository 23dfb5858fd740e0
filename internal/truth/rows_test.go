package truth

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"regexp"
	"slices"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/internal/realtest"
)

// commonRows are the calls that every release must answer, but for artifacts.
func commonRows(version string) []row {
	rows := slices.Concat(listRows(version), exportRows(version), systemRows(version), answerRows())
	for _, run := range expectedRuns(version) {
		for _, call := range []struct {
			name string
			f    func(*client.Client, context.Context, string) (client.Experiment, error)
		}{{"get_experiment", (*client.Client).GetExperiment}, {"get_run", (*client.Client).GetRun}} {
			rows = append(rows, row{call.name + " " + run.ID,
				func(ctx context.Context, c *client.Client) (any, error) {
					return call.f(c, ctx, run.ID)
				}, run})
		}
		rows = append(rows, metricsRow(run.ID, client.MetricsOptions{}, expectedMetrics()[run.ID]))
	}
	loss := expectedMetrics()[aaaaaa]
	loss.Series, loss.Other = loss.Series[2:3], nil
	rows = append(rows, metricsRow(aaaaaa, client.MetricsOptions{Names: []string{"loss", "none"}}, loss),
		metricsRow(two, client.MetricsOptions{}, client.ErrNotFound))
	for ref, want := range map[string]any{
		two: client.ErrNotFound, "20250131": client.ErrNotFound, "": client.ErrBadRequest,
		"2025": client.ErrBadRequest, "latest": expectedRun(version, three),
		"20250104": expectedRun(version, dddddd), "resnet/latest": expectedRun(version, bbbbbb),
		"vision/resnet/" + aaaaaa: expectedRun(version, aaaaaa),
		"nlp/bert":                client.ErrBadRequest, "nlp/bert/latest": expectedRun(version, one),
	} {
		rows = append(rows, row{"get_experiment " + ref,
			func(ctx context.Context, c *client.Client) (any, error) { return c.GetExperiment(ctx, ref) },
			want})
	}
	return rows
}

func metricsRow(id string, opts client.MetricsOptions, want any) row {
	return row{fmt.Sprint("get_metrics ", id, opts),
		func(ctx context.Context, c *client.Client) (any, error) { return c.GetMetrics(ctx, id, opts) },
		want}
}

func listRows(version string) []row {
	list := func(opts client.ListOptions, total int, ids ...string) row {
		var runs []client.Experiment
		for _, id := range ids {
			runs = append(runs, expectedRun(version, id))
		}
		return row{fmt.Sprintf("list_experiments %+v", opts),
			func(ctx context.Context, c *client.Client) (any, error) { return c.ListExperiments(ctx, opts) },
			client.ExperimentPage{Experiments: listed(runs...), Total: total}}
	}
	rows := []row{
		list(client.ListOptions{}, 9, three, one, custom, ffffff, eeeeee, dddddd, cccccc, bbbbbb, aaaaaa),
		list(client.ListOptions{Limit: 2, Offset: 1}, 9, one, custom),
		list(client.ListOptions{Offset: 20}, 9),
		list(client.ListOptions{Project: "vision"}, 2, bbbbbb, aaaaaa),
		list(client.ListOptions{Project: "none"}, 0),
		list(client.ListOptions{Project: "vision", Name: "resnet", Limit: 1}, 2, bbbbbb),
		list(client.ListOptions{Status: "failed"}, 2, ffffff, dddddd),
		list(client.ListOptions{Status: "running"}, 1, one),
		list(client.ListOptions{Status: "interrupted"}, 1, eeeeee),
		{"list_experiments status=done", func(ctx context.Context, c *client.Client) (any, error) {
			return c.ListExperiments(ctx, client.ListOptions{Status: "done"})
		}, client.ErrBadRequest},
		{"compare_runs loss", func(ctx context.Context, c *client.Client) (any, error) {
			found, err := c.CompareRuns(ctx, []string{aaaaaa, "20250102", three, cccccc}, "loss")
			found.Runs = listed(found.Runs...)
			return found, err
		}, comparison(version)},
		{"list_projects", func(ctx context.Context, c *client.Client) (any, error) {
			return c.ListProjects(ctx)
		}, projects(version)},
	}
	if realtest.HasRegistry(version) {
		return append(rows, list(client.ListOptions{Name: "bert"}, 4, one, ffffff, eeeeee, dddddd),
			list(client.ListOptions{Project: "视觉", Name: "实验 1"}, 1, cccccc),
			list(client.ListOptions{Project: "nlp"}, 6, three, one, custom, ffffff, eeeeee, dddddd))
	}
	return append(rows, list(client.ListOptions{Name: "bert"}, 3, one, ffffff, dddddd),
		list(client.ListOptions{Name: "baseline"}, 1, aaaaaa),
		list(client.ListOptions{Name: "nlp/bert/deep"}, 1, eeeeee),
		list(client.ListOptions{Project: "nlp"}, 4, one, ffffff, eeeeee, dddddd))
}

func comparison(version string) client.Comparison {
	m := expectedMetrics()
	return client.Comparison{Metric: "loss",
		Runs: listed(expectedRun(version, aaaaaa), expectedRun(version, bbbbbb),
			expectedRun(version, three), expectedRun(version, cccccc)),
		Series: []client.MetricSeries{m[aaaaaa].Series[2], m[bbbbbb].Series[0], m[three].Series[0],
			{}},
		Nearest: [][]string{nil, nil, nil, nil},
	}
}

func projects(version string) []client.Project {
	if realtest.HasRegistry(version) {
		return []client.Project{
			{Name: "nlp", ExperimentCount: 6, Running: 1, LatestUpdate: at(900)},
			{Name: "vision", ExperimentCount: 2, LatestUpdate: at(200)},
			{Name: "视觉", ExperimentCount: 1, LatestUpdate: at(300)},
		}
	}
	return []client.Project{
		{Name: "", ExperimentCount: 1, LatestUpdate: at(650)},
		{Name: "default", ExperimentCount: 1, LatestUpdate: at(900)},
		{Name: "nlp", ExperimentCount: 4, Running: 1, LatestUpdate: at(700)},
		{Name: "solo", ExperimentCount: 1, LatestUpdate: at(300)},
		{Name: "vision", ExperimentCount: 2, LatestUpdate: at(200)},
	}
}

const metricsCSV = `step,acc,extra,loss,lr,neg
0,,,,0.1,
1,0.1,,1.75,,
2,0.5,1.5,NaN,,
5,,,Infinity,,-Infinity
`

func exportRows(version string) []row {
	export := func(opts client.ExportOptions, want any) row {
		return row{fmt.Sprintf("export_experiment %+v", opts),
			func(ctx context.Context, c *client.Client) (any, error) {
				data, err := c.ExportExperiment(ctx, aaaaaa, opts)
				if opts.IncludeMedia && err == nil {
					return unzip(data)
				}
				return machine.ReplaceAllString(string(data), `"$1":"some"`), err
			}, want}
	}
	return []row{
		export(client.ExportOptions{}, exportJSON(version)),
		export(client.ExportOptions{Format: "csv"}, metricsCSV),
		export(client.ExportOptions{Format: "csv", IncludeMedia: true}, map[string]string{
			"metrics.csv": metricsCSV, "media/1700000107000_some_cat.png": "\x89PNG not really"}),
		export(client.ExportOptions{Format: "xml"}, client.ErrBadRequest),
		{"export_metrics_to_csv", func(ctx context.Context, c *client.Client) (any, error) {
			return text(func(w *bytes.Buffer) (client.Export, error) {
				return c.ExportMetricsCSV(ctx, w, aaaaaa, []string{"acc"})
			})
		}, written{Rows: 2, Text: "step,acc\n1,0.1\n2,0.5\n"}},
		{"export_metrics_to_csv none", func(ctx context.Context, c *client.Client) (any, error) {
			return text(func(w *bytes.Buffer) (client.Export, error) {
				return c.ExportMetricsCSV(ctx, w, aaaaaa, []string{"accuracy"})
			})
		}, client.ErrNotFound},
	}
}

// The SDK names a media file by the clock and by chance.
var chance = regexp.MustCompile(`_[0-9a-f]{6}_`)

// machine are the members of an exported run that differ between machines.
var machine = regexp.MustCompile(`"(pid|hostname|python|platform)":("[^"]*"|\d+)`)

// unzip is a zip as name and content.
func unzip(data []byte) (map[string]string, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	files := make(map[string]string)
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		content, err := io.ReadAll(r)
		if err != nil {
			return nil, err
		}
		files[chance.ReplaceAllString(f.Name, "_some_")] = string(content)
	}
	return files, nil
}

func systemRows(version string) []row {
	rows := []row{
		{"health_check", func(ctx context.Context, c *client.Client) (any, error) {
			return c.HealthCheck(ctx)
		}, client.Health{Status: "ok", Storage: "$BASE/store"}},
		{"get_config", func(ctx context.Context, c *client.Client) (any, error) {
			return c.GetConfig(ctx)
		}, client.Config{UserRoot: "$BASE/store"}},
	}
	for name, call := range map[string]func(context.Context, *client.Remote) (any, error){
		"connect": func(ctx context.Context, r *client.Remote) (any, error) {
			return r.Connect(ctx, "gpu-9", client.ConnectOptions{})
		},
		"start_viewer": func(ctx context.Context, r *client.Remote) (any, error) {
			return r.StartViewer(ctx, "1", "data", 0, 0) // no absolute path
		},
		"list_sessions":        func(ctx context.Context, r *client.Remote) (any, error) { return r.ListSessions(ctx) },
		"list_viewer_sessions": func(ctx context.Context, r *client.Remote) (any, error) { return r.ListViewerSessions(ctx) },
		"stop_viewer":          func(ctx context.Context, r *client.Remote) (any, error) { return r.StopViewer(ctx, "1") },
		"disconnect":           func(ctx context.Context, r *client.Remote) (any, error) { return r.Disconnect(ctx, "gpu-9") },
	} {
		if version >= "0.5" && name != "connect" && name != "start_viewer" {
			continue // a Viewer answers it, and a folder does not: see internal/remote
		}
		rows = append(rows, row{name, func(ctx context.Context, c *client.Client) (any, error) {
			return call(ctx, c.Remote)
		}, client.ErrBadRequest})
	}
	return rows
}
