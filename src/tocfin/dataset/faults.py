"""Errors between cells and between tables: with one of these no number may be computed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import polars as pl

from tocfin.dataset import changeovers, cycles
from tocfin.dataset.currencies import job_rates, plant_rates, rates
from tocfin.dataset.listing import Faults, Row, Tables
from tocfin.dataset.text import day, instant
from tocfin.zones import DAY

if TYPE_CHECKING:
    from tocfin.dataset.plan import Plan

#: (table, from, to, may they be equal)
_SPANS = (
    ("capacity_intervals", "start", "end", True),
    ("activities", "start", "end", True),
    ("activities", "actual_start", "actual_end", True),
    ("targets", "period_start", "period_end", False),
    ("periods", "start", "end", False),
)


def find(tables: Tables, plan: Plan | None) -> Iterator[Faults]:
    """Every error of this page."""
    yield from _backward_spans(tables)
    yield from _backward_validity(tables)
    yield from _incomplete_requirements(tables)
    yield from _jobs_without_plant(tables)
    if plan is not None:
        yield from _currencies_without_rate(tables, plan)
    yield from changeovers.errors(tables)
    yield from cycles.find(tables)


def _backward_spans(tables: Tables) -> Iterator[Faults]:
    for table, start, end, equal in _SPANS:
        wrong = pl.col(end) < pl.col(start) if equal else pl.col(end) <= pl.col(start)

        def say(row: Row, start: str = start, end: str = end, equal: bool = equal) -> str:
            order, rule = ("before", "no earlier than") if equal else ("not after", "later than")
            return (
                f"{instant(row[end])} is {order} {start} {instant(row[start])} (both in UTC);"
                f" {end} is {rule} {start}: correct one of the two"
            )

        yield Faults("error", "end-before-start", table, end, tables[table].filter(wrong), say)


def _backward_validity(tables: Tables) -> Iterator[Faults]:
    yield Faults(
        "error",
        "end-before-start",
        "calendars",
        "valid_to",
        tables["calendars"].filter(pl.col("valid_to") < pl.col("valid_from")),
        lambda row: (
            f"{day(row['valid_to'])} is before valid_from {day(row['valid_from'])}, so this shift never applies:"
            " correct one of the two or delete the row"
        ),
    )


def _incomplete_requirements(tables: Tables) -> Iterator[Faults]:
    requirements, kind = tables["material_requirements"], pl.col("requirement_type")
    yield Faults(
        "error",
        "from-stock-without-item",
        "material_requirements",
        "item",
        requirements.filter(kind == "FromStock", pl.col("item").is_null()),
        lambda row: (
            f"is empty, but material from stock is valued by its item (operation {row['operation']!r}):"
            " name the item, or make the row BuyDirect with a total_cost"
        ),
    )
    yield Faults(
        "error",
        "buy-direct-without-cost",
        "material_requirements",
        "total_cost",
        requirements.filter(kind == "BuyDirect", pl.col("total_cost").is_null()),
        lambda row: (
            f"is empty, but material bought for a job has no other price (operation {row['operation']!r}):"
            " enter what the whole quantity costs (0 when it is free)"
        ),
    )


def _jobs_without_plant(tables: Tables) -> Iterator[Faults]:
    jobs, count = tables["jobs"], tables["plants"].height
    yield Faults(
        "error",
        "job-without-plant",
        "jobs",
        "plant",
        jobs.filter(pl.col("plant").is_null()) if count > 1 else jobs.clear(),
        lambda row: (
            f"is empty, but there are {count} plants, so the currency and time zone of job {row['job']!r} would be a"
            " guess: name its plant"
        ),
    )


def _currencies_without_rate(tables: Tables, plan: Plan) -> Iterator[Faults]:
    """Currencies that nothing says the worth of, at the date at which it is needed."""
    plants, jobs, demands = plant_rates(tables, plan), job_rates(tables, plan), tables["demands"]
    worth: dict[str, tuple[pl.Expr | pl.Series, pl.Series]] = {
        "plants": (pl.lit(plan.clock, pl.Int64), plants["rate"] + plants["closing"]),
        "jobs": (jobs["at"], jobs["rate"]),
        "demands": (demands["due"], rates(demands["currency"], demands["due"], tables, plan, "average")),
    }
    for table, (at, rate) in worth.items():
        rows = tables[table].with_columns(at=at).filter(rate.is_null()) if rate.null_count() else tables[table].clear()
        yield Faults(
            "error",
            "currency-without-rate",
            table,
            "currency",
            rows.drop_nulls("currency"),
            lambda row: (
                f"{row['currency']!r} has no exchange rate{_dated(tables, row)} and is not the reporting currency"
                f" {plan.currency!r}: say under [exchange_rates] in plan.toml what 1 {row['currency']} is worth"
                f"{' or in exchange_rates from when on' if tables['exchange_rates'].height else ''}"
            ),
        )


def _dated(tables: Tables, row: Row) -> str:
    """The day, where rates have dates."""
    return f" on {day(row['at'] // DAY)}" if tables["exchange_rates"].height and row["at"] is not None else ""
