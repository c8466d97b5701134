"""An event log as history: it has no plan, so work is measured against the mean of its own group.

A group is an activity name on a resource; where durations grow with the quantity made (slope of their logarithms
within groups above ½), the mean is one per unit. A rule for a group names the activities that the import makes of it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from tocfin.catalogue import BY_NAME
from tocfin.dataset import Dataset
from tocfin.dataset.imports import import_dataset
from tocfin.dataset.plan import build
from tocfin.errors import UsageError
from tocfin.scenarios.fit_history import History, history, included, note

#: Activities of a group of fewer have no mean worth comparing with.
LEAST_OF_GROUP = 5


def is_log(source: Path) -> bool:
    """True for a CSV file, and for a folder that has CSV files but neither a plan nor a table of a data set."""
    if source.is_dir():
        names = {path.name for path in source.iterdir()}
        ours = {"plan.toml"} | {f"{table}{suffix}" for table in BY_NAME for suffix in (".csv", ".parquet")}
        return any(name.lower().endswith(".csv") for name in names) and not names & ours
    return source.suffix.lower() != ".xlsx"


def read_log(source: Path, profile: str = "eventlog", finance: Path | None = None) -> Dataset:
    """The data set that `tocfin import` would make of a log; its actual times are the log's, and so is its plan.

    Raises UsageError for an unknown profile or a path that is not there, DatasetError for a log with faults.
    """
    if not source.exists():
        raise UsageError(f"{source}: no such data set or event log")
    imported = import_dataset(profile, source, finance=finance).require()
    plan, _ = build(imported.plan, "plan.toml", source.stem)
    return Dataset(source.name, None, plan, imported.tables, imported.findings)


def log_history(dataset: Dataset) -> History:
    """History of a data set that was made of a log: ``planned`` is what its group takes on average."""
    whole, events = history(dataset), dataset.tables["activities"].height
    work = _labelled(whole.work.with_columns(planned=pl.lit(1.0)), dataset)
    group = ["label", "resource"]
    work = work.filter(pl.len().over(group) >= LEAST_OF_GROUP)
    quantity, slope, error = _quantity(work, dataset, group)
    per_unit = (pl.col("worked") / pl.col("~quantity")).mean().over(group)
    said = f"durations grow by {slope:.2f} ± {error:.2f} of the quantity (logarithms), so "
    said = said if np.isfinite(slope) else ""
    what = "per unit made" if quantity.n_unique() > 1 else "whatever the quantity"
    message = (
        f"the log has no planned times: {said}durations are relative to the mean of their activity and resource,"
        f" {what} ({work.height:,} of {events:,} events, {work.select(group).n_unique():,} groups)"
    )
    findings = [finding for finding in whole.findings if finding.rule not in ("plan-is-actual", "no-planned-work")]
    findings.append(note("no-plan", "activities", "start", message))
    work = work.with_columns(quantity.alias("~quantity")).with_columns(planned=per_unit * pl.col("~quantity"))
    return replace(whole, work=work, relative=True, findings=tuple(findings))


def _labelled(work: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    """With the pattern ``*/???? name`` of the operations that the import makes, ``case/0001 name``."""
    orders = dataset.tables["operations"].select("operation", "manufacturing_order")
    found = work.join(orders, on="operation", how="left", maintain_order="left")
    rest = pl.col("operation").str.slice(pl.col("manufacturing_order").str.len_chars())
    name = rest.str.extract(r"(?s)^/\d{4} (.*)$", 1)
    own = pl.col("operation").str.starts_with(pl.col("manufacturing_order")) & name.is_not_null()
    label = pl.when(own).then(pl.concat_str(pl.lit("*/???? "), name)).otherwise(pl.lit("*"))
    return found.with_columns(label=label).drop("manufacturing_order")


def _quantity(work: pl.DataFrame, dataset: Dataset, group: list[str]) -> tuple[pl.Series, float, float]:
    """Units made by each activity where its length grows with them, else 1; with the slope that decided, its error."""
    tables = dataset.tables["operations"].select("operation", pl.sum_horizontal("good_qty", "scrap_qty").alias("made"))
    made = work.join(tables, on="operation", how="left", maintain_order="left")["made"].fill_null(0.0)
    some = work.with_columns(made=made).filter(pl.col("made") > 0)
    logs = some.select(*group, y=pl.col("worked").log(), x=pl.col("made").log())
    logs = logs.with_columns((pl.col(name) - pl.col(name).mean().over(group)).alias(name) for name in ("y", "x"))
    per_unit, slope, error = included(logs["y"].to_numpy(), logs["x"].to_numpy(), usually=False)
    everywhere = per_unit and some.height == work.height
    return made if everywhere else pl.repeat(1.0, work.height, eager=True), slope, error
