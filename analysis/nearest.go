package analysis

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

// Nearest returns at most n of have that look most like want, the likeliest first and each once:
// a mistyped name, another case, other separators ("val/loss" for "val_loss"), one that contains
// it, or all of its words in another order. What is too different is left out, so the answer may be empty.
func Nearest(want string, have []string, n int) []string {
	type scored struct {
		name  string
		score float64
	}
	folded, words := fold(want), wordsOf(want)
	var found []scored
	seen := make(map[string]bool)
	for _, name := range have {
		if name == "" || seen[name] {
			continue
		}
		seen[name] = true
		candidate := fold(name)
		s := likeness(folded, candidate)
		if len(words) > 1 && containsAll(string(candidate), words) {
			s = max(s, 0.58)
		}
		if s >= 0.55 {
			found = append(found, scored{name, s})
		}
	}
	slices.SortStableFunc(found, func(a, b scored) int { return cmp.Compare(b.score, a.score) })
	var names []string
	for _, f := range found[:min(n, len(found))] {
		names = append(names, f.name)
	}
	return names
}

// wordsOf are the words of a name, folded.
func wordsOf(s string) (words []string) {
	for _, word := range strings.FieldsFunc(s, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) }) {
		words = append(words, string(fold(word)))
	}
	return words
}

func containsAll(s string, words []string) bool {
	return !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(s, word) })
}

// fold lower-cases s and drops what people leave out or vary: separators and spaces.
func fold(s string) []rune {
	var r []rune
	for _, c := range strings.ToLower(s) {
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			r = append(r, c)
		}
		if len(r) == 64 { // enough to tell names apart, and a bound on the work
			break
		}
	}
	return r
}

// likeness is 1 for equal, 0 for nothing in common.
func likeness(a, b []rune) float64 {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	s := 1 - float64(distance(a, b))/float64(max(len(a), len(b)))
	short, long := string(a), string(b)
	if len(short) > len(long) {
		short, long = long, short
	}
	if len(short) >= 3 && strings.Contains(long, short) {
		s = max(s, 0.6)
	}
	return s
}

// distance is the Levenshtein distance.
func distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, ca := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, cb := range b {
			substitute := diagonal
			if ca != cb {
				substitute++
			}
			diagonal = row[j+1]
			row[j+1] = min(substitute, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
