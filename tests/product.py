"""The product as a callable like the reference: text cells in, figures out, through the reader and the kernels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from cells import COLUMNS
from tocfin.dataset import Dataset, read
from tocfin.measure import Figure, Scorecard, measure


def dataset(plan: Mapping[str, Any], tables: Mapping[str, Sequence[Mapping[str, str | None]]]) -> Dataset:
    """The data set that the product reads from text cells."""
    frames: dict[str, Any] = {"plan": plan}
    for name, rows in tables.items():
        columns = list(dict.fromkeys([*COLUMNS.get(name, ()), *(column for row in rows for column in row)]))
        cells = {column: [row.get(column) for row in rows] for column in columns}
        frames[name] = pl.DataFrame(cells, schema=dict.fromkeys(columns, pl.String))
    return read(frames)


def scorecard(
    plan: Mapping[str, Any],
    tables: Mapping[str, Sequence[Mapping[str, str | None]]],
    policy: str | None = None,
    plants: Iterable[str] | None = None,
    by: str | None = None,
    threads: int = 1,
) -> Scorecard:
    return measure(dataset(plan, tables), policy=policy, plants=tuple(plants or ()), by=by, threads=threads)


def evaluate(
    plan: Mapping[str, Any],
    tables: Mapping[str, Sequence[Mapping[str, str | None]]],
    policy: str | None = None,
    plants: Iterable[str] | None = None,
    by: str | None = None,
) -> dict[Any, Any]:
    """As ``reference.evaluate``: KPI name -> Figure; with ``by``, group key -> the same."""
    card = scorecard(plan, tables, policy, plants, by)
    if by is None:
        return card.figures
    groups: dict[str | None, dict[str, Figure]] = {group.key: group.figures for group in card.groups}
    return groups
