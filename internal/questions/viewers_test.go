package questions

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/internal/realtest"
)

// releases are the Viewers that are asked.
var releases = []string{"0.5.3", "0.6.0", "0.7.2"}

// Why a question has not the same facts through a Viewer as from a folder.
const (
	aliases   = "Runicorn 0.5 has no aliases and tags"
	settings  = "settings are not available over HTTP from 0.5, which has them in summaries alone"
	registry  = "0.5 has a registry of artifacts in place of assets; these folders have none"
	nonFinite = "NaN and infinities are not available over HTTP from 0.5, and said to be unknown"
	reasons   = "reasons of an end are not available over HTTP from 0.5"
	unnoticed = "lists of 0.7.2 call a run whose process is gone running until the Viewer looks for it"
)

// exempt are the questions whose facts a Viewer cannot all tell, and why. One that it can tell
// after all fails the test.
var exempt = map[string]map[int]string{
	"0.5.3": {43: settings, 2: settings, 4: settings, 5: settings, 10: settings, 11: settings, 40: settings,
		41: settings, 13: reasons, 27: reasons, 12: aliases,
		33: aliases, 37: aliases, 17: registry, 31: registry, 23: nonFinite, 32: nonFinite},
	"0.7.2": {3: unnoticed, 13: unnoticed, 21: unnoticed},
}

// TestQuestions_viewers asks the same of real Viewers.
func TestQuestions_viewers(t *testing.T) {
	fakeGPU(t)
	path := build(t)
	for _, release := range releases {
		t.Run(release, func(t *testing.T) {
			realtest.Python(t, release)
			now := time.Now().Truncate(time.Second)
			s := store{messy(now, 2000), now}
			root, address := viewed(t, release, s.runs)
			list := script(s)
			if realtest.HasRegistry(release) {
				byID(list, s.runs)
			}
			exports := t.TempDir()
			p := program{path, []string{"--base-url", address, "--export-dir", exports}, masks(root, exports)}
			for _, q := range list {
				missing := p.ask(t, q).missing(q.facts)
				why, exempted := exempt[release][q.number]
				switch {
				case exempted && len(missing) == 0:
					t.Errorf("%d. %s: all facts are there, so it needs no exemption (%s)", q.number, q.text, why)
				case !exempted && len(missing) > 0:
					t.Errorf("%d. %s\n%s", q.number, q.text, strings.Join(missing, "\n"))
				}
			}
		})
	}
}

// viewed starts the Viewer of a release on a folder with the runs. A Viewer 0.7.2 keeps its own
// database locked for minutes when it first indexes a word of status of an older SDK (CHECK
// constraint), assets that several runs share (UNIQUE constraint), or a run whose process is gone:
// it meets the words that its SDK makes of others, and the rest after it has settled.
func viewed(t *testing.T, release string, runs []run) (root, address string) {
	t.Helper()
	registry := realtest.HasRegistry(release)
	if release != "0.7.2" {
		root = write(t, runs, registry)
		return root, realtest.Viewer(t, release, root)
	}
	bare := make([]run, len(runs))
	for i := range runs {
		runs[i].status, _, _ = strings.Cut(shownStatus(runs[i]), " ")
		bare[i] = runs[i]
		bare[i].data, bare[i].start, bare[i].output = "", nil, nil
		if runs[i].pid == gone {
			bare[i].status = "failed"
		}
	}
	root = write(t, bare, registry)
	address = realtest.Viewer(t, release, root)
	for _, r := range runs {
		dir := r.dir(root, registry)
		err := errors.Join(writeJSON(filepath.Join(dir, "assets.json"), r.assets()),
			writeJSON(filepath.Join(dir, "status.json"), r.statusFile()))
		if err != nil {
			t.Fatal(err)
		}
	}
	return root, address
}

// byID makes the questions name runs by their id, where runs have no alias. An answer that tells
// runs with long names apart calls them A, B and so on, in the order in which they were named.
func byID(list []question, runs []run) {
	for i, q := range list {
		for c, call := range q.calls {
			words := word.FindAllString(call, -1)
			named := 0
			for w, text := range words {
				key, alias, _ := strings.Cut(strings.ReplaceAll(text, `"`, ""), "=")
				k := slices.IndexFunc(runs, func(r run) bool { return r.alias == alias })
				if !strings.HasPrefix(key, "run_id") || k < 0 {
					continue
				}
				words[w] = key + "=" + runs[k].id
				for f := range q.facts {
					q.facts[f] = q.facts[f].naming(alias, string(rune('A'+named)))
				}
				named++
			}
			list[i].calls[c] = strings.Join(words, " ")
		}
	}
}

// naming is the fact with a letter for a run's alias, where the answer repeats it.
func (f fact) naming(alias, letter string) fact {
	f.place = strings.ReplaceAll(f.place, "[run="+alias+"]", "[run="+letter+"]")
	switch want := f.want.(type) {
	case holds:
		if rest, found := strings.CutSuffix(string(want), "best "+alias); found {
			f.want = holds(rest + "best " + letter)
		}
	case cells:
		want = slices.Clone(want)
		for i, cell := range want {
			if cell == alias {
				want[i] = letter
			}
		}
		f.want = want
	}
	return f
}

// viewerNotes says in docs/questions.md which facts are not available through which Viewer.
func viewerNotes(list []question) string {
	var b strings.Builder
	b.WriteString("\nThrough Viewers " + strings.Join(releases, ", ") +
		" the same questions have the same facts, but for these:\n\n")
	for _, release := range releases {
		byCause := make(map[string][]string)
		var causes []string
		for _, q := range list {
			why, exempted := exempt[release][q.number]
			if !exempted {
				continue
			}
			if !slices.Contains(causes, why) {
				causes = append(causes, why)
			}
			byCause[why] = append(byCause[why], fmt.Sprint(q.number))
		}
		for _, why := range causes {
			fmt.Fprintf(&b, "* %s, questions %s: %s.\n", release, strings.Join(byCause[why], ", "), why)
		}
	}
	b.WriteString("\nRuns are named by their id where they have no alias. A Viewer 0.7.2 keeps its own\n" +
		"database locked for minutes when it first indexes status words of older SDKs, assets that runs\n" +
		"share, or a dead process; answers come late then, so its folder has none when it starts.\n")
	return b.String()
}
