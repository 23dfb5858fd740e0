package analysis

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A Curve is one metric of a run.
type Curve struct {
	Name   string
	Steps  []int64
	Values []float64
}

// A Finding is something wrong with a run, with the numbers that show it.
type Finding struct {
	Rule   string // one of the Rule… words
	Metric string // "" where it concerns the whole run
	// Step is where it began, if Located.
	Step    int64
	Located bool
	Text    string // one sentence with the numbers; one with a Quote ends before it
	Quote   string // a line of the log
	Clock   string // when that was logged, "15:04:05"; "" where the log does not say
}

// The rules, as words of answers. What each takes for wrong is said at its function.
const (
	RuleNonFinite   = "non_finite"
	RuleDivergence  = "divergence"
	RuleSpike       = "spike"
	RulePlateau     = "plateau"
	RuleOverfitting = "overfitting"
	RuleValidation  = "validation_stopped"
	RuleLowGPU      = "low_gpu_use"
	RuleStalled     = "stalled"
	RuleDead        = "process_gone"
	RuleCrash       = "crash"
	RuleInterrupted = "interrupted"
)

// Examine applies the rules about curves. unchecked says which could not be applied and why, a
// sentence each. Both are empty for a run whose curves show nothing wrong: a rule is silent
// where it is in doubt, and a curve that is flat at its end has converged for all it knows.
func Examine(curves []Curve) (findings []Finding, unchecked []string) {
	e := examination{curves: curves}
	for _, c := range curves {
		e.nonFinite(c)
	}
	e.training()
	e.validation()
	for _, c := range curves {
		e.lowGPU(c)
	}
	return e.findings, e.unchecked
}

// An examination collects findings.
type examination struct {
	curves    []Curve
	findings  []Finding
	unchecked []string
}

func (e *examination) found(rule, metric string, step int64, format string, args ...any) {
	e.findings = append(e.findings, Finding{Rule: rule, Metric: metric, Step: step, Located: true,
		Text: fmt.Sprintf(format, args...)})
}

func (e *examination) not(format string, args ...any) {
	e.unchecked = append(e.unchecked, fmt.Sprintf(format, args...))
}

func (e *examination) has(rule, metric string) bool {
	return slices.ContainsFunc(e.findings, func(f Finding) bool {
		return f.Rule == rule && f.Metric == metric
	})
}

// training applies the rules about single losses and scores, and how they belong together.
func (e *examination) training() {
	if reward := e.reward(); reward != "" {
		e.not("divergence, spikes, plateau and overfitting: %q makes it reinforcement learning, "+
			"whose losses rise and fall", reward)
		return
	}
	e.overfitting()
	judged := 0
	for _, c := range e.curves {
		direction := Direction(c.Name)
		if direction == 0 || adversarial(c.Name) {
			continue
		}
		c = c.finite()
		if len(c.Values) < minPoints {
			continue
		}
		judged++
		e.divergence(c, direction)
		if direction < 0 {
			e.spikes(c)
			e.excursion(c)
			e.plateau(c)
		}
	}
	if judged == 0 {
		e.not("divergence, spikes and plateau: no loss or score has %d values", minPoints)
	}
}

// reward is the metric by which reinforcement learning is known; "" without one.
func (e *examination) reward() string {
	for _, c := range e.curves {
		for _, w := range nameWords(c.Name) {
			if slices.Contains([]string{"reward", "rewards", "return", "returns", "episode"}, w) {
				return c.Name
			}
		}
	}
	return ""
}

// adversarial tells losses that are not meant to fall: those of two networks at odds, and parts
// of a sum.
func adversarial(metric string) bool {
	for _, w := range nameWords(metric) {
		if slices.Contains([]string{"gan", "generator", "discriminator", "disc", "gen", "critic",
			"actor", "policy", "entropy", "kl", "g", "d", "adv", "adversarial", "penalty",
			"latency", "throughput", "cost", "distance"}, w) {
			return true
		}
	}
	return false
}

// finite is the curve without NaN and infinities.
func (c Curve) finite() Curve {
	if !slices.ContainsFunc(c.Values, func(v float64) bool { return !finite(v) }) {
		return c
	}
	f := Curve{Name: c.Name}
	for i, v := range c.Values {
		if finite(v) {
			f.Steps, f.Values = append(f.Steps, c.Steps[i]), append(f.Values, v)
		}
	}
	return f
}

// short is a number for a sentence: four significant digits.
func short(v float64) string {
	text := strconv.FormatFloat(v, 'g', 4, 64)
	return strings.Replace(text, "e+0", "e", 1)
}
