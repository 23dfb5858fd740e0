package questions

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"time"
)

// A cast is a store in the making: runs in the order in which they began.
type cast struct {
	*rand.Rand
	now  time.Time
	runs []run
}

const (
	day       = 24 * time.Hour
	messyRuns = 60
	gone      = 1<<22 - 3 // a process id that no process of this machine has
)

// messy is the cast of 60 runs as they lie about in a laboratory. The long run has so many steps.
// The same time and steps give the same runs.
func messy(now time.Time, longSteps int) []run {
	c := &cast{Rand: rand.New(rand.NewPCG(7, 60)), now: now.UTC()}
	c.sweep()
	c.vision()
	c.language()
	c.speech()
	c.control()
	c.long(longSteps)
	c.odd()
	for i := 0; len(c.runs) < messyRuns-2; i++ {
		c.trained(run{project: "scratch", name: "try", tags: []string{"wip"}}, 40*day-time.Duration(i)*time.Hour, 120, 0.9, 0.6)
	}
	c.live()
	return c.runs
}

// add makes r a run that began so long ago.
func (c *cast) add(r run, ago time.Duration) *run {
	r.created = c.now.Add(-ago)
	r.id = fmt.Sprintf("%s_%06x", r.created.Format("20060102_150405"), 0xa00000+len(c.runs)*257)
	if r.status == "" {
		r.status = "finished"
	}
	if r.pace == 0 {
		r.pace = 10 * time.Second
	}
	if r.host == "" {
		r.host, r.pid = "gpu-node-1", 4000+len(c.runs)
	}
	c.runs = append(c.runs, r)
	return &c.runs[len(c.runs)-1]
}

// log adds n values of a metric, every so many steps.
func (r *run) logs(name string, n, every int, at func(step int) float64) {
	m := metric{name: name}
	for i := 1; i <= n; i++ {
		m.steps = append(m.steps, i*every)
		m.values = append(m.values, math.Round(at(i*every)*1e5)/1e5)
	}
	r.metrics = append(r.metrics, m)
}

// trained is a run whose loss falls towards low and whose accuracy rises to top.
func (c *cast) trained(r run, ago time.Duration, steps int, top, low float64) *run {
	added := c.add(r, ago)
	fall := float64(steps) / 5
	loss := func(step int) float64 { return low + (2.3-low)*math.Exp(-float64(step)/fall) }
	added.logs("train_loss", steps, 1, func(step int) float64 { return loss(step) * (1 + 0.01*c.NormFloat64()) })
	added.logs("val_loss", steps/10, 10, func(step int) float64 {
		return (loss(step) + 0.05) * (1 + 0.004*c.NormFloat64())
	})
	added.logs("val_accuracy", steps/10, 10, func(step int) float64 {
		return top*(1-0.9*math.Exp(-float64(step)/fall)) + 0.001*c.NormFloat64()
	})
	return added
}

// sweep is a sweep over learning rates with three seeds each.
func (c *cast) sweep() {
	for i, lr := range []float64{0.1, 0.03, 0.01, 0.003} {
		for seed := 1; seed <= 3; seed++ {
			top := []float64{0.90, 0.935, 0.915, 0.84}[i] + 0.004*c.NormFloat64()
			r := c.trained(run{project: "vision", name: "resnet50", alias: fmt.Sprintf("lr%g-s%d", lr, seed),
				tags: []string{"sweep"}, data: "cifar10",
				args: map[string]any{"lr": lr, "seed": seed, "batch_size": 128, "optimizer": "sgd"}},
				20*day-time.Duration(3*i+seed)*time.Hour, 200, top, 0.2+lr)
			if i == 0 && seed == 1 {
				r.alias, r.tags = "baseline", []string{"sweep", "paper"}
			}
			if i == 1 && seed == 2 {
				r.output = &weight{"resnet50.pt", strings.Repeat("5a", 32)}
			}
		}
	}
}

