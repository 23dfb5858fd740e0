package truth

import (
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/internal/realtest"
)

// exportJSON is the export of aaaaaa, on any machine.
func exportJSON(version string) string {
	text := exportAssets
	if realtest.HasRegistry(version) {
		text = exportRegistry
	}
	if version == "0.4.1" {
		text = strings.Replace(text, `"environment":false`, `"environment":true`, 1)
	}
	// Written over several lines to be read.
	return strings.NewReplacer("\n", "", "\t", "").Replace(exportHead+text) + "\n"
}

const exportHead = `{"run":{"id":"20250101_100000_aaaaaa","project":"vision","name":"resnet",`

const exportRun = `"status":"finished","created_at":1700000100,"updated_at":1700000110,
"started_at":1700000100,"ended_at":1700000110,`

const exportBest = `"best_metric":{"name":"acc","step":2,"mode":"max","value":0.5},`

const exportMachine = `"pid":"some","hostname":"some","python":"some","platform":"some"},`

const exportData = `"summary":{"bad":"NaN","best_metric_mode":"max","best_metric_name":"acc",
"best_metric_step":2,"best_metric_value":0.5,"final":{"f1":0.5,"list":[1,2]},"n":3},
"metrics":{
"acc":[{"step":1,"value":0.1,"timestamp":1700000104},{"step":2,"value":0.5,"timestamp":1700000103}],
"extra":[{"step":2,"value":1.5,"timestamp":1700000103}],
"loss":[{"step":1,"value":1.75,"timestamp":1700000104},{"step":2,"value":"NaN","timestamp":1700000103},
{"step":5,"value":"Infinity","timestamp":1700000107}],
"lr":[{"step":0,"value":0.1,"timestamp":1700000105}],
"neg":[{"step":5,"value":"-Infinity","timestamp":1700000107}]},
"other":[{"name":"flag","kind":"boolean","count":1,"last":"true","last_step":2,"changes":0},
{"name":"note","kind":"string","count":2,"last":"hot","last_step":5,"changes":1}],`

const exportRegistry = exportRun + `"tags":[],` + exportBest + `
"captured":{"console":true,"environment":false,"code":false,"media":true},
"run_dir":"$BASE/store/vision/resnet/runs/20250101_100000_aaaaaa",` + exportMachine + exportData + `
"assets":{"assets":[],"created":["model/net:v1"],"used":[]}}`

const exportAssets = `"path":"vision/resnet","alias":"baseline",` + exportRun + `
"tags":["paper","b,c"],` + exportBest + `
"captured":{"console":true,"environment":false,"code":true,"media":true},
"run_dir":"$BASE/store/runs/vision/resnet/20250101_100000_aaaaaa",` + exportMachine + exportData + `
"assets":{"assets":[
{"archive_path":"$BASE/store/archive/manifests/datasets/<hello>.json","context":"train",
"description":"digits","fingerprint":"<hello>","name":"mnist","saved":true,"size_bytes":5,
"type":"dataset","uri":"data"},
{"context":"train","name":"remote","saved":false,"type":"dataset","uri":"s3:/bucket/x"},
{"name":"bert","saved":false,"type":"pretrained","uri":"hf:bert"},
{"archive_path":"$BASE/store/archive/outputs/rolling/20250101_100000_aaaaaa/<key>_model.pt",
"fingerprint":"<weights>","name":"model.pt","saved":true,"type":"output",
"uri":"$BASE/work/ckpt/model.pt"},
{"archive_path":"$BASE/store/archive/blobs/<hash>","fingerprint":"<hash>","name":"src",
"saved":true,"type":"code","uri":"$BASE/work/src"}],
"config":{"args":{"batch":32,"lr":0.1},"extra":{"note":"x"}},"created":[],"used":[]}}`
