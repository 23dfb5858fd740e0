package truth

import (
	"math"
	"slices"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/internal/realtest"
)

// An exemption is a field of a method's answers that the Viewers of a release do not tell as a
// folder does, and why. field is its path in the answer, without indices, "" a failure; call is
// a part of the call, "" for all.
type exemption struct{ method, call, field, cause string }

// Causes of exemptions. Those of README name what a user misses; the others are differences in
// fields that the documented method does not have, or in when something was looked at.
const (
	notInList  = "a Viewer's list has no such field; get_experiment has it"
	ofARun     = "what get_experiment cannot tell of a run, this cannot either"
	onDisk     = "the Viewer has written it to the disk: the run's process was gone"
	ownWord    = "a folder has no version, mode and port"
	splitTags  = "tags with commas are split in lists"
	noFiles    = "without summary, start and end, host and media"
	notFinite  = "NaN and infinities are unknown, and said to be"
	otherHosts = "runs of other hosts are called failed"
	perVersion = "description, tags and metadata come with get_artifact alone"
)

// inREADME are the causes that README tells, in the order of its notes.
var inREADME = []string{noFiles, notFinite, perVersion, otherHosts, splitTags}

// exemptions are what the Viewers of a release tell otherwise.
func exemptions(version string) []exemption {
	list := []exemption{
		{"health_check", "", "Version", ownWord}, {"get_config", "", "Port", ownWord},
	}
	for _, field := range []string{"StartedAt", "EndedAt", "Hostname", "Python", "Platform"} {
		list = append(list, exemption{"list_experiments", "", "Experiments." + field, notInList},
			exemption{"compare_runs", "", "Runs." + field, notInList},
			exemption{"get_artifact_lineage", "", "Runs." + field, notInList})
	}
	for _, field := range []string{"Step", "Mode"} {
		list = append(list, exemption{"list_experiments", "", "Experiments.Best." + field, notInList},
			exemption{"get_artifact_lineage", "", "Runs.Best." + field, notInList})
	}
	list = append(list, exemption{"list_experiments", "", "Experiments.StatusReason", onDisk})
	for method, prefix := range ofOneRun {
		for _, field := range []string{"RawStatus", "StatusReason", "EndedAt", "UpdatedAt"} {
			if field != "UpdatedAt" || prefix == "" {
				list = append(list, exemption{method, ffffff, prefix + field, onDisk})
			}
		}
	}
	list = append(list, exemption{"list_experiments", "", "Experiments.RawStatus", onDisk})
	if version == "0.7.2" {
		list = append(list, exemption{"health_check", "", "Mode", ownWord},
			exemption{"list_experiments", "", "Experiments.Tags", splitTags},
			exemption{"get_artifact_lineage", "", "Runs.Tags", ofARun})
	}
	if realtest.HasRegistry(version) {
		list = append(list, registryExemptions()...)
	}
	if version == "0.4.1" {
		list = append(list, otherHostExemptions()...)
	}
	return list
}

// ofOneRun are the methods that tell a run, and where in the answer.
var ofOneRun = map[string]string{"get_experiment": "", "get_run": "",
	"list_experiment_artifacts": "Run."}