// vision is what else was tried with images: overfitting, a crash, a student of the best.
func (c *cast) vision() {
	r := c.add(run{project: "vision", name: "resnet50", alias: "no-augment", tags: []string{"ablation"},
		data: "cifar10", args: map[string]any{"lr": 0.03, "seed": 1, "batch_size": 128,
			"optimizer": "sgd", "augment": false}, ill: "overfitting"}, 12*day)
	fall := func(step int) float64 { return 2.3 * math.Exp(-float64(step)/80) }
	r.logs("train_loss", 400, 1, func(step int) float64 { return (0.01 + fall(step)) * (1 + 0.01*c.NormFloat64()) })
	r.logs("val_loss", 40, 10, func(step int) float64 {
		return (0.3 + fall(step) + 0.002*max(0, float64(step-160))) * (1 + 0.003*c.NormFloat64())
	})
	c.trained(run{project: "vision", name: "distill", alias: "student", data: "cifar10",
		start: &weight{"resnet50.pt", strings.Repeat("5a", 32)},
		args:  map[string]any{"lr": 0.01, "seed": 1, "batch_size": 256, "optimizer": "adamw"},
		environment: map[string]any{"python_version": "3.11.9", "git_info": map[string]any{"commit": strings.Repeat("c0ffee12", 5),
			"branch": "distill", "has_changes": true, "changed_files_count": 2},
			"pip_packages":  []string{"numpy==1.26.4", "torch==2.3.1", "torchvision==0.18.1"},
			"env_variables": map[string]any{"HF_TOKEN": "hf_abcdefghijklmnopqrst", "CUDA_VISIBLE_DEVICES": "3"}}},
		9*day, 150, 0.9, 0.3)
	r = c.trained(run{project: "vision", name: "vit", alias: "vit-big", status: "failed", data: "cifar10",
		args: map[string]any{"lr": 0.0003, "seed": 1, "batch_size": 1024, "optimizer": "adamw"},
		ill:  "crash"}, 2*day, 163, 0.6, 0.7)
	r.log = console(*r) + "[12:00:00] UserWarning: lr_scheduler.step() was called before optimizer.step()\n" +
		fmt.Sprintf(traceback, "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.25 GiB.")
}

const traceback = `[13:08:19] Traceback (most recent call last):
[13:08:19]   File "/workspace/train.py", line 214, in <module>
[13:08:19]     main(parse_args())
[13:08:19]   File "/workspace/vision/vit.py", line 58, in forward
[13:08:19]     attention = torch.softmax(q @ k.transpose(-2, -1) * self.scale, dim=-1)
[13:08:19] %s
`

// console is what a run printed, a line every 20 steps.
func console(r run) string {
	var b strings.Builder
	loss := r.series("train_loss")
	for i := 19; i < len(loss.steps); i += 20 {
		fmt.Fprintf(&b, "[12:%02d:00] step %d loss %.4f\n", i/20%60, loss.steps[i], loss.values[i])
	}
	return b.String()
}

// language is what was tried with texts: NaN, a spike, an interruption.
func (c *cast) language() {
	for i, lr := range []float64{5e-5, 3e-5, 2e-5} {
		r := c.add(run{project: "nlp", name: "bert", alias: fmt.Sprintf("bert-%d", i+1), tags: []string{"glue"},
			args: map[string]any{"lr": lr, "seed": 3, "epochs": 3}}, 15*day-time.Duration(i)*5*time.Hour)
		r.logs("train/loss", 300, 1, func(step int) float64 {
			return (0.2 + math.Exp(-float64(step)/60)) * (1 + 0.02*c.NormFloat64())
		})
		r.logs("eval/accuracy", 12, 25, func(step int) float64 {
			return 0.91 + 0.01*float64(i) - 0.4*math.Exp(-float64(step)/60) + 0.002*c.NormFloat64()
		})
	}
	r := c.add(run{project: "nlp", name: "bert", alias: "bert-fp16", args: map[string]any{"lr": 5e-4,
		"seed": 3, "epochs": 3, "fp16": true}, ill: "non_finite"}, 6*day)
	r.logs("train/loss", 300, 1, func(step int) float64 {
		if step >= 137 {
			return math.NaN()
		}
		return (0.2 + math.Exp(-float64(step)/60)) * (1 + 0.02*c.NormFloat64())
	})
	r = c.add(run{project: "nlp", name: "gpt-mini", alias: "spiky", ill: "spike"}, 13*day)
	r.logs("loss", 2000, 1, func(step int) float64 {
		v := (2.2 + 6*math.Exp(-float64(step)/100)) * (1 + 0.01*c.NormFloat64())
		if step == 1500 || step == 1501 {
			v *= 4
		}
		return v
	})
	r = c.add(run{project: "nlp", name: "bert", alias: "bert-long", status: "interrupted",
		args: map[string]any{"lr": 2e-5, "seed": 3, "epochs": 30}, ill: "interrupted"}, 11*day)
	r.logs("train/loss", 80, 1, func(step int) float64 {
		return (0.2 + math.Exp(-float64(step)/60)) * (1 + 0.02*c.NormFloat64())
	})
}

