package client

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
)

// A Lineage says where an artifact version comes from and where it went: flat lists of ids.
type Lineage struct {
	Artifact  Artifact
	CreatedBy string   // run id; "" when no run made it
	UsedBy    []string // run ids, newest run first
	// Inputs are the artifacts that the creating run used, Derived those that the using runs
	// made, as "type/name:vN".
	Inputs, Derived []string
	Alike           []Alike
	Runs            []Experiment // the runs named above that could be read
	Coverage        Coverage
}

// Alike is another version, maybe under another name, of the same content or from the same
// source, as far as that is recorded: same content first, same file names last, then newest first.
type Alike struct {
	Artifact
	SameDigest  bool
	OtherDigest bool // both have a digest, and not the same
	SameSource  bool // a run recorded it with the SourceURI of the first
	SameFile    bool // one was used, the other made, and their files have the same name: no proof
}

// GetArtifactLineage follows an artifact version one step each way: documented
// artifacts.get_artifact_lineage(artifact_id), GET /api/artifacts/{name}/v{N}/lineage (Viewer
// 0.4, 0.5, which never shows the downstream half). id and errors as for
// [Artifacts.GetArtifact].
func (a *Artifacts) GetArtifactLineage(ctx context.Context, id string) (Lineage, error) {
	const op = "get_artifact_lineage"
	c, err := a.catalog(ctx)
	if err != nil {
		return Lineage{}, a.client.named(op, err)
	}
	v, err := c.version(id)
	if err != nil {
		return Lineage{}, a.client.named(op, err)
	}
	full, err := a.client.source.CompleteArtifact(ctx, *v)
	if err != nil {
		return Lineage{}, a.client.named(op, err)
	}
	l := Lineage{Artifact: full, CreatedBy: v.CreatedBy, UsedBy: v.UsedBy, Coverage: c.coverage}
	l.Inputs = c.linked(v, false, v.CreatedBy)
	l.Derived = c.linked(v, true, v.UsedBy...)
	l.Alike = c.alike(v)
	ids := append([]string{v.CreatedBy}, v.UsedBy...)
	for _, other := range l.Alike {
		ids = append(append(ids, other.CreatedBy), other.UsedBy...)
	}
	named := make(map[string]bool)
	for _, id := range ids {
		if run, ok := c.runs[id]; ok && !named[id] {
			named[id] = true
			l.Runs = append(l.Runs, run)
		}
	}
	return l, nil
}

// alike lists the other versions of the same content or source.
func (c *catalog) alike(self *Artifact) []Alike {
	var content, source, file []Alike
	for _, v := range c.versions {
		known := v.Digest != "" && self.Digest != ""
		other := Alike{Artifact: *v, SameDigest: known && v.Digest == self.Digest,
			OtherDigest: known && v.Digest != self.Digest, SameSource: c.from(v, self.SourceURI)}
		if isOutput(v) && isOutput(self) { // a path that every run writes anew is no source
			other.SameSource = false
		}
		switch {
		case v == self:
		case other.SameDigest:
			content = append(content, other)
		case other.SameSource:
			source = append(source, other)
		case !other.OtherDigest && isOutput(v) != isOutput(self) && fileName(*v) == fileName(*self) &&
			fileName(*v) != "":
			other.SameFile = true
			file = append(file, other)
		}
	}
	for _, list := range [][]Alike{content, source, file} {
		slices.SortStableFunc(list, func(a, b Alike) int {
			return cmp.Compare(b.CreatedAt, a.CreatedAt)
		})
	}
	return slices.Concat(content, source, file)
}

// fileName is the name of the file that an artifact came from; "" where that is a folder or an address.
func fileName(a Artifact) string {
	base := path.Base(strings.ReplaceAll(a.SourceURI, `\`, "/"))
	if path.Ext(base) == "" || strings.Contains(a.SourceURI, "://") {
		return ""
	}
	return base
}

// from tells whether a run recorded v with this source.
func (c *catalog) from(v *Artifact, source string) bool {
	for _, s := range c.sources[v] {
		if s != "" && s == source {
			return true
		}
	}
	return false
}

// isOutput tells what runs make, code included, from what they use.
func isOutput(v *Artifact) bool { return Asset{Type: v.Type}.Created() }

// linked lists what the runs made (or used), other than the version itself and its content.
func (c *catalog) linked(self *Artifact, created bool, runIDs ...string) []string {
	var ids []string
	for _, run := range runIDs {
		for _, l := range c.links[run] {
			same := l.artifact == self || self.Digest != "" && l.artifact.Digest == self.Digest
			id := l.artifact.Type + "/" + l.artifact.ID()
			if l.created == created && !same && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	slices.Sort(ids)
	return ids
}

// The documented relations between a run and an artifact.
const (
	RelationCreated = "created"
	RelationUsed    = "used"
)

// An ExperimentArtifact is an artifact version and how a run is related to it. Its SourceURI is
// the one that this run recorded.
type ExperimentArtifact struct {
	Artifact
	Relation string // RelationCreated or RelationUsed
}

// ListExperimentArtifacts lists what a run made and used, in that order, each by type, name and
// version: documented artifacts.list_experiment_artifacts(run_id, relation),
// GET /api/runs/{run_id}/artifacts (Viewer 0.4, 0.5). ref is any form that [Client.Resolve]
// takes; relation "" means both, anything but the two words is ErrBadRequest.
func (a *Artifacts) ListExperimentArtifacts(
	ctx context.Context, ref, relation string,
) (Experiment, []ExperimentArtifact, error) {
	const op = "list_experiment_artifacts"
	if relation != "" && relation != RelationCreated && relation != RelationUsed {
		return Experiment{}, nil, a.client.named(op, badRequest(
			fmt.Sprintf("relation %q does not exist", relation),
			"Use created or used, or leave it out for both."))
	}
	run, _, err := a.client.resolve(ctx, ref)
	if err != nil {
		return Experiment{}, nil, a.client.named(op, err)
	}
	c, err := a.catalog(ctx)
	if err != nil {
		return run, nil, a.client.named(op, err)
	}
	var list []ExperimentArtifact
	for _, made := range []bool{true, false} {
		word := RelationUsed
		if made {
			word = RelationCreated
		}
		if relation != "" && relation != word {
			continue
		}
		for _, v := range c.versions {
			if slices.Contains(c.links[run.ID], link{v, made}) {
				related := ExperimentArtifact{*v, word}
				related.SourceURI = c.sources[v][run.ID]
				list = append(list, related)
			}
		}
	}
	return run, list, nil
}
