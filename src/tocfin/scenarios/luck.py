"""Everything that is drawn for a world, as columns that kernels read: who draws, from what, under which name.

A draw is named by the key of its element, so that removing a job, adding a machine or moving work leaves all others
alone. Elements of one quantity that have the same name share their luck: the rows of one activity on several
resources, jobs of one product.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.kernels.quantiles import Distributions
from tocfin.model.arrange import owned
from tocfin.model.build import Model
from tocfin.model.columns import NEVER, Floats, Instants, Ints, Schedule
from tocfin.model.network import Network
from tocfin.model.pegging import Holds
from tocfin.model.uids import uids
from tocfin.scenarios.resolve import Assigned, Resolved
from tocfin.scenarios.shifts import PIECES
from tocfin.scenarios.uncertainty import SHIFTS, SPANS

DAY, HOUR = 86_400, 3_600
Uids = NDArray[np.uint64]


class Drawn(NamedTuple):
    """Elements of one quantity that are uncertain."""

    target: Ints  # (elements) row that the value is written to
    distribution: Ints  # (elements) row of the distributions
    own: Floats  # (elements) loading on its own noise
    uid: Uids  # (elements)
    first: NDArray[np.int64]  # (elements + 1) into factor and loading
    factor: Ints  # (loadings) row of the factors' draws: one factor in one span
    loading: Floats  # (loadings)


def picked(drawn: Drawn, rows: NDArray[np.int64], target: NDArray[Any]) -> Drawn:
    """Elements ``rows`` in that order, whose values go to ``target``."""
    source, first = owned(drawn.first, rows)
    return Drawn(
        target.astype(np.int32),
        drawn.distribution[rows],
        drawn.own[rows],
        drawn.uid[rows],
        first,
        drawn.factor[source],
        drawn.loading[source],
    )


class Failing(NamedTuple):
    """What the elements of ``Luck.repair`` work on, in planned order."""

    first: NDArray[np.int64]  # (elements + 1) into row
    row: Ints  # row of the schedule
    between: Floats  # (elements) [s] mean work between failures
    lasts: Floats  # (elements) [s] mean repair


class Demand(NamedTuple):
    """Jobs that may not take place."""

    job: Ints
    uid: Uids
    cancelled: Floats  # probability that it falls away
    present: Floats  # probability that it comes


class Rework(NamedTuple):
    """What the bad share of each operation costs beside its planned work, per unit of share."""

    work: Floats  # (operations) relative to its work
    material: Floats  # (operations) relative to its material


class Luck(NamedTuple):
    """Everything uncertain of one world; quantities without an uncertain element are empty."""

    distributions: Distributions
    factor_uid: Uids  # (factors in a span)
    factor_declared: Ints  # (factors in a span) row of the declared factors
    duration: Drawn  # -> activities
    scrap: Drawn  # -> operations
    rework: Rework
    release: Drawn  # -> jobs [h]
    material: Drawn  # -> material requirements [h]
    repair: Drawn  # -> resources
    failing: Failing
    absence: Drawn  # -> pieces: a shift or a day of one resource
    piece_row: Ints  # (pieces) first row of the schedule that works in it
    piece_seconds: Instants  # (pieces) available seconds
    price: Drawn  # -> prices
    job_price: Ints  # (jobs) row of the prices
    material_cost: Drawn  # -> material prices
    requirement_price: Ints  # (requirements) row of the material prices
    demand: Demand


def luck(
    model: Model,
    network: Network,
    frames: Mapping[str, pl.DataFrame],
    resolved: Resolved,
    done: NDArray[np.bool_],
    expected: Schedule,
    material: Holds,
) -> Luck:
    """Columns of ``resolved`` for a model; ``frames`` are its tables with a column ``place``: the row in the data set.

    Work that is ``done`` (activities) is certain. Shifts and failures meet work where it is ``expected``. Factors take
    the span of what they act on: of the planned start of an activity, operation or job, of a shift; prices and
    repairs, which are no event of the plan, that of the clock. Material that waits for one supply (``material``) shares
    its luck, at the instant at which that should come.
    """
    return _Drawing(model, network, frames, resolved, done, expected, material).luck()


class _Drawing:
    """Factors in spans as they are met."""

    def __init__(
        self,
        model: Model,
        network: Network,
        frames: Mapping[str, pl.DataFrame],
        resolved: Resolved,
        done: NDArray[np.bool_],
        expected: Schedule,
        material: Holds,
    ) -> None:
        self.model, self.network, self.frames, self.resolved = model, network, frames, resolved
        self.expected, self.held = expected, material
        self.spans: dict[tuple[int, int], int] = {}
        activities = frames["activities"]
        self.certain = done | activities["cancelled"].to_numpy()
        self.operation = activities["operation_row"].to_numpy().astype(np.int64)
        self.job = activities["job_row"].to_numpy().astype(np.int64)

    def luck(self) -> Luck:
        resolved = self.resolved
        operations, jobs, resources = (self.frames[name] for name in ("operations", "jobs", "resources"))
        columns: dict[str, Any] = {
            "duration": self._durations(),
            "scrap": self._planned(resolved.scrap, operations, "operation", self.operation),
            "rework": self._rework(operations),
            "release": self._planned(resolved.release, jobs, "job", self.job),
            "material": self._materials(),
            **self._repairs(resources),
            **self._absences(resources),
            **self._prices(),
            "demand": self._demand(jobs),
        }
        names = [
            f"{resolved.factor_name[factor]}\0{SPANS[resolved.factor_span[factor]]}\0{span}"
            for factor, span in self.spans
        ]
        declared = resolved.factor_declared[[factor for factor, _ in self.spans]].astype(np.int32)
        uid = uids("factor", names)
        return Luck(distributions=resolved.distributions, factor_uid=uid, factor_declared=declared, **columns)

    def _drawn(
        self, assigned: Assigned, rows: NDArray[Any], targets: NDArray[Any], named: tuple[str, Sequence[str]], at: Any
    ) -> Drawn:
        """Elements ``rows`` of ``assigned`` that are uncertain; ``named`` is (kind, keys), ``at`` their instants."""
        kept = np.flatnonzero(assigned.distribution[rows] >= 0)
        rows, at = rows[kept], np.broadcast_to(at, rows.shape)[kept]
        source, first = owned(assigned.first, rows)
        factor = assigned.factor[source]
        spans = self._span(factor, np.repeat(at, np.diff(first)))
        kind, keys = named
        return Drawn(
            targets[kept].astype(np.int32),
            assigned.distribution[rows].astype(np.int32),
            assigned.own[rows].astype(np.float64),
            uids(kind, [keys[i] for i in kept.tolist()]),
            first,
            spans,
            assigned.loading[source].astype(np.float64),
        )

    def _span(self, factor: Ints, at: NDArray[np.int64]) -> Ints:
        """Row of each factor in the span that holds the instant ``at``, in UTC."""
        day = at // DAY
        month = (day * DAY).astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
        index = np.choose(self.resolved.factor_span[factor], [np.zeros_like(day), month, (day + 3) // 7, day])
        pairs, where = np.unique(np.stack([factor, index], axis=1), axis=0, return_inverse=True)
        rows = [self.spans.setdefault((f, i), len(self.spans)) for f, i in pairs.tolist()]
        return np.array(rows, np.int32)[where.reshape(-1)]

    def _durations(self) -> Drawn:
        activities = self.frames["activities"]
        rows = np.flatnonzero(~self.certain)
        names = _joined(activities, "operation", "activity").gather(rows).to_list()
        at = self.model.schedule.activity_start[rows]
        return self._drawn(self.resolved.duration, _places(activities)[rows], rows, ("activity", names), at)

    def _planned(self, assigned: Assigned, frame: pl.DataFrame, key: str, owner: NDArray[np.int64]) -> Drawn:
        """Elements that have work which is still uncertain, at their earliest planned start."""
        start = self._earliest(owner, frame.height)
        rows = np.flatnonzero(start != NEVER)
        keys = frame[key].gather(rows).to_list()
        return self._drawn(assigned, _places(frame)[rows], rows, (key, keys), start[rows])

    def _earliest(self, owner: NDArray[np.int64], n: int) -> Instants:
        """Earliest planned start of each owner's uncertain work; NEVER for none."""
        rows = np.flatnonzero(~self.certain)
        return earliest(self.model.schedule.activity_start[rows], owner[rows], n)

    def _rework(self, operations: pl.DataFrame) -> Rework:
        place = _places(operations)
        again = 1.0 - self.resolved.operation_rework[place]
        reworked = self.resolved.operation_rework[place]
        return Rework(
            again + reworked * self.resolved.operation_rework_work[place],
            again + reworked * self.resolved.operation_rework_material[place],
        )

    def _materials(self) -> Drawn:
        """Requirements that are not issued in full, for operations that are still uncertain."""
        frame = self.frames["material_requirements"]
        start = self._earliest(self.operation, self.frames["operations"].height)[frame["operation_row"].to_numpy()]
        issued = (frame["issued_qty"].fill_null(0.0) >= frame["required_qty"]).to_numpy()
        rows = np.flatnonzero((start != NEVER) & ~issued)
        nth = pl.int_range(pl.len()).over("operation", "item", "requirement_type").cast(pl.String)
        names = _joined(frame.with_columns(nth=nth), "operation", "item", "requirement_type", "nth")
        keys = names.gather(rows).to_list()
        supplies = [self.held.supply[row] for row in rows.tolist()]
        keys = [key if supply is None else f"supply\0{supply}" for key, supply in zip(keys, supplies, strict=True)]
        at = np.where([supply is not None for supply in supplies], self.held.due[rows], start[rows])
        return self._drawn(self.resolved.material, _places(frame)[rows], rows, ("requirement", keys), at)

    def _repairs(self, resources: pl.DataFrame) -> dict[str, Any]:
        place = _places(resources)
        rows = np.flatnonzero(~np.isnan(self.resolved.resource_mtbf[place]))
        keys = resources["resource"].gather(rows).to_list()
        drawn = self._drawn(self.resolved.repair, place[rows], rows, ("resource", keys), self.model.horizon.clock)
        schedule = self.expected
        work = np.flatnonzero(~self.certain & np.isin(schedule.activity_resource, drawn.target))
        order = (work, schedule.activity_end[work], schedule.activity_start[work], schedule.activity_resource[work])
        work = work[np.lexsort(order)]
        first = np.searchsorted(schedule.activity_resource[work], np.append(drawn.target, resources.height))
        at = place[drawn.target]
        between, lasts = self.resolved.resource_mtbf[at] * HOUR, self.resolved.resource_mttr[at] * HOUR
        return {"repair": drawn, "failing": Failing(first.astype(np.int64), work.astype(np.int32), between, lasts)}

    def _absences(self, resources: pl.DataFrame) -> dict[str, Any]:
        place = _places(resources)
        parts = [
            (np.full(row.size, r), row, start, seconds)
            for r in np.flatnonzero(self.resolved.absence.distribution[place] >= 0).tolist()
            for row, start, seconds in [self._pieces(r, SHIFTS[self.resolved.resource_absence_span[place[r]]])]
        ]
        nothing = tuple(np.zeros(0, np.int64) for _ in range(4))
        resource, row, start, seconds = (np.concatenate(column) for column in zip(nothing, *parts, strict=True))
        names = [f"{resources['resource'][r]}\0{at}" for r, at in zip(resource.tolist(), start.tolist(), strict=True)]
        drawn = self._drawn(self.resolved.absence, place[resource], np.arange(row.size), ("shift", names), start)
        return {"absence": drawn, "piece_row": row.astype(np.int32), "piece_seconds": seconds}

    def _pieces(self, r: int, per: str) -> tuple[Ints, Instants, Instants]:
        """Shifts or days of a resource in which it has uncertain work: (first such row, start, available seconds)."""
        schedule, network = self.expected, self.network
        timeline = self.model.enterprise.resource_timeline[r]
        hours = slice(network.opening_first[timeline], network.opening_first[timeline + 1])
        start, end, seconds = PIECES[per](network.opening_start[hours], network.opening_end[hours])
        rows = np.flatnonzero((schedule.activity_resource == r) & ~self.certain)
        rows = rows[np.lexsort((rows, schedule.activity_end[rows], schedule.activity_start[rows]))]
        at = np.searchsorted(np.maximum.accumulate(schedule.activity_end[rows]), start, side="right")
        begins = np.append(schedule.activity_start[rows], np.iinfo(np.int64).max)
        works = begins[at] < end
        return rows[at[works]].astype(np.int32), start[works], seconds[works]

    def _prices(self) -> dict[str, Any]:
        jobs, needs = self.frames["jobs"], self.frames["material_requirements"]
        plant = _coded(self.frames["plants"], jobs, "plant")
        job_price = _coded(self.frames["items"], jobs, "product") * self.frames["plants"].height + plant
        item = _coded(self.frames["items"], needs, "item")
        requirement_price = item * self.frames["plants"].height + plant[needs["job_row"].to_numpy()]
        return {
            "price": self._by_item(self.resolved.price, job_price),
            "job_price": job_price.astype(np.int32),
            "material_cost": self._by_item(self.resolved.material_cost, requirement_price),
            "requirement_price": requirement_price.astype(np.int32),
        }

    def _by_item(self, assigned: Assigned, used: NDArray[np.int64]) -> Drawn:
        """Pairs of an item and a plant that something needs."""
        pairs = np.unique(used)
        n = self.frames["plants"].height
        item = _in_place(self.frames["items"], "item")
        plant = _in_place(self.frames["plants"], "plant")
        keys = [f"{item[p // n] if p // n < len(item) else ''}\0{plant[p % n]}" for p in pairs.tolist()]
        return self._drawn(assigned, pairs, pairs, ("item", keys), self.model.horizon.clock)

    def _demand(self, jobs: pl.DataFrame) -> Demand:
        place = _places(jobs)
        cancelled, present = self.resolved.job_cancelled[place], self.resolved.job_present[place]
        rows = np.flatnonzero(((cancelled > 0) | (present < 1)) & ~jobs["cancelled"].to_numpy())
        names = jobs["job"].gather(rows).to_list()
        return Demand(rows.astype(np.int32), uids("job", names), cancelled[rows], present[rows])


def earliest(start: Instants, owner: NDArray[Any], n: int) -> Instants:
    """Earliest of the instants of each of ``n`` owners; NEVER for none."""
    found = np.full(n, np.iinfo(np.int64).max)
    np.minimum.at(found, owner, start)
    return np.where(found == np.iinfo(np.int64).max, NEVER, found)


def _places(frame: pl.DataFrame) -> NDArray[np.int64]:
    return frame["place"].to_numpy().astype(np.int64)


def _in_place(frame: pl.DataFrame, column: str) -> list[str]:
    """Keys in the order of the data set."""
    return frame.sort("place")[column].to_list()


def _coded(table: pl.DataFrame, frame: pl.DataFrame, column: str) -> NDArray[np.int64]:
    """Place in the data set of the key that ``column`` names; behind the last for none, the only one for plants."""
    known = table.select(pl.col(table.columns[1]).alias(column), pl.col("place").alias("~place"))
    found = frame.select(column).join(known, on=column, how="left", maintain_order="left")["~place"]
    return found.fill_null(0 if column == "plant" else table.height).to_numpy().astype(np.int64)


def _joined(frame: pl.DataFrame, *columns: str) -> pl.Series:
    """Texts of several columns as one key; NUL stands in no text of a data set."""
    return frame.select(
        pl.concat_str(*(pl.col(column).fill_null("") for column in columns), separator="\0")
    ).to_series()
