package resources

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/schema"
	"github.com/runicorn-mcp/runicorn-mcp/tools"
)

// maxFile is the largest exported file that is shown, in bytes.
const maxFile = 256 << 10

// shown are the kinds of files that are: those that the tools write, but for archives, in which
// secrets could not be hidden.
var shown = map[string]string{
	".json": "application/json", ".csv": "text/csv", ".png": "image/png",
}

// export is a file that a tool wrote.
var export = Template{
	URI: "runicorn://export/{name}", Variable: "name",
	Name: "export", Title: "An exported file",
	Description: "A json, csv or png file of at most 256 KiB that a tool wrote to the export folder. " +
		"name: its path there, percent-encoded (a/b.csv is a%2Fb.csv).",
	Read: func(_ context.Context, env *tools.Env, name string) (Content, error) {
		mime, data, err := readExport(env.ExportDir, name)
		if err != nil {
			return Content{}, presentable(err)
		}
		if mime == "image/png" {
			return Content{MIMEType: mime, Blob: data}, nil
		}
		return Content{MIMEType: mime, Text: harmless(mime, data)}, nil
	},
}

// ExportURI is the address of an exported file, whose name is relative to the export folder and
// slash-separated, and what kind of file it is; false where it is no resource: it is too large,
// or not of a kind that is shown.
func ExportURI(name string, size int64) (uri, mime string, ok bool) {
	mime, ok = shown[strings.ToLower(path.Ext(name))]
	if !ok || size > maxFile {
		return "", "", false
	}
	// A template's value has fewer characters that are left as they are than a path (RFC 6570, 3.2.2).
	value := strings.ReplaceAll(url.QueryEscape(name), "+", "%20")
	return strings.Replace(export.URI, "{name}", value, 1), mime, true
}

// readExport reads a file below the export folder. Nothing is read through a link.
func readExport(dir, name string) (mime string, data []byte, err error) {
	quoted := fmt.Sprintf("%.100q", name)
	refused := func(format string, args ...any) (string, []byte, error) {
		return "", nil, failure{fmt.Sprintf(format, args...), []error{ErrNotFound}}
	}
	local := filepath.FromSlash(name)
	if !filepath.IsLocal(local) || path.Clean(name) != name || strings.ContainsRune(name, 0) {
		return refused("there is no export %s: a name is a path relative to the export folder", quoted)
	}
	mime, ok := shown[strings.ToLower(path.Ext(name))]
	if !ok {
		return refused("the export %s is not shown: only json, csv and png files are", quoted)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return refused("there is no export %s: nothing has been exported", quoted)
	}
	defer root.Close()
	file, err := openRegular(root, name)
	if err != nil {
		return refused("there is no export %s, or it is no file of its own", quoted)
	}
	defer file.Close()
	data, err = io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return "", nil, fmt.Errorf("the export %s cannot be read", quoted)
	}
	if len(data) > maxFile {
		return refused("the export %s has more than 256 KiB: it is at %s", quoted,
			filepath.Join(dir, local))
	}
	return mime, data, nil
}

// openRegular opens a regular file that no link leads to.
func openRegular(root *os.Root, name string) (*os.File, error) {
	var before fs.FileInfo
	walked := ""
	for part := range strings.SplitSeq(name, "/") {
		walked = path.Join(walked, part)
		info, err := root.Lstat(walked)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() && walked != name || walked == name && !info.Mode().IsRegular() {
			return nil, fs.ErrInvalid
		}
		before = info
	}
	file, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	if after, err := file.Stat(); err != nil || !os.SameFile(before, after) {
		file.Close()
		return nil, fs.ErrInvalid
	}
	return file, nil
}

// harmless is an exported text with what looks like a secret hidden: the file has the values that
// training code logged, and its reader here is a model.
func harmless(mime string, data []byte) string {
	if mime == "application/json" {
		var v any
		d := json.NewDecoder(bytes.NewReader(data))
		d.UseNumber()
		if d.Decode(&v) == nil {
			return string(schema.Encode(tools.WithoutSecrets(v)))
		}
	}
	text, _ := tools.WithoutSecrets(schema.Visible(string(data))).(string)
	return text
}
