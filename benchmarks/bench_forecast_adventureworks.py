"""Forecasts of the real manufacturer as of day 10 and 20 over 24 months: ``make bench`` of the forecast's honesty.

    python benchmarks/bench_forecast_adventureworks.py [DATA]

Monthly throughput (bikes at their dated list price less standard cost) and resource hours. Fails unless every CRPS is
below every naive forecast and the binomial interval of each coverage contains 80 %.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from tocfin.dataset import Dataset
from tocfin.dataset.imports import import_dataset
from tocfin.dataset.plan import build
from tocfin.forecast.backtest import backtest
from tocfin.forecast.spans import period_called
from tocfin.report.backtest import page

FINANCE = """
[plan]
policy = "reconciled"
[plants."*"]
daily_operating_expense = 42_000
invested_capital = 18_500_000
[resources."*"]
overtime_hourly_cost = 30
[jobs]
shipping_cost = 0
late_penalty_per_day = 0
[operations]
carrying_cost_per_day = 0
"""


def main() -> int:
    """Print the table; 1 when a figure is not reached."""
    given = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("TOCFIN_DATA", "../shared/data")
    with TemporaryDirectory() as folder:
        finance = Path(folder) / "finance.toml"
        finance.write_text(FINANCE, "utf-8")
        found = import_dataset("adventureworks", Path(given) / "adventureworks", finance=finance).require()
    tables = {**found.tables, "jobs": _at_standard_cost(found.tables)}
    plan, _ = build(found.plan, "plan.toml", "AdventureWorks")
    dataset = Dataset("AdventureWorks", None, plan, tables, ())
    result = backtest(dataset, period_called(dataset, "2014-05"), periods=24, days=(10, 20))
    print(page(result).text("md"))
    return int(not all(line.score.beaten and line.score.honest and line.score.n == 24 for line in result.lines))


def _at_standard_cost(tables: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Jobs whose material is the whole standard cost: the import takes their routing cost out of it."""
    routing = (
        tables["activities"]
        .join(tables["operations"].select("operation", "manufacturing_order"), on="operation")
        .join(tables["resources"].select("resource", "standard_hourly_cost"), on="resource")
        .group_by("manufacturing_order")
        .agg(routing=(pl.col("work_hours") * pl.col("standard_hourly_cost")).sum())
    )
    jobs = tables["jobs"].join(
        routing, left_on="job", right_on="manufacturing_order", how="left", maintain_order="left"
    )
    return jobs.with_columns(pl.col("material_cost") + pl.col("routing").fill_null(0.0)).drop("routing")


if __name__ == "__main__":
    sys.exit(main())
