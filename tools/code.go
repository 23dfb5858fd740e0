package tools

import (
	"fmt"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// A codeAnswer is how the captured code of a run differs from that of another.
type codeAnswer struct {
	From  string   `json:"from"`
	To    string   `json:"to"`
	Files []string `json:"files"` // "train.py +2 -1"
	// Diff are changed lines as in "diff -U1", below the name of their file.
	Diff []string `json:"diff"`
	Left string   `json:"left_out,omitempty"`
}

const (
	codeFiles = 8  // named, of one run
	codeLines = 20 // shown, of all runs
	fileLines = 10 // of one file
	codeText  = 80 // characters of a line
)

// addCode shows what differs in the code, in a bounded number of lines.
func (a *compareRunsAnswer) addCode(found client.Contrast, refs []string) {
	for _, p := range found.Problems {
		a.Notes = append(a.Notes, said(p, 200))
	}
	left := codeLines
	for i, change := range found.Code {
		answer := codeAnswer{From: refs[change.From], To: refs[change.To], Diff: []string{}}
		share := left / (len(found.Code) - i)
		shown, lines := 0, 0
		for n, f := range change.Files {
			if n < codeFiles {
				answer.Files = append(answer.Files, name(f.String()))
			}
			most := min(fileLines, share-shown)
			lines += len(f.Lines)
			if most < 2 || len(f.Lines) == 0 {
				continue
			}
			answer.Diff = append(answer.Diff, name(f.Name))
			for _, line := range f.Lines[:min(most, len(f.Lines))] {
				answer.Diff = append(answer.Diff, codeLine(line))
				shown++
			}
		}
		left -= shown
		answer.leaveOut(lines-shown, len(change.Files)-codeFiles)
		a.Code = append(a.Code, answer)
	}
}

// codeLine is a line of code, fit to be shown: its indentation kept.
func codeLine(line string) string {
	mark, text := line[:1], strings.ReplaceAll(line[1:], "\t", "    ")
	return mark + said(text, codeText)
}

// leaveOut says how much is not shown.
func (a *codeAnswer) leaveOut(lines, files int) {
	var parts []string
	if files > 0 {
		parts = append(parts, fmt.Sprintf("%d more files differ", files))
	}
	if lines > 0 {
		parts = append(parts, fmt.Sprintf("%d lines of the diff", lines))
	}
	a.Left = strings.Join(parts, "; ")
}
