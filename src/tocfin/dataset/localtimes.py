"""Times without an offset become UTC through the plant of their row (rulings R2, R3, R14)."""

from __future__ import annotations

from collections.abc import Mapping

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


def resolve(raw: Raw, found: Checked, tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """The frame of ``found`` with its local times as UTC; times that cannot be resolved become null findings."""
    frame = found.frame
    for name, local in found.local.items():
        zones = _zones(raw.table, raw.table.column(name).zone, frame, tables)
        frame = frame.with_columns(_resolved(raw, name, frame, local, zones))
    return frame


def _common_zone(tables: Mapping[str, pl.DataFrame]) -> str | None:
    """The time zone that all plants share."""
    zones = tables["plants"]["timezone"].fill_null("UTC").unique()
    return zones[0] if zones.len() == 1 else None


def _zones(table: Table, through: str, frame: pl.DataFrame, tables: Mapping[str, pl.DataFrame]) -> pl.Series:
    """Time zone of each row; null where its plant is not known."""
    if through == EVERY_PLANT:
        return pl.Series([_common_zone(tables) or "UTC"]).new_from_index(0, frame.height)
    plants = tables["plants"].drop_nulls("plant").unique("plant", keep="first", maintain_order=True)
    only = plants["plant"][0] if plants.height == 1 else None
    plant = frame[through]
    if through != "plant":
        parents = tables[f"{through}s"].drop_nulls(through).unique(through, keep="first", maintain_order=True)
        known = plant.is_in(parents[through].implode()) | plant.is_null()
        plant = plant.replace_strict(parents[through], parents["plant"], default=None, return_dtype=pl.String)
        plant = pl.select(pl.when(known).then(plant.fill_null(only) if only else plant)).to_series()
    elif table.name not in _UTC_WITHOUT_PLANT and only is not None:
        plant = plant.fill_null(only)
    zone = plant.replace_strict(
        plants["plant"], plants["timezone"].fill_null("UTC"), default=None, return_dtype=pl.String
    )
    if table.name in _UTC_WITHOUT_PLANT:
        zone = pl.select(pl.when(plant.is_null()).then(pl.lit("UTC")).otherwise(zone)).to_series()
    return zone


def _resolved(raw: Raw, name: str, frame: pl.DataFrame, local: pl.Series, zones: pl.Series) -> pl.Series:
    seconds = frame[name].fill_null(0).to_numpy().copy()
    pending = (local & frame[name].is_not_null()).to_numpy()
    status = np.zeros(frame.height, np.uint8)
    for zone in zones.filter(pl.Series(pending)).unique().drop_nulls():
        at = pending & (zones == zone).fill_null(False).to_numpy()
        seconds[at], status[at] = to_utc(seconds[at], zone)
    lost = pending & zones.is_null().to_numpy()
    through = raw.table.column(name).zone
    nameless = frame[through].is_null().to_numpy() if through not in (EVERY_PLANT, "plant") else np.zeros_like(lost)
    if through != EVERY_PLANT and raw.table.column(through).need == "optional":
        status[lost & nameless] = _NAMELESS  # any other lost zone has its own finding where the plant should be
    for code, (rule, message) in _STATUS.items():
        _tell(raw, name, np.flatnonzero(status == code), rule, message)
    usable = pl.Series((status == OK) & ~lost) & frame[name].is_not_null()
    return pl.select(pl.when(usable).then(pl.Series(seconds)).alias(name)).to_series()


def _tell(raw: Raw, name: str, at: NDArray[np.int64], rule: str, message: str) -> None:
    for place in at[: LIMITS["error"]].tolist():
        raw.fault(rule, f"{quoted(raw.frame[name][place])} {message}", row=raw.frame["row"][place], column=name)
    if at.size:
        raw.findings.extend(more(raw.findings[-1], at.size - LIMITS["error"]))
