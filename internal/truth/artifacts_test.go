package truth

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/internal/realtest"
)

// A version is what is expected of an artifact version: itself, and one step of lineage.
type version struct {
	client.Artifact
	inputs, derived []string
}

func (v version) id() string { return v.Type + "/" + v.ID() }

// lineage is the answer of get_artifact_lineage.
func (v version) lineage(release string) client.Lineage {
	var ids []string
	if v.CreatedBy != "" {
		ids = append(ids, v.CreatedBy)
	}
	ids = append(ids, v.UsedBy...)
	var runs []client.Experiment
	for _, id := range ids {
		runs = append(runs, listed(expectedRun(release, id))...)
	}
	var alike []client.Alike
	for _, other := range expectedVersions(release) { // the runs are the same there
		if other.id() != v.id() && other.Digest == "<weights>" && v.Digest == "<weights>" {
			alike = append(alike, client.Alike{Artifact: other.Artifact, SameDigest: true})
		}
	}
	return client.Lineage{Artifact: v.Artifact, CreatedBy: v.CreatedBy, UsedBy: v.UsedBy,
		Inputs: v.inputs, Derived: v.derived, Alike: alike, Runs: runs,
		Coverage: client.Coverage{RunsRead: 9, RunsTotal: 9}}
}

func size(n int64) *int64 { return &n }
func files(n int) *int    { return &n }

// expectedVersions are the artifact versions of a store: last updated artifact first, of each
// the newest version first.
func expectedVersions(release string) []version {
	if realtest.HasRegistry(release) {
		return []version{
			{client.Artifact{Name: "训练 集", Version: 1, Type: "dataset", CreatedAt: at(204),
				SizeBytes: size(5), Aliases: []string{"latest"}, Status: "ready", CreatedBy: bbbbbb,
				UsedBy: []string{dddddd}, NumFiles: files(0), NumReferences: files(1),
				Metadata: map[string]any{}, Digest: "<hash>"}, []string{"model/net:v1"}, nil},
			{client.Artifact{Name: "net", Version: 2, Type: "model", CreatedAt: at(203),
				SizeBytes: size(12), Aliases: []string{"latest"}, Status: "ready", CreatedBy: bbbbbb,
				UsedBy: []string{dddddd}, NumFiles: files(1), NumReferences: files(0),
				Metadata: map[string]any{}, Digest: "<hash>"}, []string{"model/net:v1"}, nil},
			{client.Artifact{Name: "net", Version: 1, Type: "model", CreatedAt: at(108),
				SizeBytes: size(7), Description: "first", Tags: []string{"x", "y"},
				Metadata: map[string]any{"k": int64(1)}, Status: "ready", CreatedBy: aaaaaa,
				UsedBy: []string{bbbbbb}, NumFiles: files(1), NumReferences: files(0),
				Digest: "<hash>"}, nil, []string{"dataset/训练 集:v1", "model/net:v2"}},
		}
	}
	used := []string{"dataset/mnist:v1", "dataset/remote:v1", "pretrained/bert:v1"}
	made := []string{"code/src:v1", "output/model.pt:v1"}
	manifest := map[string]any{"fingerprint_kind": "sha256_manifest"}
	const archive = "$BASE/store/archive/"
	return []version{
		{client.Artifact{Name: "mnist", Version: 2, Type: "dataset", CreatedAt: at(200),
			SizeBytes: size(11), UsedBy: []string{bbbbbb}, NumFiles: files(1), Metadata: manifest,
			Digest: "<hello again>", SourceURI: "data2",
			ArchivePath: archive + "manifests/datasets/<hello again>.json"}, nil, nil},
		{client.Artifact{Name: "mnist", Version: 1, Type: "dataset", CreatedAt: at(100),
			SizeBytes: size(5), UsedBy: []string{aaaaaa}, NumFiles: files(1), Metadata: manifest,
			Description: "digits", Digest: "<hello>", SourceURI: "data",
			ArchivePath: archive + "manifests/datasets/<hello>.json"}, nil, made},
		{client.Artifact{Name: "backbone", Version: 1, Type: "pretrained", CreatedAt: at(200),
			CreatedBy: aaaaaa, UsedBy: []string{bbbbbb},
			Metadata: map[string]any{"fingerprint_kind": "sha256", "source_type": "local"},
			Digest:   "<weights>", SourceURI: "ckpt/model.pt", ArchivePath: archive + "blobs/<weights>"},
			used, nil},
		{client.Artifact{Name: "model.pt", Version: 1, Type: "output", CreatedAt: at(108),
			CreatedBy: aaaaaa, UsedBy: []string{bbbbbb}, Metadata: map[string]any{
				"fingerprint_kind": "sha256", "kind": "file", "mode": "rolling"},
			Digest: "<weights>", SourceURI: "$BASE/work/ckpt/model.pt",
			ArchivePath: archive + "outputs/rolling/" + aaaaaa + "/<key>_model.pt"}, used, nil},
		{client.Artifact{Name: "src", Version: 1, Type: "code", CreatedAt: at(100),
			CreatedBy: aaaaaa, Metadata: map[string]any{"fingerprint_kind": "sha256", "format": "zip"},
			Digest: "<hash>", SourceURI: "$BASE/work/src", ArchivePath: archive + "blobs/<hash>"},
			used, nil},
		// The SDK itself writes s3://bucket/x so.
		{client.Artifact{Name: "remote", Version: 1, Type: "dataset", CreatedAt: at(100),
			UsedBy: []string{aaaaaa}, PerRun: true, SourceURI: "s3:/bucket/x"}, nil, made},
		{client.Artifact{Name: "bert", Version: 1, Type: "pretrained", CreatedAt: at(100),
			UsedBy: []string{aaaaaa}, Metadata: map[string]any{"source_type": "hf"}, PerRun: true,
			SourceURI: "hf:bert"}, nil, made},
	}
}

