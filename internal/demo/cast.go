package demo

import "time"

// A run is one run of the demo store: what the training code would have said to the SDK.
type run struct {
	path, alias string
	tags        []string
	status      string
	began       time.Duration // before now, at least; not of a running one
	pace        time.Duration // of one step
	steps       int           // logged
	host        string
	pid         int

	curve  curve
	config object // of log_config(args=…)
	data   dataset
	start  *weights // log_pretrained(save=True)
	output *weights // found by scan_outputs_once
	error  string   // what the training code caught and put into the summary
}

// A dataset is one that was logged but not archived. Only a folder on the machine gets a
// fingerprint. No two runs may log the same one: a Viewer 0.7.1 or 0.7.2 then locks its own
// database while it reads the store, and loses most runs from its list.
type dataset struct {
	name, uri, description string
	changed                float64 // mtime of the folder
	files, size            int     // 0: it is no folder
}

// weights are a model file. Its content is made of name and key alone, so that two runs that
// name the same weights name the same fingerprint.
type weights struct {
	name string // as the run calls them
	key  string // file that holds them
	note string
}

var (
	// The SDK of 0.7.2 takes an address for a path and loses a slash of its "//".
	cifar = dataset{name: "cifar10", uri: "hf:/datasets/uoft-cs/cifar10"}
	sst2  = dataset{name: "sst2", uri: "hf:/datasets/stanfordnlp/sst2"}

	augmented = dataset{"cifar10-augmented", "/datasets/cifar10-augmented",
		"cropped, flipped, colours shifted", 1748253600.25, 240000, 737525760}
	aishell = dataset{"aishell-1", "/datasets/aishell-1", "178 小时普通话朗读语音",
		1746440100.75, 141925, 19621347328}
	aishellNoisy = dataset{"aishell-1-noisy", "/datasets/aishell-1-noisy",
		"叠加街道与咖啡馆噪声", 1749031200.5, 141925, 19621347328}

	resnet50 = weights{name: "resnet50.pt", key: "checkpoints/resnet50.pt"}
	teacher  = weights{name: "resnet50-teacher", key: resnet50.key,
		note: "best resnet50 so far"}
	conformer     = weights{name: "conformer.pt", key: "checkpoints/conformer.pt"}
	conformerBase = weights{name: "conformer-base", key: conformer.key, note: "普通话基线的权重"}
)

// cast are the runs of the store, oldest first.
func cast() []run {
	runs := append(visionSweep(), visionModels()...)
	return append(runs, otherProjects()...)
}

// visionSweep is one small network with several learning rates and seeds; one diverges.
func visionSweep() []run {
	sweep := func(alias string, began time.Duration, pid int, lr float64, seed int, c curve) run {
		return run{
			path: "vision/resnet18", alias: alias, status: "finished", host: "gpu-node-1", pid: pid,
			began: began, pace: 9 * time.Second, steps: 400, curve: c, data: cifar,
			config: object{{"model", "resnet18"}, {"lr", lr}, {"batch_size", 128}, {"epochs", 20},
				{"optimizer", "sgd"}, {"momentum", 0.9}, {"weight_decay", 0.0005}, {"augment", true},
				{"seed", seed}},
		}
	}
	good := curve{loss: "val_loss", score: "val_accuracy", lr: 0.1, from: 2.303, to: 0.21,
		fall: 62, noise: 0.05, gap: 0.09, top: 0.932, every: 20}
	other, slow, wild := good, good, good
	other.top, other.to = 0.929, 0.22
	slow.lr, slow.to, slow.fall, slow.top = 0.01, 0.34, 118, 0.897
	wild.lr, wild.to, wild.noise, wild.top, wild.nanFrom = 1, 1.2, 0.22, 0.62, 137
	runs := []run{
		sweep("baseline", 150*time.Hour, 20117, 0.1, 1, good),
		sweep("seed-2", 148*time.Hour, 20764, 0.1, 2, other),
		sweep("lr-0.01", 145*time.Hour, 21309, 0.01, 1, slow),
		sweep("lr-1.0", 126*time.Hour, 24410, 1.0, 1, wild),
	}
	runs[0].tags = []string{"baseline"}
	runs[3].tags = []string{"sweep"}
	return runs
}

