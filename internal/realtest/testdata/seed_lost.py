"""A store in which a Viewer 0.7.1 or 0.7.2 loses runs. Usage: seed_lost.py ROOT

Two runs share a data set, one ended with a word that only older SDKs write, one lies at the root.
It prints the ids of all runs, those at the root last.
"""
import json
import os

import seeding
from seeding import clock, finish, log

BASE = seeding.BASE
with open("data.txt", "w") as f:
    f.write("shared")

ids = []
for i in range(14):
    path = ["vision/a", "vision/b", "nlp", "nlp/deep/er"][i % 4] if i < 12 else ""
    run = seeding.begin("2025020%d_100000_%06x" % (1 + i % 9, i), 100 * i, path=path)
    if i in (2, 5):
        run.log_dataset("shared", "data.txt", save=True)
    log(run, 100 * i + 1, {"loss": 1.0 + i})
    finish(run, 100 * i + 10)
    ids.append(run.id)
    if i == 3:
        name = os.path.join(run.run_dir, "status.json")
        with open(name) as f:
            status = json.load(f)
        status["status"] = "completed"
        with open(name, "w") as f:
            json.dump(status, f)
print("\n".join(ids))
