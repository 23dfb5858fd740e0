package analysis_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/runicorn-mcp/runicorn-mcp/analysis"
)

// read is the lines of a log as "number: text +folded", the log written in portions.
func read(log string, portion int) []string {
	var got []string
	r := analysis.NewLogReader(func(l analysis.LogLine) {
		s := fmt.Sprintf("%d: %s", l.Number, l.Text)
		if l.Folded > 0 {
			s += fmt.Sprintf(" +%d", l.Folded)
		}
		got = append(got, s)
	})
	for len(log) > 0 {
		n := min(portion, len(log))
		r.Write([]byte(log[:n]))
		log = log[n:]
	}
	r.Close()
	return got
}

func gbk(t *testing.T, s string) string {
	t.Helper()
	text, err := simplifiedchinese.GBK.NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func tqdm(label string, from, to int) string {
	var b strings.Builder
	for i := from; i <= to; i += 10 {
		fmt.Fprintf(&b, "%s%3d%%|%-10s| %d/100 [00:%02d<00:09, %d.5it/s]\n", label, i,
			strings.Repeat("█", i/10), i, i/10, i)
	}
	return b.String()
}

func TestLogReader(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, log string
		want      []string
	}{
		{"lines", "a\nb\n", []string{"1: a", "2: b"}},
		{"no end at the end", "a\nb", []string{"1: a", "2: b"}},
		{"nothing", "", nil},
		{"blank lines count", "a\n\n  \n12:00:00 | \n[12:00:01] \nb\n", []string{"1: a", "6: b"}},
		{"Windows", "a\r\nb\r\n", []string{"1: a", "2: b"}},
		{"redrawn", "10%\r20%\rdone\nnext\n", []string{"1: done +2", "2: next"}},
		{"redrawn, ending with \\r", "10%\r20%\r\nnext\n", []string{"1: 20% +1", "2: next"}},
		{"redrawn behind a stamp", "12:00:00 | \r10%\r20%\n", []string{"1: 12:00:00 | 20% +1"}},
		{"repeated", "a\na\na\nb\na\n", []string{"3: a +2", "4: b", "5: a"}},
		{"repeated at other times", "12:00:00 | a\n12:00:07 | a\n[12:00:08] a\n",
			[]string{"3: [12:00:08] a +2"}},
		{"tqdm line after line", tqdm("", 0, 100) + "end\n",
			[]string{"11: 100%|██████████| 100/100 [00:10<00:09, 100.5it/s] +10", "12: end"}},
		{"a bar per epoch", tqdm("Epoch 1: ", 0, 100) + tqdm("Epoch 2: ", 0, 50), []string{
			"11: Epoch 1: 100%|██████████| 100/100 [00:10<00:09, 100.5it/s] +10",
			"17: Epoch 2:  50%|█████     | 50/100 [00:05<00:09, 50.5it/s] +5"}},
		{"a bar that starts again", tqdm("", 0, 100) + tqdm("", 0, 20), []string{
			"11: 100%|██████████| 100/100 [00:10<00:09, 100.5it/s] +10",
			"14:  20%|██        | 20/100 [00:02<00:09, 20.5it/s] +2"}},
		{"bars in turns", "out: 0%|  | 0/9 [\nin: 10%|  |\nout: 11%|█ |\nin: 20%|█ |\nx\n", []string{
			"3: out: 11%|█ | +1", "4: in: 20%|█ | +1", "5: x"}},
		{"tqdm without a total", "1it [00:01, 1.0it/s]\n250it [00:02, 99.0it/s]\n", []string{
			"2: 250it [00:02, 99.0it/s] +1"}},
		{"Keras", " 1/90 [>....] - ETA: 9s\n45/90 [==>..] - ETA: 1s - loss: 0.5\n",
			[]string{"2: 45/90 [==>..] - ETA: 1s - loss: 0.5 +1"}},
		{"data are no progress", "step 1 acc 10% loss 0.5\nstep 2 acc 20% loss 0.4\n",
			[]string{"1: step 1 acc 10% loss 0.5", "2: step 2 acc 20% loss 0.4"}},
		{"colours, titles, links", "\x1b[1;31mred\x1b[0m \x1b]0;title\aplain " +
			"\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\ \x1b(Bx\x1b[2K\x1b[Ay\n", []string{"1: red plain link xy"}},
		{"unended escapes", "a\x1b\nb\x1b[12\nc\x1b]0;d\n", []string{"1: a", "2: b", "3: c0;d"}},
		{"control and invisible characters", "a\x00\x07b\u202ec\u200bd\ufeff\x7f\n", []string{"1: abcd"}},
		{"backspaces", "12%\b\b\b100%\n\b\b中\b文\n", []string{"1: 100%", "2: 文"}},
		{"GBK", gbk(t, "第1轮 损失=0.5\n训练完成") + "\n中文\n",
			[]string{"1: 第1轮 损失=0.5", "2: 训练完成", "3: 中文"}},
		{"neither", "a\xff\xffb\n", []string{"1: a\uFFFDb"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, portion := range []int{1, 7, 1 << 20} {
				if d := cmp.Diff(tt.want, read(tt.log, portion)); d != "" {
					t.Errorf("in portions of %d (-want +got):\n%s", portion, d)
				}
			}
		})
	}
}