// visionModels are bigger networks: one good, one that overfits, one out of memory, and a small
// one that is learning from the good one right now.
func visionModels() []run {
	base := curve{loss: "val_loss", score: "val_accuracy", lr: 0.05, from: 2.31, to: 0.12,
		fall: 70, noise: 0.04, gap: 0.05, top: 0.958, every: 20}
	config := func(model string, batch int, lr float64, augment bool) object {
		return object{{"model", model}, {"lr", lr}, {"batch_size", batch}, {"epochs", 20},
			{"optimizer", "sgd"}, {"augment", augment}, {"seed", 1}}
	}
	overfit, vit, student := base, base, base
	overfit.to, overfit.top, overfit.turn, overfit.climb = 0.008, 0.884, 140, 0.0034
	vit.from, vit.lr, vit.fall, vit.top = 2.34, 0.0003, 160, 0.71
	student.from, student.lr, student.to, student.top = 2.305, 0.1, 0.24, 0.941
	return []run{
		{path: "vision/resnet50", alias: "no-augment", status: "finished", began: 99 * time.Hour,
			pace: 16 * time.Second, steps: 400, host: "gpu-node-1", pid: 30122, curve: overfit,
			config: config("resnet50", 128, 0.05, false), data: cifar},
		{path: "vision/resnet50", alias: "augmented", tags: []string{"candidate"},
			status: "finished", began: 75 * time.Hour, pace: 17 * time.Second, steps: 400,
			host: "gpu-node-1", pid: 33871, curve: base,
			config: config("resnet50", 128, 0.05, true), data: augmented, output: &resnet50},
		{path: "vision/vit-b16", status: "failed", began: 52 * time.Hour, pace: 21 * time.Second,
			steps: 163, host: "gpu-node-2", pid: 9046, curve: vit,
			config: config("vit-b16", 512, 0.0003, true), data: cifar,
			error: "CUDA out of memory. Tried to allocate 2.25 GiB. GPU 0 has a total capacity of " +
				"23.69 GiB of which 1.13 GiB is free."},
		{path: "vision/distill", alias: "student", status: "running",
			pace: 30 * time.Second, steps: 261,
			host: "gpu-node-3", pid: 41217, curve: student,
			config: config("resnet18", 256, 0.1, true), data: cifar, start: &teacher},
	}
}

// otherProjects are text and speech: other metrics, names and tags in Chinese.
func otherProjects() []run {
	bert := curve{loss: "val_loss", score: "val_f1", lr: 0.00002, from: 0.694, to: 0.07, fall: 75,
		noise: 0.06, gap: 0.13, top: 0.927, every: 25}
	stopped := bert
	stopped.to, stopped.top, stopped.fall = 0.1, 0.919, 90
	speech := curve{loss: "val_loss", score: "val_cer", falling: true, lr: 0.001, from: 5.1,
		to: 0.62, fall: 90, noise: 0.05, gap: 0.12, top: 0.0712, every: 30}
	noisy := speech
	noisy.from, noisy.to, noisy.fall, noisy.top = 1.4, 0.48, 60, 0.0587
	return []run{
		{path: "nlp/bert-sst2", alias: "lr-2e-5", status: "finished", began: 123 * time.Hour,
			pace: 12 * time.Second, steps: 350, host: "gpu-node-2", pid: 5150, curve: bert,
			config: object{{"model", "bert-base-uncased"}, {"lr", 0.00002}, {"batch_size", 32},
				{"max_tokens", 128}, {"epochs", 3}, {"seed", 42}}, data: sst2},
		{path: "nlp/bert-sst2", alias: "long-schedule", tags: []string{"to-resume"},
			status: "interrupted", began: 31 * time.Hour, pace: 12 * time.Second, steps: 318,
			host: "gpu-node-2", pid: 11893, curve: stopped,
			config: object{{"model", "bert-base-uncased"}, {"lr", 0.00002}, {"batch_size", 32},
				{"max_tokens", 128}, {"epochs", 10}, {"seed", 42}}, data: sst2},
		{path: "speech/asr-zh", alias: "普通话基线", tags: []string{"语音", "基线"},
			status: "finished", began: 96 * time.Hour, pace: 24 * time.Second, steps: 360,
			host: "gpu-node-3", pid: 37408, curve: speech,
			config: object{{"model", "conformer-s"}, {"lr", 0.001}, {"batch_size", 48},
				{"spec_augment", true}, {"noise", false}, {"seed", 7}}, data: aishell,
			output: &conformer},
		{path: "speech/asr-zh", alias: "加噪微调", tags: []string{"语音"}, status: "finished",
			began: 28 * time.Hour, pace: 24 * time.Second, steps: 300, host: "gpu-node-3",
			pid: 40031, curve: noisy,
			config: object{{"model", "conformer-s"}, {"lr", 0.001}, {"batch_size", 48},
				{"spec_augment", true}, {"noise", true}, {"seed", 7}}, data: aishellNoisy,
			start: &conformerBase},
	}
}
