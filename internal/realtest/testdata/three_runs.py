"""Three runs, by the SDK of any release. Usage: three_runs.py ROOT"""
import inspect
import sys

import runicorn as rn

for i in range(3):
    where = {"path": "vision/far"} if "path" in inspect.signature(rn.init).parameters else {
        "project": "vision", "name": "far"}
    run = rn.init(storage=sys.argv[1], **where)
    for step in range(5):
        run.log({"loss": 1.0 / (step + 1 + i)}, step=step)
    run.finish()
