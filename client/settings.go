package client

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
)

// Settings are hyper-parameters by dotted name, as log_config recorded them under args and extra
// (0.6 and later), lists as they are.
type Settings map[string]any

// Settings returns the settings of a run, without those of config files; nil when none were
// recorded.
func (a RunAssets) Settings() Settings {
	settings := make(Settings)
	for _, part := range []string{"extra", "args"} { // args win
		if o, ok := a.Config[part].(map[string]any); ok {
			settings.flatten("", o, 6)
		}
	}
	if len(settings) == 0 {
		return nil
	}
	return settings
}

// hyperparameters are the names of settings that people ask for, first those that they ask for most.
// Summaries hold settings under them: before 0.6 there was no other place.
var hyperparameters = []string{"lr", "learning_rate", "batch_size", "bs", "model", "model_name", "arch",
	"architecture", "backbone", "optimizer", "weight_decay", "dropout", "epochs", "num_epochs",
	"max_steps", "scheduler", "warmup_steps", "momentum", "hidden_size", "num_layers", "layers",
	"dataset", "seed"}

// askedFor is how likely somebody asks for a setting: less is more.
func askedFor(name string) int {
	if i := slices.Index(hyperparameters, lastPart(name)); i >= 0 {
		return i
	}
	return len(hyperparameters)
}

// lastPart is what a setting is called in its group, in lower case: "lr" of "Optim.LR".
func lastPart(name string) string { return strings.ToLower(name[strings.LastIndex(name, ".")+1:]) }

// SummarySettings are the hyper-parameters that a run's summary holds: well-known names, and what
// lies under config, hparams, hyperparameters, params or args. The run must have its Summary.
func SummarySettings(run Experiment) Settings {
	settings := make(Settings)
	for key, v := range run.Summary {
		switch o, isObject := v.(map[string]any); {
		case isObject && slices.Contains([]string{"config", "hparams", "hyperparameters", "params",
			"args"}, key):
			settings.flatten("", o, 6)
		case !isObject && slices.Contains(hyperparameters, strings.ToLower(key)):
			settings[key] = v
		}
	}
	if len(settings) == 0 {
		return nil
	}
	return settings
}

func (s Settings) flatten(prefix string, o map[string]any, depth int) {
	for key, v := range o {
		if inner, ok := v.(map[string]any); ok && depth > 0 && len(inner) > 0 {
			s.flatten(prefix+key+".", inner, depth-1)
			continue
		}
		s[prefix+key] = v
	}
}

// Differing returns the names of which not all have the same value, a missing one included: those
// that people ask for most first, the others by name. Settings that differ from run to run whatever is tried, such as the folder that a run
// writes to, are left out.
func Differing(all []Settings) []string {
	names := make(map[string]bool)
	for _, s := range all {
		for name := range s {
			names[name] = true
		}
	}
	var differ []string
	for _, name := range slices.Sorted(maps.Keys(names)) {
		first := all[0].text(name)
		if !isOwn(name) && slices.ContainsFunc(all, func(s Settings) bool { return s.text(name) != first }) {
			differ = append(differ, name)
		}
	}
	slices.SortStableFunc(differ, func(a, b string) int { return cmp.Compare(askedFor(a), askedFor(b)) })
	return differ
}

// text is a value in a form that is equal for equal values, 1 and 1.0 included; "" for none.
func (s Settings) text(name string) string {
	v, there := s[name]
	if !there {
		return ""
	}
	if f, ok := v.(float64); ok {
		if f != math.Trunc(f) || math.Abs(f) > 1<<53 {
			return fmt.Sprint(f)
		}
		v = int64(f)
	}
	text, err := json.Marshal(v) // sorts keys
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(text)
}

// isSeed tells the settings that only number repetitions of one experiment.
func isSeed(name string) bool {
	return strings.HasSuffix(lastPart(name), "seed") || strings.HasSuffix(lastPart(name), "seeds")
}

// own matches the last part of settings that belong to one run alone.
var own = regexp.MustCompile(`(?i)^((output|out|save|log|logging|tensorboard|checkpoint|ckpt|work|` +
	`working|results?|exp|experiment|run|job)_?(dir|directory|folder|path|root|name|id)|timestamp|` +
	`datetime|created_at|start_time|hostname|master_port|port|pid|local_rank)$`)

// label matches whole names of settings that only call a run something.
var label = regexp.MustCompile(`(?i)^(name|exp|experiment|run|tags?|notes?|comments?|description)$`)

// isOwn tells settings that say which run it is rather than how it was made.
func isOwn(name string) bool { return own.MatchString(lastPart(name)) || label.MatchString(name) }

// withoutSeeds is a text that is equal for runs of one configuration.
func (s Settings) withoutSeeds() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(s)) {
		if !isSeed(name) && !isOwn(name) {
			fmt.Fprintf(&b, "%q=%s\n", name, s.text(name))
		}
	}
	return b.String()
}
