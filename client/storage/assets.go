package storage

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// Assets implements [client.Source]: assets.json (0.6 and later), artifacts_created.json and
// artifacts_used.json (0.4 and 0.5).
func (s *Store) Assets(ctx context.Context, run client.Experiment) (client.RunAssets, error) {
	p, err := s.openRun(run)
	if err != nil {
		return client.RunAssets{}, err
	}
	dir, err := s.openRoot(p.dir)
	if err != nil {
		return client.RunAssets{}, vanished(run)
	}
	defer dir.Close()
	var assets client.RunAssets
	read := func(name string) map[string]any {
		object, err := s.readObject(ctx, dir, name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			assets.Problems = append(assets.Problems, s.fileProblem(p, name, err))
		}
		return object
	}
	assets.Assets, assets.Config = decodeAssets(read("assets.json"))
	assets.Created = decodeLinks(read("artifacts_created.json"))
	assets.Used = decodeLinks(read("artifacts_used.json"))
	return assets, ctx.Err()
}

// decodeLinks reads which registry versions a run made or used.
func decodeLinks(o map[string]any) []client.Artifact {
	var links []client.Artifact
	for _, entry := range objects(o["artifacts"]) {
		a := client.Artifact{Name: text(entry["name"]), Type: text(entry["type"])}
		version, ok := entry["version"].(int64)
		if a.Name == "" || !ok {
			continue
		}
		a.Version = int(version)
		links = append(links, a)
	}
	return links
}

// ReadAssets reads an assets.json (0.6 and later): the assets in the order datasets, pretrained,
// outputs, code, and what log_config recorded.
func ReadAssets(data []byte) (assets []client.Asset, config map[string]any, err error) {
	v, err := DecodeJSON(data)
	if err != nil {
		return nil, nil, err
	}
	o, _ := v.(map[string]any)
	assets, config = decodeAssets(o)
	return assets, config, nil
}

// decodeAssets reads assets.json, in which every key is optional (0.6.0, 0.7.2 SDK).
func decodeAssets(o map[string]any) (assets []client.Asset, config map[string]any) {
	for _, list := range []struct{ key, kind string }{
		{"datasets", "dataset"}, {"pretrained", "pretrained"}, {"outputs", "output"},
	} {
		for _, entry := range objects(o[list.key]) {
			assets = append(assets, decodeAsset(list.kind, entry))
		}
	}
	code, _ := o["code"].(map[string]any)
	if snapshot, ok := code["snapshot"].(map[string]any); ok && len(snapshot) > 0 {
		a := decodeAsset("code", snapshot)
		// A snapshot has no name of its own: the folder that it was taken of stands in.
		a.URI = text(snapshot["workspace_root"])
		a.Name = path.Base(strings.ReplaceAll(a.URI, `\`, "/"))
		assets = append(assets, a)
	}
	if c, ok := o["config"].(map[string]any); ok && len(c) > 0 {
		config = c
	}
	return assets, config
}

// assetKeys are the keys that have a field of their own; the others are metadata.
var assetKeys = map[string]bool{"name": true, "key": true, "context": true, "description": true,
	"uri": true, "path_or_uri": true, "path": true, "workspace_root": true, "saved": true,
	"archive_path": true, "fingerprint": true, "total_size_bytes": true, "size_bytes": true,
	"file_count": true, "archived_at": true, "created_at": true, "manifest_path": true}

func decodeAsset(kind string, o map[string]any) client.Asset {
	a := client.Asset{
		Type: kind, Name: text(o["name"]), Context: text(o["context"]),
		Description: text(o["description"]), ArchivePath: text(o["archive_path"]),
		Fingerprint: fingerprint(o["fingerprint"]),
		SizeBytes:   integer(o["total_size_bytes"], o["size_bytes"]),
	}
	if a.Name == "" {
		a.Name = text(o["key"])
	}
	for _, key := range []string{"uri", "path_or_uri", "path"} {
		if a.URI == "" {
			a.URI = text(o[key])
		}
	}
	a.Saved, _ = o["saved"].(bool)
	if n := integer(o["file_count"]); n != nil {
		files := int(*n)
		a.NumFiles = &files
	}
	for _, key := range []string{"archived_at", "created_at"} {
		if t, ok := float(o[key]); ok && a.CreatedAt == 0 {
			a.CreatedAt = t
		}
	}
	if size, ok := o["fingerprint"].(map[string]any); ok && a.SizeBytes == nil {
		a.SizeBytes = integer(size["size_bytes"], size["size"]) // of a single local file
	}
	for key, v := range o {
		if !assetKeys[key] && v != nil {
			if a.Metadata == nil {
				a.Metadata = make(map[string]any)
			}
			a.Metadata[key] = v
		}
	}
	return a
}

// fingerprint is a fingerprint as text: an object is its compact JSON with sorted keys.
func fingerprint(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case map[string]any:
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		if enc.Encode(v) == nil {
			return strings.TrimSpace(b.String())
		}
	}
	return ""
}

// objects are the objects in a list; what is none is left out.
func objects(v any) []map[string]any {
	list, _ := v.([]any)
	var found []map[string]any
	for _, e := range list {
		if o, ok := e.(map[string]any); ok {
			found = append(found, o)
		}
	}
	return found
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

// integer is the first of the values that is a whole number; nil when none is.
func integer(values ...any) *int64 {
	for _, v := range values {
		if n, ok := v.(int64); ok {
			return &n
		}
	}
	return nil
}

// readRegistryFile reads a JSON file of the registry; nil when it is not there, or broken, which
// is noted.
func (s *Store) readRegistryFile(
	ctx context.Context, dir *os.Root, place, name string, problems *[]string,
) map[string]any {
	object, err := s.readObject(ctx, dir, name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		*problems = append(*problems, fmt.Sprintf("%q cannot be read: %v", place+"/"+name, err))
	}
	return object
}
