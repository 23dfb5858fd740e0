package questions

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"
)

// A store answers from the generator: plain loops over what was written.
type store struct {
	runs []run
	now  time.Time
}

// by is the run with an alias.
func (s store) by(alias string) run {
	for _, r := range s.runs {
		if r.alias == alias {
			return r
		}
	}
	panic("no run " + alias)
}

// with are the runs that a condition holds for.
func (s store) with(wanted func(r run) bool) (found []run) {
	for _, r := range s.runs {
		if wanted(r) {
			found = append(found, r)
		}
	}
	return found
}

func of(project string) func(r run) bool { return func(r run) bool { return r.project == project } }

// ranked are the runs that have a metric, best first, by the best value that each ever had.
func (s store) ranked(wanted func(r run) bool, name string, higher bool) []run {
	found := s.with(func(r run) bool {
		return wanted(r) && slices.ContainsFunc(r.metrics, func(m metric) bool { return m.name == name })
	})
	slices.SortStableFunc(found, func(a, b run) int {
		if higher {
			_, x := a.series(name).highest()
			_, y := b.series(name).highest()
			return cmp.Compare(y, x)
		}
		_, x := a.series(name).lowest()
		_, y := b.series(name).lowest()
		return cmp.Compare(x, y)
	})
	return found
}

// spread is the mean and the sample deviation.
func spread(values []float64) (mean, deviation float64) {
	for _, v := range values {
		mean += v / float64(len(values))
	}
	for _, v := range values {
		deviation += (v - mean) * (v - mean) / float64(len(values)-1)
	}
	return mean, math.Sqrt(deviation)
}

// shownStatus is how answers show the status of a run that ended: one of four words, and the word
// that is stored where it is another.
func shownStatus(r run) string {
	for word, others := range map[string][]string{"finished": {"completed", "success"},
		"failed": {"crashed", "error"}, "interrupted": {"killed"}} {
		if slices.Contains(others, r.status) {
			return word + " (" + r.status + ")"
		}
	}
	return r.status
}

// statistics are the facts of get_metrics on one metric.
func statistics(r run, name string) []fact {
	m := r.series(name)
	row := "[metric=" + name + "]|"
	low, lowest := m.lowest()
	high, highest := m.highest()
	return []fact{{row + "count", len(m.values)}, {row + "first", m.values[0]}, {row + "last", m.last()},
		{row + "min", lowest}, {row + "min_step", low}, {row + "max", highest}, {row + "max_step", high}}
}

// place are the facts of best_runs on the rank of a run.
func place(rank int, r run, name string, higher bool) []fact {
	row := fmt.Sprintf("[%d]|", rank-1)
	step, best := r.series(name).lowest()
	if higher {
		step, best = r.series(name).highest()
	}
	return []fact{{row + "run", r.id}, {row + "best", best}, {row + "best_step", step},
		{row + "last", r.series(name).last()}}
}

// script are the questions, with the facts of a store.
func script(s store) []question {
	return slices.Concat(common(s), ours(s), chinese(s), found(s))
}

