package tools_test

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/internal/testkit"
	"github.com/runicorn-mcp/runicorn-mcp/tools"
)

// wreck is a run that did all that can go wrong at once, at the length of real names and messages.
func wreck(t *testing.T) store {
	t.Helper()
	s := newStore(t)
	run := "视觉/resnet50/20250101_100000_aaaaaa"
	s.run(run, 1_700_000_000, "")
	s.write(run, "status.json", `{"status":"failed","started_at":1700000000}`)
	metrics := map[string]func(int) float64{
		"train_loss": func(i int) float64 { return math.Exp(-float64(i) / 300) },
		"val_loss":   func(i int) float64 { return 0.3 + math.Abs(float64(i)-800)/1000 },
	}
	for i := range 12 {
		metrics[fmt.Sprintf("layer_%d/gradient_norm", i)] = func(step int) float64 {
			if step > 1500+i {
				return math.NaN()
			}
			return 1
		}
	}
	s.metrics(run, 2000, metrics)
	s.write(run, "logs.txt", "12:00:00 | export HF_TOKEN=hf_abcdefghijklmnopqrstuvwxyz\n"+
		"12:00:00 | wandb login --api_key: 0123456789abcdef\n12:00:01 | epoch 10\n"+
		"Traceback (most recent call last):\n"+
		`  File "/home/somebody/projects/vision/train.py", line 214, in train_one_epoch`+"\n"+
		"    loss = criterion(model(images), labels)\n"+
		"torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.25 GiB. GPU 0 has a total "+
		"capacity of 23.69 GiB of which 1.13 GiB is free. Including non-PyTorch memory, this process "+
		"has 22.54 GiB memory in use.\n")
	return s
}

func TestDiagnoseRun_budget(t *testing.T) {
	t.Parallel()
	text, _ := must(t, wreck(t).env(), "diagnose_run", `{"run_id":"latest"}`)
	n := testkit.Tokens(t, text)
	t.Logf("%d tokens", n)
	if n > 500 {
		t.Errorf("diagnose_run is %d tokens:\n%s", n, text)
	}
	for _, want := range []string{`"verdict":"14 findings"`, `["crash","",2000,"torch.OutOfMemoryError`,
		`"HF_TOKEN=`, "also non_finite of layer_"} {
		if want == `"HF_TOKEN=` {
			want = "HF_TOKEN=[hidden]"
		}
		if !strings.Contains(text, want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
	for _, secret := range []string{"hf_abc", "0123456789abcdef"} {
		if strings.Contains(text, secret) {
			t.Errorf("%s is in %s", secret, text)
		}
	}
}

// TestDiagnoseRun_golden shows whole answers as a model sees them.
func TestDiagnoseRun_golden(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // begins on 2000-01-01
		s := newStore(t)
		healthy, ill := "p/n/19991230_100000_aaaaaa", "p/n/19991231_100000_bbbbbb"
		s.run(healthy, 946_548_000, "")
		s.metrics(healthy, 400, map[string]func(int) float64{
			"train_loss": func(i int) float64 { return math.Exp(-float64(i) / 90) },
			"val_loss":   func(i int) float64 { return 0.1 + math.Exp(-float64(i)/90) }})
		s.run(ill, 946_634_400, `,"hostname":"gpu-1","alias":"long"`)
		s.write(ill, "status.json", `{"status":"running","started_at":946634400}`)
		var events strings.Builder
		for i := range 30 {
			loss := fmt.Sprint(1 / float64(i+1))
			if i == 12 {
				loss = "NaN"
			}
			fmt.Fprintf(&events, `{"ts":%d,"type":"metrics","data":{"loss":%s,"global_step":%d}}`+"\n",
				946_634_400+10*i, loss, i)
		}
		s.write(ill, "events.jsonl", events.String())
		s.run("old/n/19991101_100000_cccccc", 941_450_400, "")
		s.write("old/n/19991101_100000_cccccc", "status.json", `{"status":"failed","started_at":1,`+
			`"exit_reason":"exit code 137"}`)
		env := s.env()
		for _, c := range []struct{ file, args string }{
			{"diagnose_run_healthy", `{"run_id":"19991230_100000_aaaaaa"}`},
			{"diagnose_run", `{"run_id":"long"}`},
			{"diagnose_run_many", `{}`},
			{"diagnose_run_days", `{"days":7}`},
			{"diagnose_run_limit", `{"limit":1}`},
		} {
			text, _ := must(t, env, "diagnose_run", c.args)
			text = strings.ReplaceAll(text, s.dir, "STORE")
			golden(t, filepath.Join("testdata", "answers", c.file+".json"), []byte(text+"\n"))
		}
		for args, want := range map[string]string{
			`{"run_id":"long","days":3}`: "run_id means one run: leave out",
			`{"project":"q"}`:            `There is no project "q". There are "old", "p".`,
			`{"status":"finish"}`:        `status "finish" does not exist`,
		} {
			if _, err := call(t, env, "diagnose_run", args); err == nil ||
				!strings.HasPrefix(err.Error(), want) {
				t.Errorf("%s: %v", args, err)
			}
		}
	})
}

// TestDiagnoseRun_going answers in one call what runs and how it goes.
func TestDiagnoseRun_going(t *testing.T) {
	t.Parallel()
	inBubble(t, func(s store, env *tools.Env) {
		lines := steps(1, 100)
		for i, line := range lines {
			lines[i] = line + fmt.Sprintf(`,"val_accuracy":%v`, 0.9-math.Abs(float64(i-80))/100)
		}
		s.live(`"max_steps":1000`, lines)
		s.run("p/n/20250101_080000_aaaaaa", 900_000_000, "") // has ended
		const young = "p/n/20250101_110000_bbbbbb"
		s.run(young, int(time.Now().Unix())-5, `,"alias":"young"`)
		s.write(young, "status.json", fmt.Sprintf(`{"status":"running","started_at":%d}`, time.Now().Unix()-5))
		text, a := must(s.t, env, "diagnose_run", `{"status":"running"}`)
		if !strings.Contains(text, `"rows":[["20250101_110000_bbbbbb","p/n","young","running","1999-12-31T23:59:55Z",`+
			`"no metrics yet",""],["20250101_100000_abcdef","图像分类/残差网络五十层","","running","1999-12-31T23:58:20Z",`+
			`"step 100, 1 a second, 15m0s left (max_steps=1000); loss 0.01 (its best), val_accuracy 0.71 (best 0.9 at step 81)",""]]`) {
			s.t.Errorf("what runs is %s", text)
		}
		if _, news := must(s.t, env, "diagnose_run", fmt.Sprintf(`{"status":"running","since":%q}`, a["cursor"])); fmt.Sprint(news["rows"]) != "[]" {
			s.t.Errorf("news: %v", news)
		}
	})
}
