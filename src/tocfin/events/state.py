"""The state of the work as the events tell it: quantities, times and statuses written into the tables of the plan.

``occurred_at`` of a booking is when the booked work ended. What events say replaces what a table said; where no event
speaks of a row it stays as it is.
"""

from __future__ import annotations

from math import fsum

import polars as pl

from tocfin.dataset.listing import Tables
from tocfin.dataset.wanted import wanted
from tocfin.events.journal import Journal
from tocfin.events.split import placed


def applied(journal: Journal, tables: Tables) -> dict[str, pl.DataFrame]:
    """``tables`` with good and scrap quantities, actual times, statuses, issues and deliveries from the journal."""
    events = _standing(journal)
    result = dict(tables)
    result["operations"] = _operations(tables["operations"], events)
    result["activities"] = _activities(result, events)
    result["jobs"] = _jobs(tables["jobs"], events)
    result["material_requirements"] = _requirements(tables["material_requirements"], events)
    return result


def untold(tables: Tables, events: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """``tables`` without the quantities and deliveries that ``events`` tell, for some of them to tell them anew."""
    done = events.filter(pl.col("type").is_in(["completion", "rework"]))["operation"]
    sent = events.filter(pl.col("type") == "shipment")["job"]
    billed = events.filter(pl.col("type") == "invoice")["job"]
    issued = events.filter(pl.col("type") == "material_issue").select("operation", "item").unique()
    needs = tables["material_requirements"].join(
        issued.with_columns(told=pl.lit(True)), on=["operation", "item"], how="left", maintain_order="left"
    )
    said = {
        "operations": {"good_qty": ("operation", done), "scrap_qty": ("operation", done)},
        "jobs": {"delivered_qty": ("job", sent), "shipped_at": ("job", sent), "invoiced_at": ("job", billed)},
    }
    result = dict(tables)
    for table, columns in said.items():
        kept = [
            pl.when(~pl.col(key).is_in(keys.drop_nulls().unique().implode())).then(name).alias(name)
            for name, (key, keys) in columns.items()
        ]
        result[table] = tables[table].with_columns(kept)
    result["material_requirements"] = needs.with_columns(
        issued_qty=pl.when(pl.col("told").is_null()).then("issued_qty")
    ).drop("told")
    return result


def _standing(journal: Journal) -> pl.DataFrame:
    """Events that are not taken back."""
    events, _ = journal.effective()
    net = pl.col("sign").sum().over("root") > 0
    return events.filter(net & (pl.col("event_id") == pl.col("root")))


def _summed(events: pl.DataFrame, keys: list[str], *columns: str) -> pl.DataFrame:
    """Sums per key, rounded once; null where no event states any."""
    known = (
        events.drop_nulls(keys).group_by(keys, maintain_order=True).agg(pl.col(name).drop_nulls() for name in columns)
    )
    sums = {name: [fsum(values) if values else None for values in known[name].to_list()] for name in columns}
    return known.select(keys).with_columns(pl.Series(name, values, pl.Float64) for name, values in sums.items())


def _over(old: str, new: str) -> pl.Expr:
    return pl.coalesce(new, old).alias(old)


def _operations(operations: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    done = events.filter(pl.col("type").is_in(["completion", "rework"]))
    sums = _summed(done, ["operation"], "good_qty", "scrap_qty").rename({"good_qty": "~good", "scrap_qty": "~scrap"})
    found = operations.join(sums, on="operation", how="left", maintain_order="left")
    return found.with_columns(_over("good_qty", "~good"), _over("scrap_qty", "~scrap")).select(operations.columns)


def _activities(tables: Tables, events: pl.DataFrame) -> pl.DataFrame:
    """Started with the first booking or completion, finished when the quantity needed is confirmed (or, where nobody
    says how many are needed, with any completion). Of a split operation each activity has its own quantity."""
    activities = tables["activities"]
    worked = events.filter(pl.col("type").is_in(["labour_booking", "completion"])).drop_nulls("operation")
    worked = placed(worked, tables).with_columns(
        since=pl.col("occurred_at") - (pl.col("hours").fill_null(0) * 3600).round().cast(pl.Int64),
        quantity=pl.when(pl.col("type") == "completion").then(
            pl.col("good_qty").fill_null(0) + pl.col("scrap_qty").fill_null(0)
        ),
    )
    mine = ["operation", "activity"]
    times = worked.group_by(mine).agg(
        pl.col("since").min(),
        until=pl.col("occurred_at").max(),
        recorded=pl.col("recorded_at").max(),
        completed=(pl.col("type") == "completion").any(),
    )
    state = times.join(_summed(worked, mine, "quantity"), on=mine, how="left").join(_needed(tables), on=mine)
    whole = pl.col("own").is_null()
    enough = pl.when(whole).then(pl.col("confirmed")).otherwise(pl.col("quantity").fill_null(0.0))
    state = state.with_columns(
        finished=pl.col("completed") & (enough >= pl.when(whole).then("needed").otherwise("own").fill_null(0.0))
    ).select(*mine, "since", "until", "recorded", "finished")
    found = activities.join(state, on=mine, how="left", maintain_order="left")
    status = pl.when("finished").then(pl.lit("Finished")).when(pl.col("since").is_not_null()).then(pl.lit("Started"))
    return found.with_columns(
        status.otherwise(pl.col("status")).alias("status"),
        _over("actual_start", "since"),
        pl.when("finished").then("until").when(pl.col("since").is_null()).then("actual_end").alias("actual_end"),
        _over("recorded_at", "recorded"),
    ).select(activities.columns)


def _needed(tables: Tables) -> pl.DataFrame:
    """What is needed of each activity: its ``own`` quantity where it is one of several, else that of its operation.

    ``confirmed`` is what the operation as a whole has; the tables know it already.
    """
    operations = wanted(tables).select(
        "operation",
        needed="wanted",
        confirmed=pl.col("good_qty").fill_null(0) + pl.col("scrap_qty").fill_null(0),
    )
    own = (
        tables["activities"]
        .select("operation", "activity", "quantity")
        .unique(["operation", "activity"], keep="first", maintain_order=True)
    )
    several = pl.len().over("operation") > 1
    own = own.select("operation", "activity", own=pl.when(several).then("quantity"))
    return own.join(operations, on="operation", how="left")


def _jobs(jobs: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    shipped = events.filter(pl.col("type") == "shipment")
    quantities = _summed(shipped, ["job"], "qty").rename({"qty": "~delivered"})
    left = shipped.drop_nulls("job").group_by("job").agg(pl.col("occurred_at").max().alias("~shipped"))
    invoices = events.filter(pl.col("type") == "invoice").drop_nulls("job")
    billed = invoices.group_by("job").agg(pl.col("occurred_at").max().alias("~invoiced"))
    found = jobs
    for frame in (quantities, left, billed):
        found = found.join(frame, on="job", how="left", maintain_order="left")
    return found.with_columns(
        _over("delivered_qty", "~delivered"), _over("shipped_at", "~shipped"), _over("invoiced_at", "~invoiced")
    ).select(jobs.columns)


def _requirements(needs: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Issues by operation and item; where a need has several rows the first takes them."""
    issues = _summed(events.filter(pl.col("type") == "material_issue"), ["operation", "item"], "qty")
    found = needs.join(issues.rename({"qty": "~issued"}), on=["operation", "item"], how="left", maintain_order="left")
    first = pl.struct("operation", "item").is_first_distinct()
    own = pl.when(first).then("~issued").when(pl.col("~issued").is_not_null()).then(0.0)
    return found.with_columns(pl.coalesce(own, "issued_qty").alias("issued_qty")).select(needs.columns)
