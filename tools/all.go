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
		listExperiments, getExperiment, getRun, listProjects, getMetrics, compareRuns,
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
		if len(groups) > 0 && !slices.Contains(groups, t.Group) || readOnly && !t.Hints.ReadOnly {
			continue
		}
		selected = append(selected, t)
	}
	return selected, nil
}
