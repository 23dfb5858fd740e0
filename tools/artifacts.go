package tools

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/schema"
)

type listArtifactsArgs struct {
	Type   string `json:"type,omitempty" jsonschema_description:"model, dataset, output, pretrained, code, config, …"`
	Limit  int    `json:"limit,omitempty" jsonschema:"minimum=0,maximum=500" jsonschema_description:"Rows, 20 by default."`
	Offset int    `json:"offset,omitempty" jsonschema:"minimum=0" jsonschema_description:"Rows to skip."`
	Viewer string `json:"viewer,omitempty" jsonschema_description:"Name or session_id."`
}

var listArtifacts = reads("artifacts", "list_artifacts", words{
	"List artifacts",
	"Models, datasets, outputs and other artifacts, last updated first, with their versions.",
}, func(ctx context.Context, env *Env, args listArtifactsArgs) (page, error) {
	c, err := env.Client(ctx, args.Viewer)
	if err != nil {
		return page{}, err
	}
	found, err := c.Artifacts.ListArtifacts(ctx, client.ArtifactOptions{Type: args.Type,
		Limit: cmp.Or(args.Limit, defaultRows), Offset: args.Offset})
	if err != nil {
		return page{}, err
	}
	answer := newPage(c, found.Total, args.Offset,
		"type", "name", "versions", "latest", "size_bytes", "updated", "aliases")
	for _, a := range found.Artifacts {
		answer.add(name(a.Type), name(a.Name), a.NumVersions, fmt.Sprintf("v%d", a.LatestVersion),
			maybe(a.SizeBytes), at(a.UpdatedAt), aliases(a.Aliases))
	}
	answer.dropEmpty("aliases")
	answer.count()
	answer.Notes = append(problemNotes(found.Problems), coverageNotes(found.Coverage)...)
	if found.Total == 0 {
		answer.Notes = append(answer.Notes, "no artifact matches")
	}
	return answer, nil
})

// aliases are in one cell: "best=v2, latest=v3".
func aliases(versions map[string]int) string {
	var list []string
	for _, alias := range slices.Sorted(maps.Keys(versions)) {
		list = append(list, fmt.Sprintf("%s=v%d", name(alias), versions[alias]))
	}
	return cut(strings.Join(list, ", "), maxText)
}

// artifactID is the id of a version, fit to be shown.
func artifactID(a client.Artifact) string { return schema.Line(a.ID(), 2*maxName) }

func coverageNotes(c client.Coverage) []string {
	if c.Complete() {
		return nil
	}
	return []string{fmt.Sprintf("from the %d newest of %d runs", c.RunsRead, c.RunsTotal)}
}

type artifactArgs struct {
	ArtifactID string `json:"artifact_id" jsonschema_description:"name:vN, name:alias or name; type/ before it if several share the name."`
	Viewer     string `json:"viewer,omitempty" jsonschema_description:"Name or session_id."`
}

type getArtifactAnswer struct {
	Source      string         `json:"source"`
	ID          string         `json:"id"`
	Name        string         `json:"name"`
	Version     int            `json:"version"`
	Type        string         `json:"type"`
	Created     string         `json:"created_at"`
	SizeBytes   *int64         `json:"size_bytes"` // null: not recorded
	Files       *int           `json:"num_files,omitempty"`
	References  *int           `json:"num_references,omitempty"`
	Aliases     []string       `json:"aliases,omitempty"`
	Description string         `json:"description,omitempty"`
	Tags        []string       `json:"tags,omitempty"`
	Status      string         `json:"status,omitempty"`
	Metadata    map[string]any `json:"metadata,omitempty"`
	CreatedBy   string         `json:"created_by"`
	UsedBy      []string       `json:"used_by"`
	Digest      string         `json:"digest,omitempty"`
	SourceURI   string         `json:"source_uri,omitempty"`
	ArchivePath string         `json:"archive_path,omitempty"`
	Notes       []string       `json:"notes,omitempty"`
}

