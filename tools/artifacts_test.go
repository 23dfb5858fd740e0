package tools_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/internal/testkit"
	"github.com/runicorn-mcp/runicorn-mcp/tools"
)

// userID is the id of a run of users: as costly in tokens as real ones.
func userID(i int) string {
	return fmt.Sprintf("20250101_%06d_%06x", 230_000-i*1373, i*7_654_321&0xffffff)
}

// users writes the runs from to to-1, newest last, with what assets.json says of each.
func (s store) users(from, to int, assets func(i int) string) {
	s.t.Helper()
	for i := from; i < to; i++ {
		run := "语音识别/微调/" + userID(i)
		s.run(run, 1_700_000_000+i, fmt.Sprintf(`,"alias":"全量微调-%d"`, i))
		s.write(run, "assets.json", assets(i))
	}
}

// dataset is a list with one data set; fingerprint as in JSON.
func dataset(name, uri, fingerprint string) string {
	return fmt.Sprintf(`{"datasets":[{"name":%q,"uri":%q,"fingerprint":%s}]}`, name, uri, fingerprint)
}

// TestArtifacts_sameData asks who else has the same data, under whatever name it was recorded.
func TestArtifacts_sameData(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	for i, assets := range []string{dataset("train", "/data/v1", "null"),
		dataset("train", "/data/v2", "null"), dataset("train-v2", "/data/v2", "null"),
		dataset("hashed", "/copy", `"f1"`), dataset("moved", "/moved", `"f1"`),
		dataset("grown", "/copy", `"f2"`), dataset("train", "/data/v3", `"f3"`),
		`{"datasets":[{"name":"bare"}]}`, dataset("moved", "/moved", `"f1"`),
		dataset("moved", "/moved", `"f1"`), dataset("moved", "/moved", `"f1"`)} {
		s.users(i, i+1, func(int) string { return assets })
	}
	env := s.env()
	const unknown = `"notes":["no fingerprint was taken: versions are one per run; ` +
		`the same source says nothing about content"]`
	for _, c := range []struct {
		tool, args string
		has, not   []string
	}{
		{"get_artifact", `{"artifact_id":"train:v1"}`, []string{unknown}, []string{"same_source"}},
		{"get_artifact", `{"artifact_id":"train:v2"}`, []string{unknown, `"same_source_or_digest":` +
			`{"columns":["id","same","used_by","used_by_runs"],"rows":` +
			`[["dataset/train-v2:v1","source_uri",["` + userID(2) + `"],1]]}`}, nil},
		{"get_artifact_lineage", `{"artifact_id":"train-v2"}`, []string{unknown,
			`[["dataset/train:v2","source_uri",["` + userID(1) + `"],1]]`,
			`["` + userID(1) + `","语音识别/微调","全量微调-1","finished"]`}, nil},
		{"get_artifact", `{"artifact_id":"hashed"}`, []string{
			`[["dataset/moved:v1","digest",["` + userID(10) + `","` + userID(9) + `","` + userID(8) +
				`"],4],` +
				`["dataset/grown:v1","source_uri, other digest",["` + userID(5) + `"],1]]`},
			[]string{"notes"}},
		{"list_versions", `{"artifact_name":"train"}`, []string{
			`"columns":["version","created","size_bytes","source_uri","used_by","used_by_runs"]`,
			`null,"/data/v3",["` + userID(6) + `"],1]`, `null,"/data/v1",["` + userID(0) + `"],1]`,
			`"no fingerprint was taken of 2 of the 3 versions: these are one per run; `}, nil},
		{"list_versions", `{"artifact_name":"hashed"}`, []string{`"source_uri":"/copy","total":1`},
			[]string{"notes", `"source_uri"]`}},
		{"list_experiment_artifacts", `{"run_id":"全量微调-1"}`, []string{`"/data/v2"]]`}, nil},
		{"list_experiment_artifacts", `{"run_id":"全量微调-7"}`, []string{`bare:v1`},
			[]string{"source_uri"}},
	} {
		text, _ := must(t, env, c.tool, c.args)
		for _, has := range c.has {
			if !strings.Contains(text, has) {
				t.Errorf("%s %s lacks %s:\n%s", c.tool, c.args, has, text)
			}
		}
		for _, not := range c.not {
			if strings.Contains(text, not) {
				t.Errorf("%s %s has %s:\n%s", c.tool, c.args, not, text)
			}
		}
	}
}

