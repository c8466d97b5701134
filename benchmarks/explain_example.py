"""How long does it take to say why? The example plant (400 jobs, 5,919 activities) with twelve drivers changed at once.

Run it as ``python benchmarks/explain_example.py [--threads N]``; fails above 10 seconds, where the parts do not add up,
or where other drivers than the twelve are named.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import polars as pl

from tocfin.dataset import Plan
from tocfin.examples import example_dataset
from tocfin.forecast.explain import LEADING, explain
from tocfin.forecast.sides import Side, of_scenario
from tocfin.scenarios.spec import load

MOST = 10.0
CHANGED = {
    "price", "orders", "late penalty", "material price", "material usage", "stock", "labour rate", "labour efficiency",
    "speed", "calendar", "currency", "assumptions",
}  # fmt: skip
LONGER = """
name = "longer"
base = "plant"
[[override]]
table = "activities"
where = {}
scale = { work = 1.02 }
"""
SCALED = (
    ("jobs", "revenue", 0.98), ("jobs", "late_penalty_per_day", 1.5), ("items", "cost", 1.03),
    ("items", "truly_variable_cost", 1.03), ("material_requirements", "required_qty", 1.02),
    ("inventories", "on_hand_qty", 1.1), ("resources", "standard_hourly_cost", 1.04),
    ("plants", "daily_operating_expense", 1.05),
)  # fmt: skip


def sides() -> tuple[Side, Side]:
    """The plant, and the plant with twelve things changed."""
    base = example_dataset()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "plant").mkdir()  # what it is based on is given, not read
        (Path(folder) / "longer.toml").write_text(LONGER, "utf-8")
        scenario, _ = load(Path(folder) / "longer.toml")
    assert scenario is not None
    other = of_scenario(scenario, base).dataset
    tables: dict[str, Any] = dict(other.tables)
    for table, column, factor in SCALED:
        tables[table] = tables[table].with_columns(pl.col(column) * factor)
    last = tables["jobs"]["job"][-1]
    tables["jobs"] = tables["jobs"].with_columns(pl.col("cancelled").fill_null(False) | (pl.col("job") == last))
    tables["plants"] = tables["plants"].with_columns(day_start=pl.lit(3_600, tables["plants"].schema["day_start"]))
    plan = cast(Plan, other.plan)
    rates = {code: rate if code == plan.currency else rate * 1.03 for code, rate in plan.exchange_rates.items()}
    return Side("plan", base), Side("later", replace(other, plan=replace(plan, exchange_rates=rates), tables=tables))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int)
    threads = parser.parse_args().threads
    a, b = sides()
    explain(a, a, LEADING, by=["driver"], threads=threads)  # kernels are compiled
    began, busy = time.perf_counter(), time.process_time()
    found = explain(a, b, LEADING, by=["driver"], threads=threads)
    wall, spent = time.perf_counter() - began, time.process_time() - busy
    moved = {part.name for one in found.kpis for part in one.views["driver"] if part.status == "ok"}
    left = [one.residual("driver") for one in found.kpis]
    words = f"{len(moved)} drivers, {wall:.1f} s wall, {spent:.1f} s of processors"
    print(f"{words}; residuals {sum(map(abs, left))}")
    print(f"not among the twelve: {', '.join(sorted(moved ^ CHANGED)) or 'none'}")
    return 0 if wall <= MOST and moved == CHANGED and not any(left) else 1


if __name__ == "__main__":
    sys.exit(main())
