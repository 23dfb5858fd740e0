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
	Alike       *table         `json:"same_source_or_digest,omitempty"`
	Notes       []string       `json:"notes,omitempty"`

	whole client.Lineage
}

func (a *getArtifactAnswer) parts() []part {
	list := []part{partOf("used_by", "newest", &a.UsedBy, len(a.whole.UsedBy))}
	if a.Alike != nil {
		list = append(list, alikePart(a.Alike, a.whole))
	}
	return list
}

func (a *getArtifactAnswer) shrink() bool {
	cut := shorten(a.parts())
	if !cut && len(a.Metadata) > 0 {
		a.Metadata, cut = nil, true
	}
	a.note()
	return cut
}

func (a *getArtifactAnswer) note() {
	artifact := a.whole.Artifact
	a.Notes = append(perRunNote(artifact), problemNotes(artifact.Problems)...)
	a.Notes = append(a.Notes, coverageNotes(a.whole.Coverage)...)
	a.Notes = append(a.Notes, shownNotes(a.parts())...)
	if n := len(artifact.Metadata); n > 0 && a.Metadata == nil {
		a.Notes = append(a.Notes, fmt.Sprintf("metadata has %d keys, too many to show", n))
	}
}

var getArtifact = reads("artifacts", "get_artifact", words{
	"Get an artifact",
	"One artifact version: type, size, aliases, metadata, which run made it, which used it.",
}, func(ctx context.Context, env *Env, args artifactArgs) (getArtifactAnswer, error) {
	c, err := env.Client(ctx, args.Viewer)
	if err != nil {
		return getArtifactAnswer{}, err
	}
	l, err := c.Artifacts.GetArtifactLineage(ctx, args.ArtifactID)
	if err != nil {
		return getArtifactAnswer{}, err
	}
	a := l.Artifact
	answer := getArtifactAnswer{
		Source: c.Source().String(), ID: artifactID(a), Name: name(a.Name),
		Version: a.Version, Type: name(a.Type), Created: at(a.CreatedAt), SizeBytes: a.SizeBytes,
		Files: a.NumFiles, References: a.NumReferences, Aliases: names(a.Aliases),
		Description: said(a.Description, maxText), Tags: names(a.Tags), Status: name(a.Status),
		CreatedBy: name(l.CreatedBy), UsedBy: names(l.UsedBy), Digest: name(a.Digest),
		SourceURI:   said(a.SourceURI, maxText),
		ArchivePath: place(a.ArchivePath), Alike: alikeTable(l.Alike), whole: l,
	}
	answer.Metadata, _ = safe("", a.Metadata, 3).(map[string]any)
	answer.note()
	most := artifactBytes + len(schema.Encode(answer.Metadata))
	for len(schema.Encode(answer)) > most && shorten(answer.parts()) {
		answer.note()
	}
	return answer, nil
})
