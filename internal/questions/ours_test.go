package questions

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// ours are questions beyond the common ones: bad news, odd names, odd words, long runs.
func ours(s store) []question {
	projects, inVision := map[string]bool{}, 0
	for _, r := range s.runs {
		projects[r.project] = true
		if r.project == "vision" {
			inVision++
		}
	}
	rl := s.ranked(of("rl"), "episode_reward", true)
	long, plain := s.by("long"), s.by("baseline")
	half := long.lastStep() / 2
	rocket, other := s.by("🚀 final_FINAL"), s.by("other-case")
	users := s.with(func(r run) bool { return r.data == "cifar10" })
	_, top := rocket.series("val_accuracy").highest()
	_, otherTop := other.series("val_accuracy").highest()
	list := []question{
		{21, "Which projects are there, and how many runs has vision?", []string{"list_projects"},
			[]fact{{"total", len(projects)}, {"[name=vision]|experiment_count", inVision},
				{"[name=llm]|running", 1}, {"[name=语音识别]|experiment_count", 5}}},
		{22, "Which ppo run got the highest reward?",
			[]string{"best_runs path=rl/ppo metric_name=episode_reward limit=2"},
			append(place(1, rl[0], "episode_reward", true), place(2, rl[1], "episode_reward", true)...)},
		{23, "Did bert-fp16 become NaN, and since when?", []string{"get_metrics run_id=bert-fp16"},
			[]fact{{"non_finite", holds(fmt.Sprintf("%d of 300 values, from step 137 to step 300", 300-136))},
				{"[metric=train/loss]|last", "NaN"}}},
		{24, "What perplexity did the long pretraining end with, from how many validations?",
			[]string{"get_metrics run_id=long metric_names=val_perplexity"},
			statistics(long, "val_perplexity")},
		{25, "What was the loss of the long run half way?",
			[]string{fmt.Sprintf("get_metrics run_id=long metric_names=train_loss at_step=%d", half)},
			[]fact{{"[metric=train_loss]|value", long.series("train_loss").at(half)},
				{"[metric=train_loss]|step", half}}},
		{26, "Is anything wrong with the long run?", []string{"diagnose_run run_id=long"},
			[]fact{{"rows", count(0)}, {"last_step", long.lastStep()}, {"status", "finished"}}},
		{27, "Is zombie still alive?", []string{"diagnose_run run_id=zombie"},
			[]fact{{"status", holds("failed")}, {"[rule=process_gone]|finding", holds("process")}}},
		{28, "Which PyTorch and which commit did student use?",
			[]string{"get_experiment run_id=student packages=torch"},
			[]fact{{"environment|packages", holds("torch==2.3.1")}, {"git|branch", "distill"},
				{"git|commit", strings.Repeat("c0ffee12", 5)},
				{"git|changed_files", 2}}},
		{29, "What did nothing-logged log?", []string{"get_metrics run_id=nothing-logged"},
			[]fact{{"steps", 0}, {"rows", count(0)}, {"notes", holds("no metrics")}}},
		{30, "How did old-killed end?", []string{"get_experiment run_id=old-killed"},
			[]fact{{"status", shownStatus(s.by("old-killed"))}, {"last_step", 50}}},
		{31, "Which runs used the dataset cifar10?", []string{"get_artifact artifact_id=cifar10"},
			[]fact{{"type", "dataset"}, {"used_by", count(len(users))}, {"used_by", holds(users[3].id)}}},
		{32, "Which nlp run ends with the lowest train/loss?",
			[]string{"best_runs project=nlp metric_name=train/loss by=last limit=3"}, nil},
		{33, "Which runs are tagged paper?", []string{"best_runs tags=paper metric_name=val_accuracy"},
			append(place(1, plain, "val_accuracy", true), fact{"ranked", 1}, fact{"[0]|alias", "baseline"})},
		{34, "Is 🚀 final_FINAL better than other-case?",
			[]string{`compare_runs run_ids="🚀 final_FINAL" run_ids=other-case metric_name=val_accuracy limit=0`},
			[]fact{{"rows", cells{"🚀 final_FINAL", top}}, {"rows", cells{"other-case", otherTop}},
				{"verdicts", holds("best 🚀 final_FINAL")}}},
		{35, "Give me the curves of baseline as CSV",
			[]string{"export_metrics_to_csv run_id=baseline output_path=curves/baseline.csv"},
			[]fact{{"steps", plain.lastStep()}, {"path", holds("baseline.csv")}}},
		{36, "What is val_acc of baseline? (there is only val_accuracy)",
			[]string{"get_metrics run_id=baseline metric_names=val_acc"},
			[]fact{{"missing|[0]|name", "val_acc"}, {"missing|[0]|nearest", holds("val_accuracy")}}},
	}
	byLast := s.ranked(of("nlp"), "train/loss", false)
	byLast = slices.DeleteFunc(byLast, func(r run) bool { return r.alias == "bert-fp16" }) // ends with NaN
	slices.SortFunc(byLast, func(a, b run) int {
		if a.series("train/loss").last() < b.series("train/loss").last() {
			return -1
		}
		return 1
	})
	for i, r := range byLast[:3] {
		list[11].facts = append(list[11].facts, place(i+1, r, "train/loss", false)...)
	}
	list[11].facts = append(list[11].facts, fact{"ranked", len(byLast)},
		fact{"notes", holds("without a finite value to rank by: 1")})
	return list
}

