package client_test

import (
	"math"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// healthy are kinds of runs with nothing wrong, many of which look as if.
var healthy = []kind{
	{"plain", nil, func(m maker) { m.trained() }},
	{"very noisy", nil, func(m maker) {
		f := m.fall()
		f.noise = m.between(0.3, 0.6)
		m.add("loss", f.n, 0, 10, func(i int) float64 { return f.at(i) * math.Exp(f.noise*m.NormFloat64()) })
	}},
	{"heavy tails", nil, func(m maker) {
		f := m.fall()
		m.add("train/loss", f.n, 0, 1, func(i int) float64 {
			return f.at(i) * (1 + min(f.noise, 0.1)*math.Abs(m.t3()))
		})
	}},
	{"warm restarts", nil, func(m maker) {
		f := m.fall()
		cycle := f.n / m.count(3, 6)
		f.fast = 0.1
		rate := func(i int) float64 { return (1 + math.Cos(math.Pi*float64(i%cycle)/float64(cycle))) / 2 }
		m.add("loss", f.n, 0, 1, func(i int) float64 {
			return f.at(i) * (1 + 0.6*rate(i)) * (1 + f.noise*m.NormFloat64())
		})
		if m.IntN(2) == 0 {
			m.add("lr", f.n, 0, 1, func(i int) float64 { return 0.1 * rate(i) })
		}
		m.add("val_loss", 20, int64(f.n/20), int64(f.n/20), func(i int) float64 {
			at := (i + 1) * (f.n / 20)
			return f.at(at) * (1.2 + 0.6*rate(at))
		})
	}},
	{"triangular rates", nil, func(m maker) {
		f := m.fall()
		cycle := float64(f.n / m.count(3, 9))
		m.add("loss", f.n, 0, 1, func(i int) float64 {
			up := math.Abs(2*math.Mod(float64(i)/cycle, 1) - 1)
			return f.at(i) * (1 + 0.3*up) * (1 + f.noise*m.NormFloat64())
		})
	}},
	{"warm-up bump", nil, func(m maker) {
		f, _ := m.trained()
		width := float64(f.n) * m.between(0.01, 0.04)
		high := m.between(0.3, 2)
		m.set("train_loss", 0, f.n, func(i int, v float64) float64 {
			off := (float64(i) - 1.5*width) / width
			return v * (1 + high*math.Exp(-off*off))
		})
	}},
	{"negative rewards", nil, func(m maker) {
		n := m.count(100, 1500)
		m.add("mean_reward", n, 0, 2048, func(i int) float64 {
			return -200 + 150*(1-math.Exp(-3*float64(i)/float64(n))) + 40*m.NormFloat64()
		})
		m.add("value_loss", n, 0, 2048, func(i int) float64 {
			return 0.1 + 5*float64(i)/float64(n)*math.Exp(m.NormFloat64())
		})
		m.add("policy_loss", n, 0, 2048, func(int) float64 { return -0.01 + 0.02*m.NormFloat64() })
	}},
	{"sparse validation", nil, func(m maker) {
		f, _ := m.trained()
		m.l.series = m.l.series[:1]
		n := m.count(1, 7)
		m.add("val_loss", n, int64(f.n/n), int64(f.n/n), func(i int) float64 {
			return f.to * (1.1 + 0.1*m.NormFloat64())
		})
	}},
	{"short", nil, func(m maker) {
		n := m.count(1, 19)
		m.add("loss", n, 1, 1, func(int) float64 { return 2 + m.NormFloat64() })
		m.add("val_loss", n, 1, 1, func(int) float64 { return 2 + m.NormFloat64() })
	}},
	{"restarted", nil, func(m maker) {
		f := m.fall()
		f.from, f.noise = f.to*m.between(1.005, 1.3), m.between(0.01, 0.05)
		m.add("train_loss", f.n, 40_000, 10, m.noisy(f))
		m.set("train_loss", f.n/2, f.n/2+15, func(_ int, v float64) float64 { return v * 1.2 })
	}},
	{"language model", nil, func(m maker) {
		n := m.count(500, 3000)
		m.add("train/loss", n, 0, 10, func(i int) float64 {
			return (2.1 + 8.5*math.Pow(1+float64(i)/8, -0.8)) * (1 + 0.02*m.NormFloat64())
		})
		m.add("train/grad_norm", n, 0, 10, func(int) float64 { return math.Exp(m.NormFloat64()) })
		m.add("eval/loss", 12, 0, int64(n), func(i int) float64 {
			return 2.2 + 8.5*math.Pow(1+float64(i*n)/80, -0.8)
		})
	}},
	{"fine-tuning", nil, func(m maker) {
		n := m.count(100, 1000)
		m.add("loss", n, 1, 1, func(i int) float64 {
			return 1.2 - 0.06*float64(i)/float64(n) + 0.03*m.NormFloat64()
		})
	}},
	{"converged long ago", nil, func(m maker) {
		f := m.fall()
		f.fast = 0.02
		m.add("loss", f.n, 0, 1, m.noisy(f))
		m.add("val_loss", 30, int64(f.n/30), int64(f.n/30), func(i int) float64 {
			return 1.1 * f.at((i+1)*(f.n/30)) * (1 + 0.03*m.NormFloat64())
		})
	}},
	{"generalization gap", nil, func(m maker) {
		f := m.fall()
		m.add("train_loss", f.n, 0, 1, m.noisy(f))
		low, at := f.from*0.5, f.n/25
		m.add("val_loss", 25, int64(at), int64(at), func(i int) float64 {
			return max(low, f.at((i+1)*at)) * (1 + 0.03*m.NormFloat64())
		})
	}},
	{"adversarial", nil, func(m maker) {
		n := m.count(200, 1000)
		m.add("g_loss", n, 0, 1, func(i int) float64 { return 1 + 6*float64(i)/float64(n) + m.NormFloat64() })
		m.add("d_loss", n, 0, 1, func(i int) float64 { return math.Abs(0.7 + 0.2*m.NormFloat64()) })
	}},
	{"logged as NaN in between", nil, func(m maker) {
		f := m.fall()
		m.add("loss", f.n, 1, 1, m.noisy(f))
		every := m.count(5, 20)
		m.add("val_loss", f.n, 1, 1, func(i int) float64 {
			if (i+1)%every != 0 {
				return math.NaN()
			}
			return f.at(i) * 1.1
		})
	}},
	{"little to learn", nil, func(m maker) {
		m.add("logloss", 2000, 0, 100, func(i int) float64 {
			return 0.46 + 0.04*math.Exp(-float64(i)/100) + 0.02*m.NormFloat64()
		})
	}},
	{"negative loss", nil, func(m maker) {
		f := m.fall()
		m.add("loss", f.n, 0, 1, func(i int) float64 { return -50*f.from + 20*f.at(i)*(1+f.noise*m.NormFloat64()) })
	}},
	{"step decay", nil, func(m maker) {
		n := m.count(300, 1500)
		m.add("train_loss", n, 0, 1, func(i int) float64 {
			return []float64{1, 0.4, 0.15}[3*i/n] * (1 + 0.1*m.NormFloat64())
		})
		every := n / 60
		m.add("test_acc", n/every, 0, int64(every), func(i int) float64 {
			return []float64{0.7, 0.85, 0.92}[3*i*every/n] + 0.03*m.NormFloat64()
		})
	}},
	{"per epoch", nil, func(m maker) {
		f := m.fall()
		f.n, f.noise = m.count(20, 100), m.between(0.02, 0.15)
		m.add("loss", f.n, 1, 1, m.noisy(f))
		m.add("val_loss", f.n, 1, 1, func(i int) float64 { return 1.2 * m.noisy(f)(i) })
		m.add("val_f1", f.n, 1, 1, func(i int) float64 {
			return 0.8 - 0.6*math.Exp(-float64(i)/float64(f.n)/f.fast) + 0.05*m.NormFloat64()
		})
	}},
	{"small last batches", nil, func(m maker) {
		f := m.fall()
		epoch := f.n / m.count(5, 20)
		m.add("train_loss", f.n, 0, 1, func(i int) float64 {
			if i%epoch == epoch-1 {
				return f.at(i) * m.between(2, 4)
			}
			return m.noisy(f)(i)
		})
	}},
	{"early stopping", nil, func(m maker) {
		f := m.fall()
		f.n, f.fast, f.noise = m.count(20, 40), 0.3, 0.01
		m.add("train_loss", f.n, 1, 1, m.noisy(f))
		m.add("val_loss", f.n, 1, 1, func(i int) float64 {
			return 1.3*f.at(min(i, f.n-6)) + 0.003*f.from*float64(max(0, i-f.n+6)) + 0.01*f.to*m.NormFloat64()
		})
	}},
	{"slow drift", nil, func(m maker) {
		f := m.fall()
		drift := 0.0
		wander := func(i int) float64 {
			drift = 0.95*drift + 0.03*m.NormFloat64()
			return f.at(i) * math.Exp(drift)
		}
		m.add("train_loss", f.n, 0, 1, wander)
		every := f.n / 40
		m.add("val_loss", f.n/every, 0, int64(every), func(i int) float64 { return wander(i * every) })
	}},
	{"parts of a loss", nil, func(m maker) {
		f := m.fall()
		m.add("loss", f.n, 0, 1, m.noisy(f))
		m.add("recon_loss", f.n, 0, 1, m.noisy(f))
		rise := func(from, to float64) func(int) float64 {
			return func(i int) float64 {
				return (to - (to-from)*math.Exp(-5*float64(i)/float64(f.n))) * (1 + 0.02*m.NormFloat64())
			}
		}
		m.add("perplexity", f.n, 0, 1, rise(1, 400)) // of a codebook: more is better
		m.add("commitment_loss", f.n, 0, 1, rise(0.01, 0.3))
		m.add("aux_loss", f.n, 0, 1, rise(1, 2.5))
	}},
	{"counters", nil, func(m maker) {
		errors := 0
		f := m.fall()
		m.add("loss", f.n, 0, 1, m.noisy(f))
		m.add("data_errors", f.n, 0, 1, func(int) float64 { errors += m.IntN(2); return float64(errors) })
	}},
	{"running", nil, func(m maker) {
		m.trained()
		m.runs(m.between(1, 200))
	}},
	{"running, with pauses", nil, func(m maker) {
		m.trained()
		for i := range m.l.series {
			s := &m.l.series[i]
			for j := len(s.Times) / 2; j < len(s.Times); j++ {
				s.Times[j] += 3000 // it waited for a checkpoint to be written
			}
		}
		m.runs(2000)
	}},
	{"just begun", nil, func(m maker) { m.l.run.Status, m.l.run.StartedAt = client.StatusRunning, diagnosedAt-600 }},
}
