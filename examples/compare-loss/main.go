// Compare-loss prints one metric of several runs as CSV, a row per step and a column per run,
// ready for a plot. It is the third example of the documented Python client, in Go and without a
// Viewer. Runs are named by id, alias, path or name.
//
//	go run ./examples/compare-loss -storage DIR -metric train_loss baseline seed-2 lr-0.01
package main

import (
	"context"
	"flag"
	"io"
	"log"
	"os"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/storage"
)

func main() {
	dir := flag.String("storage", "", "Runicorn storage `folder`, the one that holds runs/")
	metric := flag.String("metric", "train_loss", "metric to compare")
	flag.Parse()
	log.SetFlags(0)
	if err := run(context.Background(), os.Stdout, *dir, *metric, flag.Args()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, w io.Writer, dir, metric string, runs []string) error {
	store, err := storage.Open(dir)
	if err != nil {
		return err
	}
	defer store.Close()

	comparison, err := client.New(store).CompareRuns(ctx, runs, metric)
	if err != nil {
		return err
	}
	return comparison.Table().WriteCSV(w)
}
