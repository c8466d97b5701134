"""All terms with Polars: tables are read once or twice, groups use the order of the rows, prefix tables are searched.

Carrying cost inside periods needs no overlaps: the time of all operations before an edge is a difference of sums of
rate x min(instant, edge), and these follow from sums by plant and code (edges passed) of rate and rate x instant.
"""

from __future__ import annotations

from typing import cast

import numpy as np
import polars as pl
from numpy.typing import NDArray
from peers_kpi import CODES, DAY, FLOOR, HOUR, PARTS, Answer, Tables, until
from peers_polars_capacity import Capacity, columns
from polars import DataFrame, Expr, LazyFrame, Series, col

WIDE = 1 << 40  # more than any instant after the first one of a prefix table [s]
PREFIX = ("since", "online", "online_rate", "overtime", "overtime_rate")


class Paid:
    """Seconds that drums and subcontractors were paid, from a prefix table with one key to search."""

    def __init__(self, prefix: DataFrame, resource: DataFrame) -> None:
        self.wanted = resource["drum"] | resource["subcontractor"]
        self.origin = int(cast("int", prefix["instant"].min()))
        rows = prefix.lazy().filter(pl.lit(self.wanted).gather("resource")).rename({"instant": "since"})
        self.rows = rows.select(self.key("since").set_sorted().alias("key"), *PREFIX).collect()

    def key(self, instant: str) -> Expr:
        return col("resource").cast(pl.Int64) * WIDE + col(instant) - self.origin

    def before(self, work: DataFrame, instants: tuple[str, ...]) -> DataFrame:
        """Seconds that the resource of each row was paid before each of its instants: ``online_start`` and so on."""
        for x in instants:
            row = self.rows["key"].search_sorted(work.select(self.key(x)).to_series(), side="right") - 1
            found = {name: pl.lit(self.rows[name].gather(row)) for name in PREFIX}
            since = col(x) - found["since"]
            so_far = (
                (found[name] + found[f"{name}_rate"] * since).alias(f"{name}_{x}") for name in ("online", "overtime")
            )
            work = work.with_columns(*so_far)
        return work


