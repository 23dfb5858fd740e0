package client_test

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// A labelled run is a generated one of which it is known what is wrong with it.
type labelled struct {
	kind    string
	want    []string // rules that find something
	run     client.Experiment
	series  []client.MetricSeries
	log     string
	noLog   bool
	started float64
}

// A maker makes one run of some kind out of chance.
type maker struct {
	*rand.Rand
	l *labelled
}

// made makes a run of every kind, with numbers that differ from round to round.
func made(seed uint64, rounds int, kinds []kind) []labelled {
	var all []labelled
	for round := range rounds {
		for i, k := range kinds {
			l := labelled{kind: k.name, want: k.want, started: diagnosedAt - 100_000}
			l.run = run(fmt.Sprintf("%s-%d", k.name, round), "p/n", i)
			m := maker{rand.New(rand.NewPCG(seed, uint64(round*1000+i))), &l}
			k.make(m)
			all = append(all, l)
		}
	}
	return all
}

// diagnosedAt is now, in the tests of diagnoses.
const diagnosedAt = 1_800_000_000.0

type kind struct {
	name string
	want []string
	make func(m maker)
}

// between is a random number, evenly in the logarithm.
func (m maker) between(low, high float64) float64 {
	return low * math.Exp(m.Float64()*math.Log(high/low))
}

func (m maker) count(low, high int) int { return low + m.IntN(high-low+1) }

// add logs n values from a step on, every so many steps.
func (m maker) add(name string, n int, from, every int64, at func(i int) float64) {
	s := client.MetricSeries{Name: name}
	for i := range n {
		s.Steps = append(s.Steps, from+int64(i)*every)
		s.Values = append(s.Values, at(i))
		s.Times = append(s.Times, m.l.started+float64(i*int(every))*10)
	}
	m.l.series = append(m.l.series, s)
}

// A fall is a loss that goes from one value towards another.
type fall struct {
	from, to, fast, noise float64 // fast: falls by all but 1/e in this share of the run
	n                     int
}

func (m maker) fall() fall {
	from := m.between(0.5, 12)
	return fall{from, from * m.between(0.02, 0.6), m.between(0.05, 0.3), m.between(0.005, 0.2),
		m.count(150, 2500)}
}

// at is the value at a share of the run, without noise.
func (f fall) at(i int) float64 {
	return f.to + (f.from-f.to)*math.Exp(-float64(i)/float64(f.n)/f.fast)
}

func (m maker) noisy(f fall) func(i int) float64 {
	return func(i int) float64 { return f.at(i) * (1 + f.noise*m.NormFloat64()) }
}

// t3 is noise with heavy tails: Student's t with three degrees of freedom.
func (m maker) t3() float64 {
	chi := 0.0
	for range 3 {
		x := m.NormFloat64()
		chi += x * x
	}
	return m.NormFloat64() / math.Sqrt(chi/3)
}

// trained logs a train_loss, and validations that follow it at some distance; it returns the fall
// and the number of steps between validations.
func (m maker) trained() (f fall, every int) {
	f = m.fall()
	m.add("train_loss", f.n, 1, 1, m.noisy(f))
	every = f.n / m.count(10, 40)
	gap := 1 + m.between(0.02, 0.5)
	v := f
	v.noise /= 4
	noise := m.noisy(v)
	m.add("val_loss", f.n/every, int64(every), int64(every), func(i int) float64 {
		return gap * noise((i+1)*every-1)
	})
	top := 0.5 + m.Float64()/2
	m.add("val_accuracy", f.n/every, int64(every), int64(every), func(i int) float64 {
		return top*(1-0.8*(f.at((i+1)*every-1)-f.to)/(f.from-f.to)) + 0.01*m.NormFloat64()
	})
	return f, every
}

// set replaces values of a series by others.
func (m maker) set(name string, from, to int, at func(i int, v float64) float64) {
	for _, s := range m.l.series {
		for i := max(0, from); s.Name == name && i < min(to, len(s.Values)); i++ {
			s.Values[i] = at(i, s.Values[i])
		}
	}
}

// until cuts a series after n values.
func (m maker) until(name string, n int) {
	for i, s := range m.l.series {
		if s.Name == name {
			m.l.series[i] = client.MetricSeries{Name: name, Steps: s.Steps[:n], Values: s.Values[:n],
				Times: s.Times[:n]}
		}
	}
}

// ends makes the run one that did not finish.
func (m maker) ends(status, reason, log string) {
	m.l.run.Status, m.l.run.StatusReason, m.l.log = status, reason, log
}

// runs makes the run one that runs, its last value having been logged so many seconds ago.
func (m maker) runs(ago float64) {
	m.l.run.Status, m.l.run.Hostname = client.StatusRunning, "gpu-3"
	last := math.Inf(-1)
	for _, s := range m.l.series {
		for _, t := range s.Times {
			last = max(last, t)
		}
	}
	for _, s := range m.l.series {
		for i := range s.Times {
			s.Times[i] += diagnosedAt - ago - last
		}
	}
}