// common are the questions that people ask of any tracker. The 19th (connect to the lab's server
// and show its runs) needs a machine elsewhere, and is not asked here.
func common(s store) []question {
	vision := s.ranked(of("vision"), "val_accuracy", true)
	bert := s.ranked(of("nlp"), "eval/accuracy", true)
	live, plain, crashed := s.by("live"), s.by("baseline"), s.by("vit-big")
	overfit, spiky, maker, user := s.by("no-augment"), s.by("spiky"), s.by("lr0.03-s2"), s.by("student")
	lowAt, low := live.series("train_loss").lowest()
	list := []question{
		{1, "Which run has the best val_accuracy in project vision?",
			[]string{"best_runs project=vision metric_name=val_accuracy"},
			append(place(1, vision[0], "val_accuracy", true), fact{"ranked", len(vision)},
				fact{"direction", holds("max")})},
		{2, "Top 5 runs by eval/accuracy; show their hyper-parameters",
			[]string{"best_runs metric_name=eval/accuracy"}, nil},
		{3, "What is running right now and how is it going?",
			[]string{"diagnose_run status=running"},
			[]fact{{"rows", count(1)}, {"[0]|run", live.id}, {"[0]|status", "running"},
				{"[0]|going", holds(fmt.Sprintf("step %d, 0.05 a second; train_loss %.4g (best %.4g at step %d)",
					live.lastStep(), live.series("train_loss").last(), low, lowAt))},
				{"[0]|going", holds(fmt.Sprintf("val_accuracy %.4g", live.series("val_accuracy").last()))},
				{"[0]|findings", ""}, {"verdict", holds("0 of 1 runs")}}},
		{4, "Show me my latest training run", []string{"get_experiment run_id=latest"},
			[]fact{{"id", live.id}, {"status", "running"}, {"config|args|lr", 1e-5},
				{"last_step", live.lastStep()},
				{"metrics|[metric=val_accuracy]|last", live.series("val_accuracy").last()}}},
		{5, "What learning rate and batch size did no-augment use?",
			[]string{"get_experiment run_id=no-augment"},
			[]fact{{"id", overfit.id}, {"config|args|lr", 0.03}, {"config|args|batch_size", 128}}},
		{6, "What were the final and the peak metrics of baseline?",
			[]string{"get_metrics run_id=baseline"},
			append(statistics(plain, "val_accuracy"), statistics(plain, "val_loss")...)},
		{7, "How did the loss of bert-1 look? Show the curve",
			[]string{"plot_metrics run_ids=bert-1 metric_names=train/loss output_path=bert.png"},
			append(curve(s.by("bert-1"), "train/loss"), fact{"picture", holds("1 curve")})},
		{8, "Is no-augment overfitting?", []string{"diagnose_run run_id=no-augment"}, nil},
		{9, "Why did vit-big crash?", []string{"diagnose_run run_id=vit-big"},
			[]fact{{"status", "failed"}, {"[rule=crash]|finding", holds("torch.OutOfMemoryError: CUDA out of memory")},
				{"[rule=crash]|finding", holds("vit.py:58")}, {"last_step", crashed.lastStep()}}},
		{10, "Compare bert-1, bert-2 and bert-3 on loss and accuracy",
			[]string{"compare_runs run_ids=bert-1 run_ids=bert-2 run_ids=bert-3 metric_names=train/loss metric_names=eval/accuracy"},
			nil},
		{11, "What changed between baseline and no-augment, and why is one better?",
			[]string{"compare_runs run_ids=baseline run_ids=no-augment"},
			[]fact{{"differs", holds("augment")}, {"differs", holds("lr")},
				{"runs|[run=baseline]|lr", 0.1}, {"runs|[run=no-augment]|lr", 0.03},
				{"runs|[run=no-augment]|augment", false}, {"verdicts", holds("val_loss: lower is better (from its name); best baseline")}}},
		{12, "Which learning rate of the sweep works best, over its seeds?",
			[]string{"best_runs path=vision/resnet50 tags=sweep metric_name=val_accuracy limit=1"}, nil},
		{13, "Find all runs that failed in the last week, and why",
			[]string{"diagnose_run status=failed days=7"}, nil},
		{14, "Zoom into steps 1400 to 1600 of spiky: what is that spike?",
			[]string{"get_metrics run_id=spiky from_step=1400 to_step=1600"},
			[]fact{{"[metric=loss]|max", spiky.series("loss").at(1500)}, {"[metric=loss]|max_step", 1500},
				{"[metric=loss]|count", 201}, {"[metric=loss]|last", spiky.series("loss").at(1600)}}},
		{15, "Plot the three bert runs together",
			[]string{"plot_metrics run_ids=bert-1 run_ids=bert-2 run_ids=bert-3 metric_names=eval/accuracy output_path=three.png"},
			slices.Concat(curve(s.by("bert-1"), "eval/accuracy"), curve(s.by("bert-2"), "eval/accuracy"),
				curve(s.by("bert-3"), "eval/accuracy"), []fact{{"picture", holds("3 curves")}})},
		{16, "What did the log of vit-big say at the end? Any warnings?",
			[]string{"get_logs run_id=vit-big tail=5"},
			[]fact{{"warnings|count", 1}, {"lines", holds("torch.OutOfMemoryError")},
				{"traceback|exception", holds("Tried to allocate 2.25 GiB")}, {"traceback|frame", holds("vit.py:58")}}},
		{17, "Who made resnet50.pt, and what uses it?",
			[]string{"get_artifact_lineage artifact_id=resnet50.pt"},
			[]fact{{"created_by", maker.id}, {"used_by", count(1)}, {"used_by|[0]", user.id},
				{"runs|[id=" + user.id + "]|alias", "student"}, {"inputs", holds("cifar10")}}},
		{18, "Is my GPU busy or out of memory?", []string{"get_gpu_info"},
			[]fact{{"available", true}, {"devices|[0]|memory_total", 24576}, {"devices|[0]|memory_used", 1024},
				{"devices|[0]|utilization", 97}}},
		{20, "Export baseline",
			[]string{"export_experiment run_id=baseline format=csv"},
			[]fact{{"run", plain.id}, {"steps", plain.lastStep()}, {"path", holds(".csv")}}},
	}
	for i, r := range bert {
		list[1].facts = append(list[1].facts, place(i+1, r, "eval/accuracy", true)...)
		list[1].facts = append(list[1].facts, fact{fmt.Sprintf("[%d]|lr", i), r.args["lr"]})
	}
	turn, _ := overfit.series("val_loss").lowest()
	list[7].facts = []fact{{"[rule=overfitting]|metric", "val_loss"},
		{"[rule=overfitting]|since_step", around{float64(turn), 40}}, {"rows", count(1)}}
	for _, name := range []string{"train/loss", "eval/accuracy"} {
		for _, r := range bert {
			_, low := r.series(name).lowest()
			_, high := r.series(name).highest()
			// A row for each metric and run: the first with this metric is bert-1's, and so on.
			list[9].facts = append(list[9].facts, fact{"rows", cells{name, r.alias, r.series(name).last(), low, high}})
		}
	}
	list[9].facts = append(list[9].facts, fact{"differs", "only lr"},
		fact{"verdicts|[1]", holds("best " + bert[0].alias)})
	list[11].facts = seeds(s)
	list[12].facts = failures(s, 7*day)
	return list
}

