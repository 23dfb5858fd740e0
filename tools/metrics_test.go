package tools_test

import (
	"math"
	"strings"
	"testing"
)

// ramp is a run whose loss is its step, but for NaN at step 30 and a spike at 57.
func ramp(t *testing.T) store {
	t.Helper()
	s := newStore(t)
	run := "p/n/20250101_100000_aaaaaa"
	s.run(run, 1_700_000_000, "")
	s.metrics(run, 100, map[string]func(int) float64{"loss": func(step int) float64 {
		switch step {
		case 30:
			return math.NaN()
		case 57:
			return 1000
		}
		return float64(step)
	}})
	return s
}

func TestGetMetrics_parts(t *testing.T) {
	t.Parallel()
	env := ramp(t).env()
	for _, test := range []struct{ args, want string }{
		{`"from_step":40,"to_step":60`, `"range":"steps 40 to 60","columns":["metric","count",` +
			`"first","last","min","min_step","max","max_step","tail_mean","tail_std","tail_slope"],` +
			`"rows":[["loss",21,40,60,40,40,1000,57,59.5,0.5,null]]}`},
		{`"to_step":3`, `"range":"steps first to 3",`},
		{`"from_step":98`, `"rows":[["loss",3,98,100,98,98,100,100,100,null,null]]}`},
		{`"from_step":200`, `"rows":[["loss",0,null,null,null,null,null,null,null,null,null]]}`},
		{`"from_step":60,"tail":20`, `100,100,90.5,5.77,1]]`},
		{`"at_step":42`, `"range":"at step 42, else the last logged before it, else the first",` +
			`"columns":["metric","value","step"],"rows":[["loss",42,42]]}`},
		{`"at_step":30`, `"rows":[["loss","NaN",30]]}`},
		{`"at_step":1000`, `"rows":[["loss",100,100]]}`},
		{`"from_step":55,"to_step":60,"limit":6,"smooth":0.5`,
			`"smoothing":"EMA of weight 0.5, debiased, of the points alone","points":[{"name":"loss",` +
				`"of":6,"steps":[55,56,57,58,59,60],"values":[55,55.6667,595.286,`},
		{`"smooth":0.9`, `"of":100,"steps":[1,`},
	} {
		text, _ := must(t, env, "get_metrics", `{"run_id":"latest",`+test.args+`}`)
		if !strings.Contains(text, test.want) {
			t.Errorf("%s\n got %s\nwant %s", test.args, text, test.want)
		}
	}
	for args, want := range map[string]string{
		`"from_step":9,"to_step":3`: "from_step 9 is after to_step 3",
		`"at_step":9,"limit":3`:     "at_step answers the values at one step",
		`"smooth":1`:                `argument "smooth" must be at most 0.999`,
		`"limit":5,"from_step":"x"`: `argument "from_step" must be`,
	} {
		if _, err := call(t, env, "get_metrics", `{"run_id":"latest",`+args+`}`); err == nil ||
			!strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %s", args, err, want)
		}
	}
}
