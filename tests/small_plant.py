"""A plant of twelve short jobs on disk, with two scenarios of it: a block of its futures takes milliseconds."""

from __future__ import annotations

from pathlib import Path

from tables import PLAN, tables
from tocfin.dataset.write import write

HOUR = 3_600
STEPS = ("saw", "mill", "test")
SCENARIO = """
name = "{name}"
base = "plant"
start_policy = "as soon as possible"

[[uncertainty.factor]]
name = "week"
per = "resource"

[[uncertainty.duration]]
all = true
distribution = "lognormal"
cv = {cv}
factors = {{ week = 0.5 }}
"""


def small_plant(folder: Path) -> list[Path]:
    """Write it; returns the scenario files."""
    jobs = range(12)
    steps = [(j, s, f"J{j}-{step}", step) for j in jobs for s, step in enumerate(STEPS)]
    rows = tables(
        resources=[{"resource": step, "drum": step == "mill", "calendar": "always"} for step in STEPS],
        calendars=[{"calendar": "always", "days": "Mon-Sun", "start_time": "00:00", "end_time": "24:00"}],
        jobs=[
            {"job": f"J{j}", "need_date": PLAN.clock + (4 + 2 * j) * HOUR, "late_penalty_per_day": 100.0} for j in jobs
        ],
        manufacturing_orders=[{"manufacturing_order": f"M{j}", "job": f"J{j}"} for j in jobs],
        operations=[{"operation": name, "manufacturing_order": f"M{j}", "sequence": 10 * s} for j, s, name, _ in steps],
        activities=[
            {"activity": name, "operation": name, "resource": step}
            | {"start": PLAN.clock + 2 * (j + s) * HOUR, "end": PLAN.clock + 2 * (j + s + 1) * HOUR}
            for j, s, name, step in steps
        ],
    )
    write(rows, PLAN, folder / "plant")
    files = [folder / "base.toml", folder / "wild.toml"]
    for file, cv in zip(files, (0.2, 0.6), strict=True):
        file.write_text(SCENARIO.format(name=file.stem, cv=cv), encoding="utf-8")
    return files
