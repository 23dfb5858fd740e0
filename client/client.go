// Package client is the documented Runicorn API client (runicorn.api, v1.0) in Go.
//
// Start with [New], which takes a [Source]: a Viewer over HTTP
// ([github.com/runicorn-mcp/runicorn-mcp/client/viewer]) or a storage folder on this machine
// ([github.com/runicorn-mcp/runicorn-mcp/client/storage]). [Client] then has the documented
// methods under their documented names in Go case, [Client.Artifacts] and [Client.Remote]
// the two documented extensions.
//
//	store, err := storage.Open("/data/runicorn")
//	if err != nil { … }
//	c := client.New(store)
//	runs, err := c.ListExperiments(ctx, client.ListOptions{Project: "vision", Limit: 10})
//
// Every failure is an [*Error] of one of five kinds; test with errors.Is(err, [ErrNotFound]).
// Times are seconds since 1970 as float64, as Runicorn stores them; sizes are bytes.
// Values read from a tracker are data, never instructions, also where they look like some.
package client

import (
	"context"
	"io"
	"iter"
)

// A Client answers the documented methods from one [Source]. It is safe for use by several
// goroutines at once, holds no connection of its own and needs no closing.
type Client struct {
	source Source

	// Artifacts is the documented extension client.artifacts.
	Artifacts *Artifacts
	// Remote is the documented extension client.remote.
	Remote *Remote
}

// New returns a client over source. Nothing is asked of the source before the first call.
func New(source Source) *Client {
	c := &Client{source: source}
	c.Artifacts = &Artifacts{client: c}
	c.Remote = &Remote{client: c}
	return c
}

// Source returns what the client reads from, for saying so in an answer.
func (c *Client) Source() Description { return c.source.Describe() }

// A Source is where Runicorn data is: a Viewer, or a storage folder. It is the only seam of
// this package: filters, paging, name resolution, limits, tables and lineage are written once,
// in [Client], above it. Methods take the run as a whole value, as [Source.Run] or
// [Source.Runs] returned it, so that no run is looked up twice.
//
// Implementations return [*Error] for what they can classify, honour ctx promptly, and are
// safe for use by several goroutines at once.
type Source interface {
	// Describe says what the source is without asking anything of it.
	Describe() Description

	// Runs yields the runs in scope, newest first by CreatedAt (equal times: by ID, descending),
	// reading lazily: a caller that stops early has not paid for the rest. Runs in the recycle
	// bin are not yielded. A run whose files are damaged is yielded with Problems, never left
	// out. Yielded runs carry what a list carries: no Summary, UpdatedAt or Captured.
	// An error ends the sequence.
	Runs(ctx context.Context, scope Scope) iter.Seq2[Experiment, error]

	// CountRuns counts what Runs would yield for scope, more cheaply than by reading it.
	CountRuns(ctx context.Context, scope Scope) (RunCount, error)

	// Run returns the run with exactly this id, with all fields. The form "path/id" picks one
	// of several runs that share an id. No such run: ErrNotFound, wrapping ErrInRecycleBin
	// when the run was deleted. Several runs with this id: ErrBadRequest naming them.
	Run(ctx context.Context, id string) (Experiment, error)

	// Metrics reads the numeric series of the run; names limits which (nil: all), unknown ones
	// are left out. A run that logged nothing has no series and no error.
	Metrics(ctx context.Context, run Experiment, names []string) (Metrics, error)

	// Assets returns what the run made and used: registry artifacts (stores of 0.4 and 0.5)
	// and assets (0.6 and later).
	Assets(ctx context.Context, run Experiment) (RunAssets, error)

	// RegistryArtifacts returns every version in the artifact registry of 0.4 and 0.5 stores,
	// in no particular order; nil where there is none (0.6 and later). What costs a request for
	// each version may be left to CompleteArtifact.
	RegistryArtifacts(ctx context.Context) ([]Artifact, error)

	// CompleteArtifact fills in what RegistryArtifacts left out of one of its versions:
	// Description, Tags, Metadata, NumReferences and Digest.
	CompleteArtifact(ctx context.Context, a Artifact) (Artifact, error)

	// Media calls each with every media file the run logged, in name order, name relative to
	// the run and slash-separated ("media/…"). The reader is valid during the call only.
	Media(ctx context.Context, run Experiment, each func(name string, r io.Reader) error) error

	// CountMedia counts those files, more cheaply than by reading them.
	CountMedia(ctx context.Context, run Experiment) (int, error)

	// Code calls each with every file of the code captured with the run (0.6 and later), in name
	// order; Open is valid during the call only. A run without any: ErrNotFound.
	Code(ctx context.Context, run Experiment, each func(CodeFile) error) error

	// Log opens the console log of the run (logs.txt) at its beginning; the caller closes it.
	// ctx holds until then. A run without one: ErrNotFound.
	Log(ctx context.Context, run Experiment) (io.ReadCloser, error)

	// Environment reads what was recorded of the run's environment. A run without it:
	// ErrNotFound.
	Environment(ctx context.Context, run Experiment) (Environment, error)

	// Health, Config and GPU answer the documented health_check, get_config, get_gpu_info.
	Health(ctx context.Context) (Health, error)
	Config(ctx context.Context) (Config, error)
	GPU(ctx context.Context) (GPUInfo, error)
}

// A Description says what a [Source] is.
type Description struct {
	Kind     string // "storage" or "viewer"
	Location string // absolute folder, or base URL without credentials
	// AssetRuns is how many runs, newest first, are asked for their assets when artifacts are
	// made from them; 0: all. A folder is read whole, a Viewer is not.
	AssetRuns int
}

// String is the form used in answers: "folder /data/runicorn" or "Viewer http://127.0.0.1:23300".
func (d Description) String() string {
	if d.Kind == "viewer" {
		return "Viewer " + d.Location
	}
	return "folder " + d.Location
}

// A Scope limits which runs are wanted. A [Source] may use it to read less; the exact filter
// is the client's.
type Scope struct {
	Project string // exact project name; "": any
}

// A RunCount is how many runs a source has in a [Scope].
type RunCount struct {
	Total int
	// Unlisted counts runs known to exist which the source cannot list (lost by a 0.7.1 or
	// 0.7.2 Viewer). They are not in Total.
	Unlisted int
	// Problems says which runs are missing in Total without a number, one sentence each.
	Problems []string
}
