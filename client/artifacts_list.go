package client

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/analysis"
)

// ArtifactOptions narrows [Artifacts.ListArtifacts]. The zero value lists everything.
type ArtifactOptions struct {
	// Type is an exact type; model also matches pretrained and output, which took its place in
	// Runicorn 0.6.
	Type   string
	Limit  int // at most this many; 0: all
	Offset int // skip this many first
}

// An ArtifactSummary is an artifact with all its versions, as a list shows it.
type ArtifactSummary struct {
	Name          string
	Type          string
	NumVersions   int
	LatestVersion int
	SizeBytes     *int64         // of the latest version; nil: not recorded
	CreatedAt     float64        // of the first version
	UpdatedAt     float64        // of the latest
	Aliases       map[string]int // alias -> version; nil from 0.6 on
}

// An ArtifactPage is a part of the artifacts that match.
type ArtifactPage struct {
	Artifacts []ArtifactSummary // last updated first
	Total     int               // how many match in all
	Coverage  Coverage
	Problems  []string
}

// ListArtifacts lists artifacts, last updated first: documented artifacts.list_artifacts(type,
// limit, offset), GET /api/artifacts (Viewer 0.4, 0.5; made from assets from 0.6 on). A type
// that nothing has gives an empty page.
func (a *Artifacts) ListArtifacts(ctx context.Context, opts ArtifactOptions) (ArtifactPage, error) {
	const op = "list_artifacts"
	if opts.Limit < 0 || opts.Offset < 0 {
		return ArtifactPage{}, a.client.named(op, badRequest("limit and offset must not be negative",
			"Leave them out to get everything."))
	}
	c, err := a.catalog(ctx)
	if err != nil {
		return ArtifactPage{}, a.client.named(op, err)
	}
	var all []ArtifactSummary
	for _, versions := range c.byArtifact() {
		if typeMatches(opts.Type, versions[0].Type) {
			all = append(all, summarize(versions))
		}
	}
	slices.SortFunc(all, func(x, y ArtifactSummary) int {
		return cmp.Or(cmp.Compare(y.UpdatedAt, x.UpdatedAt), cmp.Compare(x.Type, y.Type),
			cmp.Compare(x.Name, y.Name))
	})
	page := ArtifactPage{Total: len(all), Coverage: c.coverage, Problems: c.problems}
	page.Artifacts = all[min(opts.Offset, len(all)):]
	if opts.Limit > 0 {
		page.Artifacts = page.Artifacts[:min(opts.Limit, len(page.Artifacts))]
	}
	return page, nil
}

func typeMatches(want, have string) bool {
	return want == "" || want == have ||
		want == "model" && (have == "pretrained" || have == "output")
}

// byArtifact groups the versions, ascending, by type and name, in that order.
func (c *catalog) byArtifact() [][]*Artifact {
	var groups [][]*Artifact
	for _, v := range c.versions {
		if n := len(groups); n > 0 && groups[n-1][0].Type == v.Type && groups[n-1][0].Name == v.Name {
			groups[n-1] = append(groups[n-1], v)
			continue
		}
		groups = append(groups, []*Artifact{v})
	}
	return groups
}

func summarize(versions []*Artifact) ArtifactSummary {
	first, latest := versions[0], versions[len(versions)-1]
	s := ArtifactSummary{
		Name: latest.Name, Type: latest.Type, NumVersions: len(versions),
		LatestVersion: latest.Version, SizeBytes: latest.SizeBytes,
		CreatedAt: first.CreatedAt, UpdatedAt: latest.CreatedAt,
	}
	for _, v := range versions {
		for _, alias := range v.Aliases {
			if s.Aliases == nil {
				s.Aliases = make(map[string]int)
			}
			s.Aliases[alias] = v.Version
		}
	}
	return s
}

// GetArtifact returns one version: documented artifacts.get_artifact(artifact_id),
// GET /api/artifacts/{name}/v{N} (Viewer 0.4, 0.5). id is "name:vN", "name:N", "name:alias" or
// "name" for the latest; "type/" before it picks one of several types that share a name.
// No such artifact or version is ErrNotFound, naming what there is; a name of several types is
// ErrBadRequest.
func (a *Artifacts) GetArtifact(ctx context.Context, id string) (Artifact, error) {
	c, err := a.catalog(ctx)
	if err != nil {
		return Artifact{}, a.client.named("get_artifact", err)
	}
	v, err := c.version(id)
	if err != nil {
		return Artifact{}, a.client.named("get_artifact", err)
	}
	full, err := a.client.source.CompleteArtifact(ctx, *v)
	return full, a.client.named("get_artifact", err)
}

