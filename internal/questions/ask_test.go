package questions

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A question is what a person asks, the calls of runicorn-mcp that answer it, and what the last
// answer must say, computed from the generator.
type question struct {
	number int // of peers' common questions up to 20, ours after that
	text   string
	calls  []string
	facts  []fact
}

// A fact is what is at a place in an answer. The place is keys and array elements between bars;
// [n] is an element, [column=value] the row of a table that has this value in this column, and
// a key after a row is its cell in that column. A place that begins with < is one of the first
// answer, else it is one of the last.
type fact struct {
	place string
	want  any
}

// What a fact wants, beside texts and numbers (to 5 significant digits): a text or list that
// holds another text, a number that is near another, a list of just so many.
type (
	holds  string
	around struct{ value, within float64 }
	count  int
)

// An asked question has the answers that came, and their bytes.
type asked struct {
	answers []any
	bytes   int
	err     error
}

// A program is the program as a person calls it.
type program struct {
	path string
	args []string            // the source and the export folder
	mask func(string) string // of what differs from machine to machine
}

// word is an argument of a call: key=value, where a value may be quoted.
var word = regexp.MustCompile(`[^\s"]*"[^"]*"|\S+`)

// ask makes the calls of a question. {place} in a call is taken from the answer before.
func (p program) ask(t *testing.T, q question) (a asked) {
	t.Helper()
	for _, call := range q.calls {
		args := append(slices.Clone(p.args), "call")
		for _, w := range word.FindAllString(call, -1) {
			w = strings.ReplaceAll(w, `"`, "")
			if before, place, found := strings.Cut(w, "{"); found {
				v, err := find(a.answers[len(a.answers)-1], strings.TrimSuffix(place, "}"))
				if err != nil {
					a.err = err
					return a
				}
				w = before + fmt.Sprint(v)
			}
			args = append(args, w)
		}
		var out, errs bytes.Buffer
		cmd := exec.CommandContext(t.Context(), p.path, args...)
		cmd.Stdout, cmd.Stderr = &out, &errs
		if err := cmd.Run(); err != nil {
			a.bytes += len(p.mask(errs.String()))
			a.err = fmt.Errorf("%s: %v: %s", call, err, errs.String())
			return a
		}
		a.bytes += len(p.mask(strings.TrimSuffix(out.String(), "\n")))
		var answer any
		if err := json.Unmarshal(out.Bytes(), &answer); err != nil {
			t.Fatalf("%s printed no JSON: %v", call, err)
		}
		a.answers = append(a.answers, answer)
	}
	return a
}

// missing are the facts that the answers do not hold, in words.
func (a asked) missing(facts []fact) (words []string) {
	if a.err != nil {
		return []string{a.err.Error()}
	}
	for _, f := range facts {
		answer, place := a.answers[len(a.answers)-1], f.place
		if rest, first := strings.CutPrefix(place, "<"); first {
			answer, place = a.answers[0], rest
		}
		got, err := find(answer, place)
		if err != nil {
			words = append(words, fmt.Sprintf("%s: %v, want %v", f.place, err, f.want))
		} else if !is(got, f.want) {
			words = append(words, fmt.Sprintf("%s is %v, want %v", f.place, got, f.want))
		}
	}
	return words
}

// find is what is at a place of an answer.
func find(v any, place string) (any, error) {
	var columns []any // of the row that v is
	for part := range strings.SplitSeq(place, "|") {
		switch at := v.(type) {
		case map[string]any:
			inner, there := at[part]
			if rows, _ := at["columns"].([]any); strings.HasPrefix(part, "[") && rows != nil {
				columns, inner, there = rows, row(at, part[1:len(part)-1]), true
			}
			if !there || inner == nil {
				return nil, fmt.Errorf("no %s", part)
			}
			v = inner
		case []any:
			i := slices.IndexFunc(columns, func(c any) bool { return c == part })
			if strings.HasPrefix(part, "[") {
				i, _ = strconv.Atoi(part[1 : len(part)-1])
			}
			if i < 0 || i >= len(at) {
				return nil, fmt.Errorf("no %s", part)
			}
			v = at[i]
		default:
			return nil, fmt.Errorf("no %s in %v", part, v)
		}
	}
	return v, nil
}

// row is a row of a table, by number or column=value; nil when there is none.
func row(table map[string]any, which string) any {
	rows, _ := table["rows"].([]any)
	column, value, named := strings.Cut(which, "=")
	if !named {
		if i, err := strconv.Atoi(which); err == nil && i < len(rows) {
			return rows[i]
		}
		return nil
	}
	columns, _ := table["columns"].([]any)
	i := slices.Index(columns, any(column))
	for _, r := range rows {
		if cells, ok := r.([]any); ok && i >= 0 && fmt.Sprint(cells[i]) == value {
			return r
		}
	}
	return nil
}

// is reports whether what was found is what a fact wants.
func is(got, want any) bool {
	number, isNumber := got.(float64)
	switch want := want.(type) {
	case float64:
		return isNumber && math.Abs(number-want) <= 1e-5*math.Abs(want)
	case int:
		return isNumber && number == float64(want)
	case around:
		return isNumber && math.Abs(number-want.value) <= want.within
	case holds:
		return strings.Contains(fmt.Sprint(got), string(want))
	case cells: // of one of the rows
		rows, _ := got.([]any)
		return slices.ContainsFunc(rows, func(r any) bool {
			row, ok := r.([]any)
			return ok && !slices.ContainsFunc(want, func(w any) bool {
				return !slices.ContainsFunc(row, func(cell any) bool { return is(cell, w) })
			})
		})
	case count:
		list, ok := got.([]any)
		return ok && len(list) == int(want)
	}
	return got == want
}

// build builds the program.
func build(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "runicorn-mcp.exe")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", path, ".")
	cmd.Dir = filepath.Join("..", "..")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return path
}

// masks replaces folders, the host and our process id by others of fixed length, so that the
// bytes of an answer are the same on every machine.
func masks(root, exports string) func(string) string {
	host, _ := os.Hostname()
	return strings.NewReplacer(root, "/home/me/experiments", exports, "/home/me/exports",
		fmt.Sprintf(`"host":%q`, host), `"host":"gpu-node-2"`,
		fmt.Sprintf(`"pid":%d`, os.Getpid()), `"pid":12345`).Replace
}

// fakeGPU puts an nvidia-smi before all others, for us and for Viewers.
func fakeGPU(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the nvidia-smi of this test is a shell script")
	}
	const script = `#!/bin/sh
for arg; do case "$arg" in --query-gpu=*) fields="${arg#--query-gpu=}";; esac; done
out=; IFS=,
for field in $fields; do case "$field" in
	index) v=0;; name) v="NVIDIA Test";; memory.total) v=24576;; memory.used) v=1024;;
	utilization.gpu) v=97;; temperature.gpu) v=41;; power.draw) v=312.50;; *) v="[N/A]";; esac
	out="$out${out:+, }$v"
done
echo "$out"
`
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "nvidia-smi"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
}
