package tools

import (
	"context"
	"fmt"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/schema"
)

type lineageAnswer struct {
	Source    string   `json:"source"`
	ID        string   `json:"id"`
	Type      string   `json:"type"`
	CreatedBy string   `json:"created_by"` // run id, "" when no run made it
	UsedBy    []string `json:"used_by"`    // run ids, newest first
	Inputs    []string `json:"inputs"`     // what the creating run used, type/name:vN
	Derived   []string `json:"derived"`    // what the using runs made
	Alike     *table   `json:"same_source_or_digest,omitempty"`
	Runs      *table   `json:"runs,omitempty"`
	Notes     []string `json:"notes,omitempty"`

	whole client.Lineage
	runs  int // how many rows Runs had
}

func (a *lineageAnswer) parts() []part {
	list := []part{
		partOf("used_by", "newest", &a.UsedBy, len(a.whole.UsedBy)),
		partOf("inputs", "first", &a.Inputs, len(a.whole.Inputs)),
		partOf("derived", "first", &a.Derived, len(a.whole.Derived)),
	}
	if a.Alike != nil {
		list = append(list, alikePart(a.Alike, a.whole))
	}
	if a.Runs != nil {
		list = append(list, partOf("runs", "first", &a.Runs.Rows, a.runs))
	}
	return list
}

func (a *lineageAnswer) shrink() bool {
	cut := shorten(a.parts())
	a.note()
	return cut
}

func (a *lineageAnswer) note() {
	a.Notes = append(perRunNote(a.whole.Artifact), coverageNotes(a.whole.Coverage)...)
	a.Notes = append(a.Notes, shownNotes(a.parts())...)
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
		Derived: names(l.Derived), Alike: alikeTable(l.Alike), Runs: runsOf(l), whole: l,
	}
	if answer.Runs != nil {
		answer.runs = len(answer.Runs.Rows)
	}
	answer.note()
	for len(schema.Encode(answer)) > artifactBytes && answer.shrink() {
	}
	return answer, nil
})

// runsOf tells the runs whose ids an answer shows.
func runsOf(l client.Lineage) *table {
	shown := map[string]bool{l.CreatedBy: true}
	for _, id := range l.UsedBy {
		shown[id] = true
	}
	for _, a := range l.Alike[:min(alikeShown, len(l.Alike))] {
		shown[a.CreatedBy] = true
		for _, id := range firstUsers(a.Artifact, usersShown) {
			shown[id] = true
		}
	}
	t := newTable("id", "label", "alias", "status")
	for _, run := range l.Runs {
		if shown[run.ID] {
			t.add(name(run.ID), name(run.Label()), name(run.Alias), status(run))
		}
	}
	t.dropEmpty("alias")
	if len(t.Rows) == 0 {
		return nil
	}
	return &t
}

const (
	alikeShown = 10 // other versions of the same source or digest
	usersShown = 3  // of the runs that used a version, in one cell
)

// alikeTable shows the other versions of the same source or digest; nil when there is none.
func alikeTable(list []client.Alike) *table {
	if len(list) == 0 {
		return nil
	}
	t := newTable("id", "same", "created_by", "used_by", "used_by_runs")
	for _, a := range list[:min(alikeShown, len(list))] {
		t.add(name(a.Type+"/"+a.ID()), same(a), name(a.CreatedBy),
			names(firstUsers(a.Artifact, usersShown)), len(a.UsedBy))
	}
	t.dropEmpty("created_by", "used_by", "used_by_runs")
	return &t
}

func alikePart(t *table, l client.Lineage) part {
	return partOf("same_source_or_digest", "first", &t.Rows, len(l.Alike))
}

// same says what is the same, and that the content is not where that is known.
func same(a client.Alike) string {
	switch {
	case a.SameDigest && a.SameSource:
		return "source_uri, digest"
	case a.SameDigest:
		return "digest"
	case a.OtherDigest:
		return "source_uri, other digest"
	case a.SameFile:
		return "file name alone"
	}
	return "source_uri"
}

func firstUsers(a client.Artifact, n int) []string { return a.UsedBy[:min(n, len(a.UsedBy))] }

// perRunNote keeps a version of one run from being taken for content that only that run used.
func perRunNote(versions ...client.Artifact) []string {
	n := 0
	for _, v := range versions {
		if v.PerRun {
			n++
		}
	}
	const rest = "one per run; the same source says nothing about content"
	switch n {
	case 0:
		return nil
	case len(versions):
		return []string{"no fingerprint was taken: versions are " + rest}
	}
	return []string{fmt.Sprintf("no fingerprint was taken of %d of the %d versions: these are %s",
		n, len(versions), rest)}
}