// speech has Chinese names, and a run that failed in Chinese.
func (c *cast) speech() {
	for i, alias := range []string{"普通话基线", "加噪微调", "方言一", "方言二"} {
		r := c.add(run{project: "语音识别", name: "声学模型", alias: alias, tags: []string{"论文"}, data: "语料-普通话",
			args: map[string]any{"lr": 0.001, "noise": i == 1, "seed": 1}}, 14*day-time.Duration(i)*4*time.Hour)
		r.logs("train_loss", 240, 1, func(step int) float64 {
			return (0.3 + 3*math.Exp(-float64(step)/50)) * (1 + 0.01*c.NormFloat64())
		})
		r.logs("val_cer", 12, 20, func(step int) float64 {
			return []float64{0.08, 0.06, 0.11, 0.13}[i] + 0.8*math.Exp(-float64(step)/50) + 0.0005*c.NormFloat64()
		})
	}
	r := c.add(run{project: "语音识别", name: "声学模型", alias: "方言三", status: "failed", data: "语料-方言",
		args: map[string]any{"lr": 0.001, "noise": false, "seed": 9}, ill: "crash"}, 1*day)
	r.logs("train_loss", 60, 1, func(step int) float64 {
		return (0.3 + 3*math.Exp(-float64(step)/50)) * (1 + 0.01*c.NormFloat64())
	})
	r.log = console(*r) + fmt.Sprintf(traceback, "RuntimeError: 数据文件损坏: 第 42 个样本")
}

// control has rewards below nothing, and no aliases.
func (c *cast) control() {
	for seed := range 4 {
		r := c.add(run{project: "rl", name: "ppo", args: map[string]any{"lr": 3e-4, "seed": seed, "clip": 0.2}},
			16*day-time.Duration(seed)*time.Hour)
		r.logs("episode_reward", 100, 50, func(step int) float64 {
			return -500*math.Exp(-float64(step)/1200) - 20 - float64(seed) + 4*c.NormFloat64()
		})
	}
}

// long is a run of many steps with a validation now and then.
func (c *cast) long(steps int) {
	r := c.add(run{project: "llm", name: "pretrain", alias: "long", pace: 10 * day / time.Duration(steps),
		args: map[string]any{"lr": 6e-4, "seed": 1, "layers": 24}}, 30*day)
	scale := float64(steps) / 8
	r.logs("train_loss", steps, 1, func(step int) float64 {
		return (2.1 + 7*math.Exp(-float64(step)/scale)) * (1 + 0.01*c.NormFloat64())
	})
	r.logs("val_perplexity", 5, steps/5, func(step int) float64 {
		return 9 + 90*math.Exp(-float64(step)/scale)
	})
}

// odd are words, names and files as nobody plans them.
func (c *cast) odd() {
	for i, word := range []string{"completed", "success", "crashed", "error", "killed"} {
		r := run{project: "misc", name: "import", alias: "old-" + word, status: word}
		ago := 25*day - time.Duration(i)*time.Hour
		switch word {
		case "crashed":
			r.ill, ago = "crash", 5*day
		case "error":
			r.ill = "crash"
		case "killed":
			r.ill = "interrupted"
		}
		c.trained(r, ago, 50, 0.7, 0.8)
	}
	c.add(run{project: "misc", name: "empty", alias: "nothing-logged"}, 22*day)
	c.trained(run{project: "misc", name: "test (copy) 2", alias: "🚀 final_FINAL"}, 21*day, 60, 0.71, 0.8)
	c.trained(run{project: "misc", name: strings.Repeat("very-long-name-", 9), alias: "trailing space "}, 23*day, 60, 0.72, 0.8)
	c.trained(run{project: "Vision", name: "resnet50", alias: "other-case"}, 24*day, 60, 0.5, 0.8)
}

// live are a run that runs and one that only says so, of this machine.
func (c *cast) live() {
	host, err := os.Hostname()
	if err != nil {
		panic(err)
	}
	loss := func(step int) float64 { return (0.8 + 2*math.Exp(-float64(step)/60)) * (1 + 0.01*c.NormFloat64()) }
	r := c.add(run{project: "llm", name: "finetune", alias: "zombie", status: "running", host: host, pid: gone,
		pace: 20 * time.Second, ill: "dead"}, 4*day)
	r.logs("train_loss", 150, 1, loss)
	r = c.add(run{project: "llm", name: "finetune", alias: "live", status: "running", host: host, pid: os.Getpid(),
		pace: 20 * time.Second, args: map[string]any{"lr": 1e-5, "seed": 1, "batch_size": 8}},
		180*20*time.Second+12*time.Second)
	r.logs("train_loss", 180, 1, loss)
	r.logs("val_accuracy", 18, 10, func(step int) float64 { return 0.8 - 0.5*math.Exp(-float64(step)/60) })
}

// large is the messy cast with a long run of 1,000,000 steps among 10,000 runs.
func large(now time.Time) []run {
	runs := messy(now, 1_000_000)
	c := &cast{Rand: rand.New(rand.NewPCG(8, 10_000)), now: now.UTC(), runs: runs}
	for i := 0; len(c.runs) < 10_000; i++ {
		r := c.add(run{project: fmt.Sprintf("archive-%02d", i%20), name: fmt.Sprintf("exp-%03d", i%200)},
			400*day-time.Duration(i)*30*time.Minute)
		r.logs("loss", 3, 1, func(step int) float64 { return 1 / float64(step) })
	}
	return c.runs
}
