package client_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// sources is a store of 0.7 whose runs name the same data differently.
func sources() *memory {
	data := func(kind, name, uri, fingerprint string) client.Asset {
		return client.Asset{Type: kind, Name: name, URI: uri, Fingerprint: fingerprint}
	}
	m := &memory{assets: map[string]client.RunAssets{
		"r1": {Assets: []client.Asset{data("dataset", "train", "/data/v1", ""),
			data("output", "last.pt", "./last.pt", "w1"), data("code", "src", "/home/src", "c1")}},
		"r2": {Assets: []client.Asset{data("dataset", "train", "/data/v2", ""),
			data("output", "last.pt", "./last.pt", "w2"), data("code", "src", "/home/src", "c2")}},
		"r3": {Assets: []client.Asset{data("dataset", "train-v2", "/data/v2", ""),
			data("dataset", "hashed", "/copy", "f1"), data("pretrained", "init", "", "w1")}},
		"r4": {Assets: []client.Asset{data("dataset", "train", "/data/v2", ""),
			data("dataset", "hashed", "/moved", "f1"), data("dataset", "copied", "/copy", "f1"),
			data("pretrained", "init", "", "")}},
		"r5": {Assets: []client.Asset{data("dataset", "changed", "/moved", "f2"),
			data("pretrained", "init", "", "")}},
	}}
	for i := range 5 {
		m.runs = append(m.runs, run(fmt.Sprintf("r%d", i+1), "p/a", i+1))
	}
	return m
}

// TestGetArtifactLineage_alike finds other versions of the same content or source, whatever they
// are called.
func TestGetArtifactLineage_alike(t *testing.T) {
	t.Parallel()
	tests := []struct {
		id, want, runs string // want: id, digest, same source, created by, used by
	}{
		{"train:v1", "", "r1"},
		{"train:v2", "train:v3  true  [r4]; train-v2:v1  true  [r3]", "r2 r4 r3"},
		{"train-v2", "train:v3  true  [r4]; train:v2  true  [r2]", "r3 r4 r2"},
		{"hashed", "copied:v1 same true  [r4]", "r4 r3"},
		{"changed", "hashed:v1 other true  [r4 r3]", "r5 r4 r3"},
		{"last.pt:v1", "init:v1 same false r1 [r3]", "r1 r3"},
		{"last.pt:v2", "", "r2"}, // a path that each run writes anew
		{"src:v2", "", "r2"},
		{"init:v3", "", "r5"}, // no source is not the same source
	}
	for _, tt := range tests {
		l, err := client.New(sources()).Artifacts.GetArtifactLineage(t.Context(), tt.id)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, a := range l.Alike {
			digest := map[[2]bool]string{{true, false}: "same", {false, true}: "other"}
			got = append(got, fmt.Sprintf("%s %s %v %s %v", a.ID(),
				digest[[2]bool{a.SameDigest, a.OtherDigest}], a.SameSource,
				a.CreatedBy, a.UsedBy))
		}
		if s := strings.Join(got, "; "); s != tt.want || ids(l.Runs) != tt.runs {
			t.Errorf("alike %s: %s of %s\nwant %s of %s", tt.id, s, ids(l.Runs), tt.want, tt.runs)
		}
	}
}

// TestGetArtifactLineage_fileName finds what a run made by the name of the file that another began
// with, where nothing better is recorded.
func TestGetArtifactLineage_fileName(t *testing.T) {
	t.Parallel()
	asset := func(kind, name, uri, fingerprint string) client.RunAssets {
		return client.RunAssets{Assets: []client.Asset{{Type: kind, Name: name, URI: uri, Fingerprint: fingerprint}}}
	}
	m := &memory{assets: map[string]client.RunAssets{
		"r1": asset("output", "best.pt", "./ckpt/best.pt", "w1"), "r2": asset("pretrained", "init", `C:\ckpt\best.pt`, ""),
		"r3": asset("pretrained", "other", "/x/best.pt", "w9"), "r4": asset("pretrained", "hub", "hf://org/best.pt", ""),
		"r5": asset("pretrained", "folder", "/ckpt/best", ""), "r6": asset("pretrained", "twin", "/y/best.pt", "")}}
	for i := range 6 {
		m.runs = append(m.runs, run(fmt.Sprintf("r%d", i+1), "p/a", i+1))
	}
	for id, want := range map[string]string{"best.pt": "twin:v1 init:v1", "init": "best.pt:v1", "other": "", "hub": "", "folder": ""} {
		l, err := client.New(m).Artifacts.GetArtifactLineage(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, a := range l.Alike {
			if got = append(got, a.ID()); !a.SameFile {
				t.Errorf("%s: %+v", id, a)
			}
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s: %s, want %s", id, s, want)
		}
	}
}

// TestListExperimentArtifacts_source tells from where each run had the same content.
func TestListExperimentArtifacts_source(t *testing.T) {
	t.Parallel()
	for ref, want := range map[string]string{
		"r3": "hashed:v1 /copy false; train-v2:v1 /data/v2 true; init:v1  false",
		"r4": "copied:v1 /copy false; hashed:v1 /moved false; train:v3 /data/v2 true; init:v2  true",
	} {
		_, list, err := client.New(sources()).Artifacts.ListExperimentArtifacts(t.Context(), ref, "used")
		var got []string
		for _, a := range list {
			got = append(got, fmt.Sprintf("%s %s %v", a.ID(), a.SourceURI, a.PerRun))
		}
		if s := strings.Join(got, "; "); err != nil || s != want {
			t.Errorf("%s used %s, %v\nwant %s", ref, s, err, want)
		}
	}
}
