package viewer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/storage"
)

// Log implements [client.Source]: the run's logs.txt through /api/runs/{id}/assets/download (0.6
// and later). A download that breaks off is taken up where it was: a log only grows.
func (v *Viewer) Log(ctx context.Context, run client.Experiment) (io.ReadCloser, error) {
	if _, err := v.identify(ctx, false); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	out, in := io.Pipe()
	begun := make(chan error, 1)
	begin := sync.OnceFunc(func() { begun <- nil })
	var sent int64
	r := v.download(run, "logs.txt")
	r.read = func(body io.Reader) error {
		begin()
		if _, err := io.CopyN(io.Discard, body, sent); err != nil {
			return err
		}
		n, err := io.Copy(in, body)
		sent += n
		return err
	}
	go func() {
		err := v.get(ctx, r)
		if errors.Is(err, client.ErrNotFound) {
			err = &client.Error{Kind: client.ErrNotFound, Err: err,
				Detail: fmt.Sprintf("Run %s has no logs.txt", run.ID)}
		}
		select {
		case begun <- err: // before the first byte, or nobody asks any more
		default:
		}
		in.CloseWithError(err) // nil is the end of the file
	}()
	if err := <-begun; err != nil {
		cancel()
		return nil, err
	}
	return &logBody{out, cancel}, nil
}

// A logBody ends its download when it is closed.
type logBody struct {
	*io.PipeReader
	cancel context.CancelFunc
}

// Close implements [io.Closer].
func (b *logBody) Close() error {
	b.cancel()
	return b.PipeReader.Close()
}

// CountMedia implements [client.Source]: what GET /api/runs/{id}/images lists (0.7).
func (v *Viewer) CountMedia(ctx context.Context, run client.Experiment) (int, error) {
	if _, err := v.identify(ctx, false); err != nil {
		return 0, err
	}
	names, err := v.images(ctx, run)
	return len(names), err
}

// Environment implements [client.Source] from the run's environment.json, downloaded like its
// log. /api/environment/{id} has the same, with the values of variables beside the rest.
func (v *Viewer) Environment(
	ctx context.Context, run client.Experiment,
) (client.Environment, error) {
	if _, err := v.identify(ctx, false); err != nil {
		return client.Environment{}, err
	}
	data, err := v.file(ctx, run, "environment.json")
	if err != nil {
		return client.Environment{}, err
	}
	if data == nil {
		return client.Environment{}, &client.Error{Kind: client.ErrNotFound,
			Detail: fmt.Sprintf("Run %s has no environment.json", run.ID)}
	}
	return storage.ReadEnvironment(data)
}
