package tools_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/tools"
)

// lines are what a run logs at so many steps; format has the step, once or more, as %[1]d.
func lines(from, n int, format string) (list []string) {
	for step := from; step < from+n; step++ {
		list = append(list, fmt.Sprintf(format+`,"global_step":%[1]d`, step))
	}
	return list
}

// inEpochs are lines of 100 steps to an epoch, whose number they have under a key.
func inEpochs(key string, first, steps int) (list []string) {
	for step := range steps {
		list = append(list, fmt.Sprintf(`"loss":0.5,%q:%d,"global_step":%d`, key, first+step/100, step+1))
	}
	return list
}

// TestPace_epochs has settings that only say how many epochs there will be; a step takes a second.
func TestPace_epochs(t *testing.T) {
	t.Parallel()
	const (
		batches = `"loss":0.5`
		each    = `"loss":0.5,"val_loss":%[1]d`
	)
	for _, c := range []struct {
		name, settings string
		lines          []string
		total, left    any
	}{
		{"key epoch from 0", `"epochs":10`, inEpochs("epoch", 0, 430), "epochs=10, give or take one", 571.0},
		{"key epoch from 1", `"epochs":10`, inEpochs("epoch", 1, 430), "epochs=10, give or take one", 571.0},
		{"whole metric", `"epochs":10`, inEpochs("train/epoch", 0, 430), "epochs=10, give or take one", 571.0},

		{"from amid an epoch", `"epochs":10`, inEpochs("epoch", 0, 430)[50:], "epochs=10, give or take one", 571.0},
		{"fractions", `"epochs":10`, lines(0, 100, `"loss":1,"epoch":0.%02[1]d`), "epochs=10", 901.0},
		{"once an epoch", `"epochs":50`, lines(1, 20, `"loss":1,"epoch":%[1]d`),
			"epochs=50, give or take one", 30.0},
		{"two epochs", `"epochs":10`, inEpochs("epoch", 0, 150), nil, nil},
		{"begun anew", `"epochs":10`, append(inEpochs("epoch", 0, 450), `"epoch":0,"loss":1,"global_step":451`),
			nil, nil},
		{"last epoch", `"epochs":4`, inEpochs("epoch", 1, 390), nil, nil},
		{"epoch is text", `"epochs":10`, lines(1, 50, `"loss":1,"epoch":"%[1]d/10"`), nil, nil},

		{"steps per epoch", `"epochs":20,"steps_per_epoch":500`, lines(1, 100, batches),
			"epochs=20 × steps_per_epoch=500", 9900.0},
		{"and the epoch", `"epochs":20,"iters-per-epoch":100`, inEpochs("epoch", 0, 150),
			"epochs=20 × iters-per-epoch=100", 1850.0},
		{"not of that epoch", `"epochs":20,"steps_per_epoch":10`, inEpochs("epoch", 0, 150), nil, nil},
		{"may be epochs", `"epochs":200,"steps_per_epoch":500`, lines(1, 100, batches), nil, nil},
		{"gathered gradients", `"epochs":20,"steps_per_epoch":500,"grad_accum":4`, lines(1, 100, batches),
			nil, nil},
		{"no gathering", `"epochs":20,"steps_per_epoch":500,"grad_accum":1`, lines(1, 100, batches),
			"epochs=20 × steps_per_epoch=500", 9900.0},
		{"every tenth is logged", `"epochs":20,"steps_per_epoch":500,"log_interval":10`, lines(1, 100, batches),
			nil, nil},
		{"surest", `"epochs":20,"steps_per_epoch":500,"max_steps":1000000`, lines(1, 100, batches),
			"max_steps=1000000", 1e6},

		{"epochs as steps", `"epochs":200`, lines(1, 100, each),
			"epochs=200, one a step: val_loss is new at each", 100.0},
		{"from 0", `"epochs":200,"steps_per_epoch":500`, lines(0, 100, each),
			"epochs=200, one a step: val_loss is new at each", 100.0},
		{"few", `"epochs":200`, lines(1, 2, each), nil, nil},
		{"carried on", `"epochs":200`, lines(1, 100, `"loss":0.5,"val_loss":1`), nil, nil},
		{"validation alone", `"epochs":200`, lines(1, 100, `"val_loss":%[1]d`), nil, nil},
		{"resumed", `"epochs":200`, lines(50, 100, each), nil, nil},
		{"no validation", `"epochs":200`, lines(1, 100, batches), nil, nil},
		{"sometimes", `"epochs":200`, append(lines(1, 100, each), lines(101, 1, batches)...), nil, nil},
		{"done", `"epochs":100`, lines(1, 100, each), nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(s store, env *tools.Env) {
				s.live(c.settings, c.lines)
				text, a := must(s.t, env, "get_metrics", `{"run_id":"latest"}`)
				if a["total"] != c.total || a["seconds_left"] != c.left || a["steps_per_second"] != 1.0 {
					s.t.Errorf("total %v, left %v, rate %v", a["total"], a["seconds_left"], a["steps_per_second"])
				}
				if strings.Contains(text, `["epoch"`) {
					s.t.Errorf("the key epoch is a metric: %s", text)
				}
			})
		})
	}
}

// TestPace_everywhere holds that watch_run has the time left that get_metrics has, beside the time
// to the step that it waits for.
func TestPace_everywhere(t *testing.T) {
	t.Parallel()
	inBubble(t, func(s store, env *tools.Env) {
		s.live(`"max_steps":1000`, lines(1, 100, `"loss":0.5`))
		_, metrics := must(s.t, env, "get_metrics", `{"run_id":"latest"}`)
		_, watch := must(s.t, env, "watch_run", `{"run_id":"latest","seconds":1,"until_step":400}`)
		for _, key := range []string{"steps_per_second", "total", "seconds_left"} {
			if watch[key] != metrics[key] || watch[key] == nil {
				s.t.Errorf("%s is %v, in get_metrics %v", key, watch[key], metrics[key])
			}
		}
		if watch["seconds_to_step"] != 300.0 {
			s.t.Errorf("seconds to step 400: %v", watch["seconds_to_step"])
		}
		s.write(liveRun, "status.json", fmt.Sprintf(`{"status":"finished","ended_at":%d}`, time.Now().Unix()))
		_, watch = must(s.t, env, "watch_run", `{"run_id":"latest"}`)
		if watch["steps_per_second"] != nil || watch["total"] != nil || watch["seconds_to_step"] != nil {
			s.t.Errorf("of a run that has ended: %v", watch)
		}
	})
}
