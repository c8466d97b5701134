"""How cells are moved: which columns can be scaled or added to, and amounts of time as people write them."""

from __future__ import annotations

import re
from typing import Any

from tocfin.catalogue import BY_NAME, LARGEST, Kind
from tocfin.dataset.findings import quoted
from tocfin.dataset.page import Page

#: A column that no table has: the work of an activity, which can be scaled though its planned times stay.
WORK = "work"

_AMOUNT = re.compile(r"([+-]?)(\d+(?:\.\d+)?) ?([wdhm])", re.ASCII)
_SECONDS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60}


def scalable(table: str) -> dict[str, Kind]:
    """Columns of ``table`` that can be multiplied: numbers, and the work of activities."""
    found: dict[str, Kind] = {WORK: "number"} if table == "activities" else {}
    return found | _of_kind(table, "number", "integer")


def addable(table: str) -> dict[str, Kind]:
    """Columns of ``table`` that something can be added to: numbers, times and dates."""
    return _of_kind(table, "number", "integer", "time", "date")


def _of_kind(table: str, *kinds: Kind) -> dict[str, Kind]:
    return {column.name: column.kind for column in BY_NAME[table].columns if column.kind in kinds}


def shift(page: Page, value: Any, place: str, kind: Kind) -> int | None:
    """``+2h``, ``-1.5d``, ``90m`` as seconds, or as days where ``kind`` is a date; None, with a finding, else."""
    found = _AMOUNT.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        page.fault("not-a-time", place, f'{quoted(value)} is not an amount of time; write e.g. "+2h", "-3d" or "90m"')
        return None
    sign, number, unit = found.groups()
    seconds = float(number) * _SECONDS[unit] * (-1 if sign == "-" else 1)
    if kind == "date" and seconds % _SECONDS["d"]:
        page.fault("not-a-time", place, f"{quoted(value)} is not a number of whole days, which a date needs")
    elif seconds != round(seconds) or abs(seconds) > LARGEST:
        page.fault("out-of-range", place, f"{quoted(value)} is not a number of whole seconds, or too large")
    else:
        return round(seconds) // (_SECONDS["d"] if kind == "date" else 1)
    return None