func (a *getArtifactAnswer) shrink() bool {
	switch {
	case len(a.Metadata) > 0:
		a.Notes = append(a.Notes, fmt.Sprintf("metadata has %d keys, too many to show",
			len(a.Metadata)))
		a.Metadata = nil
	case len(a.UsedBy) > 20:
		a.Notes = append(a.Notes, fmt.Sprintf("the 20 newest of %d runs that used it",
			len(a.UsedBy)))
		a.UsedBy = a.UsedBy[:20]
	default:
		return false
	}
	return true
}

var getArtifact = reads("artifacts", "get_artifact", words{
	"Get an artifact",
	"One artifact version: type, size, aliases, metadata, which run made it, which used it.",
}, func(ctx context.Context, env *Env, args artifactArgs) (getArtifactAnswer, error) {
	c, err := env.Client(ctx, args.Viewer)
	if err != nil {
		return getArtifactAnswer{}, err
	}
	a, err := c.Artifacts.GetArtifact(ctx, args.ArtifactID)
	if err != nil {
		return getArtifactAnswer{}, err
	}
	answer := getArtifactAnswer{
		Source: c.Source().String(), ID: artifactID(a), Name: name(a.Name),
		Version: a.Version, Type: name(a.Type), Created: at(a.CreatedAt), SizeBytes: a.SizeBytes,
		Files: a.NumFiles, References: a.NumReferences, Aliases: names(a.Aliases),
		Description: said(a.Description, maxText), Tags: names(a.Tags), Status: name(a.Status),
		CreatedBy: name(a.CreatedBy), UsedBy: names(a.UsedBy), Digest: name(a.Digest),
		SourceURI:   said(a.SourceURI, maxText),
		ArchivePath: place(a.ArchivePath), Notes: problemNotes(a.Problems),
	}
	answer.Metadata, _ = safe("", a.Metadata, 3).(map[string]any)
	return answer, nil
})

type listVersionsArgs struct {
	ArtifactName string `json:"artifact_name" jsonschema_description:"Name of the artifact."`
	Viewer       string `json:"viewer,omitempty" jsonschema_description:"Name or session_id."`
}

type listVersionsAnswer struct {
	Source string `json:"source"`
	Name   string `json:"name"`
	Type   string `json:"type"`
	Total  int    `json:"total"`
	table
	Notes []string `json:"notes,omitempty"`
}

func (a *listVersionsAnswer) shrink() bool {
	if !a.halve() {
		return false
	}
	a.Notes = []string{fmt.Sprintf("the %d newest of %d versions", len(a.Rows), a.Total)}
	return true
}

var listVersions = reads("artifacts", "list_versions", words{
	"List artifact versions",
	"All versions of an artifact, newest first, with the run that made each.",
}, func(ctx context.Context, env *Env, args listVersionsArgs) (listVersionsAnswer, error) {
	c, err := env.Client(ctx, args.Viewer)
	if err != nil {
		return listVersionsAnswer{}, err
	}
	versions, err := c.Artifacts.ListVersions(ctx, args.ArtifactName)
	if err != nil {
		return listVersionsAnswer{}, err
	}
	answer := listVersionsAnswer{Source: c.Source().String(), Name: name(versions[0].Name),
		Type: name(versions[0].Type), Total: len(versions),
		table: newTable("version", "created", "size_bytes", "files", "aliases", "created_by",
			"used_by_runs")}
	for _, v := range versions {
		answer.add(v.Version, at(v.CreatedAt), maybe(v.SizeBytes), maybe(v.NumFiles),
			names(v.Aliases), name(v.CreatedBy), len(v.UsedBy))
	}
	answer.dropEmpty("files", "aliases", "created_by", "used_by_runs")
	return answer, nil
})

type lineageAnswer struct {
	Source    string   `json:"source"`
	ID        string   `json:"id"`
	Type      string   `json:"type"`
	CreatedBy string   `json:"created_by"` // run id, "" when no run made it
	UsedBy    []string `json:"used_by"`    // run ids, newest first
	Inputs    []string `json:"inputs"`     // what the creating run used, type/name:vN
	Derived   []string `json:"derived"`    // what the using runs made
	Runs      *table   `json:"runs,omitempty"`
	Notes     []string `json:"notes,omitempty"`
}

