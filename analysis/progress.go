package analysis

import (
	"regexp"
	"strconv"
	"strings"
)

// A bar is the state of a progress bar: what stands before its numbers, and how far it is, in
// per cent or, where no total is known, in steps.
type bar struct {
	label string
	done  float64
}

// redraws reports whether b is a later state of before: the same label, and no new start.
func (b bar) redraws(before bar) bool {
	return b.label == before.label && b.done >= before.done/2
}

// What tells a progress bar from a line that merely has a percentage or a rate: a bar that is
// drawn, as tqdm, Keras, rich, pip and wget do, or tqdm's form for an unknown total.
var (
	drawn    = []string{"%|", "[=", "[#", "[>", "━", "█", "▏"}
	rates    = []string{"it/s", "s/it"}
	percent  = regexp.MustCompile(`(\d+(?:\.\d+)?) ?%`)
	ofTotal  = regexp.MustCompile(`(\d+(?:\.\d+)?)[a-zA-Z]? ?/ ?(\d+(?:\.\d+)?)[a-zA-Z]? *[\[|━]`)
	uncapped = regexp.MustCompile(`(\d+)[a-z]{1,10} \[\d`)
)

// progress reads a line as a progress bar; false when it is none.
func progress(line string) (bar, bool) {
	if containsAny(line, drawn) {
		if m := percent.FindStringSubmatchIndex(line); m != nil {
			return bar{label(line[:m[0]]), number(line[m[2]:m[3]])}, true
		}
		if m := ofTotal.FindStringSubmatchIndex(line); m != nil {
			if total := number(line[m[4]:m[5]]); total > 0 {
				return bar{label(line[:m[0]]), 100 * number(line[m[2]:m[3]]) / total}, true
			}
		}
	}
	if containsAny(line, rates) {
		if m := uncapped.FindStringSubmatchIndex(line); m != nil {
			return bar{label(line[:m[0]]), number(line[m[2]:m[3]])}, true
		}
	}
	return bar{}, false
}

func containsAny(s string, words []string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// label is what stands before the numbers, without what is drawn.
func label(s string) string {
	return strings.Trim(s, " \t[]|:=#>.-━╸╺█▏▎▍▌▋▊▉░▒▓")
}

func number(s string) float64 {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0
	}
	return v
}
