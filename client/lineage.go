package client

import (
	"context"
	"fmt"
	"slices"
)

// A Lineage says where an artifact version comes from and where it went: flat lists of ids.
type Lineage struct {
	Artifact  Artifact
	CreatedBy string   // run id; "" when no run made it
	UsedBy    []string // run ids, newest run first
	// Inputs are the artifacts that the creating run used, Derived those that the using runs
	// made, as "type/name:vN".
	Inputs, Derived []string
	Runs            []Experiment // the runs named above that could be read
	Coverage        Coverage
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
	for _, id := range append([]string{v.CreatedBy}, v.UsedBy...) {
		if run, ok := c.runs[id]; ok {
			l.Runs = append(l.Runs, run)
		}
	}
	return l, nil
}

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

// An ExperimentArtifact is an artifact version and how a run is related to it.
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
				list = append(list, ExperimentArtifact{*v, word})
			}
		}
	}
	return run, list, nil
}