func (a *lineageAnswer) shrink() bool {
	if a.Runs != nil && a.Runs.halve() {
		return true
	}
	if len(a.UsedBy) <= 20 && len(a.Derived) <= 20 && len(a.Inputs) <= 20 {
		return false
	}
	a.Notes = append(a.Notes, fmt.Sprintf("shown: 20 of each; %d runs used it, %d inputs, %d derived",
		len(a.UsedBy), len(a.Inputs), len(a.Derived)))
	a.UsedBy = a.UsedBy[:min(20, len(a.UsedBy))]
	a.Inputs = a.Inputs[:min(20, len(a.Inputs))]
	a.Derived = a.Derived[:min(20, len(a.Derived))]
	return true
}

var getArtifactLineage = reads("artifacts", "get_artifact_lineage", words{
	"Lineage of an artifact",
	"Which run made an artifact version and from what, which runs used it and what they made.",
}, func(ctx context.Context, env *Env, args artifactArgs) (lineageAnswer, error) {
	c, err := env.Client(ctx, args.Viewer)
	if err != nil {
		return lineageAnswer{}, err
	}
	l, err := c.Artifacts.GetArtifactLineage(ctx, args.ArtifactID)
	if err != nil {
		return lineageAnswer{}, err
	}
	answer := lineageAnswer{
		Source: c.Source().String(), ID: artifactID(l.Artifact), Type: name(l.Artifact.Type),
		CreatedBy: name(l.CreatedBy), UsedBy: names(l.UsedBy), Inputs: names(l.Inputs),
		Derived: names(l.Derived), Notes: coverageNotes(l.Coverage),
	}
	runs := newTable("id", "label", "alias", "status")
	for _, run := range l.Runs {
		runs.add(name(run.ID), name(run.Label()), name(run.Alias), status(run))
	}
	runs.dropEmpty("alias")
	if len(runs.Rows) > 0 {
		answer.Runs = &runs
	}
	return answer, nil
})

type experimentArtifactsArgs struct {
	RunID    string `json:"run_id" jsonschema_description:"Run, as in get_metrics."`
	Relation string `json:"relation,omitempty" jsonschema:"enum=created,enum=used" jsonschema_description:"Both, when left out."`
	Viewer   string `json:"viewer,omitempty" jsonschema_description:"Name or session_id."`
}

type experimentArtifactsAnswer struct {
	Source string `json:"source"`
	Run    string `json:"run"`
	Total  int    `json:"total"`
	table
	Notes []string `json:"notes,omitempty"`
}

func (a *experimentArtifactsAnswer) shrink() bool {
	if !a.halve() {
		return false
	}
	a.Notes = []string{fmt.Sprintf("the first %d of %d artifacts", len(a.Rows), a.Total)}
	return true
}

var listExperimentArtifacts = reads("artifacts", "list_experiment_artifacts", words{
	"Artifacts of a run", "What a run made and what it used.",
}, func(
	ctx context.Context, env *Env, args experimentArtifactsArgs,
) (experimentArtifactsAnswer, error) {
	c, err := env.Client(ctx, args.Viewer)
	if err != nil {
		return experimentArtifactsAnswer{}, err
	}
	run, list, err := c.Artifacts.ListExperimentArtifacts(ctx, args.RunID, args.Relation)
	if err != nil {
		return experimentArtifactsAnswer{}, err
	}
	answer := experimentArtifactsAnswer{Source: c.Source().String(), Run: name(run.ID),
		Total: len(list), table: newTable("relation", "type", "id", "size_bytes", "created")}
	for _, a := range list {
		answer.add(a.Relation, name(a.Type), artifactID(a.Artifact), maybe(a.SizeBytes), at(a.CreatedAt))
	}
	if len(list) == 0 {
		answer.Notes = []string{"the run has recorded none"}
	}
	return answer, nil
})
