"""How a number is shown: rounded once, half to even, with its unit."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from math import fsum
from typing import Any

from tocfin.bridge import settle

#: Unit -> decimals; a unit that is not listed is money or a rate of money and shows cents.
DECIMALS = {"1": 4, "%": 2, "h": 2, "d": 2}

STATUS_WORDS = {"not_supplied": "not supplied", "not_projected": "not projected", "undefined": "undefined", "ok": ""}


def shown(value: float | None, unit: str) -> str:
    """``34,250.00``; empty for None. ``format`` rounds the exact binary value, ties to even, and only here."""
    if value is None:
        return ""
    return f"{value:z,.{DECIMALS.get(unit, 2)}f}"


def parts(values: Sequence[float], total: float, decimals: int = 2) -> list[float]:
    """``values`` rounded so that they add up to ``total`` rounded (half to even): what is left goes to the largest
    remainders. A value of 0 stays 0. Raises ValueError where the values are not parts of the total.
    """
    _, _, settled = settle(0.0, total, values, decimals)
    return [float(value) for value in settled]


def adding(values: Sequence[float | None], total: float | None, unit: str = "") -> list[float | None]:
    """``values`` rounded so that a reader may add them up to ``total`` as it is shown; each by itself where one of them
    is not known, or where they are not its parts.

    A total that was itself rounded as a part may be two ticks off; the largest part takes them.
    """
    decimals = DECIMALS.get(unit, 2)
    known = [value for value in values if value is not None and value == value]
    if known and len(known) == len(values) and total is not None and total == total:
        miss = total - fsum(known)
        if abs(miss) <= 2.01 * 10.0**-decimals + 1e-9 * abs(total):
            largest = max(range(len(known)), key=lambda at: abs(known[at]))
            known[largest] += miss
            return list(parts(known, total, decimals))
    return [None if value is None or value != value else round(value, decimals) + 0.0 for value in values]


def tied(values: Mapping[str, float | None]) -> dict[str, float | None]:
    """Values of KPIs rounded so that throughput less operating expense is net profit, as shown; others as they are."""
    found = dict(values)
    made, spent, left = (found.get(name) for name in ("throughput", "operating_expense", "net_profit"))
    if made is not None and spent is not None and left is not None:
        found["throughput"], less = parts([made, -spent], left)
        found["operating_expense"] = 0.0 - less
    return found


def spread(estimate: Any, unit: str = "") -> str:
    """``1,790.00 ± 12.00``: a mean with the half-width of its interval; in words where it has no value."""
    if estimate.value != estimate.value:
        return "not supplied"
    around = "" if estimate.refused or not estimate.half_width else f" ± {shown(estimate.half_width, unit)}"
    return f"{shown(estimate.value, unit)}{around}"


def worded(value: float | None, unit: str, status: str = "ok", reason: str | None = None) -> str:
    """The number with its unit, or in words why there is none: a missing number is never 0."""
    if value is not None:
        return f"{shown(value, unit)} {unit}" if unit not in {"", "1"} else shown(value, unit)
    word = STATUS_WORDS.get(status, status)
    return word if not reason else reason if reason.startswith(word) else f"{word}: {reason}"


def printable(text: str) -> str:
    """``text`` with control and direction characters made visible, so that a cell cannot steer a terminal."""
    if text.isprintable():
        return text
    return "".join(
        char if char == "\n" or unicodedata.category(char) not in {"Cc", "Cf", "Cs"} else _escaped(char)
        for char in text
    )


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
