package tools

import (
	"fmt"
	"slices"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/analysis"
)

// All returns every tool, in the order a reader should meet them.
func All() []Tool {
	return []Tool{
		core(listExperiments), core(getExperiment), getRun, listProjects, core(getMetrics), compareRuns,
		bestRuns, diagnoseRun, getLogs, plotMetrics, watchRun,
		listArtifacts, getArtifact, listVersions, getArtifactLineage, listExperimentArtifacts,
		exportExperiment, exportMetricsToCSV,
		healthCheck, getConfig, getGPUInfo,
		updateConfig,
		connect, startViewer, listSessions, listViewerSessions, stopViewer, disconnect,
	}
}

// Groups returns the names of the groups of tools, in the order of [All].
func Groups() []string {
	var groups []string
	for _, t := range All() {
		if !slices.Contains(groups, t.Group) {
			groups = append(groups, t.Group)
		}
	}
	return groups
}

// Select returns the tools of the named groups, all groups when there are none, without those
// that change something when readOnly is set. A group that does not exist is an error that
// names the ones that do.
func Select(groups []string, readOnly bool) ([]Tool, error) {
	known := Groups()
	for _, g := range groups {
		if slices.Contains(known, g) {
			continue
		}
		err := fmt.Sprintf("there is no group of tools %q", g)
		if near := analysis.Nearest(g, known, 1); len(near) > 0 {
			err += fmt.Sprintf(", did you mean %q", near[0])
		}
		return nil, fmt.Errorf("%s; there are %s", err, strings.Join(known, ", "))
	}
	var selected []Tool
	for _, t := range All() {
		if readOnly && !t.Hints.ReadOnly && t.readOnly != nil {
			t = *t.readOnly
		}
		if len(groups) > 0 && !slices.Contains(groups, t.Group) || readOnly && !t.Hints.ReadOnly {
			continue
		}
		selected = append(selected, t)
	}
	return selected, nil
}

// Find returns the tool of this name in list. The error says when it was left out of list, and
// else names the nearest.
func Find(list []Tool, name string) (Tool, error) {
	var names []string
	for _, t := range list {
		if t.Name == name {
			return t, nil
		}
		names = append(names, t.Name)
	}
	if slices.ContainsFunc(All(), func(t Tool) bool { return t.Name == name }) {
		return Tool{}, fmt.Errorf("the tool %q is left out by --read-only or --toolsets", name)
	}
	if near := analysis.Nearest(name, names, 3); len(near) > 0 {
		return Tool{}, fmt.Errorf("there is no tool %q; there is %s", name, strings.Join(near, ", "))
	}
	return Tool{}, fmt.Errorf("there is no tool %q", name)
}