// TestBudget_sharedData holds answers about data that many runs share, under many names and with
// long paths, to 1,200 tokens; they say what they leave out.
func TestBudget_sharedData(t *testing.T) {
	t.Parallel()
	deep := "/mnt/集群存储/shared/" + strings.Repeat("speech-corpora/", 6)
	for _, tt := range []struct {
		name   string
		runs   int
		assets func(i int) string
		says   map[string]string // by tool: what is left out
	}{
		{"a version a run", 40, func(int) string { return dataset("语料库", deep, "null") },
			map[string]string{"get_artifact": `same_source_or_digest: the first 10 of 39`,
				"get_artifact_lineage": ` of 39"`}},
		{"one version", 160, func(int) string { return dataset("语料库", deep, `"f"`) },
			map[string]string{"get_artifact": `used_by: the newest `,
				"get_artifact_lineage": `"used_by: the newest 37 of 160","runs: the first 15 of 160"`}},
		{"runs share versions", 60, func(i int) string {
			return dataset("语料库", fmt.Sprintf("/data/v%d/train.jsonl", i/3), fmt.Sprintf(`"f%d"`, i/3))
		}, map[string]string{"list_versions": `"/data/v19/train.jsonl",["` + userID(59) + `"],3]`}},
		{"runs share versions, deep", 60, func(i int) string {
			return dataset("语料库", fmt.Sprintf("%s%d", deep, i/3), fmt.Sprintf(`"f%d"`, i/3))
		}, map[string]string{"list_versions": "get_artifact has the source of each version; they differ"}},
	} {
		s := newStore(t)
		s.users(0, tt.runs, tt.assets)
		env := s.env()
		holdShared(t, env, tt.name, tt.says)
	}
}

func holdShared(t *testing.T, env *tools.Env, name string, says map[string]string) {
	t.Helper()
	for _, c := range []struct{ tool, args string }{
		{"get_artifact", `{"artifact_id":"语料库"}`}, {"list_versions", `{"artifact_name":"语料库"}`},
		{"get_artifact_lineage", `{"artifact_id":"语料库"}`},
	} {
		text, got := must(t, env, c.tool, c.args)
		n, most := testkit.Tokens(t, text), 1200
		if total, _ := got["total"].(float64); total > 20 {
			most = most * int(total) / 20
		}
		t.Logf("%s, %s: %d tokens, %d bytes", name, c.tool, n, len(text))
		if n > most || !strings.Contains(text, says[c.tool]) {
			t.Errorf("%s: %s is %d tokens, wanted at most %d and %q:\n%s", name, c.tool, n, most,
				says[c.tool], text)
		}
	}
}

// TestGetArtifact_metadata shows metadata whole, unless nothing fits beside it.
func TestGetArtifact_metadata(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	for k, n := range []int{100, 2000} {
		var keys strings.Builder
		for i := range n {
			fmt.Fprintf(&keys, `,"key_%04d":"a value of some length"`, i)
		}
		s.users(30*k, 30*k+30, func(int) string {
			return fmt.Sprintf(`{"datasets":[{"name":"d%d","fingerprint":"f%[1]d"%s}]}`, n, keys.String())
		})
	}
	env := s.env()
	for args, want := range map[string]string{
		`{"artifact_id":"d100"}`:  `"key_0099":"a value of some length"}`,
		`{"artifact_id":"d2000"}`: `"metadata has 2000 keys, too many to show"`,
	} {
		text, got := must(t, env, "get_artifact", args)
		used, _ := got["used_by"].([]any)
		if !strings.Contains(text, want) || args == `{"artifact_id":"d100"}` && len(used) != 30 {
			t.Errorf("get_artifact %s lacks %s, or shows %d of 30 runs:\n%.1500s", args, want,
				len(used), text)
		}
	}
}
