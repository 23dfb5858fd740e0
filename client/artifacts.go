package client

import (
	"context"
	"fmt"
)

// Artifacts is the documented extension client.artifacts.
type Artifacts struct{ client *Client }

// An Artifact is one version of an artifact: the documented model Artifact.
//
// Stores of 0.4 and 0.5 have an artifact registry. From 0.6 on Runicorn has assets instead, and
// an artifact is made of them: same type and name is one artifact, each distinct fingerprint a
// version, the oldest v1; without a fingerprint each run's is a version of its own.
type Artifact struct {
	Name      string         `json:"name"`
	Version   int            `json:"version"` // 1, 2, 3 …
	Type      string         `json:"type"`    // model, dataset, …; from 0.6: dataset, pretrained, output, code
	CreatedAt float64        `json:"created_at"`
	SizeBytes *int64         `json:"size_bytes"` // nil: not recorded
	Metadata  map[string]any `json:"metadata,omitempty"`

	Aliases       []string `json:"aliases,omitempty"`
	Description   string   `json:"description,omitempty"`
	Tags          []string `json:"tags,omitempty"`
	Status        string   `json:"status,omitempty"`
	CreatedBy     string   `json:"created_by,omitempty"` // run id; "" when no run made it
	UsedBy        []string `json:"used_by,omitempty"`    // run ids, newest run first
	NumFiles      *int     `json:"num_files,omitempty"`
	NumReferences *int     `json:"num_references,omitempty"`
	Digest        string   `json:"digest,omitempty"`       // manifest digest, or asset fingerprint
	PerRun        bool     `json:"per_run,omitempty"`      // an asset without a fingerprint: of one run
	SourceURI     string   `json:"source_uri,omitempty"`   // where an asset first came from
	ArchivePath   string   `json:"archive_path,omitempty"` // where Runicorn keeps a copy
	Problems      []string `json:"problems,omitempty"`
}

// ID is the documented id, "name:vN".
func (a Artifact) ID() string { return fmt.Sprintf("%s:v%d", a.Name, a.Version) }

// SizeMB is the documented size_mb: bytes / 1024 / 1024; 0 when the size is not recorded.
func (a Artifact) SizeMB() float64 {
	if a.SizeBytes == nil {
		return 0
	}
	return float64(*a.SizeBytes) / (1 << 20)
}

// RunAssets is what one run made and used, as its store records it.
type RunAssets struct {
	// Created and Used are registry versions (0.4 and 0.5), Name, Type and Version set at least.
	Created, Used []Artifact
	// Assets are datasets, pretrained models, outputs and code (0.6 and later).
	Assets []Asset
	// Config is what log_config recorded (0.6 and later): the keys args, extra, config_files.
	Config   map[string]any
	Problems []string
}

// An Asset is one entry of a run's assets.json (0.6 and later).
type Asset struct {
	Type        string // dataset, pretrained, output or code
	Name        string
	Context     string // dataset: what it was used for, e.g. "train"
	Description string
	URI         string // where it came from
	Saved       bool   // whether Runicorn archived it
	ArchivePath string
	// Fingerprint identifies the content; an object is its compact JSON with sorted keys;
	// "" when none was taken.
	Fingerprint string
	SizeBytes   *int64
	NumFiles    *int
	CreatedAt   float64 // seconds since 1970; 0: not recorded (the run's own time stands in)
	Metadata    map[string]any
}

// Created tells whether the run made the asset (outputs and code) rather than used it.
func (a Asset) Created() bool { return a.Type == "output" || a.Type == "code" }

// RunAssets returns what one run made, used and was configured with, as its store records it.
// run comes from [Client.GetExperiment], [Client.Resolve] or a list.
func (c *Client) RunAssets(ctx context.Context, run Experiment) (RunAssets, error) {
	assets, err := c.source.Assets(ctx, run)
	return assets, c.named("list_experiment_artifacts", err)
}

// CountMedia is how many media files, such as images, a run has logged. run comes from
// [Client.GetExperiment], [Client.Resolve] or a list.
func (c *Client) CountMedia(ctx context.Context, run Experiment) (int, error) {
	n, err := c.source.CountMedia(ctx, run)
	return n, c.named("get_experiment", err)
}