// cells are values that one row of a table has among its cells.
type cells []any

// curve are the facts of plot_metrics on one curve.
func curve(r run, name string) []fact {
	_, low := r.series(name).lowest()
	_, high := r.series(name).highest()
	return []fact{{"[run=" + r.id + "]|last", r.series(name).last()}, {"[run=" + r.id + "]|min", low},
		{"[run=" + r.id + "]|max", high}}
}

// seeds are the facts on the sweep, over its seeds.
func seeds(s store) (facts []fact) {
	sweep := s.with(func(r run) bool { return slices.Contains(r.tags, "sweep") })
	best := map[float64][]float64{}
	for _, r := range sweep {
		_, high := r.series("val_accuracy").highest()
		lr := r.args["lr"].(float64)
		best[lr] = append(best[lr], high)
	}
	for lr, values := range best {
		mean, deviation := spread(values)
		row := fmt.Sprintf("seeds|[lr=%v]|", lr)
		facts = append(facts, fact{row + "runs", 3}, fact{row + "best_mean", mean},
			fact{row + "best_std", around{deviation, 0.01 * deviation}})
	}
	return append(facts, fact{"seeds|rows", count(len(best))}, fact{"seeds|[0]|lr", 0.03},
		fact{"ranked", len(sweep)})
}

// failures are the facts on the runs that failed since so long ago.
func failures(s store, since time.Duration) (facts []fact) {
	failed := s.with(func(r run) bool {
		return (r.ill == "crash" || r.ill == "dead") && s.now.Sub(r.created) < since
	})
	for _, r := range failed {
		words := map[string]string{"vit-big": "torch.OutOfMemoryError", "方言三": "数据文件损坏: 第 42 个样本",
			"zombie": "process", "old-crashed": "no reason is recorded"}[r.alias]
		facts = append(facts, fact{"[run=" + r.id + "]|findings", holds(words)})
	}
	return append(facts, fact{"rows", count(len(failed))})
}