// summaries are the versions as list_artifacts tells them.
func summaries(versions []version) []client.ArtifactSummary {
	var list []client.ArtifactSummary
	for _, v := range versions {
		if n := len(list); n > 0 && list[n-1].Name == v.Name && list[n-1].Type == v.Type {
			list[n-1].NumVersions++
			list[n-1].CreatedAt = v.CreatedAt
			continue
		}
		s := client.ArtifactSummary{Name: v.Name, Type: v.Type, NumVersions: 1,
			LatestVersion: v.Version, SizeBytes: v.SizeBytes, CreatedAt: v.CreatedAt,
			UpdatedAt: v.CreatedAt}
		for _, alias := range v.Aliases {
			s.Aliases = map[string]int{alias: v.Version}
		}
		list = append(list, s)
	}
	return list
}

// artifactRows are the calls of the documented extension client.artifacts.
func artifactRows(release string) []row {
	versions := expectedVersions(release)
	rows := []row{
		artifactListRow(client.ArtifactOptions{}, summaries(versions)),
		artifactListRow(client.ArtifactOptions{Type: "none"}, nil),
		artifactListRow(client.ArtifactOptions{Type: "dataset"}, summaries(slices.DeleteFunc(
			slices.Clone(versions), func(v version) bool { return v.Type != "dataset" }))),
		artifactListRow(client.ArtifactOptions{Type: "model"}, summaries(slices.DeleteFunc(
			slices.Clone(versions), func(v version) bool {
				return !slices.Contains([]string{"model", "pretrained", "output"}, v.Type)
			}))),
	}
	for _, v := range versions {
		rows = append(rows, artifactRow(v.id(), v.Artifact), artifactRow(v.ID(), v.Artifact),
			row{"get_artifact_lineage " + v.id(),
				func(ctx context.Context, c *client.Client) (any, error) {
					return c.Artifacts.GetArtifactLineage(ctx, v.id())
				}, v.lineage(release)},
			versionsRow(v.Name, versions))
	}
	for _, run := range expectedRuns(release) {
		rows = append(rows, linkRows(release, run.ID, versions)...)
	}
	return append(rows, artifactRow(versions[0].Name, versions[0].Artifact),
		artifactRow(versions[0].Name+":v9", client.ErrNotFound), artifactRow("none", client.ErrNotFound),
		artifactRow("", client.ErrBadRequest))
}

func artifactListRow(opts client.ArtifactOptions, want []client.ArtifactSummary) row {
	return row{fmt.Sprintf("list_artifacts %+v", opts),
		func(ctx context.Context, c *client.Client) (any, error) {
			return c.Artifacts.ListArtifacts(ctx, opts)
		}, client.ArtifactPage{Artifacts: want, Total: len(want),
			Coverage: client.Coverage{RunsRead: 9, RunsTotal: 9}}}
}

func artifactRow(id string, want any) row {
	return row{"get_artifact " + id, func(ctx context.Context, c *client.Client) (any, error) {
		return c.Artifacts.GetArtifact(ctx, id)
	}, want}
}

func versionsRow(name string, versions []version) row {
	var want []client.Artifact
	for _, v := range versions {
		if v.Name == name {
			want = append(want, v.Artifact)
		}
	}
	return row{"list_versions " + name, func(ctx context.Context, c *client.Client) (any, error) {
		return c.Artifacts.ListVersions(ctx, name)
	}, want}
}

// linkRows are what a run made and used: each half by type, name and version.
func linkRows(release, id string, versions []version) []row {
	var created, used []client.ExperimentArtifact
	for _, v := range versions {
		if v.CreatedBy == id && v.Type != "pretrained" {
			created = append(created, client.ExperimentArtifact{Artifact: v.Artifact, Relation: "created"})
		}
		if slices.Contains(v.UsedBy, id) && v.Type != "output" {
			used = append(used, client.ExperimentArtifact{Artifact: v.Artifact, Relation: "used"})
		}
	}
	for _, half := range [][]client.ExperimentArtifact{created, used} {
		slices.SortFunc(half, func(a, b client.ExperimentArtifact) int {
			return strings.Compare(a.Type+a.ID(), b.Type+b.ID())
		})
	}
	type answer struct {
		Run   client.Experiment
		Links []client.ExperimentArtifact
	}
	var rows []row
	for relation, want := range map[string][]client.ExperimentArtifact{
		"": slices.Concat(created, used), "created": created, "used": used} {
		rows = append(rows, row{"list_experiment_artifacts " + id + " " + relation,
			func(ctx context.Context, c *client.Client) (any, error) {
				run, links, err := c.Artifacts.ListExperimentArtifacts(ctx, id, relation)
				return answer{listed(run)[0], links}, err
			}, answer{listed(expectedRun(release, id))[0], want}})
	}
	return rows
}
