package tools

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

type exportExperimentArgs struct {
	RunID        string `json:"run_id" jsonschema_description:"Run, as in get_metrics."`
	Format       string `json:"format,omitempty" jsonschema:"enum=json,enum=csv" jsonschema_description:"json by default."`
	IncludeMedia bool   `json:"include_media,omitempty" jsonschema_description:"Write a zip with the media files."`
	Viewer       string `json:"viewer,omitempty" jsonschema_description:"Name or session_id."`
}

type exportAnswer struct {
	Source string `json:"source"`
	Run    string `json:"run"`
	Path   string `json:"path"` // absolute
	Bytes  int64  `json:"bytes"`
	Steps  int    `json:"steps"`
	Media  int    `json:"media_files,omitempty"`
}

var exportExperiment = writes("export", "export_experiment", words{
	"Export an experiment",
	"Writes a run with its metrics to a new file in the export folder, and answers with the path.",
}, func(ctx context.Context, env *Env, args exportExperimentArgs) (exportAnswer, error) {
	c, err := env.Client(ctx, args.Viewer)
	if err != nil {
		return exportAnswer{}, err
	}
	run, err := c.GetExperiment(ctx, args.RunID)
	if err != nil {
		return exportAnswer{}, err
	}
	extension := "json"
	if args.Format != "" {
		extension = args.Format
	}
	if args.IncludeMedia {
		extension = "zip"
	}
	var done client.Export
	file, err := env.export(fileName(run, extension), false,
		func(w io.Writer) (err error) {
			done, err = c.ExportTo(ctx, w, run,
				client.ExportOptions{Format: args.Format, IncludeMedia: args.IncludeMedia})
			return err
		})
	if err != nil {
		return exportAnswer{}, err
	}
	return exportAnswer{Source: c.Source().String(), Run: name(run.ID), Path: file.path,
		Bytes: file.bytes, Steps: done.Rows, Media: done.Media}, nil
})

// fileName is what an export of a run is called: as the run, without tokens.
func fileName(run client.Experiment, extension string) string {
	for _, text := range []*string{&run.ID, &run.Path, &run.Project, &run.Name} {
		*text = place(*text)
	}
	return run.FileName(extension)
}

type exportMetricsArgs struct {
	RunID       string   `json:"run_id" jsonschema_description:"Run, as in get_metrics."`
	OutputPath  string   `json:"output_path" jsonschema_description:"New file in the export folder, like curves/a.csv."`
	MetricNames []string `json:"metric_names,omitempty" jsonschema_description:"Only these metrics."`
	Viewer      string   `json:"viewer,omitempty" jsonschema_description:"Name or session_id."`
}

var exportMetricsToCSV = writes("export", "export_metrics_to_csv", words{
	"Export metrics to CSV",
	"Writes the whole curves of a run to a new CSV file in the export folder.",
}, func(ctx context.Context, env *Env, args exportMetricsArgs) (exportAnswer, error) {
	c, err := env.Client(ctx, args.Viewer)
	if err != nil {
		return exportAnswer{}, err
	}
	var done client.Export
	file, err := env.export(args.OutputPath, true, func(w io.Writer) (err error) {
		done, err = c.ExportMetricsCSV(ctx, w, args.RunID, args.MetricNames)
		return err
	})
	if err != nil {
		return exportAnswer{}, err
	}
	return exportAnswer{Source: c.Source().String(), Run: name(done.Run.ID), Path: file.path,
		Bytes: file.bytes, Steps: done.Rows}, nil
})

// An exported file has an absolute path.
type exported struct {
	path  string
	bytes int64
}

// export writes a new file below the export folder, never over one that is there: a name that
// was asked for (exact) is refused then, a name of ours gets a number. What was written of a
// file is removed when write fails.
func (env *Env) export(name string, exact bool, write func(io.Writer) error) (exported, error) {
	name = filepath.ToSlash(name)
	if !filepath.IsLocal(filepath.FromSlash(name)) || strings.HasSuffix(name, "/") {
		return exported{}, fmt.Errorf("output_path %q must name a file inside the export folder: "+
			"a relative path that does not lead out of it", name)
	}
	if err := os.MkdirAll(env.ExportDir, 0o755); err != nil {
		return exported{}, fmt.Errorf("the export folder cannot be made: %w", err)
	}
	root, err := os.OpenRoot(env.ExportDir)
	if err != nil {
		return exported{}, fmt.Errorf("the export folder cannot be opened: %w", err)
	}
	defer root.Close()
	if err := makeParents(root, path.Dir(path.Clean(name))); err != nil {
		return exported{}, err
	}
	f, name, err := createNew(root, path.Clean(name), exact)
	if err != nil {
		return exported{}, err
	}
	size, err := writeAll(f, write)
	if err != nil {
		_ = root.Remove(name)
		return exported{}, err
	}
	if env.Wrote != nil {
		env.Wrote(name, size)
	}
	whole, err := filepath.Abs(filepath.Join(env.ExportDir, filepath.FromSlash(name)))
	return exported{whole, size}, err
}

func writeAll(f *os.File, write func(io.Writer) error) (int64, error) {
	out := bufio.NewWriter(f)
	err := write(out)
	if err == nil {
		err = out.Flush()
	}
	info, statErr := f.Stat()
	if err = errors.Join(err, statErr, f.Close()); err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// makeParents makes the folders of dir, and refuses to go through a link.
func makeParents(root *os.Root, dir string) error {
	if dir == "." {
		return nil
	}
	walked := ""
	for part := range strings.SplitSeq(dir, "/") {
		walked = path.Join(walked, part)
		err := root.Mkdir(walked, 0o755)
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("output_path: the folder %q cannot be made: %w", walked, err)
		}
		if info, err := root.Lstat(walked); err != nil || !info.IsDir() {
			return fmt.Errorf("output_path: %q is no folder of its own; choose another name", walked)
		}
	}
	return nil
}

// createNew creates a file that is not there yet.
func createNew(root *os.Root, name string, exact bool) (*os.File, string, error) {
	extension := path.Ext(name)
	stem := strings.TrimSuffix(name, extension)
	for n := 1; n < 10_000; n++ {
		f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		switch {
		case err == nil:
			return f, name, nil
		case !errors.Is(err, fs.ErrExist):
			return nil, "", fmt.Errorf("%q cannot be written in the export folder: %w", name, err)
		case exact:
			return nil, "", fmt.Errorf("output_path %q exists already, and nothing is overwritten: "+
				"choose another name", name)
		}
		name = fmt.Sprintf("%s-%d%s", stem, n+1, extension)
	}
	return nil, "", fmt.Errorf("there are too many exports named %q; tidy the export folder", stem)
}
