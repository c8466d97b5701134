"""Tables from tables: the few steps of a mapping that are about rows, in the order in which they are taken.

``from`` a table; ``distinct`` drops exact repeats (``repeated`` keeps only those); ``join`` others to it; ``add``
columns; keep the rows ``where`` a condition holds; then either ``columns``, or
``group_by``, where every column is a sum, min, max, first (that is not empty) or count.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import fsum
from typing import Any

import polars as pl

from tocfin.dataset.findings import nearest, quoted
from tocfin.dataset.imports.verbs import ProfileError, condition, ended_before, expression, only, several

Frames = Mapping[str, pl.DataFrame]

SHAPE = ("from", "distinct", "repeated", "join", "add", "where", "group_by", "columns")
MEASURES = ("count", "sum", "min", "max", "distinct_values", "merged", "within")
_JOIN = ("with", "on", "take", "keep", "at", "valid_from", "valid_to")
_AGGREGATES = ("sum", "min", "max", "count", "first")


def shaped(spec: Mapping[str, Any], frames: Frames, place: str) -> pl.DataFrame:
    """The table that ``spec`` describes."""
    frame = named(spec.get("from"), frames, place)
    if spec.get("distinct") or spec.get("repeated"):
        first = pl.struct(pl.exclude("row")).is_first_distinct()
        frame = frame.filter(first if spec.get("distinct") else ~first)
    for join in spec.get("join", ()):
        frame = _joined(frame, join, frames, f"{place}.join")
    for name, value in spec.get("add", {}).items():
        frame = frame.with_columns(expression(value, f"{place}.add.{name}").alias(name))
    if "where" in spec:
        frame = frame.filter(condition(spec["where"], f"{place}.where"))
    columns = spec.get("columns")
    if "group_by" in spec:
        totals = [_aggregate(one, f"{place}.columns.{name}").alias(name) for name, one in (columns or {}).items()]
        return frame.group_by(several(spec["group_by"], place), maintain_order=True).agg(totals)
    if columns is None:
        return frame
    made = [expression(one, f"{place}.columns.{name}").alias(name) for name, one in columns.items()]
    return frame.with_columns(made).select(list(columns)) if frame.width else frame.select(made)


def measured(spec: Mapping[str, Any], frames: Frames, place: str) -> float | None:
    """One number over the table that ``spec`` describes: rows, a sum, hours merged per resource ..."""
    only(spec, (*SHAPE, *MEASURES), place)
    frame = shaped({key: value for key, value in spec.items() if key in SHAPE}, frames, place)
    if "sum" in spec:
        values = frame.select(expression(spec["sum"], place).cast(pl.Float64)).to_series()
        return fsum(values.drop_nulls())  # rounded once, so that a total does not depend on the order of rows
    if "min" in spec:
        return _number(frame.select(expression(spec["min"], place).min()))
    if "max" in spec:
        return _number(frame.select(expression(spec["max"], place).max()))
    if "distinct_values" in spec:
        return float(frame.select(expression(spec["distinct_values"], place).drop_nulls().n_unique()).item())
    if "merged" in spec:
        start, end = spec["merged"]
        free_from = pl.max_horizontal(start, ended_before(end, start, spec["within"]))
        return _number(frame.select((pl.col(end) - free_from).clip(lower_bound=0).sum() / 3600))
    return float(frame.height)


def named(name: Any, frames: Frames, place: str) -> pl.DataFrame:
    """The table called ``name``."""
    if name not in frames:
        raise ProfileError(f"{place}: there is no table {quoted(name)}{nearest(str(name), tuple(frames))}")
    return frames[name]


def _number(frame: pl.DataFrame) -> float | None:
    value = frame.item()
    return None if value is None else float(value)


def _aggregate(spec: Any, place: str) -> pl.Expr:
    if not isinstance(spec, Mapping) or len(spec) != 1:
        raise ProfileError(f"{place}: a grouped column is a sum, min, max, first or count")
    only(spec, _AGGREGATES, place)
    verb, what = next(iter(spec.items()))
    if verb == "count":
        return pl.len().cast(pl.Int64)
    value = expression(what, place)
    first = value.drop_nulls().first()
    return {"sum": value.sum(), "min": value.min(), "max": value.max(), "first": first}[verb]


def _joined(frame: pl.DataFrame, join: Mapping[str, Any], frames: Frames, place: str) -> pl.DataFrame:
    only(join, _JOIN, place)
    other = named(join.get("with"), frames, place)
    on: Mapping[str, str] = join["on"]
    left, right = list(on), list(on.values())
    keep = join.get("keep", "all")
    if keep == "matching":
        return frame.join(other, left_on=left, right_on=right, how="semi", maintain_order="left")
    if keep == "missing":
        return frame.join(other, left_on=left, right_on=right, how="anti", maintain_order="left")
    take = [pl.col(source).alias(name) for name, source in join["take"].items()]
    keys = [pl.col(name).alias(f"~{name}") for name in right]
    tilded = [f"~{name}" for name in right]
    if "at" not in join:
        found = other.select(*keys, *take)
        return frame.join(found, left_on=left, right_on=tilded, how="left", validate="m:1", maintain_order="left")
    since, until = pl.col(join["valid_from"]).alias("~since"), pl.col(join["valid_to"]).alias("~until")
    periods = other.select(*keys, since, until, *take).sort("~since")
    numbered = frame.with_row_index("~row")
    at = pl.col(join["at"])
    valid = numbered.join(periods, left_on=left, right_on=tilded).filter(
        (pl.col("~since") <= at) & (pl.col("~until").is_null() | (at <= pl.col("~until")))
    )
    latest = valid.sort("~since").unique("~row", keep="last").select("~row", *join["take"])
    return numbered.join(latest, on="~row", how="left", maintain_order="left").drop("~row")
