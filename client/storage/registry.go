package storage

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strconv"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// artifactVersion is the form of the folders of versions in the registry.
var artifactVersion = regexp.MustCompile(`^v([1-9][0-9]{0,8})$`)

// RegistryArtifacts implements [client.Source]: artifacts/<type>/<name>/v<N> (0.4 and 0.5). A
// version deleted there does not exist. Aliases come from versions.json alone: those beside
// each version are stale (0.5.3 viewer/api/artifacts.py).
func (s *Store) RegistryArtifacts(ctx context.Context) ([]client.Artifact, error) {
	var found []client.Artifact
	for _, kind := range s.folders("artifacts") {
		if hidden(kind) {
			continue
		}
		for _, name := range s.folders("artifacts/" + kind) {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if hidden(name) {
				continue
			}
			found = append(found, s.registryArtifact(ctx, kind, name)...)
		}
	}
	return found, ctx.Err()
}

// registryArtifact reads the versions of one artifact.
func (s *Store) registryArtifact(ctx context.Context, kind, name string) []client.Artifact {
	place := "artifacts/" + kind + "/" + name
	dir, err := s.openRoot(place)
	if err != nil {
		return nil
	}
	defer dir.Close()
	var problems []string
	index := s.readRegistryFile(ctx, dir, place, "versions.json", &problems)
	aliases := versionAliases(index["aliases"])
	listed := make(map[int]map[string]any)
	for _, entry := range objects(index["versions"]) {
		if n, ok := entry["version"].(int64); ok {
			listed[int(n)] = entry
		}
	}
	var versions []client.Artifact
	for _, folder := range s.folders(place) {
		match := artifactVersion.FindStringSubmatch(folder)
		if match == nil {
			continue
		}
		n, _ := strconv.Atoi(match[1])
		v := s.registryVersion(ctx, place+"/"+folder, listed[n])
		if v == nil {
			continue
		}
		v.Name, v.Type, v.Version, v.Aliases = name, kind, n, aliases[n]
		v.Problems = append(v.Problems, problems...)
		versions = append(versions, *v)
	}
	return versions
}

// CompleteArtifact implements [client.Source]: nothing was left out.
func (s *Store) CompleteArtifact(
	ctx context.Context, a client.Artifact,
) (client.Artifact, error) {
	return a, ctx.Err()
}

func versionAliases(v any) map[int][]string {
	byAlias, _ := v.(map[string]any)
	aliases := make(map[int][]string)
	for _, alias := range slices.Sorted(maps.Keys(byAlias)) {
		if n, ok := byAlias[alias].(int64); ok {
			aliases[int(n)] = append(aliases[int(n)], alias)
		}
	}
	return aliases
}

// registryVersion reads a version's metadata.json, with what versions.json lists of it for what
// that lacks; nil for a deleted one.
func (s *Store) registryVersion(
	ctx context.Context, place string, listed map[string]any,
) *client.Artifact {
	dir, err := s.openRoot(place)
	if err != nil {
		return nil
	}
	defer dir.Close()
	if isDeleted(dir) {
		return nil
	}
	var v client.Artifact
	meta := s.readRegistryFile(ctx, dir, place, "metadata.json", &v.Problems)
	if meta == nil && listed == nil && !exists(dir, "manifest.json") && len(v.Problems) == 0 {
		return nil // being made
	}
	v.CreatedAt, _ = float(first(meta["created_at"], listed["created_at"]))
	v.CreatedBy = text(first(meta["created_by_run"], listed["created_by_run"]))
	v.SizeBytes = integer(meta["size_bytes"], listed["size_bytes"])
	v.NumFiles = count(meta["num_files"], listed["num_files"])
	v.NumReferences = count(meta["num_references"])
	v.Status = text(first(meta["status"], listed["status"]))
	v.Description = text(meta["description"])
	v.Digest = text(meta["manifest_digest"])
	v.Metadata, _ = meta["metadata"].(map[string]any)
	tags, _ := meta["tags"].([]any)
	for _, tag := range tags {
		if t, ok := tag.(string); ok {
			v.Tags = append(v.Tags, t)
		}
	}
	return &v
}

// first is the first of the values that is there.
func first(values ...any) any {
	for _, v := range values {
		if v != nil {
			return v
		}
	}
	return nil
}

func count(values ...any) *int {
	n := integer(values...)
	if n == nil {
		return nil
	}
	c := int(*n)
	return &c
}
