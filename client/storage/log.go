package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// Log opens the console output of a run, logs.txt, as any SDK from 0.4 to 0.7 writes it. The
// caller closes it. A run of which no output was captured is ErrNotFound.
func (s *Store) Log(ctx context.Context, run client.Experiment) (io.ReadCloser, error) {
	p, err := s.openRun(run)
	if err != nil {
		return nil, err
	}
	dir, err := s.openRoot(p.dir)
	if err != nil {
		return nil, vanished(run)
	}
	defer dir.Close()
	f, _, err := openFile(dir, "logs.txt")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &client.Error{Kind: client.ErrNotFound, Err: err,
			Detail: fmt.Sprintf("No console output of run %s was captured", run.ID),
			Hint:   "rn.init(…, capture_console=True) captures it from then on."}
	}
	if err != nil {
		return nil, &client.Error{Kind: client.ErrServer, Detail: s.fileProblem(p, "logs.txt", err),
			Err: err}
	}
	return f, ctx.Err()
}
