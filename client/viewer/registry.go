package viewer

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/storage"
)

// requestsAtOnce bounds how many requests one operation has under way.
const requestsAtOnce = 8

// versions are the versions of an artifact as /api/artifacts/{name}/versions lists them (0.4,
// 0.5). Of the aliases only those of the list of artifacts are right.
func (v *Viewer) versions(
	ctx context.Context, kind, name string, aliases map[string]int,
) ([]client.Artifact, error) {
	var list []struct {
		Version   int
		CreatedAt number `json:"created_at"`
		CreatedBy string `json:"created_by_run"`
		SizeBytes *int64 `json:"size_bytes"`
		NumFiles  *int   `json:"num_files"`
		Status    string
	}
	err := v.getJSON(ctx, "/api/artifacts/"+url.PathEscape(name)+"/versions",
		url.Values{"type": {kind}}, &list)
	if notFound(err) { // deleted since it was listed
		return nil, nil
	}
	var versions []client.Artifact
	for _, item := range list {
		a := client.Artifact{Name: name, Type: kind, Version: item.Version,
			CreatedAt: float64(item.CreatedAt), CreatedBy: item.CreatedBy,
			SizeBytes: item.SizeBytes, NumFiles: item.NumFiles, Status: item.Status}
		for alias, version := range aliases {
			if version == item.Version {
				a.Aliases = append(a.Aliases, alias)
			}
		}
		slices.Sort(a.Aliases)
		versions = append(versions, a)
	}
	return versions, err
}

// artifact reads the detail of a version, /api/artifacts/{name}/v{N} (0.4, 0.5).
func (viewer05) artifact(
	ctx context.Context, v *Viewer, a client.Artifact,
) (client.Artifact, error) {
	var detail struct {
		Description   string
		Tags          []string
		Metadata      json.RawMessage
		NumReferences *int   `json:"num_references"`
		Digest        string `json:"manifest_digest"`
	}
	err := v.getJSON(ctx, fmt.Sprintf("/api/artifacts/%s/v%d", url.PathEscape(a.Name), a.Version),
		url.Values{"type": {a.Type}}, &detail)
	if hasStatus(err, http.StatusInternalServerError) {
		a.Problems = append(a.Problems, fmt.Sprintf("the Viewer cannot give the details of %s:v%d, "+
			"as of every version that was promoted or evaluated", a.Name, a.Version))
		return a, nil
	}
	if err != nil {
		return a, err
	}
	a.Description, a.NumReferences = detail.Description, detail.NumReferences
	a.Tags = append(a.Tags, detail.Tags...)
	a.Digest = detail.Digest
	metadata, err := storage.DecodeJSON(detail.Metadata)
	a.Metadata, _ = metadata.(map[string]any)
	return a, err
}
