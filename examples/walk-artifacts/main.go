// Walk-artifacts prints every model with its versions, who made the latest and who uses it. It is
// the fourth example of the documented Python client, in Go and without a Viewer.
//
//	go run ./examples/walk-artifacts -from DIR
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"strings"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/examples/internal/from"
)

func main() {
	where := flag.String("from", "", "storage `folder`, the one that holds runs/, or address of a Viewer")
	kind := flag.String("type", "model", "type of artifact; model finds pretrained and output too")
	flag.Parse()
	log.SetFlags(0)
	if err := run(context.Background(), os.Stdout, *where, *kind); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, w io.Writer, where, kind string) error {
	c, err := from.Open(where)
	if err != nil {
		return err
	}

	page, err := c.Artifacts.ListArtifacts(ctx, client.ArtifactOptions{Type: kind})
	if err != nil {
		return err
	}
	for _, model := range page.Artifacts {
		// Several types may share a name, so the type goes before it.
		versions, err := c.Artifacts.ListVersions(ctx, model.Type+"/"+model.Name)
		if err != nil {
			return err
		}
		latest := versions[0]
		created := time.UnixMicro(int64(latest.CreatedAt * 1e6)).UTC().Format(time.DateTime)
		if _, err := fmt.Fprintf(w, "%s %s\n  versions: %d\n  latest:   v%d, %s\n  size:     %s\n"+
			"  made by:  %s\n  used by:  %s\n", model.Type, model.Name, len(versions),
			latest.Version, created, size(latest), cmp.Or(latest.CreatedBy, "no run"),
			cmp.Or(strings.Join(latest.UsedBy, ", "), "no run")); err != nil {
			return err
		}
	}
	return nil
}

// size is what the store recorded: Runicorn 0.6 and later keep none for single files.
func size(a client.Artifact) string {
	if a.SizeBytes == nil {
		return "not recorded"
	}
	return fmt.Sprintf("%.2f MB", a.SizeMB())
}
