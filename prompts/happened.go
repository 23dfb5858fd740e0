package prompts

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/completion"
	"github.com/runicorn-mcp/runicorn-mcp/tools"
)

const (
	maxEvents = 50 // are told, the newest
	maxAsked  = 50 // runs, the newest, are asked when they ended
)

// whatHappened is what became of the runs since a time, a line for each that started or ended.
var whatHappened = Prompt{
	Name: "what_happened_since", Title: "What happened since?",
	Description: "Which runs started, finished and failed since a time, one line each.",
	Arguments: []Argument{
		{"since", "Hours back (24), 90m, 3d, or a time: 2026-03-14, 2026-03-14 18:00. A day, when left out.",
			false, completion.Nothing},
		{"project", "Only this project.", false, completion.Project},
	},
	Get: func(ctx context.Context, env *tools.Env, args map[string]string) (string, error) {
		now := time.Now()
		since, err := tools.SinceTime(args["since"], now)
		if err != nil {
			return "", wrongArgument{err}
		}
		c, err := env.Client(ctx, "")
		if err != nil {
			return "", tools.Presentable(err)
		}
		h, err := happenedSince(ctx, c, args["project"], since)
		if err != nil {
			return "", tools.Presentable(err)
		}
		if h.looked == 0 && args["project"] != "" {
			return "", noProject(ctx, c, args["project"])
		}
		return h.message(args["project"], since, now), nil
	},
}

// An event is that a run started or ended.
type event struct {
	at   float64 // seconds since 1970
	what string  // started, finished, failed, interrupted, or started and one of these
	run  client.Experiment
}

// happened is what became of the runs.
type happened struct {
	events  []event // newest first
	running int     // of those that started before
	looked  int
	// untimed are runs that ended, started before, and do not say when they ended.
	untimed int
}

func happenedSince(
	ctx context.Context, c *client.Client, project string, since time.Time,
) (happened, error) {
	var h happened
	from := float64(since.UnixMicro()) / 1e6
	var silent []client.Experiment // about when they ended
	for run, err := range c.Runs(ctx) {
		if err != nil {
			return h, err
		}
		if project != "" && run.Project != project {
			continue
		}
		h.looked++
		if run.EndedAt == 0 && run.Status != client.StatusRunning && len(silent) < maxAsked {
			silent = append(silent, run)
			continue
		}
		h.add(run, from)
	}
	silent, err := withEnds(ctx, c, silent)
	if err != nil {
		return h, err
	}
	for _, run := range silent {
		h.add(run, from)
	}
	slices.SortStableFunc(h.events, func(a, b event) int { return cmp.Compare(b.at, a.at) })
	return h, nil
}

// withEnds are runs of a list that does not say when they ended, as no list of a Viewer does (0.4 to
// 0.7), with what their details say. Where the first one's details have no way to tell it (0.4 and 0.5 over
// HTTP), the others are not asked.
func withEnds(
	ctx context.Context, c *client.Client, runs []client.Experiment,
) ([]client.Experiment, error) {
	first := min(1, len(runs))
	known, err := c.DetailsOf(ctx, runs[:first])
	if err != nil || first == 0 || slices.Contains(known[0].Unavailable, "ended_at") {
		return runs, err
	}
	others, err := c.DetailsOf(ctx, runs[first:])
	return append(known, others...), err
}

// noProject is the error for a project without runs.
func noProject(ctx context.Context, c *client.Client, project string) error {
	near, err := new(completion.Completer).Complete(ctx, c, completion.Project, project, "")
	if err != nil {
		return err
	}
	text := fmt.Sprintf("there is no project %q", short(project))
	if n := min(5, len(near.Values)); n > 0 {
		text += fmt.Sprintf("; the nearest are %q", near.Values[:n])
	}
	return wrongArgument{errors.New(text)}
}

func (h *happened) add(run client.Experiment, from float64) {
	began := cmp.Or(run.StartedAt, run.CreatedAt)
	started, running := began >= from, run.Status == client.StatusRunning
	switch {
	case run.EndedAt >= from: // one line says both
		h.events = append(h.events, event{run.EndedAt, run.Status, run})
	case started && running:
		h.events = append(h.events, event{began, "started", run})
	case started:
		h.events = append(h.events, event{began, "started and " + run.Status, run})
	case running:
		h.running++
	case run.EndedAt == 0:
		h.untimed++
	}
}

// message is the question with a line for each event.
func (h happened) message(project string, since, now time.Time) string {
	count := make(map[string]int)
	for _, e := range h.events {
		count[e.run.Status]++
	}
	in := "of all projects"
	if project != "" {
		in = fmt.Sprintf("of project %q", short(project))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "What happened to the training runs since %s (it is %s)? Tell it in short: "+
		"what failed and may need attention first, then what finished and how well, then what "+
		"runs. %s\n\n", stamp(since), stamp(now), data)
	fmt.Fprintf(&b, "%d runs %s: ", h.looked, in)
	for _, what := range []string{client.StatusFailed, client.StatusInterrupted,
		client.StatusFinished, client.StatusUnknown, client.StatusRunning} {
		if n := count[what]; n > 0 {
			fmt.Fprintf(&b, "%d %s, ", n, what)
		}
	}
	fmt.Fprintf(&b, "%d running since before.", h.running)
	if h.untimed > 0 {
		fmt.Fprintf(&b, " Of %d older ones it is not known when they ended.", h.untimed)
	}
	b.WriteString("\n")
	for _, e := range h.events[:min(maxEvents, len(h.events))] {
		b.WriteString(e.line() + "\n")
	}
	if more := len(h.events) - maxEvents; more > 0 {
		fmt.Fprintf(&b, "… and %d earlier ones; list_experiments shows them.\n", more)
	}
	return b.String()
}

// line is an event in one line.
func (e event) line() string {
	run := e.run
	words := []string{stamp(time.UnixMicro(int64(e.at * 1e6))), e.what}
	if name := short(cmp.Or(run.Label(), run.Alias)); name != "" {
		words = append(words, name)
	}
	words = append(words, "["+short(run.ID)+"]")
	if run.Alias != "" && run.Label() != "" {
		words = append(words, "alias "+short(run.Alias))
	}
	// A Viewer that finds a process gone takes the time when it looked for the end (0.4 to 0.7).
	noticed := run.StatusReason == "process_not_found"
	if began := cmp.Or(run.StartedAt, run.CreatedAt); run.EndedAt > began && began > 0 && !noticed {
		d := time.Duration((run.EndedAt - began) * float64(time.Second))
		words = append(words, "after "+d.Round(time.Second).String())
	}
	if run.Best != nil {
		words = append(words, fmt.Sprintf("best %s=%.6g", short(run.Best.Name), run.Best.Value))
	}
	if run.StatusReason != "" {
		reason, _ := tools.WithoutSecrets(short(run.StatusReason)).(string)
		words = append(words, fmt.Sprintf("reason %q", reason))
	}
	return strings.Join(words, " ")
}

// stamp is a time in UTC, to the minute.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04Z") }
