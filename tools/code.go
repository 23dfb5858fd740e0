package tools

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// A codeAnswer is how the captured code of a run differs from that of another.
type codeAnswer struct {
	From  string   `json:"from"`
	To    string   `json:"to"`
	Files []string `json:"files"` // "train.py +2 -1"
	// Diff are changed lines with one before and after, below the name of their file.
	Diff []string `json:"diff"`
	Left string   `json:"left_out,omitempty"`
}

const (
	codeFiles = 8    // named, of one run
	codeRoom  = 1600 // characters of lines that are shown, of all runs
	fileLines = 16   // shown of one file
	codeText  = 160  // characters of a line
)

// addCode shows what differs in the code, in a bounded number of characters.
func (a *compareRunsAnswer) addCode(found client.Contrast, refs []string) {
	for _, p := range found.Problems {
		a.Notes = append(a.Notes, said(p, 200))
	}
	room := codeRoom
	for i, change := range found.Code {
		answer := codeAnswer{From: refs[change.From], To: refs[change.To], Diff: []string{}}
		share := room / (len(found.Code) - i)
		lines, shown := 0, 0
		for n, f := range change.Files {
			if n < codeFiles {
				answer.Files = append(answer.Files, name(f.String()))
			}
			lines += f.Of
			before := share
			k := answer.show(f, &share)
			shown, room = shown+k, room-(before-share)
		}
		answer.leaveOut(lines-shown, len(change.Files)-codeFiles)
		a.Code = append(a.Code, answer)
	}
}

// show adds the lines of a file for which there is room, and says how many.
func (a *codeAnswer) show(f client.FileChange, room *int) (shown int) {
	for _, line := range f.Lines[:min(fileLines, len(f.Lines))] {
		line = codeLine(line)
		cost := len([]rune(line)) + 4
		if shown == 0 {
			cost += len(f.Name) + 4
		}
		if cost > *room {
			break
		}
		if shown == 0 {
			a.Diff = append(a.Diff, name(f.Name))
		}
		a.Diff = append(a.Diff, line)
		*room -= cost
		shown++
	}
	return shown
}

// In code a secret also is a text on a line that speaks of one, and what only a program would make
// up.
var (
	secretWord = regexp.MustCompile(`(?i)pass(word|wd|phrase)|secret|(^|[^a-z])token([^a-z]|$)|credential|(api|access|private|` +
		`auth)[_\-]?key|bearer|authorization|cookie|\blogin\b|_pw\b|\bpwd?\b`)
	literal = regexp.MustCompile(`"[^"]{3,}("|$)|'[^']{3,}('|$)`)
	madeUp  = regexp.MustCompile(`[A-Za-z0-9+/_\-]{32,}={0,2}`)
	keyName = regexp.MustCompile(`^[A-Za-z_\-.]+$`)
)

// codeLine is a line of code, fit to be shown: its indentation kept, secrets hidden.
func codeLine(line string) string {
	mark, text := line[:1], strings.ReplaceAll(line[1:], "\t", "    ")
	text = hideSecrets(text)
	if secretWord.MatchString(text) {
		text = literal.ReplaceAllStringFunc(text, func(quoted string) string {
			if inner := strings.Trim(quoted, `"'`); secretWord.MatchString(inner) && keyName.MatchString(inner) {
				return quoted // the name of a secret
			}
			return quoted[:1] + hidden + quoted[:1]
		})
	}
	text = madeUp.ReplaceAllStringFunc(text, func(word string) string {
		if looksMadeUp(word) {
			return hidden
		}
		return word
	})
	return mark + cut(text, codeText)
}

// looksMadeUp tells a key from a long name: it has digits between letters, not at an end alone.
func looksMadeUp(word string) bool {
	changes := 0
	for i := 1; i < len(word); i++ {
		if unicode.IsDigit(rune(word[i])) != unicode.IsDigit(rune(word[i-1])) {
			changes++
		}
	}
	upper, lower := strings.ToUpper(word) != word, strings.ToLower(word) != word
	return changes >= 4 || len(word) >= 48 && upper && lower && !strings.Contains(word, "_")
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
