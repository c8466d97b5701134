"""What really happened, as a data set: actual times, quantities, prices and rates in the place of those planned."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import polars as pl

from tocfin.dataset import Dataset, Plan
from tocfin.dataset.currencies import rates
from tocfin.dataset.plan import Progress
from tocfin.events.journal import Journal
from tocfin.events.state import applied
from tocfin.forecast.drivers import PEOPLE
from tocfin.forecast.lived import STILL, without_luck
from tocfin.scenarios.resolve import resolve
from tocfin.scenarios.world import prepared


def as_reported(dataset: Dataset) -> tuple[Dataset, frozenset[str]]:
    """The data set with reports in the place of plans, and the drivers that no report tells of.

    Work that is not finished goes on from where it is at the last report, in the order of the plan (rulings R31: what
    is not confirmed is not done). What an invoice, a receipt, an
    issue or a booking does not tell of is as planned, and its driver is *not observed*. Actual hours hold downtime and
    what was made again, so that these are not separable from speed unless they are reported (they never are here).
    """
    now, unseen = reported(dataset)
    still = without_luck(prepared(now.name, now, resolve(STILL, now)[0])).dataset
    return replace(now, tables={**now.tables, "activities": still.tables["activities"]}), unseen


def reported(dataset: Dataset) -> tuple[Dataset, frozenset[str]]:
    """As `as_reported`, with work that is not finished where it was planned: from the last report on it goes on."""
    journal = Journal()
    journal.add(dataset.require().tables["events"])
    tables: dict[str, Any] = dict(applied(journal, dataset.tables)) if journal.frame.height else dict(dataset.tables)
    events, _ = journal.effective()
    events = events.filter(pl.col("sign").sum().over("root") > 0).filter(pl.col("event_id") == pl.col("root"))
    seen: set[str] = set()
    _times_seen(tables, seen)
    plan = _from_last_report(cast(Plan, dataset.plan), tables["activities"])
    tables["jobs"] = _invoiced(dataset, tables["jobs"], events, seen)
    tables["items"] = _bought(dataset, events, seen)
    tables["material_requirements"] = _used(tables, seen)
    tables["resources"] = _paid(tables["resources"], events, seen)
    tables["events"] = tables["events"].clear()
    unseen = {"price", "material price", "material usage", "labour rate", "labour efficiency", "speed", "timing"} - seen
    found = replace(dataset, name=f"{dataset.name}, actual", plan=plan, tables=tables)
    return found, frozenset(unseen | {"downtime", "scrap", "overtime"})


def as_planned(dataset: Dataset) -> Dataset:
    """The data set as if nothing had been reported yet."""
    names = ("status", "actual_start", "actual_end", "remaining_hours", "recorded_at")
    activities = dataset.require().tables["activities"]
    blank = activities.with_columns(pl.lit(None, activities.schema[name]).alias(name) for name in names)
    return replace(dataset, name=f"{dataset.name}, plan", tables={**dataset.tables, "activities": blank})


def _from_last_report(plan: Plan, activities: pl.DataFrame) -> Plan:
    """The plan as it was worked so far and, from the last report on (the clock at least), as it goes on from there."""
    reports = activities.select("actual_start", "actual_end").max().row(0)
    told = max(plan.clock, *(at for at in reports if at is not None), plan.clock)
    return replace(plan, progress=plan.progress or Progress(as_of=told))


def _times_seen(tables: dict[str, Any], seen: set[str]) -> None:
    activities: pl.DataFrame = tables["activities"]
    kinds = tables["resources"].select("resource", "resource_type")
    real = activities.drop_nulls("actual_end").join(kinds, on="resource")
    people = real["resource_type"].is_in(list(PEOPLE))
    seen |= {"timing"} if activities["actual_start"].is_not_null().any() else set()
    seen |= ({"labour efficiency"} if people.any() else set()) | ({"speed"} if (~people).any() else set())


def _invoiced(dataset: Dataset, jobs: pl.DataFrame, events: pl.DataFrame, seen: set[str]) -> pl.DataFrame:
    """Revenue of jobs that are invoiced, in their own money, and shipped in full where quantities are known."""
    plan, tables = cast(Plan, dataset.plan), dataset.tables
    rows = events.filter(type="invoice").drop_nulls(["job", "amount"])
    rows = rows.join(tables["plants"].select("plant", money="currency"), on="plant", how="left")
    rows = rows.join(jobs.select("job", own="currency"), on="job", how="left")
    own = rows.select(pl.coalesce("own", "money"))["own"]
    here, there = (rates(code, rows["occurred_at"], tables, plan, "average") for code in (rows["money"], own))
    other = own.ne_missing(rows["money"])
    rows = rows.with_columns(amount=pl.when(other).then(pl.col("amount") * here / there).otherwise("amount"))
    billed = rows.group_by("job").agg(pl.col("amount").sum())
    if billed.height:
        seen.add("price")
    found = jobs.join(billed.rename({"amount": "~billed"}), on="job", how="left", maintain_order="left")
    whole = pl.col("delivered_qty").is_null() | (pl.col("delivered_qty") >= pl.col("quantity").fill_null(0.0))
    return found.with_columns(revenue=pl.when(whole).then(pl.coalesce("~billed", "revenue")).otherwise("revenue")).drop(
        "~billed"
    )


def _bought(dataset: Dataset, events: pl.DataFrame, seen: set[str]) -> pl.DataFrame:
    """Cost of items, in the reporting currency, at the mean price of what was received."""
    plan, items = cast(Plan, dataset.plan), dataset.tables["items"]
    received = events.filter(type="receipt").drop_nulls(["item", "amount", "qty"]).filter(pl.col("qty") > 0)
    received = received.join(dataset.tables["plants"].select("plant", "currency"), on="plant", how="left")
    worth = rates(received["currency"], received["occurred_at"], dataset.tables, plan, "average")
    received = received.with_columns(worth.alias("~worth"))
    amount = (pl.col("amount") * pl.col("~worth")).sum()
    paid = received.group_by("item").agg((amount / pl.col("qty").sum()).alias("~paid"))
    if paid.height:
        seen.add("material price")
    found = items.join(paid, on="item", how="left", maintain_order="left")
    variable = pl.when(pl.col("truly_variable_cost").is_not_null()).then(pl.coalesce("~paid", "truly_variable_cost"))
    return found.with_columns(cost=pl.coalesce("~paid", "cost"), truly_variable_cost=variable).drop("~paid")


def _used(tables: dict[str, Any], seen: set[str]) -> pl.DataFrame:
    """Required quantity of finished operations: what was issued for them."""
    over = tables["activities"].group_by("operation").agg(pl.col("actual_end").is_not_null().all().alias("~over"))
    needs = tables["material_requirements"].join(over, on="operation", how="left", maintain_order="left")
    issued = pl.col("~over").fill_null(False) & pl.col("issued_qty").is_not_null() & (
        pl.col("requirement_type") == "FromStock"
    )  # fmt: skip
    if needs.select(issued.any()).item():
        seen.add("material usage")
    used = pl.when(issued).then("issued_qty").otherwise("required_qty")
    found: pl.DataFrame = needs.with_columns(required_qty=used).drop("~over")
    return found


def _paid(resources: pl.DataFrame, events: pl.DataFrame, seen: set[str]) -> pl.DataFrame:
    """Hourly cost of resources whose booked hours state their amount."""
    booked = (
        events.filter(type="labour_booking").drop_nulls(["resource", "amount", "hours"]).filter(pl.col("hours") > 0)
    )
    rates = booked.group_by("resource").agg((pl.col("amount").sum() / pl.col("hours").sum()).alias("~rate"))
    if rates.height:
        seen.add("labour rate")
    found = resources.join(rates, on="resource", how="left", maintain_order="left")
    return found.with_columns(standard_hourly_cost=pl.coalesce("~rate", "standard_hourly_cost")).drop("~rate")
