"""Changeovers: how long a resource is set up between two families, and what that costs.

The family of an operation is that of its order's product, else of its job's (``items.family``). Rows of ``setups`` that
name a resource hold for it alone; a resource that none names has those of its department. A family follows itself
without a setup unless a row says otherwise. What has no family needs no setup and leaves none behind. A setup belongs
to one machine: a resource of several units, or one that never delays, has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.model.arrange import frozen
from tocfin.model.columns import Floats, Instants, Ints

HOUR = 3_600
#: Seconds between two families that no row gives.
HOLE = -1


class Setups(NamedTuple):
    """Matrices of setups; families are numbered in the order of their names, -1 is none."""

    family: tuple[str, ...]
    operation_family: Ints  # (operations)
    resource_matrix: Ints  # (resources) -1: is never set up
    seconds: Instants  # (matrices, families, families) [s] from, to; HOLE where no row gives it
    cost: Floats  # (matrices, families, families) [money]; NaN where it was not supplied

    def between(self, resource: Ints, before: Ints, after: Ints) -> tuple[Instants, Floats]:
        """Length [s] and cost of the setup on each ``resource`` from one family to another; 0 where there is none."""
        m = self.resource_matrix[resource]
        some = (m >= 0) & (before >= 0) & (after >= 0)
        seconds, cost = np.zeros(m.size, np.int64), np.zeros(m.size)
        at = m[some], before[some], after[some]
        seconds[some], cost[some] = self.seconds[at], self.cost[at]
        return seconds, cost


def setups(frames: Mapping[str, pl.DataFrame]) -> Setups:
    """The setups of a model's tables (``tocfin.model.build.arranged``)."""
    table, resources = frames["setups"], frames["resources"]
    names = sorted({*table["from_family"], *table["to_family"], *frames["items"]["family"].drop_nulls()})
    number = {name: i for i, name in enumerate(names)} if table.height else {}
    own = set(table["resource"].drop_nulls())
    departments = set(table["department"].drop_nulls())
    matrix = np.full(resources.height, -1, np.int32)
    seconds: list[NDArray[np.int64]] = []
    cost: list[NDArray[np.float64]] = []
    columns = resources.select("resource", "department", "finite", "units", "rate").iter_rows()
    for r, (key, department, finite, units, rate) in enumerate(columns):
        mine = "resource" if key in own else "department"
        if finite is False or (units or 1) > 1 or not (key in own or department in departments):
            continue
        matrix[r] = len(seconds)
        some = table.filter(pl.col(mine) == (key if mine == "resource" else department))
        length, money = _matrix(some, number, rate)
        seconds.append(length)
        cost.append(money)
    shape = len(seconds), len(number), len(number)
    return Setups(
        tuple(number),
        frozen(_families(frames, number)),
        frozen(matrix),
        frozen(np.array(seconds, np.int64).reshape(shape)),
        frozen(np.array(cost, np.float64).reshape(shape)),
    )


def _matrix(
    rows: pl.DataFrame, number: Mapping[str, int], rate: float
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    seconds = np.full((len(number), len(number)), HOLE, np.int64)
    cost = np.full(seconds.shape, np.nan)
    np.fill_diagonal(seconds, 0)
    np.fill_diagonal(cost, 0.0)
    for one, other, hours, money in rows.select("from_family", "to_family", "hours", "cost").iter_rows():
        at = number[one], number[other]
        seconds[at] = round(HOUR * hours)
        cost[at] = np.nan if money is None else money * rate
    return seconds, cost


def _families(frames: Mapping[str, pl.DataFrame], number: Mapping[str, int]) -> NDArray[np.int32]:
    """Family of each operation."""
    if not number:
        return np.full(frames["operations"].height, -1, np.int32)
    families = frames["items"].select(pl.col("item").alias("product"), "family")
    orders = frames["manufacturing_orders"].select(
        "manufacturing_order", pl.coalesce("product", "job_product").alias("product")
    )
    made = (
        frames["operations"]
        .select("manufacturing_order")
        .join(
            orders.join(families, on="product", how="left"), on="manufacturing_order", how="left", maintain_order="left"
        )
    )
    code = pl.Series("code", list(number.values()), dtype=pl.Int32)
    codes = pl.DataFrame({"family": pl.Series(list(number), dtype=pl.String), "code": code})
    return made.join(codes, on="family", how="left", maintain_order="left")["code"].fill_null(-1).to_numpy()
