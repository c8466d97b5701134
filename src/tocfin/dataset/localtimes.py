"""Times without an offset become UTC through the plant of their row (rulings R2, R3, R14)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.catalogue import EVERY_PLANT, Table
from tocfin.dataset.checked import Checked
from tocfin.dataset.findings import more, quoted
from tocfin.dataset.listing import LIMITS
from tocfin.dataset.tables import Raw
from tocfin.zones import DOUBLE, MISSING, OK, to_utc

#: Tables whose rows may do without a plant: their local times then are UTC (R2).
_UTC_WITHOUT_PLANT = ("targets", "actuals", "adjustments")
_NAMELESS = 3
_STATUS = {
    MISSING: ("no-such-time", "does not exist there: the clock is put forward; correct it or write the offset"),
    DOUBLE: ("double-time", "happens twice there: the clock is put back; write the offset, e.g. +02:00"),
    _NAMELESS: ("no-offset", "is local to nobody knows which plant; end it with Z or an offset such as +02:00"),
}


class _Zones(NamedTuple):
    """Time zones, and which of them is that of each row (-1: nobody knows)."""

    names: Sequence[str]
    number: NDArray[np.int32]


def resolve(raw: Raw, found: Checked, tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """The frame of ``found`` with its local times as UTC; times that cannot be resolved become null findings."""
    zones: dict[str, _Zones] = {}
    times = []
    for name, local in found.local.items():
        through = raw.table.column(name).zone
        if through not in zones:
            zones[through] = _zones(raw.table, through, found.frame, tables)
        times.append(_resolved(raw, name, found.frame, local, zones[through]))
    return found.frame.with_columns(times)


def _zones(table: Table, through: str, frame: pl.DataFrame, tables: Mapping[str, pl.DataFrame]) -> _Zones:
    """Time zone of each row, by its plant, or that of what it names."""
    plants = [(plant, zone or "UTC") for plant, zone in tables["plants"]["plant", "timezone"].iter_rows()]
    names = list(dict.fromkeys(("UTC", *(zone for _, zone in plants))))
    if through == EVERY_PLANT:
        common = {zone for _, zone in plants}
        return _Zones(list(common) if len(common) == 1 else ["UTC"], np.zeros(frame.height, np.int32))
    number_of = {plant: names.index(zone) for plant, zone in reversed(plants) if plant is not None}
    only = pl.lit(next(iter(number_of)) if len(number_of) == 1 else None, pl.String)
    plant = pl.col(through)
    if through != "plant":
        parents = tables[f"{through}s"].filter(plant.is_not_null() & plant.is_first_distinct())
        parents = parents.select(through, pl.col("plant").fill_null(only))
        theirs = plant.replace_strict(*parents, default=None, return_dtype=pl.String)
        plant = pl.when(plant.is_null()).then(only).otherwise(theirs)
    elif table.name not in _UTC_WITHOUT_PLANT:
        plant = plant.fill_null(only)
    number = plant.replace_strict(number_of, default=-1, return_dtype=pl.Int32)
    if table.name in _UTC_WITHOUT_PLANT:
        number = pl.when(plant.is_null()).then(names.index("UTC")).otherwise(number)
    return _Zones(names, frame.select(number).to_series().to_numpy())


def _resolved(raw: Raw, name: str, frame: pl.DataFrame, local: pl.Series, zones: _Zones) -> pl.Expr:
    given = frame.select(pl.col(name).fill_null(0), pending=pl.col(name).is_not_null() & local)
    seconds, pending = given[name].to_numpy().copy(), given["pending"].to_numpy()
    status = np.zeros(frame.height, np.uint8)
    for number, zone in enumerate(zones.names):
        at = pending & (zones.number == number)
        seconds[at], status[at] = to_utc(seconds[at], zone)
    lost = pending & (zones.number < 0)
    through = raw.table.column(name).zone
    if lost.any() and through != "plant" and raw.table.column(through).need == "optional":
        # any other lost zone has its own finding where the plant should be
        status[lost & frame[through].is_null().to_numpy()] = _NAMELESS
    for code, (rule, message) in _STATUS.items():
        _tell(raw, name, np.flatnonzero(status == code), rule, message)
    usable = pl.lit(pl.Series((status == OK) & ~lost))
    return pl.when(usable & pl.col(name).is_not_null()).then(pl.lit(pl.Series(seconds))).alias(name)


def _tell(raw: Raw, name: str, at: NDArray[np.int64], rule: str, message: str) -> None:
    for place in at[: LIMITS["error"]].tolist():
        raw.fault(rule, f"{quoted(raw.frame[name][place])} {message}", row=raw.frame["row"][place], column=name)
    if at.size:
        raw.findings.extend(more(raw.findings[-1], at.size - LIMITS["error"]))
