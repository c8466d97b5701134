"""Control totals: what the source said it holds, beside what was read and what was set aside.

Sums are rounded once (`math.fsum`), so that whole = read + set aside holds to the last bit whatever the order of rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import fsum
from typing import NamedTuple

import polars as pl

from tocfin.dataset.listing import Tables
from tocfin.dataset.plan import BY, Plan
from tocfin.errors import Finding


class Control(NamedTuple):
    """One control total: ``difference`` = source − imported − set aside; ``agrees`` within the plan's tolerance."""

    table: str
    total: str
    key: str | None
    source: float
    imported: float
    set_aside: float
    difference: float
    agrees: bool

    @property
    def name(self) -> str:
        """``inventories.value_by_warehouse.W1``, as plan.toml spells it."""
        return ".".join(filter(None, (self.table, self.total, self.key)))


def compared(plan: Plan, tables: Tables, aside: Tables) -> tuple[Control, ...]:
    """Every control total of the plan beside the typed ``tables`` and the rows that were set ``aside``."""
    return tuple(_compared(plan, tables, aside))


def disagreeing(controls: tuple[Control, ...]) -> Iterator[Finding]:
    """A warning for every control total that does not tie out: the numbers stand, and somebody must look."""
    for control in controls:
        if not control.agrees:
            message = (
                f"the source states {control.source:,.6g}; {control.imported:,.6g} were read and"
                f" {control.set_aside:,.6g} set aside: {control.difference:,.6g} are missing"
            )
            place = f"control_totals.{control.name}"
            yield Finding("warning", "control-total", "plan", None, place, message)


def _compared(plan: Plan, tables: Tables, aside: Tables) -> Iterator[Control]:
    for table, stated in plan.control_totals.items():
        read, lost = _Amounts(table, tables, tables), _Amounts(table, aside, tables)
        for total, source in stated.items():
            if isinstance(source, Mapping):
                name, _, column = total.partition(BY)
                parts, gone = read.split(name, column), lost.split(name, column)
                for key in dict.fromkeys((*source, *parts, *gone)):
                    amounts = source.get(key, 0.0), parts.get(key, []), gone.get(key, [])
                    yield _control(table, total, key, *amounts, plan.control_tolerance)
            else:
                yield _control(table, total, None, source, read.of(total), lost.of(total), plan.control_tolerance)


def _control(
    table: str, total: str, key: str | None, source: float, read: list[float], lost: list[float], tolerance: float
) -> Control:
    difference = fsum([source, *(-value for value in read), *(-value for value in lost)])
    allowed = 0.0 if total == "rows" else max(tolerance, 1e-12 * abs(source))
    return Control(table, total, key, source, fsum(read), fsum(lost), difference, abs(difference) <= allowed)


class _Amounts:
    """The amounts of one table, row by row; stock is valued with the items of the data set, those set aside too."""

    def __init__(self, table: str, tables: Tables, known: Tables) -> None:
        self.frame = tables[table] if table in tables else known[table].clear()
        if table == "inventories":
            items, places = (
                pl.concat([known[name], *([tables[name]] if name in tables else [])])
                for name in ("items", "warehouses")
            )
            self.frame = self.frame.join(
                items.select("item", "cost", "item_type", "family").unique("item", keep="first"), on="item", how="left",
                maintain_order="left",
            ).join(
                places.select("warehouse", "plant").unique("warehouse", keep="first"), on="warehouse", how="left",
                maintain_order="left",
            )  # fmt: skip

    def of(self, total: str) -> list[float]:
        """The amounts of a total; a cell without one adds nothing."""
        return self._values(self.frame, total)

    def split(self, total: str, column: str) -> dict[str, list[float]]:
        """The amounts of a total by the words of a column."""
        groups = self.frame.filter(pl.col(column).is_not_null()).partition_by(column, as_dict=True, maintain_order=True)
        return {str(key[0]): self._values(frame, total) for key, frame in groups.items()}

    def _values(self, frame: pl.DataFrame, total: str) -> list[float]:
        if total == "rows":
            return [float(frame.height)]
        amount = pl.col(total) if total in frame.columns else _DERIVED[total]
        return frame.select(amount.cast(pl.Float64)).to_series().drop_nulls().to_list()


_DERIVED = {
    "hours": pl.coalesce("work_hours", (pl.col("end") - pl.col("start")) / 3600),
    "value": pl.col("on_hand_qty") * pl.col("cost"),
}


def sums(tables: Tables) -> dict[str, float]:
    """Rows, jobs, revenue and hours of typed tables, and how many activities have no hours that can be read."""
    jobs, activities = tables.get("jobs"), tables.get("activities")
    spans = [] if activities is None else activities.select(_DERIVED["hours"]).to_series().to_list()
    hours = [span for span in spans if span is not None]
    revenue = [] if jobs is None else jobs["revenue"].drop_nulls().to_list()
    return {
        "rows": float(sum(frame.height for frame in tables.values())),
        "jobs": float(0 if jobs is None else jobs.height),
        "revenue": fsum(revenue),
        "hours": fsum(hours),
        "timeless": float(len(spans) - len(hours)),
    }
