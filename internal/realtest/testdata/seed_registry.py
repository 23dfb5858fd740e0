"""A store of Runicorn 0.4 or 0.5, as its own SDK writes it. Usage: seed_registry.py ROOT"""
import json
import os

import seeding
from seeding import (BASE, clock, die, dies, edit, finish, log, log_all_kinds, rn,
                     run_that_dies)


def begin(run_id, project, name, at):
    return seeding.begin(run_id, at, project=project, name=name)


if dies:
    run = begin("20250106_100000_ffffff", "nlp", "bert", 600)
    die(run)

with open("weights.bin", "w") as f:
    f.write("weights")
with open("more.bin", "w") as f:
    f.write("more weights")

run = begin("20250101_100000_aaaaaa", "vision", "resnet", 100)
log_all_kinds(run)
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

run_that_dies()

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
