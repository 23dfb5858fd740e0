package analysis_test

import (
	"testing"

	"github.com/runicorn-mcp/runicorn-mcp/analysis"
)

func TestDirection(t *testing.T) {
	t.Parallel()
	for metric, want := range map[string]int{
		"loss": -1, "val_loss": -1, "train/Loss": -1, "valLoss": -1, "trainloss": -1, "eval/ppl": -1,
		"top1_error": -1, "accuracy_error": -1, "word_error_rate": -1, "val_cer": -1, "RMSE": -1,
		"negative_log_likelihood": -1, "验证损失": -1, "字错率": -1,
		"acc": 1, "val_accuracy": 1, "valacc": 1, "testAccuracy": 1, "mean_reward": 1, "mAP50": 1,
		"neg_mean_squared_error": 1, "准确率": 1, "f1": 1, "bleu": 1, "reward_loss": -1,
		"lr": 0, "grad_norm": 0, "": 0, "epoch": 0, "gpu_util": 0, "accumulated_steps": 0,
	} {
		if got := analysis.Direction(metric); got != want {
			t.Errorf("Direction(%q) = %d, want %d", metric, got, want)
		}
	}
}