// TestLogReader_bounded has a line and a redrawn line that never end.
func TestLogReader_bounded(t *testing.T) {
	t.Parallel()
	for _, piece := range []string{"x", "中", " 10%|█ | it/s\r"} {
		log := strings.Repeat(piece, 1<<20/len(piece)) + "\nend\n"
		got := read(log, 64<<10)
		if len(got) != 2 || len(got[0]) > 2_020 || got[1] != "2: end" || !utf8.ValidString(got[0]) {
			t.Errorf("%q: %d lines, the first of %d bytes", piece, len(got), len(got[0]))
		}
	}
}

// pick is what a query shows of a log of numbered lines.
func pick(log string, q analysis.LogQuery) *analysis.LogPick {
	p := analysis.NewLogPick(q)
	r := analysis.NewLogReader(p.Add)
	r.Write([]byte(log))
	r.Close()
	p.Done()
	return p
}

func numbers(lines []analysis.LogLine) string {
	var b strings.Builder
	for i, l := range lines {
		if i > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprint(&b, l.Number)
		if l.Match {
			b.WriteByte('!')
		}
	}
	return b.String()
}

func TestLogPick(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for i := 1; i <= 30; i++ {
		fmt.Fprintf(&b, "line %d", i)
		if i%10 == 0 {
			b.WriteString(" Loss=[0.5")
		}
		b.WriteByte('\n')
	}
	log := b.String()
	tests := []struct {
		q       analysis.LogQuery
		want    string
		matches int
	}{
		{analysis.LogQuery{Tail: 3}, "28 29 30", 0},
		{analysis.LogQuery{Head: 2}, "1 2", 0},
		{analysis.LogQuery{Head: 2, Tail: 1}, "1 2 30", 0},
		{analysis.LogQuery{Head: 29, Tail: 9}, "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 " +
			"22 23 24 25 26 27 28 29 30", 0},
		{analysis.LogQuery{Around: 15, Head: 2, Tail: 1}, "14 15 16 17", 0},
		{analysis.LogQuery{Around: 99, Head: 2, Tail: 2}, "29 30", 0},
		{analysis.LogQuery{Search: "loss", Tail: 9}, "10! 20! 30!", 3},
		{analysis.LogQuery{Search: "loss", Tail: 2, Context: 1}, "19 20! 21 29 30!", 3},
		{analysis.LogQuery{Search: "loss", Head: 1, Context: 2}, "8 9 10! 11 12", 3},
		{analysis.LogQuery{Search: "loss", Head: 1, Tail: 1}, "10! 30!", 3},
		{analysis.LogQuery{Search: "line 2[1-3]", Tail: 9, Context: 1}, "20 21! 22! 23! 24", 3},
		{analysis.LogQuery{Search: "loss=[0", Tail: 9}, "10! 20! 30!", 3}, // no valid expression
		{analysis.LogQuery{Search: "none", Tail: 9, Context: 2}, "", 0},
	}
	for _, tt := range tests {
		p := pick(log, tt.q)
		if got := numbers(p.Lines); got != tt.want || p.Matches != tt.matches {
			t.Errorf("%+v: %s with %d matches, want %s with %d", tt.q, got, p.Matches, tt.want, tt.matches)
		}
	}
	if p := pick(log, analysis.LogQuery{Search: "loss", Tail: 1}); p.FirstMatch != 10 {
		t.Errorf("the first match is said to be at %d", p.FirstMatch)
	}
}

func TestLogPick_overview(t *testing.T) {
	t.Parallel()
	p := pick("ValueError: 1\nmean error: 0.1\nERROR x\nAbsError: y\nKilled\n12:00:00 | ⚠️ Alert: loss is NAN\n"+
		"UserWarning: z\nUserWarning: z\nforewarned\n", analysis.LogQuery{})
	if p.Errors.Count != 4 || numbers(p.Errors.Last) != "3 4 5" || p.Warnings.Count != 3 ||
		numbers(p.Warnings.Last) != "6 8" {
		t.Errorf("errors %+v, warnings %+v", p.Errors, p.Warnings)
	}
}

func TestLogPick_end(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		log, clock string
		after      int
		crashed    bool
	}{
		{"12:00:00 | a\n[12:00:09] Killed\n", "12:00:09", 0, true},
		{"12:00:00 | a\nb, of the same message\n", "12:00:00", 0, false},
		{"12:00:00 | SIGTERM\n12:00:01 | a\n", "12:00:01", 2, true}, // nothing is new, and it is as it was
		{"a\n", "", 0, false},
		{"", "", 0, false},
	} {
		p := pick(tt.log, analysis.LogQuery{After: tt.after})
		if p.Clock != tt.clock || p.Crashed != tt.crashed {
			t.Errorf("%q: at %q, crashed %v", tt.log, p.Clock, p.Crashed)
		}
	}
}

