// Compare-loss prints one metric of several runs as CSV, a row per step and a column per run,
// ready for a plot. It is the third example of the documented Python client, in Go and without a
// Viewer. Runs are named by id, alias, path or name.
//
//	go run ./examples/compare-loss -from DIR -metric train_loss baseline seed-2 lr-0.01
package main

import (
	"context"
	"flag"
	"io"
	"log"
	"os"

	"github.com/runicorn-mcp/runicorn-mcp/examples/internal/from"
)

func main() {
	where := flag.String("from", "", "storage `folder`, the one that holds runs/, or address of a Viewer")
	metric := flag.String("metric", "train_loss", "metric to compare")
	flag.Parse()
	log.SetFlags(0)
	if err := run(context.Background(), os.Stdout, *where, *metric, flag.Args()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, w io.Writer, where, metric string, runs []string) error {
	c, err := from.Open(where)
	if err != nil {
		return err
	}

	comparison, err := c.CompareRuns(ctx, runs, metric)
	if err != nil {
		return err
	}
	return comparison.Table().WriteCSV(w)
}
