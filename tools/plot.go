package tools

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/plot"
	"github.com/runicorn-mcp/runicorn-mcp/schema"
)

// plotArgs are the arguments under --read-only; plotFileArgs has one more.
type plotArgs struct {
	RunIDs      []string `json:"run_ids" jsonschema:"minItems=1,maxItems=10" jsonschema_description:"Runs, each as in get_metrics."`
	MetricNames []string `json:"metric_names,omitempty" jsonschema:"maxItems=4" jsonschema_description:"Up to 4; chosen when left out."`
	Log         bool     `json:"log,omitempty" jsonschema_description:"Logarithmic value axis."`
	Smooth      float64  `json:"smooth,omitempty" jsonschema:"minimum=0,maximum=0.999" jsonschema_description:"EMA weight, like 0.9."`
	Viewer      string   `json:"viewer,omitempty" jsonschema_description:"Name or session_id."`
}

type plotFileArgs struct {
	RunIDs      []string `json:"run_ids" jsonschema:"minItems=1,maxItems=10" jsonschema_description:"Runs, each as in get_metrics."`
	MetricNames []string `json:"metric_names,omitempty" jsonschema:"maxItems=4" jsonschema_description:"Up to 4; chosen when left out."`
	Log         bool     `json:"log,omitempty" jsonschema_description:"Logarithmic value axis."`
	Smooth      float64  `json:"smooth,omitempty" jsonschema:"minimum=0,maximum=0.999" jsonschema_description:"EMA weight, like 0.9."`
	OutputPath  string   `json:"output_path,omitempty" jsonschema_description:"Also write a new .png in the export folder."`
	Viewer      string   `json:"viewer,omitempty" jsonschema_description:"Name or session_id."`
}

type plotAnswer struct {
	Source string `json:"source"`
	Shows  string `json:"picture"` // what the picture is, for who cannot see it
	// The table has the same curves in numbers, as logged, over all steps.
	table
	NonFinite []string      `json:"non_finite,omitempty"`
	Missing   []missingName `json:"missing,omitempty"` // "run: metric"
	Path      string        `json:"path,omitempty"`    // absolute
	Notes     []string      `json:"notes,omitempty"`
}

var plotWords = words{
	"Plot metrics",
	"Picture (PNG) of the curves of up to 10 runs and 4 metrics, with their numbers in short. " +
		"NaN and missing steps are gaps.",
}

// plotMetrics may write a file, so it is no reading tool; under --read-only the same without
// that argument stands in for it.
var plotMetrics = writes("runs", "plot_metrics", plotWords,
	func(ctx context.Context, env *Env, args plotFileArgs) (plotAnswer, error) {
		return plotted(ctx, env, plotArgs{args.RunIDs, args.MetricNames, args.Log, args.Smooth,
			args.Viewer}, args.OutputPath)
	}).whenReadOnly(reads("runs", "plot_metrics", plotWords,
	func(ctx context.Context, env *Env, args plotArgs) (plotAnswer, error) {
		return plotted(ctx, env, args, "")
	}))

func plotted(
	ctx context.Context, env *Env, args plotArgs, output string,
) (plotAnswer, error) {
	if output != "" && path.Ext(output) != ".png" {
		return plotAnswer{}, fmt.Errorf("output_path %q must end in .png", output)
	}
	c, err := env.Client(ctx, args.Viewer)
	if err != nil {
		return plotAnswer{}, err
	}
	g := gatherer{args: args, answer: plotAnswer{Source: c.Source().String(),
		table: newTable("run", "legend", "metric", "count", "first", "last", "min", "min_step", "max",
			"max_step")}}
	for i, ref := range args.RunIDs {
		if env.Progress != nil {
			env.Progress(float64(i), float64(len(args.RunIDs)), "reading "+name(ref))
		}
		run, m, err := c.RunMetrics(ctx, ref, client.MetricsOptions{})
		if err != nil {
			return plotAnswer{}, err
		}
		g.add(run, m)
	}
	chart, err := g.chart()
	if err != nil {
		return plotAnswer{}, err
	}
	png, err := chart.PNG()
	if err != nil {
		return plotAnswer{}, err
	}
	return g.deliver(env, png, output)
}

// deliver gives the picture to who takes it, and writes it where it was asked for.
func (g *gatherer) deliver(env *Env, png []byte, output string) (plotAnswer, error) {
	if output != "" {
		file, err := env.export(output, true, func(w io.Writer) error {
			_, err := w.Write(png)
			return err
		})
		if err != nil {
			return plotAnswer{}, err
		}
		g.answer.Path = file.path
	}
	if env.Picture != nil {
		env.Picture(png)
	} else if output == "" {
		g.answer.Notes = append(g.answer.Notes, "the picture cannot be shown here; output_path "+
			"writes it to a file")
	}
	return g.answer, nil
}

// chart lays out the picture, and says in the answer what it shows.
func (g *gatherer) chart() (*plot.Chart, error) {
	if len(g.series) == 0 {
		return nil, g.nothing()
	}
	legend := legends(g.runs)
	for i := range g.series {
		g.series[i].Run = schema.Visible(legend[g.of[i]])
		g.answer.Rows[i][1].Value = legend[g.of[i]]
	}
	var title []string
	if run := g.runs[0]; len(g.runs) == 1 {
		title = append(title, name(strings.TrimSpace(run.Label()+" "+run.Alias)))
	}
	if g.args.Smooth > 0 {
		title = append(title, fmt.Sprintf("EMA %v (pale: as logged)", g.args.Smooth))
	}
	chart, err := plot.New(g.series, plot.Options{Log: g.args.Log,
		Title: schema.Visible(strings.Join(title, " · "))})
	if err != nil {
		return nil, fmt.Errorf("nothing was drawn: %w", err)
	}
	g.describe(chart)
	return chart, nil
}

// nothing is the error of a picture without curves.
func (g *gatherer) nothing() error {
	if len(g.answer.Missing) == 0 {
		return errors.New("nothing was drawn: no numbers were logged")
	}
	var b strings.Builder
	for i, m := range g.answer.Missing[:min(3, len(g.answer.Missing))] {
		if i > 0 {
			b.WriteString("; ")
		}
		fmt.Fprintf(&b, "%s does not exist", m.Name)
		if len(m.Nearest) > 0 {
			fmt.Fprintf(&b, ", the nearest are %s", strings.Join(m.Nearest, ", "))
		}
	}
	return fmt.Errorf("nothing was drawn: %s", b.String())
}

// describe says what the picture shows and what not.
func (g *gatherer) describe(c *plot.Chart) {
	var axes []string
	for _, p := range c.Panels {
		text := strings.Join(p.Metrics, ", ")
		if p.Cut {
			g.answer.Notes = append(g.answer.Notes, fmt.Sprintf(
				"the axis of %s is cut to %.4g … %.4g; the table has the extremes", text, p.Y.Min, p.Y.Max))
		}
		if p.Dropped > 0 {
			what := "values of %s that are beyond 1e300 are not on its axis"
			if g.args.Log {
				what = "values of %s that are not positive are not on its log axis"
			}
			g.answer.Notes = append(g.answer.Notes, fmt.Sprintf(what, text))
		}
		axes = append(axes, text)
	}
	g.answer.Shows = fmt.Sprintf("%d curves over steps; axes: %s", len(g.series), strings.Join(axes, " | "))
	if g.args.Log {
		g.answer.Shows += "; log scale"
	}
	if g.args.Smooth > 0 {
		g.answer.Shows += fmt.Sprintf("; EMA of weight %v, the values as logged pale behind", g.args.Smooth)
	}
}