func TestLogPick_traceback(t *testing.T) {
	t.Parallel()
	const body = "%[1]sTraceback (most recent call last):\n" +
		"%[1]s  File \"/home/u/main.py\", line 3, in <module>\n%[1]s    step()\n" +
		"%[1]s  File \"C:\\p\\train.py\", line 88, in step\n%[1]s    loss.backward()\n" +
		"%[1]s    ^^^^^^^^^^^^^^^\n%[1]sRuntimeError: CUDA out of memory\n"
	tests := []struct {
		name, log            string
		count, lines         int
		exception, lastFrame string
	}{
		{"plain", "x\n" + fmt.Sprintf(body, "") + "after\n", 1, 7, "RuntimeError: CUDA out of memory",
			"train.py:88 in step"},
		{"captured", fmt.Sprintf(body, "[10:00:00] "), 1, 7, "RuntimeError: CUDA out of memory",
			"train.py:88 in step"},
		{"of a rank", strings.ReplaceAll(fmt.Sprintf(body, "[rank1]: "), "\n", "\n[rank0]: other\n"),
			1, 7, "RuntimeError: CUDA out of memory", "train.py:88 in step"},
		{"chained", fmt.Sprintf(body, "") + "\nDuring handling of the above exception, another " +
			"exception occurred:\n\nTraceback (most recent call last):\n  File \"a.py\", line 1, in f\nKeyError: 'x'\n",
			2, 3, "KeyError: 'x'", "a.py:1 in f"},
		{"rich", "╭──── Traceback (most recent call last) ────╮\n│ /home/u/train.py:88 in step   │\n" +
			"│ ❱ 88 loss.backward()          │\n╰───────────────────────────────╯\nRuntimeError: boom\n",
			1, 5, "RuntimeError: boom", "train.py:88 in step"},
		{"cut off", "Traceback (most recent call last):\n  File \"a.py\", line 1, in f\n", 1, 2, "",
			"a.py:1 in f"},
		{"none", "File \"a.py\", line 1, in f\n", 0, 0, "", ""},
		{"long", "Traceback (most recent call last):\n" + strings.Repeat("  File \"r.py\", line 1, in f\n  r()\n", 500) +
			"RecursionError: too deep\n", 1, 60, "RecursionError: too deep", "r.py:1 in f"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := pick(tt.log, analysis.LogQuery{})
			got := p.Traceback
			if got == nil {
				got = &analysis.Traceback{}
			}
			if p.Tracebacks != tt.count || len(got.Lines) != tt.lines || got.Exception != tt.exception ||
				got.Frame != tt.lastFrame {
				t.Errorf("%d tracebacks, %d lines, %q at %q", p.Tracebacks, len(got.Lines),
					got.Exception, got.Frame)
			}
		})
	}
}

// FuzzLogReader holds that whatever a log has, its lines are valid, visible and bounded, their
// numbers ascend, every line that is not blank is shown or folded, and portions do not matter.
func FuzzLogReader(f *testing.F) {
	for _, seed := range []string{"a\nb\r\n", "10%\r20%\n", tqdm("x: ", 0, 100), "\x1b[31mred\x1b]0;t\a\x1b\\\n",
		"\xb5\xda1\xc2\xd6\n", "\b\b中\b\n", "12:00:00 | a\n[12:00:00] a\n", "1it [00:01, 2it/s]\n"} {
		f.Add(seed, 3)
	}
	f.Fuzz(func(t *testing.T, log string, portion int) {
		got := read(log, 1<<20)
		if d := cmp.Diff(got, read(log, 1+(portion&0xff))); d != "" {
			t.Errorf("portions matter:\n%s", d)
		}
		last, lines := 0, 0
		r := analysis.NewLogReader(func(l analysis.LogLine) {
			if l.Number <= last || l.Folded < 0 {
				t.Errorf("line %d, %d folded, after line %d", l.Number, l.Folded, last)
			}
			last = l.Number
			lines++
			if !utf8.ValidString(l.Text) || len(l.Text) > 2_000 || strings.TrimSpace(l.Text) == "" ||
				strings.ContainsFunc(l.Text, func(r rune) bool {
					return r != '\t' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co)
				}) {
				t.Errorf("line %d is %q", l.Number, l.Text)
			}
		})
		r.Write([]byte(log))
		r.Close()
		if want := strings.Count(log, "\n"); r.Lines() != want && r.Lines() != want+1 || lines > r.Lines() {
			t.Errorf("%d lines shown of %d, and %d ends in the log", lines, r.Lines(), want)
		}
	})
}
