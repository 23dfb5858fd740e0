package truth

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/viewer"
	"github.com/runicorn-mcp/runicorn-mcp/internal/realtest"
)

// TestContract asks every method of the client with every argument of the table, through the
// Viewer of each release and from the folder below it. What the Viewer's answers lack against
// the table and against the folder must be listed, and what is listed must be lacking. What
// README says of methods and Viewers is made of the result.
func TestContract(t *testing.T) {
	t.Parallel()
	result := &contract{causes: make(map[string]map[string][]string)}
	t.Cleanup(func() { result.compare(t) })
	for _, version := range realtest.Versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			base, root := realtest.Seed(t, version)
			rows := append(commonRows(version), artifactRows(version)...)
			address := realtest.Viewer(t, version, root)
			through := record(t, version, address, base)
			theirs := answers(t, through, rows)
			folder := answers(t, client.New(open(t, root)), rows)
			used := make(map[exemption]bool)
			for i, r := range rows {
				want := expected(r)
				allow(t, version, r.call, missing(version, want, theirs[i], base), used)
				allow(t, version, r.call, missing(version, folder[i], theirs[i], base), used)
				if want.err == nil {
					result.asked(version, r.call, want.value)
				}
			}
			if len(rows) < 80 {
				t.Errorf("only %d rows", len(rows))
			}
			for _, e := range exemptions(version) {
				if !used[e] {
					t.Errorf("%s %s is as it should be: the listed difference is gone (%s)",
						e.method, e.field, e.cause)
				}
				result.note(version, e.method, e.cause)
			}
			gpus := must(through.GetGPUInfo(t.Context()))(t)
			here := must(client.New(open(t, root)).GetGPUInfo(t.Context()))(t)
			if gpus.Available != here.Available || len(gpus.Devices) != len(here.Devices) {
				t.Errorf("the Viewer has %+v, this machine %+v", gpus, here)
			}
			result.asked(version, "get_gpu_info", nil)
			updateConfig(t, client.New(viewer.New(viewer.Options{BaseURL: address})), root)
			result.asked(version, "update_config", nil)
		})
	}
}

// updateConfig points a Viewer at another root and back.
func updateConfig(t *testing.T, c *client.Client, root string) {
	t.Helper()
	other := filepath.Join(t.TempDir(), "another root")
	before := must(c.ListExperiments(t.Context(), client.ListOptions{}))(t).Total
	for _, step := range []struct {
		root string
		runs int
	}{{other, 0}, {root, before}} {
		config := must(c.UpdateConfig(t.Context(), step.root))(t)
		if config.UserRoot != step.root || must(c.GetConfig(t.Context()))(t).UserRoot != step.root {
			t.Errorf("update_config to %s uses %s", step.root, config.UserRoot)
		}
		if n := must(c.ListExperiments(t.Context(), client.ListOptions{}))(t).Total; n != step.runs {
			t.Errorf("%d runs below %s, want %d", n, step.root, step.runs)
		}
	}
	for _, bad := range []string{"", " ", "data", "./data", "~/data", "/data/$HOME", "/a\nb", " /data"} {
		if _, err := c.UpdateConfig(t.Context(), bad); !errors.Is(err, client.ErrBadRequest) {
			t.Errorf("update_config to %q: %v", bad, err)
		}
	}
	if got := must(c.GetConfig(t.Context()))(t).UserRoot; got != root {
		t.Errorf("a bad root led to %s", got)
	}
}

// A contract is what the methods answer through each Viewer: by method and release the causes of
// what is missing.
type contract struct {
	mu     sync.Mutex
	causes map[string]map[string][]string
}

// asked notes that a call was answered as it should be, but for what is noted besides.
func (c *contract) asked(version, call string, want any) {
	method, _, _ := strings.Cut(call, " ")
	cause := ""
	if realtest.HasRegistry(version) && !cmp.Equal(want, throughTable(want), cmpopts.EquateNaNs()) {
		cause = notFinite
	}
	c.note(version, method, cause)
}

func (c *contract) note(version, method, cause string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.causes[method] == nil {
		c.causes[method] = make(map[string][]string)
	}
	if slices.Contains(inREADME, cause) && !slices.Contains(c.causes[method][version], cause) {
		c.causes[method][version] = append(c.causes[method][version], cause)
		slices.Sort(c.causes[method][version])
	} else if c.causes[method][version] == nil {
		c.causes[method][version] = []string{}
	}
}

