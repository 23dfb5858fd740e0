"""Statistics of 200 random series by NumPy and pandas, as one JSON object a line.

    python record.py > series.jsonl

A series is what a run logs: pairs of step and value in the order written, with gaps, NaN and
infinities, steps logged twice, and runs that went back to an earlier step. As in Runicorn the last
write of a step wins, and rows are in the order of steps.
"""

import json
import math

import numpy as np
import pandas as pd

WEIGHT, TAIL = 0.8, 7


def series(rng):
    n = int(rng.choice([1, 2, 3, 5, 12, 40, 90, 160]))
    steps = np.cumsum(rng.choice([1, 1, 1, 2, 10, 250], n))
    if rng.random() < 0.4 and n > 3:  # the run went back and did some steps again
        back = int(rng.integers(1, n))
        steps[back:] -= steps[back] - steps[int(rng.integers(0, back))]
    if rng.random() < 0.3:  # steps logged more than once
        steps = np.sort(steps // 3)
    kind = rng.integers(0, 5)
    if kind == 0:
        values = 2.3 * np.exp(-np.arange(n) / 30) + 0.05 * rng.standard_normal(n)
    elif kind == 1:
        values = np.cumsum(rng.standard_normal(n))
    elif kind == 2:
        values = np.full(n, rng.choice([0.0, 2.302585, -1e9]))
    elif kind == 3:
        values = 1e6 + 1e-3 * rng.standard_normal(n)  # nearly equal: cancellation
    else:
        values = 10.0 ** rng.uniform(-12, 12, n) * rng.choice([-1, 1], n)
    values = np.array([float(f"{v:.10g}") for v in values])
    if rng.random() < 0.5:
        bad = rng.random(n) < rng.choice([0.03, 0.3, 1.0])
        values[bad] = rng.choice([math.nan, math.inf, -math.inf], bad.sum())
    return steps, values


def slope(steps, values):
    """Least squares with a lag-1 widened standard error, of the finite points."""
    ok = np.isfinite(values)
    x, y = steps[ok].astype(float), values[ok]
    if len(x) < 3:
        return math.nan, math.nan
    x = x - x.mean()
    k, c = np.linalg.lstsq(np.column_stack([x, np.ones(len(x))]), y, rcond=None)[0]
    rest = y - k * x - c
    squares = float(rest @ rest)
    error = math.sqrt(squares / (len(x) - 2) / float(x @ x))
    r = min(float(rest[1:] @ rest[:-1]) / squares, 0.99) if squares > 0 else 0
    return float(k), error * math.sqrt((1 + r) / (1 - r)) if r > 0 else error


def tail_of(steps, values, tail):
    t = pd.Series(values[-tail:])
    t = t[np.isfinite(t)]
    k, error = slope(steps[-tail:], values[-tail:])
    return {"count": min(tail, len(values)), "mean": t.mean(),
            "deviation": t.std(ddof=0), "slope": k, "error": error}


def describe(steps, values):
    frame = pd.DataFrame({"step": steps, "value": values})
    frame = frame.drop_duplicates("step", keep="last").sort_values("step").reset_index(drop=True)
    steps, values = frame.step.to_numpy(), frame.value.to_numpy()
    finite = frame[np.isfinite(frame.value)]
    bad = frame[~np.isfinite(frame.value)]
    low, high = int(np.quantile(steps, 0.25)), int(np.quantile(steps, 0.75))
    middle = frame[frame.step.between(low, high)].value
    smooth = finite.value.ewm(alpha=1 - WEIGHT, adjust=True, ignore_na=True).mean()
    some = len(finite) > 0
    return {
        "count": len(frame), "first_step": steps[0], "last_step": steps[-1],
        "first": values[0], "last": values[-1],
        "non_finite": len(bad),
        "first_bad": bad.step.iloc[0] if len(bad) else 0,
        "last_bad": bad.step.iloc[-1] if len(bad) else 0,
        "min": finite.value.min(), "max": finite.value.max(), "mean": finite.value.mean(),
        "min_step": finite.step[finite.value.idxmin()] if some else 0,
        "max_step": finite.step[finite.value.idxmax()] if some else 0,
        "tail": tail_of(steps, values, max(1, len(values) // 10)),
        "tail_n": tail_of(steps, values, TAIL),
        "from": low, "to": high, "range_count": len(middle),
        "range_mean": middle[np.isfinite(middle)].mean(),
        "smooth_last": smooth.iloc[-1] if some else math.nan,
        "smooth_min": smooth.min(),
    }


def plain(v):
    """Non-finite numbers as text, numpy numbers as Python's."""
    if isinstance(v, dict):
        return {k: plain(e) for k, e in v.items()}
    if isinstance(v, (list, np.ndarray)):
        return [plain(e) for e in v]
    if isinstance(v, (int, np.integer)):
        return int(v)
    return float(v) if math.isfinite(v) else str(float(v))


if __name__ == "__main__":
    rng = np.random.default_rng(20250101)
    for _ in range(200):
        steps, values = series(rng)
        print(json.dumps(plain({"steps": steps, "values": values, **describe(steps, values)})))
