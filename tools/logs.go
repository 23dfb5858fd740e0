package tools

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/runicorn-mcp/runicorn-mcp/analysis"
	"github.com/runicorn-mcp/runicorn-mcp/client"
)

const (
	defaultLines   = 20  // lines of a log that are shown unless told otherwise
	defaultMatches = 10  // matches, each with two lines before and after it
	maxLine        = 300 // characters of a line of a log in an answer
	logWeight      = 2_800
)

type getLogsArgs struct {
	RunID  string `json:"run_id" jsonschema_description:"Run, as in get_metrics."`
	Search string `json:"search,omitempty" jsonschema_description:"Text or regular expression, in any case: show matches with context."`
	Head   int    `json:"head,omitempty" jsonschema:"minimum=0,maximum=500" jsonschema_description:"First lines, or matches."`
	Tail   int    `json:"tail,omitempty" jsonschema:"minimum=0,maximum=500" jsonschema_description:"Last lines, or matches; 20 by default."`
	Around int    `json:"around,omitempty" jsonschema:"minimum=0" jsonschema_description:"Show the lines around this number."`
	Since  string `json:"since,omitempty" jsonschema_description:"Cursor: only news."`
	Viewer string `json:"viewer,omitempty" jsonschema_description:"Name or session_id."`
}

type getLogsAnswer struct {
	Source string `json:"source"`
	Run    string `json:"run"`
	Label  string `json:"label,omitempty"`
	Status string `json:"status"`
	Total  int    `json:"total_lines"`
	Last   string `json:"last_line,omitempty"` // when it was logged, "15:04:05"
	New    *int   `json:"new_lines,omitempty"` // with since
	Cursor string `json:"cursor,omitempty"`    // of a run that goes on

	Matches    *int `json:"matches,omitempty"`
	FirstMatch int  `json:"first_match,omitempty"` // line number
	// Lines are "12: text", as grep -n writes them: "12- text" stands around a match.
	Lines     []string         `json:"lines"`
	Traceback *tracebackAnswer `json:"traceback,omitempty"`
	Errors    *marksAnswer     `json:"errors,omitempty"`
	Warnings  *marksAnswer     `json:"warnings,omitempty"`
	Notes     []string         `json:"notes,omitempty"`

	fromEnd bool // the first lines are the least needed
}

type tracebackAnswer struct {
	Line      int    `json:"line"` // of its first line
	Exception string `json:"exception,omitempty"`
	Frame     string `json:"frame,omitempty"`
	Count     int    `json:"tracebacks"` // in the whole log; this is the last
	// Lines: the end of it, where it is not among the lines shown.
	Lines []string `json:"lines,omitempty"`
}

type marksAnswer struct {
	Count int      `json:"count"`
	Last  []string `json:"last,omitempty"` // those not among the lines shown
}

func (a *getLogsAnswer) shrink() bool {
	n := len(a.Lines)
	if n < 2 {
		return false
	}
	half := a.Lines[:n/2]
	if a.fromEnd {
		half = a.Lines[n-n/2:]
	}
	a.Lines = half
	a.noteCut()
	return true
}

// noteCut says that not all lines that were asked for are shown.
func (a *getLogsAnswer) noteCut() {
	which := "first"
	if a.fromEnd {
		which = "last"
	}
	a.Notes = []string{fmt.Sprintf("too much to show: the %s %d lines of it; around shows others",
		which, len(a.Lines))}
}

var getLogs = reads("runs", "get_logs", words{
	"Read a run's log",
	"Console output of a run: the last lines, the last traceback, how many errors and warnings. " +
		"Or a search, the head, the lines around a number. Answers why a run crashed. " +
		"Progress bars are folded.",
}, func(ctx context.Context, env *Env, args getLogsArgs) (getLogsAnswer, error) {
	query, err := args.query()
	if err != nil {
		return getLogsAnswer{}, err
	}
	c, err := env.Client(ctx, args.Viewer)
	if err != nil {
		return getLogsAnswer{}, err
	}
	run, log, news, err := readLog(ctx, c, args, query)
	if err != nil {
		return getLogsAnswer{}, err
	}
	answer := getLogsAnswer{Source: c.Source().String(), Run: name(run.ID), Label: name(run.Label()),
		Status: status(run), Total: log.Total, Last: log.Clock, New: news,
		Cursor: logCursorOf(run, log),
		Lines:  []string{}, fromEnd: query.Tail > 0 && query.Around == 0}
	if args.Since != "" && news == nil {
		answer.Notes = []string{"since is a cursor of another run or log: all of this one is answered"}
	}
	if args.Search != "" {
		answer.Matches, answer.FirstMatch = &log.Matches, log.FirstMatch
	}
	answer.show(log, args)
	if run.Status == client.StatusFailed && !run.ProcessGone() && news == nil {
		answer.noteSilent(log)
	}
	return answer, nil
})

