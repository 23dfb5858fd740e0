package demo

import (
	"cmp"
	"fmt"
	"math"
	"slices"
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
		return t.bestRun("vision", "val_accuracy", 1)
	}},
	{"Did any of the resnet18 runs blow up?", (*talk).blownUp},
	{"Is the run without augmentation overfitting?", (*talk).overfitting},
	{"Why did the vit run fail?", (*talk).failure},
	{"Where does resnet50.pt come from, and what uses it?", (*talk).lineage},
	{"哪个语音模型的字错误率最低？ (Which speech model has the lowest error rate?)", func(t *talk) error {
		return t.bestRun("speech", "val_cer", -1)
	}},
	{"What is running right now, and how is it going?", (*talk).running},
}

// bestRun asks for the runs of a project and puts the best first; sign is -1 where less is
// better.
func (t *talk) bestRun(project, metric string, sign float64) error {
	a, err := t.call("list_experiments", member{"project", project})
	if err != nil {
		return err
	}
	value := func(row []any) float64 {
		name, text, _ := strings.Cut(a.cell(row, "best_metric"), "=")
		if name != metric {
			return math.Inf(-1) // last
		}
		return sign * number(text)
	}
	slices.SortStableFunc(a.Rows, func(x, y []any) int { return cmp.Compare(value(y), value(x)) })
	t.show(a.pick("name", "alias", "status", "best_metric", "tags"))
	if len(a.Rows) == 0 || math.IsInf(value(a.Rows[0]), -1) {
		t.so("No run of %s has a best %s.", project, metric)
		return nil
	}
	t.so("%s, run %s: %s.", a.cell(a.Rows[0], "name"), a.cell(a.Rows[0], "alias"),
		a.cell(a.Rows[0], "best_metric"))
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

func (t *talk) overfitting() error {
	a, err := t.call("get_metrics", member{"run_id", "no-augment"},
		member{"metric_names", []string{"train_loss", "val_loss"}}, member{"limit", 40})
	if err != nil {
		return err
	}
	lines := a.pick("metric", "count", "min", "min_step", "last")
	lines[0] = append(lines[0], "curve")
	for i := range min(len(lines)-1, len(a.Points)) {
		lines[i+1] = append(lines[i+1], sparkline(a.Points[i].Values))
	}
	t.show(lines)
	if len(a.Rows) < 2 {
		t.so("There is nothing to compare.")
		return nil
	}
	train, validation := a.Rows[0], a.Rows[1]
	least, last := a.cell(validation, "min"), a.cell(validation, "last")
	if number(last) > 1.1*number(least) &&
		number(a.cell(train, "min_step")) > number(a.cell(validation, "min_step")) {
		t.so("Yes: val_loss was least at step %s, %s, and ends at %s, while train_loss went on "+
			"falling to %s.", a.cell(validation, "min_step"), least, last, a.cell(train, "min"))
		return nil
	}
	t.so("No: val_loss ends at %s, its least value is %s.", last, least)
	return nil
}

func (t *talk) failure() error {
	a, err := t.call("get_experiment", member{"run_id", "vision/vit-b16"})
	if err != nil {
		return err
	}
	config, _ := a.Config["args"].(map[string]any)
	t.show([][]string{{"status", "model", "batch_size", "lr"}, {a.Status,
		fmt.Sprint(config["model"]), fmt.Sprint(config["batch_size"]), fmt.Sprint(config["lr"])}})
	reason, ok := a.Summary["error"].(string)
	switch {
	case !ok:
		t.so("It says %s, and no more.", a.Status)
	case strings.Contains(reason, "out of memory"):
		t.so("%s A smaller batch than %v is worth a try.", reason, config["batch_size"])
	default:
		t.so("%s", reason)
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
