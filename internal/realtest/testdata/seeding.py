"""What the seeding programs share. Times are fixed: time.time() is what they set it to, so that
every value in the store can be written down beforehand (internal/truth).
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
dies = len(sys.argv) > 2  # the child whose run dies: it logs, and exits without finish


def begin(run_id, at, **kw):
    clock[0] = BASE + at
    return rn.init(storage=root, run_id=run_id, **kw)


def log(run, at, data, **kw):
    clock[0] = BASE + at
    run.log(data, **kw)


def log_all_kinds(run):
    """Steps that go back, several events of a step, NaN, text, null, an image, a summary."""
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


def die(run):
    log(run, 601, {"loss": 0.5})
    os._exit(0)


def run_that_dies():
    subprocess.run([sys.executable, sys.argv[0], root, "dies"], check=True)
