package viewer

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/storage"
)

// tornWait is how long the SDKs may take to rewrite a file, which they do in place.
const tornWait = 15 * time.Millisecond

// maxFile is the most that is read of one JSON file of a run.
const maxFile = 64 << 20

// download is the request for a file of a run by /api/runs/{id}/assets/download (0.6 and later).
// Its folder must be known.
func download(run client.Experiment, name string) request {
	separator := "/"
	if strings.Contains(run.RunDir, `\`) && !strings.HasPrefix(run.RunDir, "/") {
		separator = `\`
	}
	return request{path: "/api/runs/" + url.PathEscape(run.ID) + "/assets/download",
		query: url.Values{"path": {run.RunDir + separator + name}}}
}

// file reads a JSON file of a run, again after a moment when it is just being written; nil when
// it is not there.
func (v *Viewer) file(ctx context.Context, run client.Experiment, name string) ([]byte, error) {
	for try := 0; ; try++ {
		var data []byte
		r := download(run, name)
		r.read = func(body io.Reader) (err error) {
			data, err = io.ReadAll(io.LimitReader(body, maxFile))
			return err
		}
		err := v.do(ctx, r)
		if isNoFile(err) {
			return nil, nil
		}
		if _, torn := storage.DecodeJSON(data); err != nil || torn == nil || try == 2 {
			return data, err
		}
		select {
		case <-time.After(tornWait):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// has reports whether a run has a file, by asking for its first byte.
func (v *Viewer) has(ctx context.Context, run client.Experiment, name string) (bool, error) {
	r := download(run, name)
	r.from = "bytes=0-0"
	r.read = func(body io.Reader) error { // so that the connection can be used again
		_, err := io.CopyN(io.Discard, body, 64<<10)
		if errors.Is(err, io.EOF) {
			err = nil
		}
		return err
	}
	err := v.do(ctx, r)
	switch {
	case isNoFile(err):
		return false, nil
	case hasStatus(err, http.StatusRequestedRangeNotSatisfiable): // it is empty
		return true, nil
	}
	return err == nil, err
}

// tail is the end of a file of a run, at most size bytes; nil when it is not there or empty. A
// server that knows no ranges sends the whole.
func (v *Viewer) tail(
	ctx context.Context, run client.Experiment, name string, size int,
) ([]byte, error) {
	var data []byte
	r := download(run, name)
	r.from = fmt.Sprintf("bytes=-%d", size)
	r.read = func(body io.Reader) error {
		data = nil
		chunk := make([]byte, size)
		for {
			n, err := io.ReadFull(body, chunk)
			data = append(data, chunk[:n]...)
			data = data[max(0, len(data)-size):]
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				return stalledOrDone(body)
			}
			if err != nil {
				return err
			}
		}
	}
	err := v.do(ctx, r)
	if isNoFile(err) || hasStatus(err, http.StatusRequestedRangeNotSatisfiable) {
		return nil, nil
	}
	return data, err
}

// stalledOrDone tells the end of a body from its breaking off, which io.ReadFull does not.
func stalledOrDone(body io.Reader) error {
	if _, err := body.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

// located calls f with a run whose folder is known: the list's, or else, where the list has none
// or f is refused it, the detail's. A list of 0.7 keeps the old folders of a store that was
// moved.
func (v *Viewer) located(
	ctx context.Context, run client.Experiment, f func(client.Experiment) error,
) error {
	if run.RunDir != "" {
		if err := f(run); !hasStatus(err, http.StatusForbidden) {
			return err
		}
	}
	var detail struct {
		RunDir string `json:"run_dir"`
	}
	if err := v.getJSON(ctx, "/api/runs/"+url.PathEscape(run.ID), nil, &detail); err != nil {
		return err
	}
	run.RunDir = detail.RunDir
	err := f(run)
	if !hasStatus(err, http.StatusForbidden) {
		return err
	}
	return &client.Error{Kind: client.ErrServer, Status: http.StatusForbidden,
		Detail: fmt.Sprintf("The store of the Viewer at %s was moved: it looks for the files of "+
			"run %s in %s", v.base, run.ID, run.RunDir),
		Hint: "Read the folder instead, with --storage."}
}

// zipped calls read with a zip that /api/runs/{id}/assets/download sends (0.6 and later): a folder of
// a run, or a file that is one. What is not there is isNoFile.
func (v *Viewer) zipped(
	ctx context.Context, run client.Experiment, name string, read func(f io.ReaderAt, size int64) error,
) error {
	f, err := os.CreateTemp("", "runicorn-mcp-*.zip")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	var size int64
	r := download(run, name)
	r.read = func(body io.Reader) (err error) {
		if err := f.Truncate(0); err != nil {
			return err
		}
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return err
		}
		size, err = io.Copy(f, body)
		return err
	}
	if err := v.do(ctx, r); err != nil {
		return err
	}
	return read(f, size)
}

// mediaZip calls each with the files of the run's media folder. What it unpacks to is bounded as
// every answer is.
func (v *Viewer) mediaZip(
	ctx context.Context, run client.Experiment, each func(name string, r io.Reader) error,
) error {
	err := v.zipped(ctx, run, "media", func(f io.ReaderAt, size int64) error {
		z, err := zip.NewReader(f, size)
		if err != nil {
			return fmt.Errorf("the media of run %s came as no zip: %w", run.ID, err)
		}
		return eachMedia(z, each)
	})
	if isNoFile(err) {
		return nil
	}
	return err
}

func eachMedia(z *zip.Reader, each func(name string, r io.Reader) error) error {
	err := storage.EachInZip(z, maxBody, func(name string, r io.Reader) error {
		return each("media/"+name, r)
	})
	if errors.Is(err, storage.ErrTooLarge) {
		return &client.Error{Kind: client.ErrServer,
			Detail: "The media of the run are larger than 1 GiB",
			Hint:   "Export it from its storage folder, with --storage."}
	}
	return err
}

// codeZip calls each with the files of the code captured with a run.
func (v *Viewer) codeZip(
	ctx context.Context, run client.Experiment, each func(client.CodeFile) error,
) error {
	err := v.zipped(ctx, run, storage.CodeFile, func(f io.ReaderAt, size int64) error {
		if err := storage.ReadCode(ctx, f, size, each); err != nil && ctx.Err() == nil {
			return &client.Error{Kind: client.ErrServer, Err: err,
				Detail: fmt.Sprintf("The code captured with run %s cannot be read: %v", run.ID, err)}
		}
		return ctx.Err()
	})
	if isNoFile(err) {
		return client.NoCode(run)
	}
	return err
}

func notFound(err error) bool { return errors.Is(err, client.ErrNotFound) }

// isNoFile reports whether a run is there and its file is not, by the words of the detail (0.6,
// 0.7).
func isNoFile(err error) bool {
	var e *client.Error
	return notFound(err) && errors.As(err, &e) && e.Detail != "Run not found"
}

func hasStatus(err error, status int) bool {
	var e *client.Error
	return errors.As(err, &e) && e.Status == status
}
