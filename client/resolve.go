package client

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/analysis"
)

// Resolve finds the run that ref means. It may be, in this order: the exact id (or "path/id",
// where runs share one), a unique beginning of an id, an alias, a path or "project/name", a
// name, "<any of these>/latest" for the newest of several, or "latest" for the newest run; where
// nothing fits, an alias, path or name in other letters of case or with other spaces around it.
// The run carries at least what a list carries.
//
// Several runs that fit equally well are ErrBadRequest, naming the ten newest; none is
// ErrNotFound, naming the nearest names; a deleted run is ErrNotFound wrapping
// ErrInRecycleBin.
func (c *Client) Resolve(ctx context.Context, ref string) (Experiment, error) {
	run, _, err := c.resolve(ctx, ref)
	return run, c.named("get_run", err)
}

// resolve is Resolve; full tells whether the run has all fields.
func (c *Client) resolve(ctx context.Context, ref string) (run Experiment, full bool, err error) {
	if strings.TrimSpace(ref) == "" {
		return Experiment{}, false, badRequest("run_id is empty",
			"Give an id, a unique beginning of one, an alias, a path, a name or latest; "+
				"list_experiments shows them.")
	}
	run, err = c.source.Run(ctx, ref)
	if err == nil {
		return run, true, nil
	}
	if !isKind(err, ErrNotFound) || errors.Is(err, ErrInRecycleBin) {
		return Experiment{}, false, err
	}
	run, err = c.search(ctx, ref)
	return run, false, err
}

// A refMatch collects the runs that fit a reference, by the way in which they fit.
type refMatch struct {
	prefix, alias, path, name []Experiment
	loose                     []Experiment // but for case and the spaces around
	known                     []string     // every name seen, for naming the nearest
	runs                      int
}

// search goes through all runs for what is no exact id.
func (c *Client) search(ctx context.Context, ref string) (Experiment, error) {
	if base, ok := strings.CutSuffix(ref, "/latest"); ok || ref == "latest" {
		return c.latest(ctx, ref, base)
	}
	var m refMatch
	for run, err := range c.source.Runs(ctx, Scope{}) {
		if err != nil {
			return Experiment{}, err
		}
		m.add(ref, run)
	}
	if len(m.prefix) == 1 {
		return m.prefix[0], nil
	}
	for _, fits := range [][]Experiment{m.alias, m.path, m.name, m.prefix, m.loose} {
		switch {
		case len(fits) == 1:
			return fits[0], nil
		case len(fits) > 1:
			return Experiment{}, ambiguous(ref, fits)
		}
	}
	return Experiment{}, c.alsoUnlisted(ctx, m.notFound(ref))
}

// alsoUnlisted says of a run that was not found that there are others that no list has.
func (c *Client) alsoUnlisted(ctx context.Context, notFound *Error) error {
	count, err := c.source.CountRuns(ctx, Scope{})
	if err == nil && (count.Unlisted > 0 || len(count.Problems) > 0) {
		notFound.Hint += " This Viewer does not list all of its runs: one that is missing can be " +
			"named by its whole id."
	}
	return notFound
}

func (m *refMatch) add(ref string, run Experiment) {
	m.runs++
	label := run.Label()
	if strings.HasPrefix(run.ID, ref) {
		m.prefix = append(m.prefix, run)
	}
	if run.Alias == ref {
		m.alias = append(m.alias, run)
	}
	if label == ref || run.Path == ref {
		m.path = append(m.path, run)
	}
	if run.Name == ref {
		m.name = append(m.name, run)
	}
	if slices.ContainsFunc([]string{run.Alias, label, run.Path, run.Name}, func(name string) bool {
		return strings.EqualFold(strings.TrimSpace(name), strings.TrimSpace(ref))
	}) {
		m.loose = append(m.loose, run)
	}
	m.known = append(m.known, run.ID, run.Alias, label, run.Name)
}

// latest is the newest run that belongs to base, or the newest of all when ref is "latest".
func (c *Client) latest(ctx context.Context, ref, base string) (Experiment, error) {
	var m refMatch
	for run, err := range c.source.Runs(ctx, Scope{}) {
		if err != nil {
			return Experiment{}, err
		}
		m.add(base, run)
		label := run.Label()
		if ref == "latest" || run.Alias == base || label == base || run.Path == base ||
			run.Name == base || run.Project == base || strings.HasPrefix(label, base+"/") {
			return run, nil
		}
	}
	return Experiment{}, c.alsoUnlisted(ctx, m.notFound(ref))
}

func ambiguous(ref string, fits []Experiment) error {
	var b strings.Builder
	for i, run := range fits[:min(len(fits), 10)] {
		if i > 0 {
			b.WriteString("; ")
		}
		fmt.Fprintf(&b, "%s (%s)", run.ID, strings.Join(describe(run), ", "))
	}
	if len(fits) > 10 {
		fmt.Fprintf(&b, "; and %d older ones", len(fits)-10)
	}
	return badRequest(fmt.Sprintf("%q fits %d runs: %s", ref, len(fits), b.String()),
		fmt.Sprintf("Give the id of one, or %q for the newest.", ref+"/latest"))
}

// describe lists what tells a run apart from others of the same name.
func describe(run Experiment) []string {
	var words []string
	for _, w := range []string{run.Label(), run.Alias} {
		if w != "" {
			words = append(words, w)
		}
	}
	words = append(words, run.Status)
	if run.CreatedAt > 0 {
		words = append(words, run.CreatedTime().Format("2006-01-02 15:04"))
	}
	return words
}

func (m *refMatch) notFound(ref string) *Error {
	err := &Error{Kind: ErrNotFound, Detail: fmt.Sprintf("No run %q among %d runs", ref, m.runs)}
	m.known = append(m.known, "latest")
	switch near := analysis.Nearest(strings.TrimSuffix(ref, "/latest"), m.known, 5); {
	case m.runs > 0 && len(near) > 0:
		err.Hint = "The nearest names are " + quoteList(near) + "."
	case m.runs == 0:
		err.Hint = "The store has no runs: check which one is read with get_config."
	default:
		err.Hint = "list_experiments shows what there is."
	}
	return err
}

// quoteList joins names for a sentence; long ones are cut.
func quoteList(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		if r := []rune(n); len(r) > 60 {
			n = string(r[:60]) + "…"
		}
		quoted[i] = fmt.Sprintf("%q", n)
	}
	return strings.Join(quoted, ", ")
}
