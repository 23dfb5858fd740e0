package demo

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"
)

// A Caller is an MCP session with a server that reads the demo store. text is the answer of the
// tool, or its error when failed is true; err is a failure of the session.
type Caller interface {
	CallTool(ctx context.Context, name string, args map[string]any) (
		text string, failed bool, err error)
}

// Options are what [Run] shows, and how.
type Options struct {
	Store  Store     // as [Write] returned it
	Caller Caller    // a session with a server of that store
	Out    io.Writer // where to print
	Color  bool      // use ANSI colours
	GoRun  bool      // started by go run: say how to install the program
	Now    time.Time // what "7 s ago" counts from; zero: the present
	OS     string    // as GOOS, for quoting paths; "": this one
}

// Run asks the questions of a person about the demo store, shows which tools answer them and
// what the answers are, and says how to go on with the store in a host. Everything that it
// prints of the runs comes out of the answers. The first tool or write that fails ends it.
func Run(ctx context.Context, o Options) error {
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	o.OS = cmp.Or(o.OS, runtime.GOOS)
	t := &talk{ctx: ctx, Options: o}
	t.printf("%s\n%s\n", t.bold(fmt.Sprintf("A conversation about %d made-up runs in %d projects.",
		len(o.Store.Runs), o.Store.projects())),
		t.faint("Each call goes through MCP to the server; the tables are what it answers."))
	for _, q := range questions {
		t.printf("\n%s %s\n", t.label("you"), t.bold(q.text))
		if err := errors.Join(q.ask(t), t.err); err != nil {
			return err
		}
	}
	t.goOn()
	return t.err
}

func (s Store) projects() int {
	projects := make(map[string]bool)
	for _, r := range s.Runs {
		project, _, _ := strings.Cut(r.Path, "/")
		projects[project] = true
	}
	return len(projects)
}

// A talk is a conversation being printed. What it prints is at most width columns wide, paths of
// the machine aside.
type talk struct {
	ctx context.Context
	Options
	err error // of the first write that failed
}

const width = 100

func (t *talk) printf(format string, args ...any) {
	if t.err == nil {
		_, t.err = fmt.Fprintf(t.Out, format, args...)
	}
}

func (t *talk) style(code, text string) string {
	if !t.Color {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (t *talk) bold(text string) string  { return t.style("1", text) }
func (t *talk) faint(text string) string { return t.style("2", text) }

// label says who speaks, in a column of its own.
func (t *talk) label(who string) string {
	colors := map[string]string{"you": "36", "call": "33", "so": "32"}
	return t.style(colors[who], fmt.Sprintf("%4s", who))
}

// call calls a tool, shows that it does, and returns the answer.
func (t *talk) call(tool string, args ...member) (answer, error) {
	values := make(map[string]any, len(args))
	for _, a := range args {
		values[a.key] = a.value
	}
	t.say("call", tool+words(args))
	text, failed, err := t.Caller.CallTool(t.ctx, tool, values)
	if err != nil {
		return answer{}, fmt.Errorf("%s: %w", tool, err)
	}
	if failed {
		return answer{}, fmt.Errorf("%s: %s", tool, text)
	}
	var a answer
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber() // a number is shown as it came
	if err := decoder.Decode(&a); err != nil {
		return answer{}, fmt.Errorf("%s answered no JSON: %w", tool, err)
	}
	return a, nil
}

// words are arguments as runicorn-mcp call takes them.
func words(args []member) string {
	var b strings.Builder
	for _, a := range args {
		list, ok := a.value.([]string)
		if !ok {
			list = []string{fmt.Sprint(a.value)}
		}
		for _, value := range list {
			fmt.Fprintf(&b, " %s=%s", a.key, value)
		}
	}
	return b.String()
}

// so is the conclusion.
func (t *talk) so(format string, args ...any) { t.say("so", fmt.Sprintf(format, args...)) }

// say prints text, broken into lines, under the label of who says it.
func (t *talk) say(who, text string) {
	label := t.label(who)
	for _, line := range wrap(text, width-5) {
		t.printf("%s %s\n", label, line)
		label = "    "
	}
}

// wrap breaks text at spaces into lines of at most limit columns.
func wrap(text string, limit int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && columns(line)+1+columns(word) > limit {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}
