"""What the finance file asks to be derived because nobody states it: overtime rates, carrying cost, the drum.

Only empty cells are filled, and every rule enters the register of assumptions.
"""

from __future__ import annotations

import polars as pl

from tocfin.dataset.imports.finance import Finance
from tocfin.errors import Finding

DAYS_A_YEAR = 365
Tables = dict[str, pl.DataFrame]


def derived(finance: Finance, tables: Tables) -> list[Finding]:
    """Fills ``tables`` as [derive] asks; a rule that finds nothing to work on is a finding."""
    asked = finance.content.get("derive", {})
    found = []
    for key, step in (("overtime_premium", _overtime), ("carrying_cost_rate", _carrying)):
        rate = asked.get(key)
        if rate is None:
            continue
        if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 < rate < 1e6:
            finance.note("not-a-number", f"derive.{key}", f"{rate!r} is not a number above 0")
            continue
        found.append(step(finance, tables, float(rate)))
    if (word := asked.get("drum")) is not None:
        if word == "highest load":
            found.append(_drum(finance, tables))
        else:
            finance.note("unknown-word", "derive.drum", f'{word!r} is not a rule; write "highest load"')
    return [finding for finding in found if finding is not None]


def _filled(tables: Tables, table: str, column: str, value: pl.Expr) -> int:
    """Puts ``value`` into the empty cells of a column; how many were filled."""
    frame = tables[table]
    old = frame[column] if column in frame.columns else pl.repeat(None, frame.height, eager=True, dtype=pl.Float64)
    frame = frame.with_columns(old.alias(column))
    tables[table] = frame.with_columns(pl.coalesce(pl.col(column).cast(pl.Float64), value).alias(column))
    return frame[column].null_count() - tables[table][column].null_count()


def _told(finance: Finance, table: str, column: str, count: int, rule: str) -> Finding:
    finance.assume(table, column, "*", rule, "derived")
    message = f"{count:,} row(s) are derived: {rule}; an assumption, see `tocfin assumptions`"
    return Finding("warning", "derived", table, None, column, message, file=table, count=max(count, 1))


def _overtime(finance: Finance, tables: Tables, premium: float) -> Finding | None:
    if "standard_hourly_cost" not in tables["resources"].columns:
        return None
    rate = pl.col("standard_hourly_cost").cast(pl.Float64) * premium
    count = _filled(tables, "resources", "overtime_hourly_cost", rate)
    return _told(finance, "resources", "overtime_hourly_cost", count, f"standard_hourly_cost x {premium:g}")


def _carrying(finance: Finance, tables: Tables, rate: float) -> Finding | None:
    """An operation ties up the material drawn at it; a job with a material cost of its own, that in equal parts."""
    if not {"operations", "manufacturing_orders", "jobs"} <= tables.keys():
        return None
    costs = tables["items"].select("item", "cost") if "items" in tables else pl.DataFrame({"item": [], "cost": []})
    needs = tables.get("material_requirements")
    orders = tables["manufacturing_orders"].select("manufacturing_order", "job")
    steps = tables["operations"].join(orders, on="manufacturing_order", how="left", maintain_order="left")
    if needs is not None and needs.height:
        bought = pl.col("total_cost").cast(pl.Float64) if "total_cost" in needs.columns else pl.lit(None, pl.Float64)
        value = pl.coalesce(bought, pl.col("required_qty") * pl.col("cost"))
        drawn = needs.join(costs, on="item", how="left").group_by("operation").agg(value.sum().alias("~drawn"))
        steps = steps.join(drawn, on="operation", how="left", maintain_order="left")
        steps = steps.with_columns(pl.col("~drawn").fill_null(0.0).sum().over("job").alias("~whole"))
    else:
        steps = steps.with_columns(pl.lit(None, pl.Float64).alias("~drawn"), pl.lit(0.0).alias("~whole"))
    own = tables["jobs"].select("job", *(["material_cost"] if "material_cost" in tables["jobs"].columns else []))
    steps = steps.join(own, on="job", how="left", maintain_order="left")
    stated = pl.col("material_cost").cast(pl.Float64) if "material_cost" in own.columns else pl.lit(None, pl.Float64)
    tied = pl.when(pl.col("~whole") > 0).then(pl.col("~drawn").fill_null(0.0)).otherwise(stated / pl.len().over("job"))
    tables["operations"] = tables["operations"].with_columns(steps.select((tied * rate / DAYS_A_YEAR).alias("~c")))
    count = _filled(tables, "operations", "carrying_cost_per_day", pl.col("~c"))
    tables["operations"] = tables["operations"].drop("~c")
    return _told(finance, "operations", "carrying_cost_per_day", count, f"material value x {rate:g} / {DAYS_A_YEAR}")


def _drum(finance: Finance, tables: Tables) -> Finding | None:
    """The resource with most hours of work in the plan, where nobody flagged a drum; of even ones the lower key."""
    resources, activities = tables["resources"], tables.get("activities")
    flagged = "drum" in resources.columns and bool(resources["drum"].cast(pl.Boolean).fill_null(False).any())
    if flagged or activities is None or not activities.height:
        return None
    elapsed = (pl.col("end") - pl.col("start")) / 3600
    hours = pl.coalesce("work_hours", elapsed) if "work_hours" in activities.columns else elapsed
    load = (
        activities.group_by("resource")
        .agg(hours.sum().alias("hours"))
        .sort("hours", "resource", descending=[True, False])
    )
    key, most = load.row(0)
    tables["resources"] = resources.with_columns((pl.col("resource").cast(pl.String) == str(key)).alias("drum"))
    rule = f"highest load: {key} with {most:,.1f} h"
    finance.assume("resources", "drum", str(key), rule, "derived")
    message = f"the drum is derived, {rule}; an assumption, see `tocfin assumptions`"
    return Finding("warning", "derived", "resources", None, "drum", message, file="resources")


def registered(finance: Finance, tables: Tables) -> None:
    """Adds the register of assumptions to the tables."""
    if finance.register:
        rows = [{key: value or None for key, value in entry.items()} for entry in finance.register]
        frame = pl.DataFrame(rows, schema=dict.fromkeys(rows[0], pl.String))
        tables["assumptions"] = frame.unique(
            ["table_name", "column_name", "selector", "source"], keep="last", maintain_order=True
        )
