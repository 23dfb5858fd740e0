package analysis

import (
	"slices"
	"strings"
	"unicode"
)

// lower and higher are words in the names of metrics of which less, and more, is better.
var (
	lower = words(`loss losses error errors err perplexity ppl mse rmse rmsle mae mape smape nll ce
		bce xent crossentropy logloss cer wer eer fid kid kl bpb bpc bpd brier ece lpips huber hinge
		cost regret latency distance penalty`)
	higher = words(`acc accuracy f1 f2 auc auroc auprc ap map map50 precision recall iou miou dice
		jaccard bleu rouge rougel meteor chrf reward rewards return returns score scores r2 psnr ssim
		top1 top5 success win winrate elo ndcg mrr mcc kappa specificity sensitivity throughput
		correlation pearson spearman em elbo likelihood loglikelihood`)
	lowerChinese  = []string{"损失", "误差", "错误", "困惑度", "字错", "词错"}
	higherChinese = []string{"准确", "精度", "精确", "召回", "奖励", "得分", "分数", "回报", "成功率"}
)

func words(list string) map[string]bool {
	set := make(map[string]bool)
	for _, w := range strings.Fields(list) {
		set[w] = true
	}
	return set
}

// Direction tells from a metric's name whether more of it is better (1), less (-1), or that the
// name does not say (0). The last word that says something decides, so that "top1_error" is an
// error; "neg" or "negative" turns it round.
func Direction(metric string) int {
	direction, negative := 0, false
	whole := strings.FieldsFunc(strings.ToLower(metric), isSeparator) // "mAP50" is a word
	for _, w := range append(whole, nameWords(metric)...) {
		switch {
		case w == "neg" || w == "negative":
			negative = true
		case lower[w] || strings.HasSuffix(w, "loss"):
			direction = -1
		case higher[w] || strings.HasSuffix(w, "accuracy") || strings.HasSuffix(w, "acc"):
			direction = 1
		}
	}
	contained := func(part string) bool { return strings.Contains(metric, part) }
	switch {
	case direction != 0:
	case slices.ContainsFunc(lowerChinese, contained):
		direction = -1
	case slices.ContainsFunc(higherChinese, contained):
		direction = 1
	}
	if negative {
		return -direction
	}
	return direction
}

// nameWords splits a metric's name at separators and at changes to upper case, lower-cased:
// "val/topOne_acc" is val, top, one, acc.
func nameWords(name string) []string {
	var found []string
	var word strings.Builder
	end := func() {
		if word.Len() > 0 {
			found = append(found, word.String())
			word.Reset()
		}
	}
	wasLower := false
	for _, r := range name {
		switch {
		case isSeparator(r):
			end()
		case unicode.IsUpper(r) && wasLower:
			end()
			fallthrough
		default:
			word.WriteRune(unicode.ToLower(r))
		}
		wasLower = unicode.IsLower(r)
	}
	end()
	return found
}

func isSeparator(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }
