"""Drum hours, paid time, potential overtime, operating days and stock with Polars."""

from __future__ import annotations

import numpy as np
import polars as pl
from peers_kpi import CLEANOUT, DAY_RULES, HOUR, ONLINE, OVERTIME, POTENTIAL, STOCK_KINDS, Answer, Table, Tables
from polars import DataFrame, Expr, col

WIDE = 1 << 40  # more than seconds of the horizon
COSTS = {ONLINE: "online_cost", CLEANOUT: "online_cost", OVERTIME: "overtime_cost", POTENTIAL: "potential_cost"}


def columns(frame: DataFrame) -> Table:
    """The columns of ``frame`` as arrays."""
    return {x: frame[x].to_numpy() for x in frame.columns}


def _once(members: DataFrame) -> DataFrame:
    """Members of batches, sorted by batch and start, each without the time that earlier ones share with it."""
    reached = col("to").cum_max().shift(1).over("batch")
    return members.with_columns(pl.min_horizontal(pl.max_horizontal("from", reached), "to").alias("from"))


class Capacity:
    """What resources could do and did, apart from the jobs they did it for."""

    def __init__(self, t: Tables) -> None:
        self.t = t
        self.edges = [int(edge) for edge in t.edges]
        self.clock, self.end = self.edges[0], self.edges[-1]
        self.resource, self.segment = DataFrame(t.resource), DataFrame(t.segment)
        self.day, self.plant, self.stock = DataFrame(t.day), DataFrame(t.plant), DataFrame(t.stock)

    def add_drums(self, work: DataFrame, jobs: DataFrame, edge_seconds: DataFrame, answer: Answer) -> None:
        """Hours of work on drums; members of a batch share theirs.

        ``from`` and ``to`` are seconds paid to the resource so far: they order instants as time does, so that
        intervals are joined and cut at edges without looking at the calendar again.
        """
        facts = (pl.lit(jobs[x]).gather("job").alias(x) for x in ("cancelled", "counted", "code"))
        work = work.with_columns(
            *facts,
            (col("online_start") + col("overtime_start")).alias("from"),
            (col("online_finish") + col("overtime_finish")).alias("to"),
        ).filter(~col("cancelled"))
        elapsed, hours = (col("finish") - col("start")) / HOUR, (col("to") - col("from")) / HOUR
        counted, alone = col("counted"), col("batch") < 0
        sums = work.group_by("plant", "code").agg(
            elapsed.sum().alias("drum_elapsed_hours_all"),
            elapsed.filter(counted).sum().alias("drum_elapsed_hours_counted"),
            hours.sum().alias("drum_capacity_hours_all"),
            hours.filter(counted).sum().alias("drum_capacity_hours_counted"),
            hours.filter(counted, alone).sum().alias("drum_physical_hours_counted"),
        )
        answer.add(columns(sums), **{x: x for x in sums.columns[2:]})
        together = work.filter(~alone).sort("batch", "start")
        batches = (
            _once(together.filter(counted))
            .group_by("batch")
            .agg(col("plant").first(), col("code").max(), hours.sum().alias("hours"))
        )
        answer.add(columns(batches), drum_physical_hours_counted="hours")
        self._add_busy(pl.concat([work.filter(alone), _once(together)]), edge_seconds, answer)

    def _add_busy(self, work: DataFrame, edge_seconds: DataFrame, answer: Answer) -> None:
        """Paid time of ``work`` from the clock on, in each period, and behind the horizon."""
        edges = [pl.lit(edge_seconds[x]).gather("resource") for x in edge_seconds.columns]
        until = [pl.min_horizontal("to", edge) - pl.min_horizontal("from", edge) for edge in edges]
        until.append(col("to") - col("from"))
        sums = work.group_by("plant").agg(*(x.sum().alias(str(k)) for k, x in enumerate(until)))
        plant, so_far = sums["plant"].to_numpy(), sums.drop("plant").to_numpy() / HOUR
        answer.spread(plant, "drum_busy_hours", so_far[:, :-1])
        answer.spread(plant, "backlog_hours", so_far)

    def add(self, activity: DataFrame, cancelled: Expr, answer: Answer) -> None:
        """Paid hours, drum capacity, potential overtime used, operating days and stock."""
        facts = (pl.lit(self.resource[x]).gather("resource").alias(x) for x in self.resource.columns[1:])
        cut = (col("start").clip(self.clock), col("finish").clip(upper_bound=self.end))
        offered = self.segment.lazy().with_columns(*cut).filter(col("start") < col("finish")).with_columns(*facts)
        rate = pl.when(col("kind").is_in([ONLINE, CLEANOUT])).then("standard").otherwise("premium")
        paid = offered.with_columns(rate=rate).collect()
        used = self._used(activity, cancelled)
        for kind, term in COSTS.items():
            self._add_cost(paid.filter(col("kind") == kind), term, answer)
        self._add_cost(used.with_columns(rate=col("premium")), "potential_used_cost", answer)
        drums = paid.filter("drum").with_columns(rate=1.0)
        self._add_spread(drums.filter(col("kind") <= OVERTIME), "drum_available_hours", answer)
        self._add_spread(drums.filter(col("kind") == POTENTIAL), "drum_potential_hours", answer)
        self._add_spread(used.filter("drum").with_columns(rate=1.0), "drum_potential_used_hours", answer)
        self._add_days(paid, used, answer)
        self._add_stock(answer)

    def _add_cost(self, paid: DataFrame, term: str, answer: Answer) -> None:
        self._add_spread(paid.filter(~col("subcontractor")), term, answer)
        self._add_spread(paid.filter("subcontractor"), f"{term}_subcontractor", answer)

    def _add_spread(self, paid: DataFrame, term: str, answer: Answer) -> None:
        """Add rate x hours to the periods in which they lie."""
        until = (
            (col("rate") / HOUR * (col("finish").clip(upper_bound=x) - col("start").clip(upper_bound=x)))
            .sum()
            .alias(f"{x}")
            for x in self.edges
        )
        sums = paid.group_by("plant").agg(*until)
        answer.spread(sums["plant"].to_numpy(), term, sums.drop("plant").to_numpy())

    def _used(self, activity: DataFrame, cancelled: Expr) -> DataFrame:
        """Parts of potential overtime in which at least one activity runs, each part once."""
        in_reach = (col("finish") > self.clock) & (col("start") < self.end)
        potential = self.segment.filter(col("kind") == POTENTIAL, in_reach)
        hours = -(-(self.end - self.clock) // HOUR)
        coming = self._coming(potential, hours + 1)
        hour = (col("start").clip(self.clock, self.end) - self.clock).cast(pl.Int32) // HOUR
        place = col("resource") * (hours + 1) + hour
        near = pl.lit(coming["start"]).gather(place) < col("finish")
        touching = activity.lazy().filter(near).filter(~cancelled)
        rest = touching.select("resource", "start", "finish", row=pl.lit(coming["row"]).gather(place)).collect()
        parts = []
        while rest.height:
            of = {x: pl.lit(potential[x]).gather("row") for x in ("resource", "start", "finish")}
            rest = rest.filter(of["resource"] == col("resource"), of["start"] < col("finish"))
            part = rest.select(
                "row",
                pl.max_horizontal("start", of["start"]).clip(self.clock).alias("start"),
                pl.min_horizontal("finish", of["finish"]).clip(upper_bound=self.end).alias("finish"),
            )
            parts.append(part.filter(col("start") < col("finish")))
            rest = rest.with_columns(col("row") + 1).filter(col("row") < potential.height)
        return self._union(pl.concat(parts) if parts else rest.select("row", "start", "finish"), potential)

    def _coming(self, potential: DataFrame, hours: int) -> DataFrame:
        """Of each resource and hour the first row of ``potential`` that ends after the hour's start, and its start."""
        wide = col("resource").cast(pl.Int64) * WIDE
        ends = potential.lazy().select(
            "resource", "start", key=(wide + col("finish") - self.clock - 1).set_sorted(), row=pl.int_range(pl.len())
        )
        hour = DataFrame({"hour": np.arange(hours) * HOUR})
        places = self.resource.select(wide.alias("wide"), owner="resource").join(hour, how="cross")
        key = (col("wide") + col("hour")).set_sorted()
        near = places.lazy().select("owner", key=key).join_asof(ends, on="key", strategy="forward")
        start = pl.when(col("owner") == col("resource")).then("start")
        return near.select(start, col("row").cast(pl.Int32)).collect()

    def _union(self, parts: DataFrame, potential: DataFrame) -> DataFrame:
        """No instant of a segment twice, with the facts of its resource."""
        longest = parts.group_by("row", "start").agg(col("finish").max()).sort("row", "start")
        base = col("row").cast(pl.Int64) * WIDE - self.clock
        begin, until = base + col("start"), base + col("finish")
        apart = longest.with_columns(start=pl.max_horizontal(begin, until.cum_max().shift(1)) - base)
        facts = (pl.lit(self.resource[x]).gather("resource").alias(x) for x in self.resource.columns[1:])
        owner = pl.lit(potential["resource"]).gather("row").alias("resource")
        return apart.filter(col("start") < col("finish")).with_columns(owner).with_columns(*facts)

    def _add_days(self, paid: DataFrame, used: DataFrame, answer: Answer) -> None:
        """Operating days with costed time, by four rules, each in the period of its first cost."""
        keys = ["plant", "start", "finish"]
        every = paid.select(*keys, "kind").unique()
        costed = used.select(keys).unique()
        plain = every.filter(col("kind").is_in([ONLINE, OVERTIME]))
        potential, cleanout = every.filter(col("kind") == POTENTIAL), every.filter(col("kind") == CLEANOUT)
        opened = ((plain, potential), (plain, costed), (plain, potential, cleanout), (plain, costed, cleanout))
        code = pl.sum_horizontal(*((col("first") >= edge).cast(pl.UInt8) for edge in self.edges))
        for rule, parts in zip(DAY_RULES, opened, strict=True):
            spans = pl.concat([part.select(keys) for part in parts])
            met = self.day.join(spans, on="plant", suffix="_paid").filter(
                col("start_paid") < col("finish"), col("finish_paid") > col("start")
            )
            first = pl.max_horizontal("start", "start_paid").min().alias("first")
            days = met.group_by("plant", "start").agg(first).with_columns(code=code)
            rows = columns(days)
            rows["expense"] = self.t.plant["expense"][rows["plant"]]
            answer.add(rows, **{f"operating_days{rule}": np.ones(days.height), f"plant_expense{rule}": "expense"})

    def _add_stock(self, answer: Answer) -> None:
        """Capital and stock at the clock, outside of all periods."""
        answer.add(columns(self.plant), invested_capital="capital")
        held = self.stock.group_by("plant", "kind").agg(col("value", "variable").sum())
        for kind, name in enumerate(STOCK_KINDS):
            answer.add(columns(held.filter(col("kind") == kind)), **{name: "value", f"{name}_variable": "variable"})
        with_stock: Expr = pl.lit(self.plant["has_stock"]).gather("plant")
        in_capital = held.filter(with_stock & (col("kind") < len(STOCK_KINDS) - 1))
        answer.add(columns(in_capital), capital_stock="value", capital_stock_variable="variable")
