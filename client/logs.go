package client

import (
	"context"
	"errors"
	"io"

	"github.com/runicorn-mcp/runicorn-mcp/analysis"
)

// A Log is the part of a run's console log that was asked for.
type Log struct {
	analysis.LogPick
	Total int // lines of the whole log, folded and blank ones included
	Ended int // of these, all but a last one that is still being written
}

// ReadLog reads the console log of a run (logs.txt) from its beginning to its end as far as it
// is written, and keeps what query asks for. There is no documented method for it. ref is any
// form that [Client.Resolve] takes. A run without a log is ErrNotFound, saying how to capture
// one. A log may have any size: memory is bounded, and ctx ends the reading at once.
func (c *Client) ReadLog(
	ctx context.Context, ref string, query analysis.LogQuery,
) (Experiment, Log, error) {
	const op = "get_logs"
	run, _, err := c.resolve(ctx, ref)
	if err != nil {
		return run, Log{}, c.named(op, err)
	}
	file, err := c.source.Log(ctx, run)
	if err != nil {
		return run, Log{}, c.named(op, notCaptured(run, err))
	}
	defer file.Close()
	log := Log{LogPick: *analysis.NewLogPick(query)}
	lines := analysis.NewLogReader(log.Add)
	buffer := make([]byte, 256<<10)
	for {
		if err := ctx.Err(); err != nil {
			return run, Log{}, err
		}
		n, err := file.Read(buffer)
		_, _ = lines.Write(buffer[:n]) // it never fails
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return run, Log{}, c.named(op, notCaptured(run, err))
		}
	}
	_ = lines.Close() // nor does this
	log.Done()
	log.Total, log.Ended = lines.Lines(), lines.Ended()
	return run, log, nil
}

// notCaptured says of a missing log how to have one.
func notCaptured(run Experiment, err error) error {
	if !isKind(err, ErrNotFound) {
		return err
	}
	return &Error{Kind: ErrNotFound, Err: err,
		Detail: "The console output of run " + run.ID + " was not captured",
		Hint: "For the next run: rn.init(…, capture_console=True) captures it (Runicorn 0.6 and " +
			"later), run.log_text(…) writes single lines in any version."}
}

// An Environment is what Runicorn recorded of the environment a run ran in (environment.json:
// always by 0.4, with capture_env=True by 0.7). The values of environment variables are not
// kept: they may be secrets.
type Environment struct {
	Packages  []string // as pip and conda list them: "torch==2.1.0", "numpy=1.26=py311"
	Conda     string   // name of the conda environment
	GPUs      []string // names
	Git       *Git     // nil: no repository
	Variables []string // names only, ascending
}

// Git is the state of the repository that a run was started in.
type Git struct {
	Commit, Branch, Message string
	Remote                  string // without user name and password
	Changed                 *int   // files with changes that are not committed; nil: not recorded
}

// Environment returns the environment of a run. run comes from [Client.GetExperiment],
// [Client.Resolve] or a list. One that was not captured is ErrNotFound.
func (c *Client) Environment(ctx context.Context, run Experiment) (Environment, error) {
	env, err := c.source.Environment(ctx, run)
	return env, c.named("get_experiment", err)
}
