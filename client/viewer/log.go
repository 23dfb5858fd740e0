package viewer

import (
	"context"
	"fmt"
	"io"
	"net/url"

	"encoding/json"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/storage"
)

// Log implements [client.Source]: from 0.6 on by the run's logs.txt, up to 0.5 as the Viewer's
// WebSocket has it, without empty lines.
func (v *Viewer) Log(ctx context.Context, run client.Experiment) (io.ReadCloser, error) {
	return ask(ctx, v, func(d dialect) (io.ReadCloser, error) { return d.log(ctx, v, run) })
}

// Environment implements [client.Source].
func (v *Viewer) Environment(
	ctx context.Context, run client.Experiment,
) (client.Environment, error) {
	return ask(ctx, v, func(d dialect) (client.Environment, error) {
		return d.environment(ctx, v, run)
	})
}

// environment is what /api/environment/{id} has (0.4 and later).
func (viewer05) environment(
	ctx context.Context, v *Viewer, run client.Experiment,
) (client.Environment, error) {
	var answer struct {
		Available   bool
		Environment json.RawMessage
	}
	err := v.getJSON(ctx, "/api/environment/"+url.PathEscape(run.ID), nil, &answer)
	if err != nil {
		return client.Environment{}, err
	}
	if !answer.Available {
		return client.Environment{}, noFile(run, "environment.json")
	}
	return storage.ReadEnvironment(answer.Environment)
}

func noFile(run client.Experiment, name string) error {
	return &client.Error{Kind: client.ErrNotFound,
		Detail: fmt.Sprintf("Run %s has no %s", run.ID, name)}
}

// log is the run's logs.txt through /api/runs/{id}/assets/download. A download that breaks off is
// taken up where it was: a log only grows.
func (viewer07) log(
	ctx context.Context, v *Viewer, run client.Experiment,
) (io.ReadCloser, error) {
	ctx, cancel := context.WithCancel(ctx)
	out, in := io.Pipe()
	begun := make(chan error, 1)
	begin := func(err error) {
		select {
		case begun <- err:
		default: // it has begun, or nobody asks any more
		}
	}
	go func() {
		var sent int64
		err := v.located(ctx, run, func(run client.Experiment) error {
			r := download(run, "logs.txt")
			r.read = func(body io.Reader) error {
				begin(nil)
				if _, err := io.CopyN(io.Discard, body, sent); err != nil {
					return err
				}
				n, err := io.Copy(in, body)
				sent += n
				return err
			}
			return v.do(ctx, r)
		})
		if isNoFile(err) {
			err = noFile(run, "logs.txt")
		}
		begin(err)
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

// environment is the run's environment.json, downloaded like its log: /api/environment/{id} has
// the same, with the values of variables beside the rest.
func (viewer07) environment(
	ctx context.Context, v *Viewer, run client.Experiment,
) (client.Environment, error) {
	var data []byte
	err := v.located(ctx, run, func(run client.Experiment) (err error) {
		data, err = v.file(ctx, run, "environment.json")
		return err
	})
	if err == nil && data == nil {
		err = noFile(run, "environment.json")
	}
	if err != nil {
		return client.Environment{}, err
	}
	return storage.ReadEnvironment(data)
}

// CountMedia implements [client.Source].
func (v *Viewer) CountMedia(ctx context.Context, run client.Experiment) (int, error) {
	return ask(ctx, v, func(d dialect) (int, error) { return d.countMedia(ctx, v, run) })
}
