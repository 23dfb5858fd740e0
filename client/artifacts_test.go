package client_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

func size(n int64) *int64 { return &n }

// registry is a store as 0.4 and 0.5 write it: a model of two versions made of a data set.
func registry() *memory {
	model := func(v int) client.Artifact { return client.Artifact{Name: "net", Type: "model", Version: v} }
	data := client.Artifact{Name: "mnist", Type: "dataset", Version: 1}
	net1, net2 := model(1), model(2)
	net1.CreatedAt, net1.SizeBytes = 100, size(10)
	net2.CreatedAt, net2.SizeBytes, net2.Aliases = 300, size(20), []string{"best", "latest"}
	data.CreatedAt, data.CreatedBy = 50, "prep"
	return &memory{
		runs: []client.Experiment{run("prep", "p/prep", 1), run("train1", "p/train", 2),
			run("train2", "p/train", 3), run("eval", "p/eval", 4)},
		registry: []client.Artifact{net2, data, net1},
		assets: map[string]client.RunAssets{
			"prep":   {Created: []client.Artifact{data}},
			"train1": {Created: []client.Artifact{net1}, Used: []client.Artifact{data}},
			"train2": {Created: []client.Artifact{net2}, Used: []client.Artifact{data}},
			"eval":   {Used: []client.Artifact{net2}},
		},
	}
}

// assets is a store as 0.6 and 0.7 write it.
func assets() *memory {
	data := func(fingerprint string) client.Asset {
		return client.Asset{Type: "dataset", Name: "imagenet", Fingerprint: fingerprint}
	}
	return &memory{
		runs: []client.Experiment{run("r1", "p/a", 1), run("r2", "p/b", 2), run("r3", "p/c", 3)},
		assets: map[string]client.RunAssets{
			"r1": {Assets: []client.Asset{data("f1"),
				{Type: "output", Name: "model.pt", Fingerprint: "w1", SizeBytes: size(5), CreatedAt: 7}}},
			"r2": {Assets: []client.Asset{data("f1"), data("f2"),
				{Type: "pretrained", Name: "backbone", Fingerprint: "w1"},
				{Type: "dataset", Name: "remote", URI: "s3:/x"}}},
			"r3": {Assets: []client.Asset{data("f2"), {Type: "dataset", Name: "remote", URI: "s3:/x"}}},
		},
	}
}

func TestListArtifacts(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		source *memory
		opts   client.ArtifactOptions
		want   string // type/name, number of versions, latest
	}{
		{"registry", registry(), client.ArtifactOptions{}, "model/net 2 v2; dataset/mnist 1 v1"},
		{"type", registry(), client.ArtifactOptions{Type: "dataset"}, "dataset/mnist 1 v1"},
		{"page", registry(), client.ArtifactOptions{Limit: 1, Offset: 1}, "dataset/mnist 1 v1"},
		{"past the end", registry(), client.ArtifactOptions{Offset: 5}, ""},
		{"assets", assets(), client.ArtifactOptions{Type: "dataset"},
			"dataset/remote 2 v2; dataset/imagenet 2 v2"},
		{"model means output and pretrained", assets(), client.ArtifactOptions{Type: "model"},
			"pretrained/backbone 1 v1; output/model.pt 1 v1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			page, err := client.New(tt.source).Artifacts.ListArtifacts(t.Context(), tt.opts)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, a := range page.Artifacts {
				got = append(got, fmt.Sprintf("%s/%s %d v%d", a.Type, a.Name, a.NumVersions,
					a.LatestVersion))
			}
			if s := strings.Join(got, "; "); s != tt.want {
				t.Errorf("got %s\nwant %s", s, tt.want)
			}
		})
	}
	page, err := client.New(registry()).Artifacts.ListArtifacts(t.Context(),
		client.ArtifactOptions{Type: "model"})
	if err != nil || page.Artifacts[0].Aliases["best"] != 2 || *page.Artifacts[0].SizeBytes != 20 ||
		page.Artifacts[0].CreatedAt != 100 || page.Artifacts[0].UpdatedAt != 300 {
		t.Errorf("model net is %+v, %v", page.Artifacts, err)
	}
}

