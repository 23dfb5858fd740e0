package client

import (
	"encoding/json"
	"strings"
	"time"
)

// The four normalised words of Experiment.Status, and a fifth for a run whose status file is
// missing or unreadable.
const (
	StatusRunning     = "running"
	StatusFinished    = "finished"
	StatusFailed      = "failed"
	StatusInterrupted = "interrupted"
	StatusUnknown     = "unknown"
)

// An Experiment is one run: the documented model Experiment and what else a store knows of it.
// Fields marked "detail" are filled by [Client.GetExperiment] only, not by lists.
type Experiment struct {
	ID string `json:"id"`
	// Project and Name come from where the run lies below the storage root:
	// runs/<project>/<name…>/<id>, or <project>/<name>/runs/<id> before 0.6. One segment only
	// is both; a run directly below runs/ has neither.
	Project string `json:"project"`
	Name    string `json:"name"`
	// Path is the run's path as Runicorn ≥ 0.6 writes it (meta.json "path"); "" before 0.6.
	Path  string `json:"path,omitempty"`
	Alias string `json:"alias,omitempty"`

	Status string `json:"status"` // one of the Status… words
	// RawStatus is the word that is stored where it differs from Status, e.g. "completed".
	RawStatus string `json:"raw_status,omitempty"`
	// StatusReason says why a run ended (exit_reason), or why Status is not the stored word.
	StatusReason string `json:"status_reason,omitempty"`

	CreatedAt float64 `json:"created_at"`           // seconds since 1970; 0: not recorded
	UpdatedAt float64 `json:"updated_at,omitempty"` // detail: end, else last metric, else CreatedAt
	StartedAt float64 `json:"started_at,omitempty"` // from status.json; 0: not recorded
	EndedAt   float64 `json:"ended_at,omitempty"`   // from status.json; 0: not ended

	Tags []string    `json:"tags"`
	Best *BestMetric `json:"best_metric,omitempty"` // nil: no primary metric was set
	// Summary is detail: summary.json. Numbers are float64 (NaN and infinities kept) or int64.
	Summary map[string]any `json:"summary,omitempty"`
	// Captured is detail: what else Runicorn recorded. False for what Unavailable names.
	Captured *Captured `json:"captured,omitempty"`

	RunDir   string `json:"run_dir"`            // absolute, on the machine that holds the store
	PID      int    `json:"pid,omitempty"`      // 0: not recorded
	Hostname string `json:"hostname,omitempty"` // machine that ran it
	Python   string `json:"python,omitempty"`
	Platform string `json:"platform,omitempty"`

	// Problems lists files of the run that could not be read, one sentence each.
	Problems []string `json:"problems,omitempty"`
	// Unavailable is detail: what this source has no way to tell, such as "summary" over HTTP
	// from a Viewer up to 0.5; nil where everything can be told.
	Unavailable []string `json:"unavailable,omitempty"`
}

// A BestMetric is the primary metric's best value, set by the training code with
// set_primary_metric and stored when the run finishes.
type BestMetric struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"` // may be NaN
	Step  *int64  `json:"step,omitempty"`
	Mode  string  `json:"mode,omitempty"` // "max" or "min"
}

// MarshalJSON writes a non-finite Value as "NaN", "Infinity" or "-Infinity", which JSON numbers
// cannot say.
func (b BestMetric) MarshalJSON() ([]byte, error) {
	type plain BestMetric // without this method
	return json.Marshal(struct {
		plain
		Value any `json:"value"`
	}{plain(b), jsonSafe(b.Value)})
}

// Captured says what Runicorn recorded beside metrics. Each is off by default in 0.7.2 and
// switched on by an argument of rn.init (capture_console, capture_env, snapshot_code).
type Captured struct {
	Console     bool `json:"console"`     // logs.txt exists
	Environment bool `json:"environment"` // environment.json exists
	Code        bool `json:"code"`        // code_snapshot.zip exists or an archived snapshot is named
	Media       bool `json:"media"`       // media/ has files
}

// CreatedTime is CreatedAt as a time, the documented created_datetime; zero when not recorded.
func (e Experiment) CreatedTime() time.Time { return seconds(e.CreatedAt) }

// UpdatedTime is UpdatedAt as a time, the documented updated_datetime; zero when not recorded.
func (e Experiment) UpdatedTime() time.Time { return seconds(e.UpdatedAt) }

func seconds(s float64) time.Time {
	if s == 0 {
		return time.Time{}
	}
	return time.UnixMicro(int64(s * 1e6)).UTC()
}

// NormalizeStatus maps a stored status word to one of the four words, as the 0.7.2 SDK does at
// finish (0.7.2 sdk.py): completed and success are finished; error and crashed failed; killed,
// cancelled and aborted interrupted; any other word finished. An empty word is
// [StatusUnknown].
func NormalizeStatus(raw string) string {
	switch strings.ToLower(strings.TrimSpace(raw)) {
	case "":
		return StatusUnknown
	case "running":
		return StatusRunning
	case "failed", "error", "crashed":
		return StatusFailed
	case "interrupted", "killed", "cancelled", "canceled", "aborted":
		return StatusInterrupted
	default:
		return StatusFinished
	}
}