// registryExemptions are what Viewers 0.4 and 0.5 cannot tell of a run: they are the fields that
// an answer names as unavailable, and what is made of them.
func registryExemptions() []exemption {
	list := []exemption{
		{"export_experiment", "IncludeMedia:true", "", noFiles},
	}
	for _, field := range []string{"Best.Step", "Best.Mode"} {
		list = append(list, exemption{"compare_runs", "", "Runs." + field, notInList})
	}
	for method, prefix := range ofOneRun {
		cause := noFiles
		if prefix != "" {
			cause = ofARun
		}
		for _, field := range []string{"StartedAt", "EndedAt", "Hostname", "Python", "Platform",
			"Best.Step", "Best.Mode"} {
			list = append(list, exemption{method, "", prefix + field, cause})
		}
		if prefix == "" {
			for _, field := range []string{"Summary", "Captured.Media", "UpdatedAt", "Unavailable"} {
				list = append(list, exemption{method, "", field, noFiles})
			}
		}
	}
	for _, field := range []string{"run.best_metric.mode", "run.best_metric.step",
		"run.captured.media", "run.ended_at", "run.hostname", "run.platform",
		"run.python", "run.started_at", "run.unavailable", "run.updated_at", "summary.bad",
		"summary.best_metric_mode", "summary.best_metric_name", "summary.best_metric_step",
		"summary.best_metric_value", "summary.final", "summary.n"} {
		list = append(list, exemption{"export_experiment", "", field, noFiles})
	}
	for _, field := range []string{"Description", "Digest", "Metadata", "NumReferences", "Tags"} {
		list = append(list, exemption{"list_versions", "", field, perVersion},
			exemption{"list_experiment_artifacts", "", "Links.Artifact." + field, perVersion})
	}
	return list
}

// otherHostExemptions are what follows from a Viewer 0.4 calling runs of other hosts failed.
func otherHostExemptions() []exemption {
	list := []exemption{
		{"list_experiments", "", "Experiments.Status", otherHosts},
		{"list_experiments", "Status:running", "Experiments", otherHosts},
		{"list_experiments", "Status:running", "Total", otherHosts},
		{"list_experiments", "Status:failed", "Experiments", otherHosts},
		{"list_experiments", "Status:failed", "Total", otherHosts},
		{"list_projects", "", "Running", otherHosts},
	}
	for _, field := range []string{"ID", "CreatedAt", "RunDir"} { // one row more comes first
		list = append(list, exemption{"list_experiments", "Status:failed", "Experiments." + field,
			otherHosts})
	}
	for method, prefix := range ofOneRun {
		list = append(list, exemption{method, one, prefix + "Status", otherHosts},
			exemption{method, one, prefix + "StatusReason", otherHosts})
	}
	return append(list, exemption{"get_experiment", "nlp/bert/latest", "Status", otherHosts},
		exemption{"get_experiment", "nlp/bert/latest", "StatusReason", otherHosts})
}

// throughTable is an expected answer of metrics as the table of a Viewer 0.4 or 0.5 can tell it:
// without NaN and infinities, which are said to be unknown.
func throughTable(want any) any {
	switch want := want.(type) {
	case client.Metrics:
		return finite(want)
	case string:
		return withoutNonFinite(want)
	case client.Comparison:
		var m client.Metrics
		for i := range want.Series {
			m.Series = []client.MetricSeries{want.Series[i]}
			series := client.MetricSeries{}
			if f := finite(m).Series; len(f) > 0 {
				series = f[0]
			}
			want.Series = slices.Clone(want.Series)
			want.Series[i] = series
		}
		want.NonFiniteUnknown = true
		return want
	}
	return want
}

func finite(m client.Metrics) client.Metrics {
	var kept []client.MetricSeries
	for _, s := range m.Series {
		var indices []int
		for i, v := range s.Values {
			if !math.IsNaN(v) && !math.IsInf(v, 0) {
				indices = append(indices, i)
			}
		}
		if len(indices) > 0 {
			kept = append(kept, s.At(indices))
		}
	}
	m.Series, m.NonFiniteUnknown = kept, true
	return m
}

// withoutNonFinite is an expected export as a Viewer 0.4 or 0.5 can make it: of metricsCSV and
// exportJSON, without the numbers that are none.
func withoutNonFinite(text string) string {
	switch {
	case strings.HasPrefix(text, "step,acc,extra"):
		return "step,acc,extra,loss,lr\n0,,,,0.1\n1,0.1,,1.75,\n2,0.5,1.5,,\n"
	case strings.HasPrefix(text, "{"):
		for _, number := range []string{`,{"step":2,"value":"NaN","timestamp":1700000103}`,
			`,{"step":5,"value":"Infinity","timestamp":1700000107}`,
			`,"neg":[{"step":5,"value":"-Infinity","timestamp":1700000107}]`} {
			text = strings.Replace(text, number, "", 1)
		}
	}
	return text
}
