package tools

import (
	"context"
	"fmt"
	"slices"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/schema"
)

type listVersionsArgs struct {
	ArtifactName string `json:"artifact_name" jsonschema_description:"Name of the artifact."`
	Viewer       string `json:"viewer,omitempty" jsonschema_description:"Name or session_id."`
}

type listVersionsAnswer struct {
	Source    string `json:"source"`
	Name      string `json:"name"`
	Type      string `json:"type"`
	SourceURI string `json:"source_uri,omitempty"` // of every version
	Total     int    `json:"total"`
	table
	Notes []string `json:"notes,omitempty"`

	notes []string // of the whole answer
}

func (a *listVersionsAnswer) shrink() bool {
	if !a.halve() {
		return false
	}
	a.Notes = append(slices.Clone(a.notes),
		fmt.Sprintf("the %d newest of %d versions", len(a.Rows), a.Total))
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
		Type: name(versions[0].Type), Total: len(versions), notes: perRunNote(versions...)}
	answer.fill(versions)
	answer.Notes = answer.notes
	return answer, nil
})

// fill shows the versions: fewer of the runs that used each, and then no sources, where 20 rows
// would be too long.
func (a *listVersionsAnswer) fill(versions []client.Artifact) {
	source := versions[0].SourceURI
	differs := func(v client.Artifact) bool { return v.SourceURI != source }
	each := slices.ContainsFunc(versions, differs)
	if !each {
		a.SourceURI = said(source, maxText)
	}
	fits := func(users int, sources bool) bool {
		a.table = versionTable(versions, users, sources)
		return len(schema.Encode(a.Rows)) <= artifactBytes*max(defaultRows, len(versions))/defaultRows
	}
	if fits(usersShown, each) || fits(1, each) || !each {
		return
	}
	a.notes = append(a.notes, "get_artifact has the source of each version; they differ")
	if !fits(usersShown, false) {
		fits(1, false)
	}
}

func versionTable(versions []client.Artifact, users int, sources bool) table {
	t := newTable("version", "created", "size_bytes", "files", "aliases", "source_uri",
		"created_by", "used_by", "used_by_runs")
	for _, v := range versions {
		t.add(v.Version, at(v.CreatedAt), maybe(v.SizeBytes), maybe(v.NumFiles),
			names(v.Aliases), said(v.SourceURI, maxSource), name(v.CreatedBy),
			names(firstUsers(v, users)), len(v.UsedBy))
	}
	if !sources {
		t.drop("source_uri")
	}
	t.dropEmpty("files", "aliases", "created_by", "used_by", "used_by_runs")
	return t
}

// maxSource is how many characters of a source stand in a row.
const maxSource = 200

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
		Total: len(list), table: newTable("relation", "type", "id", "size_bytes", "created", "source_uri")}
	for _, a := range list {
		answer.add(a.Relation, name(a.Type), artifactID(a.Artifact), maybe(a.SizeBytes),
			at(a.CreatedAt), said(a.SourceURI, maxSource))
	}
	answer.dropEmpty("source_uri")
	if len(list) == 0 {
		answer.Notes = []string{"the run has recorded none"}
	}
	return answer, nil
})
