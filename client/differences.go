package client

import (
	"cmp"
	"context"
	"fmt"
	"hash/crc32"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// differences finds what was recorded of the runs and is not the same for all of them.
func (c *Client) differences(ctx context.Context, contrast *Contrast) error {
	assets, err := readAssets(ctx, c.source, contrast.Runs)
	if err != nil {
		return err
	}
	all := make([]Settings, len(assets))
	err = inParallel(ctx, len(assets), requests, func(ctx context.Context, i int) error {
		if all[i] = assets[i].Settings(); all[i] != nil {
			return nil
		}
		run, err := c.detail(ctx, contrast.Runs[i])
		all[i] = SummarySettings(run)
		return err
	})
	if err != nil {
		return err
	}
	for i, s := range all {
		if s == nil {
			contrast.Unrecorded = append(contrast.Unrecorded, contrast.Runs[i])
		}
	}
	if len(contrast.Unrecorded) == 0 {
		for _, name := range Differing(all) {
			d := Difference{What: "setting", Name: name}
			for _, s := range all {
				d.Values = append(d.Values, s[name])
			}
			contrast.Differs = append(contrast.Differs, d)
		}
	}
	for _, what := range []string{"dataset", "pretrained", "code"} {
		contrast.differ(what, true, func(i int) string { return assetNames(assets[i], what) })
	}
	if err := c.codeChanges(ctx, contrast, assets); err != nil {
		return err
	}
	if err := c.environments(ctx, contrast); err != nil {
		return err
	}
	contrast.differ("python", false, func(i int) string { return contrast.Runs[i].Python })
	contrast.differ("platform", false, func(i int) string { return contrast.Runs[i].Platform })
	return nil
}

// differ adds a difference where the texts of the runs are not all the same. A run without one
// differs from those that have one, or (noneDiffers false) did not record it.
func (c *Contrast) differ(what string, noneDiffers bool, of func(i int) string) {
	d := Difference{What: what, Name: what}
	texts := make(map[string]bool)
	for i := range c.Runs {
		text := of(i)
		if text != "" || noneDiffers {
			texts[text] = true
		}
		if text == "" {
			d.Values = append(d.Values, nil)
		} else {
			d.Values = append(d.Values, text)
		}
	}
	if len(texts) > 1 {
		c.Differs = append(c.Differs, d)
	}
}

// assetNames are the assets of a type in one text, with the beginning of their fingerprints.
func assetNames(assets RunAssets, kind string) string {
	var names []string
	for _, a := range assets.Assets {
		if a.Type == kind {
			names = append(names, fingerprinted(a.Name, a.Fingerprint))
		}
	}
	for _, a := range assets.Used {
		if a.Type == kind || kind == "pretrained" && a.Type == "model" {
			names = append(names, a.ID())
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// fingerprinted is a name with what tells its content: the beginning of a hash; of a fingerprint
// that is an object a checksum, since two of them may begin alike.
func fingerprinted(name, fingerprint string) string {
	switch {
	case fingerprint == "":
		return name
	case strings.HasPrefix(fingerprint, "{"):
		return fmt.Sprintf("%s#%08x", name, crc32.ChecksumIEEE([]byte(fingerprint)))
	}
	return name + "@" + fingerprint[:min(8, len(fingerprint))]
}

// environments finds what differs in the environments that were captured.
func (c *Client) environments(ctx context.Context, contrast *Contrast) error {
	all := make([]*Environment, len(contrast.Runs))
	err := inParallel(ctx, len(all), requests, func(ctx context.Context, i int) error {
		env, err := c.source.Environment(ctx, contrast.Runs[i])
		if isKind(err, ErrNotFound) {
			return nil
		}
		all[i] = &env
		return err
	})
	if err != nil {
		return err
	}
	var there []Environment
	for i, env := range all {
		if env == nil {
			contrast.Uncaptured = append(contrast.Uncaptured, contrast.Runs[i])
		} else {
			there = append(there, *env)
		}
	}
	differ := differingPackages(there)
	for what, of := range map[string]func(Environment) string{
		"git":      func(e Environment) string { return e.Git.state() },
		"packages": func(e Environment) string { return packageList(e, differ) },
		"gpu":      func(e Environment) string { return strings.Join(e.GPUs, ", ") },
	} {
		contrast.differ(what, false, func(i int) string {
			if all[i] == nil {
				return ""
			}
			return of(*all[i])
		})
	}
	slices.SortStableFunc(contrast.Differs, func(a, b Difference) int {
		return cmp.Compare(differenceOrder(a), differenceOrder(b))
	})
	return nil
}

// differenceOrder is where a difference is told of: what was meant to be changed comes first.
func differenceOrder(d Difference) int {
	return slices.Index([]string{"setting", "dataset", "pretrained", "code", "git", "packages", "gpu"},
		d.What)
}

// state is the commit, its branch and whether more was changed; "" without a repository.
func (g *Git) state() string {
	if g == nil || g.Commit == "" {
		return ""
	}
	state := g.Commit
	if strings.Trim(state, "0123456789abcdef") == "" { // of other words a part says nothing
		state = state[:min(10, len(state))]
	}
	if g.Branch != "" && g.Branch != "HEAD" {
		state += " " + g.Branch
	}
	if g.Changed != nil && *g.Changed > 0 {
		state += fmt.Sprintf(" +%d changed", *g.Changed)
	}
	return state
}

var login = regexp.MustCompile(`://[^/@]*@`)

// packages are the versions by name, of lines as pip and conda list them.
func (e Environment) packages() map[string]string {
	versions := make(map[string]string, len(e.Packages))
	for _, line := range e.Packages {
		name, version, _ := strings.Cut(line, "=")
		if at, where, found := strings.Cut(line, " @ "); found { // an address, which may hold a token
			name, version = at, login.ReplaceAllString(where, "://")
		}
		versions[strings.TrimSpace(name)] = strings.TrimLeft(version, "=")
	}
	return versions
}

// differingPackages are the names of the packages of which not all environments have the same
// version, in order.
func differingPackages(all []Environment) []string {
	versions := make(map[string][]string)
	for _, e := range all {
		for name, version := range e.packages() {
			versions[name] = append(versions[name], version)
		}
	}
	maps.DeleteFunc(versions, func(_ string, v []string) bool {
		return len(v) == len(all) && len(slices.Compact(v)) == 1
	})
	return slices.Sorted(maps.Keys(versions))
}

// packageList is what an environment has of the packages named, the first five with versions.
func packageList(e Environment, names []string) string {
	if len(e.Packages) == 0 || len(names) == 0 {
		return ""
	}
	have := e.packages()
	var list []string
	for _, name := range names[:min(5, len(names))] {
		version, there := have[name]
		if !there {
			version = "none"
		}
		list = append(list, name+" "+version)
	}
	if more := len(names) - 5; more > 0 {
		list = append(list, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(list, ", ")
}
