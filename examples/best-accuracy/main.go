// Best-accuracy finds the run of a project with the highest value of a metric, over all steps of
// all runs. It is the first example of the documented Python client, in Go and without a Viewer.
//
//	go run ./examples/best-accuracy -from DIR -project vision -metric val_accuracy
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/examples/internal/from"
)

func main() {
	where := flag.String("from", "", "storage `folder`, the one that holds runs/, or address of a Viewer")
	project := flag.String("project", "vision", "project to look in")
	metric := flag.String("metric", "val_accuracy", "metric of which more is better")
	flag.Parse()
	log.SetFlags(0)
	if err := run(context.Background(), os.Stdout, *where, *project, *metric); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, w io.Writer, where, project, metric string) error {
	c, err := from.Open(where)
	if err != nil {
		return err
	}

	page, err := c.ListExperiments(ctx, client.ListOptions{Project: project})
	if err != nil {
		return err
	}
	var best client.Experiment
	var highest float64
	for _, exp := range page.Experiments {
		metrics, err := c.GetMetrics(ctx, exp.ID, client.MetricsOptions{Names: []string{metric}})
		if err != nil {
			return err
		}
		series, _ := metrics.SeriesNamed(metric)
		// Max passes over NaN, so a run that blew up does not win.
		if value, ok := series.Max(); ok && (best.ID == "" || value > highest) {
			best, highest = exp, value
		}
	}
	if best.ID == "" {
		_, err := fmt.Fprintf(w, "None of the %d runs of %q has logged %s.\n",
			page.Total, project, metric)
		return err
	}
	_, err = fmt.Fprintf(w, "Best of %d runs: %s %s\n%s: %.4f\nRun id: %s\n",
		page.Total, best.Name, best.Alias, metric, highest, best.ID)
	return err
}
