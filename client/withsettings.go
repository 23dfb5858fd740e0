package client

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/analysis"
)

// WithSettings returns those of runs that were made with all of the settings wanted, each
// "name=value". A name is the whole dotted name of a setting or its last part, in any case; a value
// is compared as a number where it is one. host is the machine, where lists say it (folders); git.commit, git.branch and
// git.dirty are of the environment, where that was captured. It reads the settings of the runs, eight at once, in most
// of the time that ctx leaves; read is how many it could read. Without any run that fits, the error
// is ErrNotFound, naming the settings most like it. No documented method.
func (c *Client) WithSettings(
	ctx context.Context, runs []Experiment, wanted []string,
) (fit []Experiment, read int, err error) {
	const op = "list_experiments"
	for _, w := range wanted {
		if name, _, ok := strings.Cut(w, "="); !ok || strings.TrimSpace(name) == "" {
			return nil, 0, c.named(op, badRequest(fmt.Sprintf("config %q names no setting with its value", w),
				"Write it like lr=0.1."))
		}
	}
	within, cancel := forMost(ctx)
	defer cancel()
	all := make([]Settings, len(runs))
	done := make([]bool, len(runs))
	// Its error is the end of within; a run that is gone meanwhile has no settings.
	_ = inParallel(within, len(runs), requests, func(ctx context.Context, i int) error {
		settings, err := c.settingsOf(ctx, runs[i])
		if err == nil {
			settings, err = c.withFacts(ctx, runs[i], settings, wanted)
		}
		all[i], done[i] = settings, err == nil
		return nil
	})
	if ctx.Err() != nil {
		return nil, 0, ctx.Err()
	}
	for i, run := range runs {
		if done[i] {
			read++
		}
		if done[i] && !slices.ContainsFunc(wanted, func(w string) bool { return !all[i].has(w) }) {
			fit = append(fit, run)
		}
	}
	if len(fit) == 0 {
		return nil, read, c.named(op, noSettings(all, wanted, read))
	}
	return fit, read, nil
}

// withFacts is settings with what is known of where the run was made, as far as it is wanted.
func (c *Client) withFacts(
	ctx context.Context, run Experiment, settings Settings, wanted []string,
) (Settings, error) {
	with := Settings{}
	maps.Copy(with, settings)
	if run.Hostname != "" {
		with["host"] = run.Hostname
	}
	if !slices.ContainsFunc(wanted, func(w string) bool { return strings.HasPrefix(strings.ToLower(w), "git.") }) {
		return with, nil
	}
	env, err := c.source.Environment(ctx, run)
	if isKind(err, ErrNotFound) || err == nil && env.Git == nil {
		return with, nil
	}
	if err == nil {
		with["git.commit"], with["git.branch"] = env.Git.Commit, env.Git.Branch
		if env.Git.Changed != nil {
			with["git.dirty"] = *env.Git.Changed > 0
		}
	}
	return with, err
}

// settingsOf are the settings of a run: of its assets, or else of its summary.
func (c *Client) settingsOf(ctx context.Context, run Experiment) (Settings, error) {
	assets, err := c.source.Assets(ctx, run)
	if err != nil {
		return nil, err
	}
	if settings := assets.Settings(); settings != nil {
		return settings, nil
	}
	detail, err := c.detail(ctx, run)
	return SummarySettings(detail), err
}

// has reports whether a setting has a value, "lr=0.1".
func (s Settings) has(wanted string) bool {
	name, value, _ := strings.Cut(wanted, "=")
	name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
	for key := range s {
		if (strings.ToLower(key) == name || lastPart(key) == name) && s.equals(key, value) {
			return true
		}
	}
	return false
}

// equals compares a setting with a text as a person writes it.
func (s Settings) equals(key, value string) bool {
	text := s.text(key)
	var is string
	if json.Unmarshal([]byte(text), &is) == nil { // a string
		text = is
	}
	if strings.EqualFold(text, value) {
		return true
	}
	a, err := strconv.ParseFloat(text, 64)
	b, err2 := strconv.ParseFloat(value, 64)
	return err == nil && err2 == nil && a == b
}

// noSettings is the error where no run has the settings wanted.
func noSettings(all []Settings, wanted []string, read int) error {
	names := make(map[string]map[string]bool) // values by name
	for _, s := range all {
		for key := range s {
			if names[key] == nil {
				names[key] = make(map[string]bool)
			}
			if len(names[key]) < 10 {
				names[key][strings.Trim(s.text(key), `"`)] = true
			}
		}
	}
	e := &Error{Kind: ErrNotFound, Detail: fmt.Sprintf("None of %d runs has %s", read, strings.Join(wanted, " and ")),
		Hint: "They recorded no settings (run.log_config(args=…) records them)."}
	known := slices.Sorted(maps.Keys(names))
	for _, w := range wanted {
		name, _, _ := strings.Cut(w, "=")
		values := make(map[string]bool)
		for _, key := range known {
			if strings.EqualFold(key, name) || lastPart(key) == strings.ToLower(name) {
				maps.Copy(values, names[key])
			}
		}
		if list := slices.Sorted(maps.Keys(values)); len(list) > 0 {
			e.Hint = fmt.Sprintf("There is %s: %s.", name, strings.Join(list[:min(12, len(list))], ", "))
			return e
		}
		if strings.HasPrefix(strings.ToLower(name), "git.") {
			e.Hint = "No git state of theirs was captured (rn.init(…, capture_env=True) captures it)."
			return e
		}
		if near := analysis.Nearest(name, known, 5); len(near) > 0 {
			e.Hint = "The nearest settings are " + quoteList(near) + "."
			return e
		}
	}
	if len(known) > 0 {
		e.Hint = "There are " + quoteList(known[:min(15, len(known))]) + "."
	}
	return e
}
