package client

import (
	"bytes"
	"cmp"
	"context"
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
	maxSource = 256 << 10 // bytes of a file that is compared line by line
	maxTexts  = 8 << 20   // of all that are read of one run
	keptLines = 40        // of the diff of one file
)

// A CodeFile is a file of the code captured with a run.
type CodeFile struct {
	Name string // relative to the workspace, slash-separated
	Size uint64
	CRC  uint32 // CRC-32 (IEEE); with Size it tells whether two files are the same
	Open func() (io.ReadCloser, error)
}

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

// A source is a captured file, its text read where it may be compared.
type source struct {
	size   uint64
	crc    uint32
	text   string
	isText bool
}

func (s source) equals(other source) bool { return s.size == other.size && s.crc == other.crc }

// codeChanges compares the captured code of each run with that of the first that has any, in most of
// the time that is left. Where all files turn out to be the same, the code is no difference:
// fingerprints are of the zip, times of files included. What cannot be read is said in Problems.
func (c *Client) codeChanges(ctx context.Context, contrast *Contrast, assets []RunAssets) error {
	prints := make([]string, len(assets))
	for i, a := range assets {
		prints[i] = assetNames(a, "code")
	}
	first := slices.IndexFunc(prints, func(p string) bool { return p != "" })
	if !slices.ContainsFunc(prints, func(p string) bool { return p != "" && p != prints[first] }) {
		return nil
	}
	within, cancel := forMost(ctx)
	defer cancel()
	same := !slices.Contains(prints, "")
	failed := func(run Experiment, err error) {
		same = false
		contrast.Problems = append(contrast.Problems,
			fmt.Sprintf("the code of run %s could not be compared: %v", run.ID, err))
	}
	base, err := c.readCode(within, contrast.Runs[first], nil)
	if err != nil {
		failed(contrast.Runs[first], err)
		return ctx.Err()
	}
	for i := first + 1; i < len(prints); i++ {
		if prints[i] == "" || prints[i] == prints[first] {
			continue
		}
		files, err := c.readCode(within, contrast.Runs[i], base)
		if err == nil {
			change := CodeChange{first, i, diffCode(within, base, files)}
			if err = within.Err(); err == nil && len(change.Files) > 0 {
				same = false
				contrast.Code = append(contrast.Code, change)
			}
		}
		if err != nil {
			failed(contrast.Runs[i], err)
		}
	}
	if same {
		contrast.Differs = slices.DeleteFunc(contrast.Differs, func(d Difference) bool { return d.What == "code" })
	}
	return ctx.Err()
}

// readCode reads the captured code of a run, the texts of those files that are not as in base.
func (c *Client) readCode(
	ctx context.Context, run Experiment, base map[string]source,
) (map[string]source, error) {
	files, left := make(map[string]source), maxTexts
	err := c.source.Code(ctx, run, func(f CodeFile) error {
		s := source{size: f.Size, crc: f.CRC}
		if old, was := base[f.Name]; f.Size <= maxSource && int(f.Size) <= left && !(was && old.equals(s)) {
			r, err := f.Open()
			if err != nil {
				return err
			}
			text, err := io.ReadAll(io.LimitReader(r, maxSource))
			r.Close()
			if err != nil {
				return err
			}
			if s.isText = utf8.Valid(text) && !bytes.ContainsRune(text, 0); s.isText {
				s.text = string(text)
				left -= len(text)
			}
		}
		files[f.Name] = s
		return nil
	})
	if err != nil {
		return nil, err
	}
	return files, nil
}

// diffCode is what differs between the files of two runs.
func diffCode(ctx context.Context, from, to map[string]source) []FileChange {
	all := maps.Clone(from)
	maps.Copy(all, to)
	var changes []FileChange
	for name := range all {
		old, was := from[name]
		now, is := to[name]
		if was && is && old.equals(now) || ctx.Err() != nil {
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
		} else if change.LineDiff = analysis.DiffLines(old.text, now.text, keptLines); change.Kind == "changed" &&
			change.Of == 0 { // line ends alone
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