// found are questions that go through runs or steps for what fits.
func found(s store) []question {
	plain := s.by("baseline")
	done := s.with(func(r run) bool {
		return r.project == "vision" && strings.HasPrefix(shownStatus(r), "finished")
	})
	longest := slices.MaxFunc(done, func(a, b run) int {
		return cmp.Compare(a.ended().Sub(a.created), b.ended().Sub(b.created))
	})
	wide := s.with(func(r run) bool { return r.project == "vision" && r.args["batch_size"] == 128 })
	accuracy := plain.series("val_accuracy")
	first, so := 0, 0
	for i, v := range accuracy.values {
		if v >= 0.8 {
			if so++; so == 1 {
				first = accuracy.steps[i]
			}
		}
	}
	return []question{
		{42, "Which finished run of vision took longest?",
			[]string{"best_runs project=vision status=finished metric_name=duration_seconds limit=1"},
			[]fact{{"ranked", len(done)}, {"[0]|run", longest.id},
				{"[0]|duration_seconds", longest.ended().Sub(longest.created).Seconds()}}},
		{43, "Which vision runs used batch size 128?",
			[]string{"list_experiments project=vision config=batch_size=128 limit=2"},
			[]fact{{"total", len(wide)}, {"rows", count(2)}}},
		{44, "When did val_accuracy of baseline reach 80 %, and did it stay there?",
			[]string{"get_metrics run_id=baseline metric_names=val_accuracy>=80%"},
			[]fact{{"conditions|[0]|first_step", first}, {"conditions|[0]|values_so", so},
				{"conditions|[0]|of", len(accuracy.values)}}},
	}
}

// chinese are questions in Chinese, on runs with Chinese names.
func chinese(s store) []question {
	speech := s.ranked(of("语音识别"), "val_cer", false)
	live, tuned, plain := s.by("live"), s.by("加噪微调"), s.by("普通话基线")
	_, tunedLow := tuned.series("val_cer").lowest()
	_, plainLow := plain.series("val_cer").lowest()
	return []question{
		{37, "哪个语音模型的字错误率最低？", []string{"best_runs project=语音识别 metric_name=val_cer limit=3"},
			append(place(1, speech[0], "val_cer", false), fact{"[0]|alias", speech[0].alias},
				fact{"direction", holds("min")}, fact{"ranked", len(speech)})},
		{38, "方言三为什么失败了？", []string{"diagnose_run run_id=方言三"},
			[]fact{{"[rule=crash]|finding", holds("RuntimeError: 数据文件损坏: 第 42 个样本")}, {"status", "failed"}}},
		{39, "训练现在怎么样了？live 到第几步了？", []string{"get_metrics run_id=live"},
			append(statistics(live, "val_accuracy"), fact{"status", "running"},
				fact{"last_step", live.lastStep()})},
		{40, "普通话基线和加噪微调有什么区别？",
			[]string{"compare_runs run_ids=普通话基线 run_ids=加噪微调 metric_name=val_cer"},
			[]fact{{"differs", "only noise"}, {"runs|[run=加噪微调]|noise", true},
				{"rows", cells{"加噪微调", tunedLow}}, {"rows", cells{"普通话基线", plainLow}},
				{"verdicts", holds("best 加噪微调")}}},
		{41, "加噪微调用了什么学习率？", []string{"get_experiment run_id=加噪微调"},
			[]fact{{"id", tuned.id}, {"config|args|lr", 0.001}, {"config|args|noise", true}}},
	}
}
