package client_test

import (
	"fmt"
	"math"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

const trace = `12:00:01 | step 100 loss 0.5
[12:00:02] Traceback (most recent call last):
[12:00:02]   File "/workspace/train.py", line 214, in <module>
[12:00:02]     main()
[12:00:02]   File "/workspace/net/model.py", line 58, in forward
[12:00:02]     x = softmax(q @ k)
[12:00:02] torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.25 GiB.
`

// ill are kinds of runs with something wrong.
var ill = []kind{
	{"NaN for good", []string{"non_finite"}, func(m maker) {
		f, _ := m.trained()
		m.set("train_loss", m.count(1, f.n-1), f.n, func(int, float64) float64 { return math.NaN() })
	}},
	{"NaN once", []string{"non_finite"}, func(m maker) {
		f, _ := m.trained()
		at := m.count(1, f.n-2)
		m.set("train_loss", at, at+1, func(int, float64) float64 { return math.NaN() })
	}},
	{"infinite now and then", []string{"non_finite"}, func(m maker) {
		f := m.fall()
		m.add("loss", f.n, 0, 1, m.noisy(f))
		m.set("loss", f.n/3, f.n/3+1, func(int, float64) float64 { return math.Inf(1) })
		m.set("loss", f.n/2, f.n/2+3, func(int, float64) float64 { return math.Inf(1) })
	}},
	{"blown up", []string{"divergence"}, func(m maker) {
		f, _ := m.trained()
		from := m.count(f.n/3, f.n*4/5)
		high := f.from * m.between(4, 100)
		m.set("train_loss", from, f.n, func(i int, v float64) float64 {
			return v + high*min(1, float64(i-from)/20)*(1+0.2*m.NormFloat64())
		})
	}},
	{"back to chance", []string{"divergence"}, func(m maker) {
		f := m.fall()
		f.from, f.to, f.noise = 2.303, m.between(0.2, 1), m.between(0.01, 0.08)
		m.add("loss", f.n, 0, 1, m.noisy(f))
		m.set("loss", m.count(f.n/3, f.n*4/5), f.n, func(int, float64) float64 {
			return 2.303 * (1 + 0.005*m.NormFloat64())
		})
	}},
	{"accuracy collapsed", []string{"divergence"}, func(m maker) {
		n := m.count(30, 120)
		m.add("val_accuracy", n, 0, 50, func(i int) float64 {
			if i > n*2/3 {
				return 0.1
			}
			return 0.1 + 0.8*(1-math.Exp(-8*float64(i)/float64(n))) + 0.01*m.NormFloat64()
		})
	}},
	{"never stops rising", []string{"divergence"}, func(m maker) {
		n := m.count(100, 800)
		m.add("loss", n, 0, 1, func(i int) float64 {
			return 2.3 * math.Exp(m.between(2.5, 4)*float64(i)/float64(n)) * (1 + 0.02*m.NormFloat64())
		})
	}},
	{"spike", []string{"spike"}, func(m maker) {
		f, _ := m.trained()
		m.l.series[0].Values = m.l.series[0].Values[:0]
		f.noise = m.between(0.005, 0.05)
		for i := range f.n {
			m.l.series[0].Values = append(m.l.series[0].Values, m.noisy(f)(i))
		}
		at := m.count(f.n/4, f.n*3/4)
		high := f.at(at) * m.between(2, 20)
		m.set("train_loss", at, at+m.count(1, 3), func(_ int, v float64) float64 { return v + high })
	}},
	{"spikes", []string{"spike"}, func(m maker) {
		n := m.count(400, 2000)
		m.add("loss", n, 0, 1, func(i int) float64 {
			return (2.2 + 6*math.Exp(-20*float64(i)/float64(n))) * (1 + 0.01*m.NormFloat64())
		})
		for _, share := range []float64{0.3, 0.38, 0.8} {
			at := int(share * float64(n))
			m.set("loss", at, at+2, func(_ int, v float64) float64 { return v * m.between(2, 4) })
		}
	}},
	{"stuck", []string{"plateau"}, func(m maker) {
		level := m.between(0.6, 7)
		noise := m.between(0.001, 0.03)
		n := m.count(150, 1500)
		m.add("train_loss", n, 1, 1, func(int) float64 {
			return level * (1 + noise*m.NormFloat64())
		})
		m.add("val_accuracy", 20, int64(n/20), int64(n/20), func(int) float64 { return 0.1 + 0.004*m.NormFloat64() })
	}},
	{"overfitting", []string{"overfitting"}, overfits},
	{"overfitting by score", []string{"overfitting"}, func(m maker) {
		n := m.count(20, 60)
		m.add("train_acc", n, 1, 1, func(i int) float64 { return 1 - 0.7*math.Exp(-5*float64(i)/float64(n)) })
		m.add("val_acc", n, 1, 1, func(i int) float64 {
			share := float64(i) / float64(n)
			return 0.8 - 0.6*math.Exp(-12*share) - 0.25*max(0, share-0.35) + 0.003*m.NormFloat64()
		})
	}},
	{"validation stopped", []string{"validation_stopped"}, func(m maker) {
		m.trained()
		n := len(m.l.series[1].Steps)
		m.until("val_loss", n/3+1)
		m.l.series = m.l.series[:2]
	}},
	{"idle GPU", []string{"low_gpu_use"}, func(m maker) {
		f, _ := m.trained()
		scale := []float64{1, 100}[m.IntN(2)]
		m.add("gpu/util", f.n, 1, 1, func(int) float64 { return scale * min(0.95, m.between(0.05, 0.4)) })
	}},
	{"out of memory", []string{"crash"}, func(m maker) {
		m.trained()
		m.ends(client.StatusFailed, "", trace)
	}},
	{"failed, nothing captured", []string{"crash"}, func(m maker) {
		m.trained()
		m.ends(client.StatusFailed, "exception", "")
		m.l.noLog = true
	}},
	{"process gone", []string{"process_gone"}, func(m maker) {
		m.trained()
		m.ends(client.StatusFailed, "process gone", "12:00:00 | step 3\n")
	}},
	{"stopped by hand", []string{"interrupted"}, func(m maker) {
		m.trained()
		m.ends(client.StatusInterrupted, "", "")
	}},
	{"stalled", []string{"stalled"}, func(m maker) {
		m.trained()
		m.runs(m.between(2_000, 1_000_000))
	}},
	{"never logged", []string{"stalled"}, func(m maker) {
		m.l.run.Status, m.l.run.StartedAt = client.StatusRunning, diagnosedAt-100_000
	}},
	{"NaN, then crashed", []string{"crash", "non_finite"}, func(m maker) {
		f, _ := m.trained()
		m.set("train_loss", f.n-5, f.n, func(int, float64) float64 { return math.NaN() })
		m.ends(client.StatusFailed, "", fmt.Sprintf("step 1\n%s", "ValueError: Input contains NaN\n"))
	}},
	{"overfits, and stalled", []string{"overfitting", "stalled"}, func(m maker) {
		overfits(m)
		m.runs(50_000)
	}},
}

// overfits makes a run whose validation loss rises from some point on.
func overfits(m maker) {
	f := m.fall()
	f.fast, f.noise = m.between(0.1, 0.25), m.between(0.01, 0.1)
	m.add("train_loss", f.n, 1, 1, m.noisy(f))
	every := f.n / m.count(15, 60)
	n := f.n / every
	turn := m.count(n/4, n/2)
	climb := f.from * m.between(0.3, 1.5)
	noise := m.between(0.002, 0.02)
	m.add("val_loss", n, int64(every), int64(every), func(i int) float64 {
		v := f.at(min(i, turn)*every) * 1.1
		return (v + climb*float64(max(0, i-turn))/float64(n)) * (1 + noise*m.NormFloat64())
	})
}
