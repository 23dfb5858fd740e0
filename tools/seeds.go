package tools

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// reached is how far the runs of a group got: "900 to 1000" where not all as far.
func reached(runs []client.RankedRun) any {
	least, most := runs[0].LastStep, runs[0].LastStep
	for _, e := range runs {
		least, most = min(least, e.LastStep), max(most, e.LastStep)
	}
	if least == most {
		return most
	}
	return fmt.Sprintf("%d to %d", least, most)
}

// leftOutNamed is how many of the runs that seeds leave out are named.
const leftOutNamed = 3

// noteLeftOut says which runs no mean is taken of, and that configurations lack two others.
func (a *bestRunsAnswer) noteLeftOut(groups []client.SeedGroup) {
	var out []string
	alone := 0
	for _, g := range groups {
		for _, e := range g.LeftOut {
			out = append(out, fmt.Sprintf("%s (%s at step %d)",
				name(cmp.Or(e.Run.Alias, e.Run.ID)), e.Run.Status, e.LastStep))
		}
		if len(g.Runs) < 2 {
			alone++
		}
	}
	if len(out) == 0 {
		return
	}
	text := "seeds leave out unfinished runs that are below 90 % of their group's steps: " +
		strings.Join(out[:min(leftOutNamed, len(out))], ", ")
	if more := len(out) - leftOutNamed; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	if alone > 0 {
		text += fmt.Sprintf("; configurations with fewer than two others: %d", alone)
	}
	a.Notes = append(a.Notes, text)
}
