"""Trains for as long as standard input stays open. Usage: writer.py ROOT

One long run and many short ones. At step n, a is n/4, b is -n (not at every third step, NaN at
every tenth), and note is a text. At the end it prints how many steps and short runs there were.
"""
import inspect
import sys
import threading

import runicorn as rn

root = sys.argv[1]
stop = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()

by_path = "path" in inspect.signature(rn.init).parameters


def begin(run_id, name):
    if by_path:
        return rn.init(path="live/" + name, storage=root, run_id=run_id)
    return rn.init(project="live", name=name, storage=root, run_id=run_id)


long = begin("20250101_000000_00000a", "long")
step = short = 0
while not stop.is_set():
    step += 1
    data = {"a": step / 4, "note": "n" * (step % 50)}
    if step % 10 == 0:
        data["b"] = float("nan")
    elif step % 3:
        data["b"] = -step
    long.log(data)
    if step % 200 == 0:
        short += 1
        run = begin("20250101_000000_%06x" % (0x100 + short), "short")
        run.set_primary_metric("a", mode="max")
        for n in (1, 2, 3):
            run.log({"a": n / 4})
        run.summary({"done": True})
        run.finish()
long.finish()
print(step, short)
