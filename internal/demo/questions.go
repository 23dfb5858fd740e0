package demo

import (
	"fmt"
	"strings"
	"time"
)

// questions are what a person asks, and which calls answer it. What they conclude is computed
// from the answers: with another store they conclude something else.
var questions = []struct {
	text string
	ask  func(*talk) error
}{
	{"Which run in vision has the best val_accuracy?", func(t *talk) error {
		return t.bestRun("vision", "val_accuracy", "model", "lr")
	}},
	{"Did any of the resnet18 runs blow up?", (*talk).blownUp},
	{"Is the run without augmentation overfitting?", func(t *talk) error {
		return t.diagnosis("no-augment")
	}},
	{"Why did the vit run fail?", func(t *talk) error { return t.diagnosis("vision/vit-b16") }},
	{"Where does resnet50.pt come from, and what uses it?", (*talk).lineage},
	{"哪个语音模型的字错误率最低？ (Which speech model has the lowest error rate?)", func(t *talk) error {
		return t.bestRun("speech", "val_cer", "noise")
	}},
	{"What is running right now, and how is it going?", (*talk).running},
}

// bestRun asks for the best runs of a project, with the settings named.
func (t *talk) bestRun(project, metric string, settings ...string) error {
	a, err := t.call("best_runs", member{"project", project}, member{"metric_name", metric})
	if err != nil {
		return err
	}
	shown := append([]string{"rank", "label", "alias", "best", "best_step", "last"}, settings...)
	t.show(a.pick(shown...))
	if len(a.Rows) == 0 {
		t.so("No run of %s has %s.", project, metric)
		return nil
	}
	best := a.Rows[0]
	t.so("%s, run %s: %s at step %s (%s).", a.cell(best, "label"), a.cell(best, "alias"),
		a.cell(best, "best"), a.cell(best, "best_step"), a.Direction)
	return nil
}

func (t *talk) blownUp() error {
	asked := []string{"baseline", "seed-2", "lr-0.01", "lr-1.0"}
	a, err := t.call("compare_runs", member{"run_ids", asked}, member{"metric_name", "train_loss"},
		member{"limit", 0})
	if err != nil {
		return err
	}
	lines := a.pick("run", "first", "last", "min", "max", "max_step")
	var wrong []string
	for _, run := range asked {
		for _, note := range a.NonFinite {
			if rest, ok := strings.CutPrefix(note, run+": "); ok {
				wrong = append(wrong, fmt.Sprintf("%s did, NaN or infinity in %s.", run, rest))
			}
		}
	}
	t.show(lines)
	if len(wrong) == 0 {
		wrong = []string{"No: every value of train_loss is a number."}
	}
	t.so("%s", strings.Join(wrong, " "))
	return nil
}

// diagnosis asks what is wrong with a run.
func (t *talk) diagnosis(run string) error {
	a, err := t.call("diagnose_run", member{"run_id", run})
	if err != nil {
		return err
	}
	t.show(a.pick("rule", "metric", "since_step"))
	if len(a.Rows) == 0 {
		t.so("Nothing that can be seen: %s.", a.Verdict)
		return nil
	}
	for _, row := range a.Rows {
		t.so("%s: %s.", a.cell(row, "rule"), strings.TrimRight(a.cell(row, "finding"), "."))
	}
	return nil
}

func (t *talk) lineage() error {
	a, err := t.call("get_artifact_lineage", member{"artifact_id", "resnet50.pt"})
	if err != nil {
		return err
	}
	lines := [][]string{{"", "run", "alias", "status"}}
	var makers, users []string
	for _, row := range a.Runs.Rows {
		id, alias := a.Runs.cell(row, "id"), a.Runs.cell(row, "alias")
		role := "used it"
		if id == a.CreatedBy {
			role = "made it"
			makers = append(makers, alias)
		} else {
			users = append(users, alias+" ("+a.Runs.cell(row, "status")+")")
		}
		lines = append(lines, []string{role, a.Runs.cell(row, "label"), alias,
			a.Runs.cell(row, "status")})
	}
	t.show(lines)
	t.so("Made by %s from %s; used by %s.", list(makers), list(a.Inputs), list(users))
	return nil
}

func list(words []string) string {
	if len(words) == 0 {
		return "nothing"
	}
	return strings.Join(words, ", ")
}

func (t *talk) running() error {
	a, err := t.call("list_experiments", member{"status", "running"})
	if err != nil {
		return err
	}
	if len(a.Rows) == 0 {
		t.so("Nothing is running.")
		return nil
	}
	row := a.Rows[0]
	m, err := t.call("get_metrics", member{"run_id", a.cell(row, "id")},
		member{"metric_names", []string{"train_loss", "val_accuracy"}}, member{"limit", 40})
	if err != nil {
		return err
	}
	lines := m.pick("metric", "first", "last", "min", "max")
	lines[0] = append(lines[0], "curve")
	for i := range min(len(lines)-1, len(m.Points)) {
		lines[i+1] = append(lines[i+1], sparkline(m.Points[i].Values))
	}
	t.show(lines)
	t.so("%s, run %s, is at step %s, heard of %s ago: %s is %s.", a.cell(row, "name"),
		a.cell(row, "alias"), m.LastStep, t.age(m.LastLogged), lines[len(lines)-1][0],
		lines[len(lines)-1][2])
	return nil
}

// age is how long ago a time of an answer is.
func (t *talk) age(text string) string {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return "an unknown time"
	}
	return t.Now.Sub(at).Round(time.Second).String()
}
