// Export-runs writes the newest runs of a project to JSON files. It is the second example of the
// documented Python client, in Go and without a Viewer.
//
//	go run ./examples/export-runs -from DIR -project nlp -out exports
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/examples/internal/from"
)

func main() {
	where := flag.String("from", "", "storage `folder`, the one that holds runs/, or address of a Viewer")
	project := flag.String("project", "nlp", "project to export")
	out := flag.String("out", "exports", "`folder` to write to")
	flag.Parse()
	log.SetFlags(0)
	if err := run(context.Background(), os.Stdout, *where, *project, *out); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, w io.Writer, where, project, out string) error {
	c, err := from.Open(where)
	if err != nil {
		return err
	}

	page, err := c.ListExperiments(ctx, client.ListOptions{Project: project, Limit: 10})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	for _, exp := range page.Experiments {
		file := exp.FileName("json")
		steps, err := export(ctx, c, exp, filepath.Join(out, file))
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "%s: %d steps\n", file, steps); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(w, "%d of %d runs exported\n", len(page.Experiments), page.Total)
	return err
}

// export writes one run to a new file; one that is there already is an error.
func export(
	ctx context.Context, c *client.Client, exp client.Experiment, file string,
) (steps int, err error) {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	detail, err := c.GetExperiment(ctx, exp.ID) // a list has no summaries
	if err != nil {
		return 0, err
	}
	written, err := c.ExportTo(ctx, f, detail, client.ExportOptions{Format: "json"})
	return written.Rows, err
}