class Polars:
    """The tables as data frames, and the queries on them."""

    def __init__(self, t: Tables) -> None:
        self.t = t
        self.edges = [int(edge) for edge in t.edges]
        self.clock, self.end = self.edges[0], self.edges[-1]
        self.activity = DataFrame(t.activity).with_columns(col("operation").set_sorted())
        self.operation = DataFrame(t.operation).with_columns(col("operation", "job_order").set_sorted())
        self.job_order, self.job, self.resource = DataFrame(t.job_order), DataFrame(t.job), DataFrame(t.resource)
        self.prefix = DataFrame(t.prefix)
        self.capacity = Capacity(t)

    def __call__(self) -> NDArray[np.float64]:
        """All terms."""
        answer = Answer(self.t)
        orders = self.orders(answer)
        paid = Paid(self.prefix, self.resource)
        special = self.special_work(paid)
        jobs = self.jobs(orders, special)
        self.add_jobs(jobs, answer)
        self.add_due(answer)
        self.capacity.add_drums(special.filter("drum"), jobs, self.edge_seconds(paid), answer)
        cancelled = pl.lit(self.job["cancelled"]).gather(self.job_of_activity())
        self.capacity.add(self.activity, cancelled, answer)
        return answer.close()

    def job_of_activity(self) -> Expr:
        """Row of the job of each activity."""
        order = pl.lit(self.operation["job_order"]).gather("operation")
        return pl.lit(self.job_order["job"]).gather(order)

    def code(self, instant: Expr) -> Expr:
        """Edges passed."""
        return pl.sum_horizontal(*((instant >= edge).cast(pl.UInt8) for edge in self.edges))

    def operations(self) -> LazyFrame:
        """Operations with their time. Where each has one activity, the rows of both are the same."""
        timed = self.operation.lazy().select("job_order", "carrying")
        if (self.operation["end_activity"] - self.operation["first_activity"] == 1).all():
            return timed.with_columns(self.activity["start"], self.activity["finish"])
        times = self.activity.lazy().group_by("operation").agg(col("start").min(), col("finish").max())
        facts = (pl.lit(self.operation[x]).gather("operation").alias(x) for x in ("job_order", "carrying"))
        return times.with_columns(*facts)

    def orders(self, answer: Answer) -> DataFrame:
        """One row an order that is not cancelled; adds the carrying cost of goods in process and finished."""
        taken = self.job.select(pl.when("cancelled").then(None).otherwise("plant").cast(pl.UInt16)).to_series()
        plant = taken.gather(self.job_order["job"])
        timed = self.operations().select(
            col("job_order") + 0,  # forgets the order: small groups are hashed faster than cut
            (col("carrying") / DAY).alias("rate"),
            (col("carrying") / DAY * (col("start") - self.clock)).alias("at_start"),
            (col("carrying") / DAY * (col("finish") - self.clock)).alias("at_finish"),
            "start",
            "finish",
        )
        codes = self.code(col("start")).cast(pl.UInt16) * CODES + self.code(col("finish"))
        key = pl.lit(plant * CODES**2).gather("job_order") + codes
        by_code = timed.group_by(key.alias("key")).agg(col("rate", "at_start", "at_finish").sum())
        self._add_clipped(by_code.collect(engine="streaming").drop_nulls("key"), answer)
        by_order = timed.group_by("job_order").agg(
            col("finish").max(), pl.len().alias("done"), col("rate", "at_start", "at_finish").sum()
        )
        orders = by_order.collect(engine="streaming").with_columns(
            *(pl.lit(self.job_order[x]).gather("job_order").alias(x) for x in ("job", "need")),
            operations=pl.lit(self.job_order["end_operation"] - self.job_order["first_operation"]).gather("job_order"),
            plant=pl.lit(plant).gather("job_order"),
            code=self.code(col("finish")),
        )
        orders = orders.drop_nulls("plant")
        self._add_carrying(orders, answer)
        return orders

    def _add_clipped(self, by_code: DataFrame, answer: Answer) -> None:
        """WIP inside periods until operations end, and the start of that until orders end."""
        rows = columns(by_code)
        plant, codes = np.divmod(rows["key"], CODES**2)
        start = until(self.t.edges, codes // CODES, rows["rate"], rows["at_start"])
        finish = until(self.t.edges, codes % CODES, rows["rate"], rows["at_finish"])
        answer.spread(plant, "wip_carry_op_end_clipped", finish - start)
        answer.spread(plant, "wip_carry_mo_end_clipped", -start)

    def _add_carrying(self, orders: DataFrame, answer: Answer) -> None:
        goods = (col("rate") * (col("need") - col("finish"))).filter(col("done") == col("operations"))
        at_end = col("rate") * (col("finish") - self.clock)
        sums = orders.group_by("plant", "code").agg(
            col("rate").sum(),
            at_end.sum().alias("at_order_end"),
            (col("at_finish") - col("at_start")).sum().alias("wip_carry_op_end"),
            (at_end - col("at_start")).sum().alias("wip_carry_mo_end"),
            goods.sum().alias("fg_carry"),
            goods.clip(0).sum().alias("fg_carry_clamped"),
        )
        names = ("wip_carry_op_end", "wip_carry_mo_end", "fg_carry", "fg_carry_clamped")
        rows = columns(sums)
        answer.add(rows, **{x: x for x in names})
        before = until(self.t.edges, rows["code"], rows["rate"], rows["at_order_end"])
        answer.spread(rows["plant"], "wip_carry_mo_end_clipped", before)

    def special_work(self, paid: Paid) -> DataFrame:
        """Activities on drums and subcontractors, with the seconds paid before their start and their end."""
        wanted = ("resource", "batch", "start", "finish")
        rows = self.activity.lazy().filter(pl.lit(paid.wanted).gather("resource"))
        rows = rows.select(*wanted, job=self.job_of_activity())
        facts = (pl.lit(self.resource[x]).gather("resource").alias(x) for x in ("drum", "subcontractor", "plant"))
        rates = (pl.lit(self.resource[x]).gather("resource").alias(x) for x in ("standard", "premium"))
        return paid.before(rows.collect(), ("start", "finish")).with_columns(*facts, *rates)

    def jobs(self, orders: DataFrame, special: DataFrame) -> DataFrame:
        """Every job with its end, whether it is scheduled, counted and on a drum, and its subcontract cost."""
        hours = {x: (col(f"{x}_finish") - col(f"{x}_start")) / HOUR for x in ("online", "overtime")}
        cost = col("standard") * hours["online"] + col("premium") * hours["overtime"]
        own_cost = pl.when("subcontractor").then(cost).otherwise(0.0).alias("rolled")
        rolled = special.lazy().with_columns(own_cost).group_by("job").agg(col("rolled").sum(), col("drum").max())
        ends = orders.lazy().group_by("job").agg(col("finish").max(), col("done").sum())
        jobs = self.job.with_columns(*self.by_row(ends), *self.by_row(rolled)).lazy()
        first = pl.lit(self.job_order["first_operation"]).gather("first_job_order", null_on_oob=True)
        end = pl.lit(self.job_order["end_operation"]).gather(col("end_job_order") - 1, null_on_oob=True)
        scheduled = (col("done") == end - first).fill_null(False)
        own = col("own_subcontract").fill_nan(None)
        counted = col("scheduled") & (col("finish") >= self.clock) & (col("finish") < self.end)
        late = col("finish") - col("need")
        return (
            jobs.with_columns(
                own.fill_null(col("rolled")).fill_null(0.0).alias("subcontract_cost_counted"),
                self.code(col("finish")).fill_null(0).alias("code"),
                scheduled=scheduled,
                late=late,
                late_penalty=col("penalty") * (late / DAY).clip(0),
            )
            .with_columns(counted=counted)
            .collect()
        )

    def by_row(self, found: LazyFrame) -> list[Series]:
        """Columns of what was found about some jobs, in the rows of all jobs: no join is needed for row numbers."""
        rows = found.collect(engine="streaming")
        empty = (pl.repeat(None, self.job.height, dtype=x.dtype, eager=True).alias(x.name) for x in rows.drop("job"))
        return [column.scatter(rows["job"], rows[column.name]) for column in empty]

    def add_jobs(self, every: DataFrame, answer: Answer) -> None:
        """What jobs contribute to throughput, in each set; and what they bind."""
        jobs = every.lazy().filter(~col("cancelled"))
        parts = col(PARTS).sum()
        ended = jobs.filter("counted")
        on_time = (col("late") <= 0).sum().alias("jobs_on_time")
        self._add(ended, (parts, pl.len().alias("jobs_ended"), on_time), answer)
        self._add(ended.filter("drum"), (parts.name.prefix("drum_"),), answer)
        days = (col(PARTS) * (col("late") / DAY)).sum().name.prefix("late_days_")
        self._add(jobs.filter("scheduled", col("late") > 0), (parts.name.prefix("late_"), days), answer)
        timed = jobs.filter(col("finish").is_not_null())
        self._add(timed, (col("subcontract_cost_counted").sum().alias("subcontract_cost_all"),), answer)
        self._add_bound(jobs, answer)

    def _add_bound(self, jobs: LazyFrame, answer: Answer) -> None:
        unfinished = ~(col("scheduled") & (col("finish") < self.clock))
        past_due = col("revenue").sum().alias("past_due_revenue")
        self._add(jobs.filter(unfinished & (col("need") < self.clock)), (past_due,), answer)
        with_stock = jobs.filter(pl.lit(pl.Series(self.t.plant["has_stock"])).gather("plant"))
        for rows, prefix in ((jobs, "job_material_"), (with_stock, "capital_job_material_")):
            for names, taken in ((FLOOR[:2], col("scheduled")), (FLOOR[2:], unfinished)):
                self._add(rows.filter(taken), (col(names).sum().name.prefix(prefix),), answer)

    def _add(self, rows: LazyFrame, sums: tuple[Expr, ...], answer: Answer) -> None:
        found = rows.group_by("plant", "code").agg(*sums).collect(engine="streaming")
        answer.add(columns(found), **{x: x for x in found.columns[2:]})

    def add_due(self, answer: Answer) -> None:
        """Activities that should have ended before the clock."""
        past = self.activity.lazy().filter(col("finish") < self.clock)
        rows = past.select("finish", job=self.job_of_activity()).collect()
        facts = (pl.lit(self.job[x]).gather("job").alias(x) for x in ("plant", "cancelled"))
        due = rows.with_columns(*facts, code=self.code(col("finish"))).filter(~col("cancelled"))
        self._add(due.lazy(), (pl.len().alias("activities_due"),), answer)

    def edge_seconds(self, paid: Paid) -> DataFrame:
        """Seconds paid to each resource before each edge, columns ``edge_0`` and on; 0 for what is no drum."""
        edges = {f"edge_{k}": pl.lit(edge) for k, edge in enumerate(self.edges)}
        drums = self.resource.filter("drum").select("resource", **edges)
        seconds = paid.before(drums, tuple(edges)).select(
            "resource", *(col(f"online_{x}") + col(f"overtime_{x}") for x in edges)
        )
        everyone = self.resource.select("resource")
        return everyone.join(seconds, on="resource", how="left", maintain_order="left").drop("resource")
