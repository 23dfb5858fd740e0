package demo

import (
	"math"
	"math/rand/v2"
)

// A curve is how training goes: a loss that falls from one value towards another, and every few
// steps a validation loss and score.
type curve struct {
	loss, score string  // names of the validation metrics
	falling     bool    // the score is an error rate: less is better
	lr          float64 // at the start; it falls to nothing in a half cosine
	from, to    float64 // of train_loss
	fall        float64 // steps in which all but 1/e of the way is gone
	noise       float64 // relative
	gap         float64 // of the validation loss above train_loss
	top         float64 // what the score tends to
	every       int     // steps between validations
	turn        int     // step from which on the validation loss rises; 0: never
	climb       float64 // by how much a step
	nanFrom     int     // step from which on the loss is NaN; 0: never
}

// A point is what one call of log said.
type point struct {
	step   int
	stage  string
	values object
}

// points are what a run of so many steps logs. The same seed gives the same points.
func (c curve) points(steps int, seed uint64) []point {
	random := rand.New(rand.NewPCG(seed, 2))
	total := float64(max(steps, 400)) // of the schedule
	var points []point
	for step := 1; step <= steps; step++ {
		loss := c.train(step) * (1 + c.noise*random.NormFloat64())
		if c.diverged(step) {
			loss = math.NaN()
		} else if ahead := c.nanFrom - step; c.nanFrom > 0 && ahead <= 9 {
			loss *= math.Exp(float64(10-ahead) / 1.6) // it takes off just before
		}
		rate := c.lr * (1 + math.Cos(math.Pi*float64(step-1)/total)) / 2
		points = append(points, point{step: step, values: object{
			{"train_loss", rounded(loss, 5)}, {"lr", rounded(rate, 9)}}})
		if step%c.every == 0 {
			points = append(points, point{step: step, stage: "val", values: object{
				{c.loss, rounded(c.validationLoss(step, random), 5)},
				{c.score, rounded(c.validationScore(step, random), 4)}}})
		}
	}
	return points
}

func (c curve) diverged(step int) bool { return c.nanFrom > 0 && step >= c.nanFrom }

// train is the loss at a step without its noise.
func (c curve) train(step int) float64 {
	return c.to + (c.from-c.to)*math.Exp(-float64(step)/c.fall)
}

func (c curve) validationLoss(step int, random *rand.Rand) float64 {
	noise := 1 + c.noise/4*random.NormFloat64()
	if c.diverged(step) {
		return math.NaN()
	}
	loss := c.train(step) + c.gap
	if c.turn > 0 && step > c.turn {
		loss += c.climb * float64(step-c.turn)
	}
	return loss * noise
}

func (c curve) validationScore(step int, random *rand.Rand) float64 {
	noise := 0.003 * random.NormFloat64()
	left := math.Exp(-float64(step) / c.fall / 0.9) // of the way
	switch {
	case c.diverged(step):
		return 0.1 // one of ten classes by chance
	case c.falling:
		return c.top*(1+noise) + (1-c.top)*left
	case c.turn > 0 && step > c.turn:
		left += 0.0001 * float64(step-c.turn)
	}
	return c.top * (1 - 0.85*left) * (1 + noise)
}

// rounded is v to so many decimals, which also makes the same of it on every machine, whatever
// the last bit of its exp.
func rounded(v float64, decimals int) float64 {
	scale := math.Pow10(decimals)
	return math.Round(v*scale) / scale
}