// compare holds testdata/contract.json to the result.
func (c *contract) compare(t *testing.T) {
	if t.Failed() || len(c.causes) == 0 {
		return
	}
	text, err := json.MarshalIndent(map[string]any{"notes": inREADME, "methods": c.causes}, "", "  ")
	if err != nil {
		t.Error(err)
		return
	}
	const file = "testdata/contract.json"
	if *update {
		if err := os.WriteFile(file, append(text, '\n'), 0o644); err != nil {
			t.Error(err)
		}
		return
	}
	have, err := os.ReadFile(file)
	if err != nil || strings.TrimSpace(string(have)) != string(text) {
		t.Errorf("%s is not what was found (%v): go test ./internal/truth -run Contract -update", file, err)
	}
}

var update = flag.Bool("update", false, "write testdata instead of comparing with it")

// An answer is what a call of the table came to.
type answer struct {
	value any
	err   error
}

// expected is what a row wants.
func expected(r row) answer {
	if kind, ok := r.want.(error); ok {
		return answer{err: kind}
	}
	return answer{value: r.want}
}

func answers(t *testing.T, c *client.Client, rows []row) []answer {
	t.Helper()
	var all []answer
	for _, r := range rows {
		value, err := r.got(t.Context(), c)
		all = append(all, answer{value, err})
	}
	return all
}

// missing lists the fields, by path, in which got differs from want, with how.
func missing(version string, want, got answer, base string) map[string]string {
	if want.err != nil || got.err != nil {
		if got.err == nil || want.err == nil || !sameKind(want.err, got.err) {
			return map[string]string{"": fmt.Sprintf("error %v, want %v", got.err, want.err)}
		}
		return nil
	}
	fields := make(fieldReporter)
	wanted := want.value
	if realtest.HasRegistry(version) {
		wanted = throughTable(wanted)
	}
	cmp.Diff(parsed(wanted), parsed(got.value), masks(base), cmp.Reporter(&reporter{fields: fields}))
	return fields
}

func sameKind(want, got error) bool {
	for _, kind := range []error{client.ErrConnection, client.ErrNotFound, client.ErrBadRequest,
		client.ErrServer, client.ErrAuthentication} {
		if errors.Is(want, kind) {
			return errors.Is(got, kind)
		}
	}
	return false
}

// parsed is a JSON export as what it says, so that its members can be told apart.
func parsed(value any) any {
	text, ok := value.(string)
	if !ok || !strings.HasPrefix(text, "{") {
		return value
	}
	var object map[string]any
	if json.Unmarshal([]byte(text), &object) != nil {
		return value
	}
	return object
}

// A fieldReporter collects differences by the path of their field.
type fieldReporter map[string]string

type reporter struct {
	path   cmp.Path
	fields fieldReporter
}

func (r *reporter) PushStep(s cmp.PathStep) { r.path = append(r.path, s) }
func (r *reporter) PopStep()                { r.path = r.path[:len(r.path)-1] }

// Report implements the interface of [cmp.Reporter].
func (r *reporter) Report(result cmp.Result) {
	if result.Equal() {
		return
	}
	var names []string
	for _, step := range r.path {
		switch s := step.(type) {
		case cmp.StructField:
			names = append(names, s.Name())
		case cmp.MapIndex:
			names = append(names, fmt.Sprint(s.Key()))
		}
	}
	want, got := r.path.Last().Values()
	r.fields[strings.Join(names, ".")] = fmt.Sprintf("%v, want %v", got, want)
}

// allow fails for every difference that is not listed.
func allow(
	t *testing.T, version, call string, differences map[string]string, used map[exemption]bool,
) {
	t.Helper()
	method, _, _ := strings.Cut(call, " ")
	for field, how := range differences {
		list := exemptions(version)
		i := slices.IndexFunc(list, func(e exemption) bool {
			return e.method == method && e.field == field && strings.Contains(call, e.call)
		})
		if i < 0 {
			t.Errorf("%s: %s is %s", call, field, how)
			continue
		}
		used[list[i]] = true
	}
}