func TestListArtifacts_coverage(t *testing.T) {
	t.Parallel()
	source := assets()
	source.limit = 2
	page, err := client.New(source).Artifacts.ListArtifacts(t.Context(), client.ArtifactOptions{})
	if err != nil || page.Coverage.Complete() || page.Coverage.RunsRead != 2 ||
		page.Coverage.RunsTotal != 3 {
		t.Errorf("coverage %+v, %v", page.Coverage, err)
	}
	_, err = client.New(source).Artifacts.GetArtifact(t.Context(), "model.pt")
	if err == nil || !strings.Contains(err.Error(), "in the assets of the 2 newest of 3 runs") {
		t.Errorf("a miss in a part of the runs says %v", err)
	}
}

func TestGetArtifact(t *testing.T) {
	t.Parallel()
	both := registry()
	both.registry = append(both.registry, client.Artifact{Name: "net", Type: "config", Version: 1})
	sameName := func(content string) *memory { // r2 begins with a model.pt
		m := assets()
		m.assets["r2"] = client.RunAssets{Assets: []client.Asset{
			{Type: "pretrained", Name: "model.pt", Fingerprint: content}}}
		return m
	}
	tests := []struct {
		source   *memory
		id, want string // want: type, version, creator, users
		err      string
	}{
		{source: registry(), id: "net", want: "model v2 by train2 used [eval]"},
		{source: registry(), id: "net:v1", want: "model v1 by train1 used []"},
		{source: registry(), id: "net:2", want: "model v2 by train2 used [eval]"},
		{source: registry(), id: "net:best", want: "model v2 by train2 used [eval]"},
		{source: registry(), id: "net:latest", want: "model v2 by train2 used [eval]"},
		{source: registry(), id: "mnist:v1", want: "dataset v1 by prep used [train2 train1]"},
		{source: registry(), id: "net:v3",
			err: `model "net" has no version or alias "v3". It has 2 versions, v1 to v2 and the ` +
				`aliases "best", "latest".`},
		{source: registry(), id: "nett", err: `No artifact "nett". The nearest names are "net".`},
		{source: &memory{}, id: "x", err: `No artifact "x". No run has recorded any artifact or asset.`},
		{source: both, id: "net:v1", err: `"net" is the name of 2 artifacts of different types. ` +
			`Name one of "config/net", "model/net".`},
		{source: both, id: "model/net:v1", want: "model v1 by train1 used []"},
		{source: assets(), id: "imagenet:v1", want: "dataset v1 by  used [r2 r1]"},
		{source: assets(), id: "imagenet", want: "dataset v2 by  used [r3 r2]"},
		{source: assets(), id: "remote:v1", want: "dataset v1 by  used [r2]"},
		{source: assets(), id: "model.pt", want: "output v1 by r1 used [r2]"},
		{source: sameName("w1"), id: "model.pt", want: "output v1 by r1 used [r2]"},
		{source: sameName("other"), id: "model.pt", err: `"model.pt" is the name of 2 artifacts of ` +
			`different types. Name one of "output/model.pt", "pretrained/model.pt".`},
		{source: sameName(""), id: "model.pt", err: `"model.pt" is the name of 2 artifacts of ` +
			`different types. Name one of "output/model.pt", "pretrained/model.pt".`},
		{source: assets(), id: "backbone", want: "pretrained v1 by r1 used [r2]"},
	}
	for _, tt := range tests {
		t.Run(tt.id, func(t *testing.T) {
			t.Parallel()
			a, err := client.New(tt.source).Artifacts.GetArtifact(t.Context(), tt.id)
			if tt.err != "" {
				if err == nil || err.Error() != tt.err {
					t.Errorf("error\n got %v\nwant %s", err, tt.err)
				}
				return
			}
			got := fmt.Sprintf("%s v%d by %s used %v", a.Type, a.Version, a.CreatedBy, a.UsedBy)
			if err != nil || got != tt.want {
				t.Errorf("got %s, %v; want %s", got, err, tt.want)
			}
		})
	}
}

