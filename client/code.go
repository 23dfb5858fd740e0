package client

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/runicorn-mcp/runicorn-mcp/analysis"
)

const (
	// MaxCode is how many bytes of code a [Source] yields of one run: Runicorn captures 500 MiB
	// unless forced (0.6.0 and 0.7.2 SDK), of which most is no code.
	MaxCode = 64 << 20

	maxSource = 256 << 10 // bytes of a file that is compared line by line
	maxText   = 16 << 20  // of all of them of one run
)

// NoCode is the error of a run whose code was not captured.
func NoCode(run Experiment) error {
	return &Error{Kind: ErrNotFound, Detail: "The code of run " + run.ID + " was not captured",
		Hint: "For the next run: rn.init(…, snapshot_code=True) captures it (Runicorn 0.6 and later)."}
}

// A CodeChange is how the captured code of one run of a [Contrast] differs from that of another.
type CodeChange struct {
	From, To int          // indices of Contrast.Runs
	Files    []FileChange // that differ; those of few changed lines first, code before other files
}

// A FileChange is a file that differs.
type FileChange struct {
	Name string
	// Kind is "changed", "added" or "removed", or "unshown" for a file that is changed and no text,
	// or too long to be compared line by line.
	Kind string
	analysis.LineDiff
}

// A codeFile is a captured file.
type codeFile struct {
	sum    [sha256.Size]byte
	text   string // when isText
	isText bool
}

// codeChanges compares the captured code of each run with that of the first that has any. Where all
// files turn out to be the same, the code is no difference: fingerprints are of the zip, times of
// files included. What cannot be read is said in problems.
func (c *Client) codeChanges(ctx context.Context, contrast *Contrast, assets []RunAssets) error {
	prints := make([]string, len(assets))
	for i, a := range assets {
		prints[i] = assetNames(a, "code")
	}
	first := slices.IndexFunc(prints, func(p string) bool { return p != "" })
	if first < 0 {
		return nil
	}
	var base map[string]codeFile
	same := !slices.Contains(prints, "")
	for i := first + 1; i < len(prints); i++ {
		if prints[i] == "" || prints[i] == prints[first] {
			continue
		}
		var err error
		if base == nil {
			base, err = c.readCode(ctx, contrast.Runs[first])
		}
		var files map[string]codeFile
		if err == nil {
			files, err = c.readCode(ctx, contrast.Runs[i])
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			same = false
			contrast.Problems = append(contrast.Problems, "code could not be compared: "+err.Error())
			continue
		}
		if change := (CodeChange{first, i, diffCode(base, files)}); len(change.Files) > 0 {
			same = false
			contrast.Code = append(contrast.Code, change)
		}
	}
	if same {
		contrast.Differs = slices.DeleteFunc(contrast.Differs, func(d Difference) bool { return d.What == "code" })
	}
	return nil
}

// readCode reads the captured code of a run.
func (c *Client) readCode(ctx context.Context, run Experiment) (map[string]codeFile, error) {
	files, left := make(map[string]codeFile), maxText
	err := c.source.Code(ctx, run, func(name string, r io.Reader) error {
		hash := sha256.New()
		var text bytes.Buffer
		n, err := io.CopyN(&text, io.TeeReader(r, hash), maxSource+1)
		if err == nil { // longer than what is compared
			_, err = io.Copy(hash, r)
		} else if errors.Is(err, io.EOF) {
			err = nil
		}
		f := codeFile{isText: n <= maxSource && int(n) <= left && isText(text.Bytes())}
		if f.isText {
			f.text = text.String()
			left -= len(f.text)
		}
		hash.Sum(f.sum[:0])
		files[name] = f
		return err
	})
	return files, err
}

func isText(b []byte) bool { return utf8.Valid(b) && !bytes.ContainsRune(b, 0) }

// diffCode is what differs between the files of two runs.
func diffCode(from, to map[string]codeFile) []FileChange {
	all := maps.Clone(from)
	maps.Copy(all, to)
	var changes []FileChange
	for name := range all {
		old, was := from[name]
		now, is := to[name]
		if was && is && old.sum == now.sum {
			continue
		}
		change := FileChange{Name: name, Kind: "changed"}
		switch {
		case !was:
			change.Kind = "added"
		case !is:
			change.Kind = "removed"
		}
		if was && !old.isText || is && !now.isText {
			if change.Kind == "changed" {
				change.Kind = "unshown"
			}
		} else if change.LineDiff = analysis.DiffLines(old.text, now.text); change.Kind == "changed" &&
			len(change.Lines) == 0 { // line ends alone
			continue
		}
		changes = append(changes, change)
	}
	slices.SortFunc(changes, func(a, b FileChange) int {
		return cmp.Or(cmp.Compare(a.weight(), b.weight()), strings.Compare(a.Name, b.Name))
	})
	return changes
}

// weight puts what a person changed on purpose first: few lines of code.
func (f FileChange) weight() int {
	weight := f.Added + f.Removed
	if f.Kind != "changed" {
		weight += 1_000
	}
	switch path.Ext(f.Name) {
	case ".py", ".sh", ".yaml", ".yml", ".toml", ".json", ".cfg", ".ini", ".c", ".cpp", ".cu", ".go", ".rs":
		return weight
	}
	return weight + 10_000
}

// String is the change in a few words, "train.py +2 -1".
func (f FileChange) String() string {
	switch {
	case f.Kind == "unshown":
		return f.Name + " (no text, or too long)"
	case f.Kind == "changed":
		return fmt.Sprintf("%s +%d -%d", f.Name, f.Added, f.Removed)
	case f.Added+f.Removed == 0:
		return f.Name + " " + f.Kind
	}
	return fmt.Sprintf("%s %s +%d -%d", f.Name, f.Kind, f.Added, f.Removed)
}
