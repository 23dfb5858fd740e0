"""A store of Runicorn 0.6 or 0.7, as its own SDK writes it. Usage: seed_assets.py ROOT"""
import os

import seeding
from seeding import BASE, clock, die, dies, edit, finish, log, log_all_kinds, run_that_dies


def begin(run_id, path, at, **kw):
    return seeding.begin(run_id, at, path=path, **kw)


def write(name, text):
    os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
    with open(name, "w") as f:
        f.write(text)


if dies:
    run = begin("20250106_100000_ffffff", "nlp/bert", 600)
    die(run)

write("src/train.py", "print(1)\n")
write("data/x.txt", "hello")
write("data2/x.txt", "hello again")
write("ckpt/model.pt", "weights")

run = begin("20250101_100000_aaaaaa", "vision/resnet", 100, alias="baseline",
            snapshot_code=True, workspace_root="src", force_snapshot=True)
run.log_config(args={"lr": 0.1, "batch": 32}, extra={"note": "x"})
run.log_dataset("mnist", "data", context="train", save=True, description="digits")
run.log_dataset("remote", "s3://bucket/x")
run.log_pretrained("bert", path_or_uri="hf:bert", source_type="hf")
log_all_kinds(run)
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

run_that_dies()

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