func TestListVersions(t *testing.T) {
	t.Parallel()
	versions, err := client.New(registry()).Artifacts.ListVersions(t.Context(), "net")
	if err != nil || len(versions) != 2 || versions[0].ID() != "net:v2" || versions[1].ID() != "net:v1" {
		t.Errorf("versions %v, %v", versions, err)
	}
	_, err = client.New(registry()).Artifacts.ListVersions(t.Context(), "missing")
	if !errors.Is(err, client.ErrNotFound) {
		t.Errorf("a missing artifact gives %v", err)
	}
}

func TestGetArtifactLineage(t *testing.T) {
	t.Parallel()
	type view struct {
		By           string
		Used, In, De []string
		Runs         string
	}
	tests := []struct {
		source *memory
		id     string
		want   view
	}{
		{registry(), "net:v2", view{"train2", []string{"eval"}, []string{"dataset/mnist:v1"}, nil,
			"train2 eval"}},
		{registry(), "mnist", view{"prep", []string{"train2", "train1"}, nil,
			[]string{"model/net:v1", "model/net:v2"}, "prep train2 train1"}},
		{assets(), "model.pt", view{"r1", []string{"r2"}, []string{"dataset/imagenet:v1"}, nil, "r1 r2"}},
		{assets(), "imagenet:v1", view{"", []string{"r2", "r1"}, nil, []string{"output/model.pt:v1"},
			"r2 r1"}},
	}
	for _, tt := range tests {
		l, err := client.New(tt.source).Artifacts.GetArtifactLineage(t.Context(), tt.id)
		if err != nil {
			t.Fatal(err)
		}
		got := view{l.CreatedBy, l.UsedBy, l.Inputs, l.Derived, ids(l.Runs)}
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("lineage of %s (-want +got):\n%s", tt.id, d)
		}
	}
}

func TestListExperimentArtifacts(t *testing.T) {
	t.Parallel()
	c := client.New(registry())
	for relation, want := range map[string]string{
		"": "created net:v1; used mnist:v1", "created": "created net:v1", "used": "used mnist:v1",
	} {
		r, list, err := c.Artifacts.ListExperimentArtifacts(t.Context(), "train1", relation)
		var got []string
		for _, a := range list {
			got = append(got, a.Relation+" "+a.ID())
		}
		if s := strings.Join(got, "; "); err != nil || s != want || r.ID != "train1" {
			t.Errorf("relation %q: %s, %v; want %s", relation, s, err, want)
		}
	}
	_, _, err := c.Artifacts.ListExperimentArtifacts(t.Context(), "train1", "made")
	if !errors.Is(err, client.ErrBadRequest) {
		t.Errorf("relation made gives %v", err)
	}
}

// TestArtifacts_outOfTime makes artifacts of the runs that there is time for, and says of how
// many.
func TestArtifacts_outOfTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := &memory{slow: time.Second, assets: make(map[string]client.RunAssets)}
		for i := range 1000 {
			r := run(fmt.Sprintf("20250101_100000_%06x", i), "vision/resnet", i)
			m.runs = append(m.runs, r)
			m.assets[r.ID] = client.RunAssets{Assets: []client.Asset{{Type: "output", Name: r.ID}}}
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		page, err := client.New(m).Artifacts.ListArtifacts(ctx, client.ArtifactOptions{})
		if err != nil {
			t.Fatal(err)
		}
		c := page.Coverage
		if c.RunsRead < 8*14 || c.RunsRead > 8*16 || c.RunsTotal != 1000 || page.Total != c.RunsRead ||
			page.Artifacts[0].Name != "20250101_100000_0003e7" {
			t.Errorf("%+v, %d artifacts, the newest %q", c, page.Total, page.Artifacts[0].Name)
		}
		cancel()
		if _, err := client.New(m).Artifacts.ListArtifacts(ctx, client.ArtifactOptions{}); err == nil {
			t.Error("a cancelled call has no error")
		}
	})
}
