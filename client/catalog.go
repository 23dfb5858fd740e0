package client

import (
	"cmp"
	"context"
	"slices"
)

// A catalog is every artifact version a source knows, from its registry (0.4, 0.5) and from the
// assets of its runs (0.6 and later), with who made and who used each.
type catalog struct {
	versions []*Artifact // by type, name, version
	runs     map[string]Experiment
	links    map[string][]link               // by run key: what it made and used
	sources  map[*Artifact]map[string]string // of an asset, by run: where it came from
	coverage Coverage
	problems []string
}

// Coverage says of how many runs, newest first, an artifact answer was made. A Viewer is asked for
// the 500 newest at most, and for fewer where that would take longer than a call has.
type Coverage struct{ RunsRead, RunsTotal int }

// Complete tells whether every run was looked at.
func (c Coverage) Complete() bool { return c.RunsRead >= c.RunsTotal }

// A link ties a run to an artifact version.
type link struct {
	artifact *Artifact
	created  bool
}

// catalog reads the registry and the assets of the runs.
func (a *Artifacts) catalog(ctx context.Context) (*catalog, error) {
	source := a.client.source
	registry, err := source.RegistryArtifacts(ctx)
	if err != nil {
		return nil, err
	}
	count, err := source.CountRuns(ctx, Scope{})
	if err != nil {
		return nil, err
	}
	var runs []Experiment
	limit := source.Describe().AssetRuns
	for run, err := range source.Runs(ctx, Scope{}) {
		if err != nil {
			return nil, err
		}
		runs = append(runs, run)
		if limit > 0 && len(runs) == limit {
			break
		}
	}
	assets, err := readAssets(ctx, source, runs)
	if err != nil {
		return nil, err
	}
	runs = runs[:len(assets)]
	c := &catalog{
		runs:     make(map[string]Experiment, len(runs)),
		links:    make(map[string][]link),
		sources:  make(map[*Artifact]map[string]string),
		coverage: Coverage{RunsRead: len(runs), RunsTotal: max(count.Total, len(runs))},
	}
	for _, run := range runs {
		c.runs[run.ID] = run
	}
	c.addRegistry(registry, runs, assets)
	c.addAssets(runs, assets)
	slices.SortStableFunc(c.versions, func(x, y *Artifact) int {
		return cmp.Or(cmp.Compare(x.Type, y.Type), cmp.Compare(x.Name, y.Name),
			cmp.Compare(x.Version, y.Version))
	})
	return c, nil
}

// readAssets asks for the assets of the runs, a few at once, in the order of runs. Where that
// takes most of the time that ctx leaves, it stops: then fewer come back than there are runs.
func readAssets(ctx context.Context, source Source, runs []Experiment) ([]RunAssets, error) {
	over := mostOf(ctx)
	var assets []RunAssets
	for len(assets) < len(runs) && !over() {
		some := runs[len(assets):min(len(assets)+4*requests, len(runs))]
		read := make([]RunAssets, len(some))
		err := inParallel(ctx, len(some), requests, func(ctx context.Context, i int) (err error) {
			read[i], err = source.Assets(ctx, some[i])
			if isKind(err, ErrNotFound) { // deleted since it was listed
				return nil
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		assets = append(assets, read...)
	}
	return assets, nil
}

// addRegistry takes over the registry's versions and ties runs to them.
func (c *catalog) addRegistry(registry []Artifact, runs []Experiment, assets []RunAssets) {
	byKey := make(map[versionKey]*Artifact, len(registry))
	for i := range registry {
		v := &registry[i]
		c.versions = append(c.versions, v)
		byKey[versionKey{v.Type, v.Name, v.Version}] = v
	}
	for i, run := range runs {
		for _, made := range assets[i].Created {
			if v := byKey[versionKey{made.Type, made.Name, made.Version}]; v != nil {
				v.CreatedBy = cmp.Or(v.CreatedBy, run.ID)
				c.tie(run, v, true)
			}
		}
		for _, used := range assets[i].Used {
			if v := byKey[versionKey{used.Type, used.Name, used.Version}]; v != nil {
				v.UsedBy = append(v.UsedBy, run.ID)
				c.tie(run, v, false)
			}
		}
		c.problems = append(c.problems, assets[i].Problems...)
	}
}

type versionKey struct {
	kind, name string
	version    int
}

// addAssets makes artifacts of assets: same type and name is one artifact, each distinct
// fingerprint a version, counted from the oldest run; without a fingerprint each run's is one.
func (c *catalog) addAssets(runs []Experiment, assets []RunAssets) {
	type identity struct{ kind, name, content string }
	known := make(map[identity]*Artifact)
	newest := make(map[[2]string]int)
	madeBy := make(map[string]string) // fingerprint -> run that output it
	for i := len(runs) - 1; i >= 0; i-- {
		run := runs[i]
		for _, asset := range assets[i].Assets {
			id := identity{asset.Type, asset.Name, asset.Fingerprint}
			if asset.Fingerprint == "" {
				id.content = "run " + run.ID
			}
			v := known[id]
			if v == nil {
				artifact := [2]string{asset.Type, asset.Name}
				newest[artifact]++
				v = assetVersion(asset, run, newest[artifact])
				known[id] = v
				c.versions = append(c.versions, v)
				c.sources[v] = make(map[string]string)
			}
			c.sources[v][run.ID] = cmp.Or(c.sources[v][run.ID], asset.URI)
			if asset.Created() {
				v.CreatedBy = cmp.Or(v.CreatedBy, run.ID)
				if asset.Type == "output" && asset.Fingerprint != "" {
					madeBy[asset.Fingerprint] = cmp.Or(madeBy[asset.Fingerprint], run.ID)
				}
			}
			c.tie(run, v, asset.Created())
		}
	}
	for id, v := range known { // what a run output may be another run's input
		if v.CreatedBy == "" && id.content != "" {
			v.CreatedBy = madeBy[id.content]
		}
	}
	for _, run := range runs { // newest first
		for _, l := range c.links[run.ID] {
			if !l.created && !slices.Contains(l.artifact.UsedBy, run.ID) {
				l.artifact.UsedBy = append(l.artifact.UsedBy, run.ID)
			}
		}
	}
	c.shareUsers(madeBy)
}

// shareUsers tells an output which runs list the same content as their data set or pretrained
// model.
func (c *catalog) shareUsers(madeBy map[string]string) {
	users := make(map[string][]string)
	for _, v := range c.versions {
		if v.Type != "output" && v.Digest != "" && madeBy[v.Digest] != "" {
			users[v.Digest] = append(users[v.Digest], v.UsedBy...)
		}
	}
	for _, v := range c.versions {
		if v.Type == "output" && v.Digest != "" {
			v.UsedBy = append(v.UsedBy, users[v.Digest]...)
		}
	}
}

// tie records that run made or used v, once.
func (c *catalog) tie(run Experiment, v *Artifact, created bool) {
	l := link{v, created}
	if !slices.Contains(c.links[run.ID], l) {
		c.links[run.ID] = append(c.links[run.ID], l)
	}
}

func assetVersion(asset Asset, run Experiment, version int) *Artifact {
	return &Artifact{
		Name: asset.Name, Version: version, Type: asset.Type,
		CreatedAt: cmp.Or(asset.CreatedAt, run.CreatedAt), SizeBytes: asset.SizeBytes,
		Metadata: asset.Metadata, Description: asset.Description, NumFiles: asset.NumFiles,
		Digest: asset.Fingerprint, PerRun: asset.Fingerprint == "",
		SourceURI: asset.URI, ArchivePath: asset.ArchivePath,
	}
}