// ListVersions lists the versions of an artifact, newest first: documented
// artifacts.list_versions(artifact_name), GET /api/artifacts/{name}/versions (Viewer 0.4, 0.5,
// oldest first there). name may have "type/" before it. Errors as for [Artifacts.GetArtifact].
// Over a Viewer 0.4 or 0.5 what only its detail route has (Description, Tags, Metadata,
// NumReferences, Digest) comes with [Artifacts.GetArtifact] alone.
func (a *Artifacts) ListVersions(ctx context.Context, name string) ([]Artifact, error) {
	c, err := a.catalog(ctx)
	if err != nil {
		return nil, a.client.named("list_versions", err)
	}
	group, err := c.artifact(name)
	if err != nil {
		return nil, a.client.named("list_versions", err)
	}
	versions := make([]Artifact, 0, len(group))
	for _, v := range slices.Backward(group) {
		versions = append(versions, *v)
	}
	return versions, nil
}

// version finds the version that id means.
func (c *catalog) version(id string) (*Artifact, error) {
	if group, err := c.artifact(id); err == nil { // the whole id is a name
		return group[len(group)-1], nil
	} else if !strings.Contains(id, ":") || isKind(err, ErrBadRequest) {
		return nil, err
	}
	i := strings.LastIndexByte(id, ':')
	name, wanted := id[:i], id[i+1:]
	group, err := c.artifact(name)
	if err != nil {
		return nil, err
	}
	latest := group[len(group)-1]
	if number, err := strconv.Atoi(strings.TrimPrefix(wanted, "v")); err == nil {
		for _, v := range group {
			if v.Version == number {
				return v, nil
			}
		}
	}
	for _, v := range group {
		if slices.Contains(v.Aliases, wanted) {
			return v, nil
		}
	}
	if wanted == "latest" {
		return latest, nil
	}
	return nil, &Error{Kind: ErrNotFound,
		Detail: fmt.Sprintf("%s %q has no version or alias %q", latest.Type, latest.Name, wanted),
		Hint:   "It has " + versionList(group) + "."}
}

// versionList says which versions and aliases there are, for an error.
func versionList(group []*Artifact) string {
	first, latest := group[0], group[len(group)-1]
	list := fmt.Sprintf("v%d", latest.Version)
	if len(group) > 1 {
		list = fmt.Sprintf("%d versions, v%d to v%d", len(group), first.Version, latest.Version)
	}
	if aliases := slices.Sorted(maps.Keys(summarize(group).Aliases)); len(aliases) > 0 {
		list += " and the aliases " + quoteList(aliases[:min(10, len(aliases))])
	}
	return list
}

// artifact finds the versions of "name" or "type/name", oldest first.
func (c *catalog) artifact(name string) ([]*Artifact, error) {
	if name == "" {
		return nil, badRequest("The artifact has no name", "Name it as list_artifacts does.")
	}
	var fits [][]*Artifact
	var known []string
	for _, group := range c.byArtifact() {
		v := group[0]
		known = append(known, v.Name)
		if v.Name == name {
			fits = append(fits, group)
		} else if v.Type+"/"+v.Name == name {
			return group, nil
		}
	}
	switch {
	case len(fits) == 1:
		return fits[0], nil
	case len(fits) > 1:
		if made := original(fits); made != nil {
			return made, nil
		}
		var ids []string
		for _, group := range fits {
			ids = append(ids, group[0].Type+"/"+name)
		}
		return nil, badRequest(fmt.Sprintf("%q is the name of %d artifacts of different types",
			name, len(fits)), "Name one of "+quoteList(ids)+".")
	}
	return nil, c.noArtifact(name, known)
}

// original is, of artifacts with one name, the output that the others list as their input: each of
// their versions has the content of one of its versions. Nil when there is none.
func original(groups [][]*Artifact) []*Artifact {
	i := slices.IndexFunc(groups, func(g []*Artifact) bool { return g[0].Type == "output" })
	if i < 0 {
		return nil
	}
	contents := make(map[string]bool)
	for _, v := range groups[i] {
		contents[v.Digest] = v.Digest != ""
	}
	for _, group := range groups {
		if slices.ContainsFunc(group, func(v *Artifact) bool { return !contents[v.Digest] }) {
			return nil
		}
	}
	return groups[i]
}

func (c *catalog) noArtifact(name string, known []string) error {
	err := &Error{Kind: ErrNotFound, Detail: fmt.Sprintf("No artifact %q", name)}
	if !c.coverage.Complete() {
		err.Detail += fmt.Sprintf(" in the assets of the %d newest of %d runs",
			c.coverage.RunsRead, c.coverage.RunsTotal)
	}
	switch near := analysis.Nearest(name, known, 5); {
	case len(near) > 0:
		err.Hint = "The nearest names are " + quoteList(near) + "."
	case len(known) == 0:
		err.Hint = "No run has recorded any artifact or asset."
	default:
		err.Hint = "list_artifacts shows what there is."
	}
	return err
}