// query is what the arguments ask for.
func (args getLogsArgs) query() (analysis.LogQuery, error) {
	q := analysis.LogQuery{Head: args.Head, Tail: args.Tail, Search: args.Search,
		Around: args.Around}
	switch {
	case args.Around > 0 && args.Since != "":
		return q, errors.New("since answers what is new: leave out around, or since")
	case args.Around > 0 && args.Search != "":
		return q, errors.New("give search or around, not both: search shows the lines around " +
			"each match")
	case args.Around > 0: // tail lines before it and head lines after it
		q.Head, q.Tail = cmp.Or(args.Head, defaultLines/2), cmp.Or(args.Tail, defaultLines/2)
	case args.Search != "":
		q.Context = 2
		if args.Head+args.Tail == 0 {
			q.Tail = defaultMatches
		}
	case args.Head+args.Tail == 0:
		q.Tail = defaultLines
	}
	return q, nil
}

// show fills in the lines and the overview. Without arguments all of it stays small; lines that
// were asked for by number are bounded by the length of an answer alone.
func (a *getLogsAnswer) show(log client.Log, args getLogsArgs) {
	shown := make(map[int]bool, len(log.Lines))
	for _, line := range log.Lines {
		shown[line.Number] = true
		a.Lines = append(a.Lines, logLine(line, args.Search == "" || line.Match))
	}
	overview := args.Search == "" && args.Head+args.Tail+args.Around == 0
	if t := log.Traceback; t != nil {
		a.Traceback = &tracebackAnswer{Line: t.Lines[0].Number, Frame: name(t.Frame),
			Exception: said(t.Exception, maxLine), Count: log.Tracebacks}
		if overview && !shown[t.Lines[0].Number] {
			for _, line := range t.Lines[max(0, len(t.Lines)-12):] {
				if !shown[line.Number] {
					a.Traceback.Lines = append(a.Traceback.Lines, logLine(line, true))
				}
			}
		}
	}
	a.Errors = marks(log.Errors, shown, overview)
	a.Warnings = marks(log.Warnings, shown, overview)
	if overview || args.Search != "" && args.Head+args.Tail == 0 {
		a.lighten()
	}
	if log.Total == 0 {
		a.Notes = append(a.Notes, "the log is empty")
	}
}

// noteSilent says of the log of a failed run that does not tell why where that may be found: seen
// with the SDK 0.7.2.
func (a *getLogsAnswer) noteSilent(log client.Log) {
	if log.Total == 0 || log.Crashed || log.Traceback != nil || log.Errors.Count > 0 {
		return
	}
	a.Notes = append(a.Notes, "the run failed and its log has no traceback: an exception that "+
		"leaves `with rn.init(…)` is printed after capturing has ended, so the terminal or the "+
		"job's own log has it")
}

func marks(m analysis.LogMarks, shown map[int]bool, withText bool) *marksAnswer {
	if m.Count == 0 {
		return nil
	}
	answer := &marksAnswer{Count: m.Count}
	for _, line := range m.Last {
		if withText && !shown[line.Number] {
			answer.Last = append(answer.Last, logLine(line, true))
		}
	}
	return answer
}

// logLine is a line as grep -n shows it, secrets hidden.
func logLine(line analysis.LogLine, match bool) string {
	mark := ":"
	if !match {
		mark = "-"
	}
	text := fmt.Sprintf("%d%s %s", line.Number, mark, said(line.Text, maxLine))
	if line.Folded > 0 {
		text += fmt.Sprintf(" [after %d like it]", line.Folded)
	}
	return text
}

// lighten drops lines until the answer costs at most some 4,000 tokens, whatever they hold.
func (a *getLogsAnswer) lighten() {
	total := 0
	if a.Traceback != nil {
		for _, line := range a.Traceback.Lines {
			total += weight(line)
		}
	}
	fit := 0
	for fit < len(a.Lines) {
		line := a.Lines[fit]
		if a.fromEnd {
			line = a.Lines[len(a.Lines)-1-fit]
		}
		if total += weight(line); total > logWeight && fit > 0 {
			break
		}
		fit++
	}
	if fit == len(a.Lines) {
		return
	}
	if a.fromEnd {
		a.Lines = a.Lines[len(a.Lines)-fit:]
	} else {
		a.Lines = a.Lines[:fit]
	}
	a.noteCut()
}

// weight estimates from above how many tokens a text costs: half a token a character, more for
// what is no ASCII.
func weight(s string) int {
	halves := 8 // quotes, comma, number
	for _, r := range s {
		switch {
		case r < 0x80:
			halves++
		case r < 0x2000 || r >= 0x3000 && r < 0xE000: // letters, Chinese
			halves += 3
		default: // drawings, emoji
			halves += 6
		}
	}
	return halves / 2
}
