package client

// Metrics are the metric series of one run, held as columns.
//
// One row per step: several events of one step are merged, and the last write of a metric wins,
// as in the Viewer's /api/runs/{id}/metrics (0.4 to 0.7).
type Metrics struct {
	Series []MetricSeries // by name, ascending; only series with at least one number
	// Other are names that were logged with something else than numbers, by name ascending.
	Other []OtherSeries
	// Rows is the number of distinct steps, LastStep the greatest, LastTime when the newest row
	// was logged (seconds since 1970; 0 without rows).
	Rows     int
	LastStep int64
	LastTime float64
	// NonFiniteUnknown is true where the source turns NaN and infinities into "not logged".
	NonFiniteUnknown bool
	// Problems says which lines could not be read, one sentence each. The unfinished last line
	// of a live run is no problem: it is left out until it is complete.
	Problems []string
}

// A MetricSeries is one metric over its steps, ascending: the documented model MetricSeries.
// The three columns have the same length. They may be shared between series: do not modify.
type MetricSeries struct {
	Name   string
	Steps  []int64
	Values []float64 // NaN and infinities as logged
	Times  []float64 // seconds since 1970 of the step's last event; NaN where not recorded
}

// An OtherSeries is a name logged with strings or booleans (lists and objects are not kept by
// any Viewer either).
type OtherSeries struct {
	Name     string
	Kind     string // "string", "boolean" or "mixed"
	Count    int    // steps at which it has such a value
	Last     string // last value as text
	LastStep int64
	Changes  int // how often the value differs from the one before
}
