"""A store of Runicorn 0.6 or 0.7, as its own SDK writes it. Usage: seed_assets.py ROOT

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


def begin(run_id, path, at, **kw):
    clock[0] = BASE + at
    return rn.init(path=path, storage=root, run_id=run_id, **kw)


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


def write(name, text):
    os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
    with open(name, "w") as f:
        f.write(text)


if len(sys.argv) > 2:  # the child whose run dies: it logs, and exits without finish
    run = begin("20250106_100000_ffffff", "nlp/bert", 600)
    log(run, 601, {"loss": 0.5})
    os._exit(0)

write("src/train.py", "print(1)\n")
write("data/x.txt", "hello")
write("data2/x.txt", "hello again")
write("ckpt/model.pt", "weights")

run = begin("20250101_100000_aaaaaa", "vision/resnet", 100, alias="baseline",
            snapshot_code=True, workspace_root="src", force_snapshot=True)
run.set_primary_metric("acc", mode="max")
run.log_config(args={"lr": 0.1, "batch": 32}, extra={"note": "x"})
run.log_dataset("mnist", "data", context="train", save=True, description="digits")
run.log_dataset("remote", "s3://bucket/x")
run.log_pretrained("bert", path_or_uri="hf:bert", source_type="hf")
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
clock[0] = BASE + 108
run.scan_outputs_once(output_dirs=["ckpt"], stable_required=1, min_age_sec=0)
finish(run, 110)
edit(run, "meta.json", tags=["paper", "b,c"])

run = begin("20250102_100000_bbbbbb", "vision/resnet", 200)
run.log_dataset("mnist", "data2", context="train", save=True)
run.log_pretrained("backbone", path_or_uri="ckpt/model.pt", save=True, source_type="local")
log(run, 201, {"loss": 1.0})
log(run, 202, {"loss": 0.5})
finish(run, 210)

run = begin("20250103_100000_cccccc", "solo", 300)
finish(run, 301)

run = begin("20250104_100000_dddddd", "nlp/bert", 400)
log(run, 401, {"loss": 3})
finish(run, 410, status="failed")

run = begin("20250105_100000_eeeeee", "nlp/bert/deep", 500)
log(run, 501, {"loss": 4.0})
finish(run, 510, status="interrupted")

subprocess.run([sys.executable, sys.argv[0], root, "dies"], check=True)

run = begin("20250107_100000_111111", "nlp/bert", 700)
log(run, 701, {"loss": 0.25})
edit(run, "meta.json", hostname="gpu-9")

run = begin("20250109_100000_333333", None, 900)
run.set_primary_metric("loss", mode="min")
log(run, 901, {"loss": float("nan")})
log(run, 902, {"loss": 1.0})
finish(run, 910)

run = begin("my run 1", "", 650)
log(run, 651, {"学习率": 0.1, "a/b": 2})
finish(run, 660)
