package tools

import (
	"fmt"
	"slices"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/schema"
)

// differing are the settings to show of those that differ, and a sentence about the others.
func differing(all []client.Settings) (keys []string, note string) {
	if len(all) < 2 {
		return nil, ""
	}
	recorded := slices.DeleteFunc(slices.Clone(all), func(s client.Settings) bool { return s == nil })
	if len(recorded) == 0 {
		return nil, "no hyper-parameters were recorded (run.log_config(args=…) records them)"
	}
	keys = client.Differing(all)
	if more := len(keys) - settingsKeys; more > 0 {
		note = fmt.Sprintf("%d more settings differ: %s", more, withoutColumn(all, keys[settingsKeys:]))
		keys = keys[:settingsKeys]
	}
	return keys, note
}

// withoutColumn are settings that differ and have no column, each with its values in the order of the
// rows: "momentum 0.9 | none, nesterov true | false".
func withoutColumn(all []client.Settings, keys []string) string {
	var hidden []client.Difference
	for _, key := range keys {
		d := client.Difference{What: "setting", Name: key}
		for _, s := range all {
			d.Values = append(d.Values, s[key])
		}
		hidden = append(hidden, d)
	}
	return valuesOf(hidden, len(all))
}

// valuesOf are differences with their values in the order of runs.
func valuesOf(differences []client.Difference, runs int) string {
	var parts []string
	for _, d := range differences {
		var values []string
		for i := range runs {
			value := "none"
			if d.Values[i] != nil {
				value = fmt.Sprint(differenceCell(d, i))
			}
			values = append(values, cut(value, 20))
		}
		parts = append(parts, name(d.Name)+" "+strings.Join(values, " | "))
	}
	return cut(strings.Join(parts, ", "), maxText)
}

// settings are the values of keys, fit to be shown.
func settings(s client.Settings, keys []string) []any {
	cells := make([]any, len(keys))
	for i, key := range keys {
		cells[i] = setting(key, s[key])
	}
	return cells
}

// setting is one value of a setting, fit to be shown.
func setting(key string, v any) any {
	switch v := safe(key, v, 1).(type) {
	case string:
		return cut(v, settingText)
	case []any:
		if text := string(schema.Encode(v)); len(text) > settingText {
			return cut(text, settingText)
		}
		return v
	default:
		return v
	}
}

// differenceCell is what a run has of a difference: of a setting its value, else a text.
func differenceCell(d client.Difference, i int) any {
	if text, ok := d.Values[i].(string); ok && d.What != "setting" {
		return said(text, maxName)
	}
	return setting(d.Name, d.Values[i])
}
