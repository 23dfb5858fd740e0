"""A store of Runicorn 0.4 or 0.5, as its own SDK writes it. Usage: seed_registry.py ROOT

Times are fixed: time.time() is what the program sets it to, so that every value in the store
can be written down beforehand (internal/truth).
"""
import json
import os
import subprocess
import sys
import time

BASE = 1_700_000_000.0
clock = [BASE]
time.time = lambda: clock[0]

import runicorn as rn  # noqa: E402  (after the clock)

root = os.path.abspath(sys.argv[1])


def begin(run_id, project, name, at):
    clock[0] = BASE + at
    return rn.init(project=project, name=name, storage=root, run_id=run_id)


def log(run, at, data, **kw):
    clock[0] = BASE + at
    run.log(data, **kw)


def finish(run, at, **kw):
    clock[0] = BASE + at
    run.finish(**kw)


def edit(run, name, **changes):
    path = os.path.join(run.run_dir, name)
    with open(path, encoding="utf-8") as f:
        data = json.load(f)
    data.update(changes)
    with open(path, "w", encoding="utf-8") as f:
        json.dump(data, f)


if len(sys.argv) > 2:  # the child whose run dies: it logs, and exits without finish
    run = begin("20250106_100000_ffffff", "nlp", "bert", 600)
    log(run, 601, {"loss": 0.5})
    os._exit(0)

with open("weights.bin", "w") as f:
    f.write("weights")
with open("more.bin", "w") as f:
    f.write("more weights")

run = begin("20250101_100000_aaaaaa", "vision", "resnet", 100)
run.set_primary_metric("acc", mode="max")
log(run, 101, {"loss": 2.0, "acc": 0.1})
log(run, 102, {"loss": float("nan"), "acc": 0.5, "note": "warm", "flag": True}, stage="train")
log(run, 103, {"extra": 1.5}, step=2)
log(run, 104, {"loss": 1.75}, step=1)
log(run, 105, {"lr": 0.1}, step=0)
log(run, 106, {"loss": float("inf"), "list": [1, 2], "note": "hot", "acc": 0.25}, step=5)
log(run, 107, {"neg": float("-inf"), "acc": None}, step=5)
run.log_text("hello")
run.log_image("cat", b"\x89PNG not really", step=5, caption="a cat")
run.summary({"final": {"f1": 0.5, "list": [1, 2]}, "n": 3, "bad": float("nan")})
net = rn.Artifact("net", type="model", description="first", metadata={"k": 1})
net.add_file("weights.bin")
net.add_tags("x", "y")
clock[0] = BASE + 108
run.log_artifact(net)
finish(run, 110)

run = begin("20250102_100000_bbbbbb", "vision", "resnet", 200)
log(run, 201, {"loss": 1.0})
log(run, 202, {"loss": 0.5})
run.use_artifact("net:v1")
net = rn.Artifact("net", type="model")
net.add_file("more.bin")
clock[0] = BASE + 203
run.log_artifact(net)
data = rn.Artifact("训练 集", type="dataset")
data.add_reference("s3://bucket/x", checksum="c", size=5)
clock[0] = BASE + 204
run.log_artifact(data)
finish(run, 210, status="completed")

run = begin("20250103_100000_cccccc", "视觉", "实验 1", 300)
finish(run, 301)

run = begin("20250104_100000_dddddd", "nlp", "bert", 400)
log(run, 401, {"loss": 3})
run.use_artifact("net:latest")
run.use_artifact("训练 集:v1")
finish(run, 410, status="failed")

run = begin("20250105_100000_eeeeee", "nlp", "bert", 500)
log(run, 501, {"loss": 4.0})
finish(run, 510, status="interrupted")

subprocess.run([sys.executable, sys.argv[0], root, "dies"], check=True)

run = begin("20250107_100000_111111", "nlp", "bert", 700)
log(run, 701, {"loss": 0.25})
edit(run, "meta.json", hostname="gpu-9")

run = begin("20250108_100000_222222", "nlp", "gone", 800)
finish(run, 801)
with open(os.path.join(run.run_dir, ".deleted"), "w") as f:
    json.dump({"deleted_at": BASE, "reason": "user_deleted", "original_status": "finished"}, f)

run = begin("20250109_100000_333333", "nlp", "nan", 900)
run.set_primary_metric("loss", mode="min")
log(run, 901, {"loss": float("nan")})
log(run, 902, {"loss": 1.0})
finish(run, 910)

run = begin("my run 1", "nlp", "custom", 650)
log(run, 651, {"学习率": 0.1, "a/b": 2})
finish(run, 660)
