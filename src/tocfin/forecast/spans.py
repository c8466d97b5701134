"""Which period is meant, and those before it: accounting periods of the data set, else months of the calendar."""

from __future__ import annotations

from datetime import date
from typing import cast

import numpy as np

from tocfin.dataset import Dataset, Plan
from tocfin.dataset.plan import Period
from tocfin.dataset.text import instant
from tocfin.errors import UsageError
from tocfin.events.fold import periods_of
from tocfin.zones import to_utc

_EPOCH = date(1970, 1, 1)
DAY = 86_400
#: The horizon of the plan as a period.
HORIZON = "horizon"


def period_called(dataset: Dataset, name: str | None, at: int | None = None) -> Period:
    """The period of the table ``periods`` with this name, else the month ``2026-11``, else the plan's own ``horizon``.

    None is the listed period in which ``at`` (default: now, as the plan has it) lies, else the horizon. Months begin at
    midnight where the plants are, at midnight UTC where they lie in several time zones. Raises UsageError for any
    other name.
    """
    listed = listed_periods(dataset)
    plan = cast(Plan, dataset.plan)
    whole = Period(HORIZON, plan.clock, plan.horizon_end, plan.horizon_end, False)
    if name is None:
        moment = plan.now if at is None else at
        return next((one for one in listed if one.start <= moment < one.end), whole)
    for one in [*listed, whole]:
        if one.name == name:
            return one
    try:
        return _month(dataset, *_year_month(name))
    except ValueError:
        known = f"; there are {', '.join(one.name for one in listed[:20])}" if listed else ""
        raise UsageError(
            f"period '{name}' is neither in periods, nor a month like 2026-11, nor '{HORIZON}'{known}"
        ) from None


def last_known(dataset: Dataset) -> int:
    """The clock, or the last thing that is known to have happened."""
    plan = cast(Plan, dataset.plan)
    ended = dataset.tables["activities"]["actual_end"].drop_nulls()
    return max(plan.clock, cast(int, ended.max())) if ended.len() else plan.clock


def last_closed(dataset: Dataset) -> Period:
    """The last period that is over: before the one of the clock, or of the last thing that is known to have happened.

    Raises UsageError where there is none.
    """
    now = last_known(dataset)
    listed = listed_periods(dataset)
    if listed:
        over = [one for one in listed if one.end <= now]
        if not over:
            raise UsageError("no period of the table periods is over yet")
        return over[-1]
    return before(dataset, _month(dataset, *_year_month(instant(now)[:7])), 1)[0]


def before(dataset: Dataset, period: Period, n: int) -> list[Period]:
    """Up to ``n`` periods before ``period``, the latest first: listed ones, months before a month, else as long."""
    found = [one for one in listed_periods(dataset) if one.end <= period.start][::-1]
    if found:
        return found[:n]
    try:
        year, month = _year_month(period.name)
    except ValueError:
        length = period.end - period.start
        ends = [period.start - at * length for at in range(n)]
        return [Period(f"{instant(end - length)[:10]}", end - length, end, end, False) for end in ends]
    months = []
    for _ in range(n):
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
        if year < 1:
            break
        months.append(_month(dataset, year, month))
    return months


def listed_periods(dataset: Dataset) -> list[Period]:
    """Periods of the table ``periods``, in order; none where it has none."""
    if not dataset.tables["periods"].height:
        return []
    return list(periods_of(dataset.tables, cast(Plan, dataset.plan)))


def spanned(dataset: Dataset, first: int, last: int) -> list[Period]:
    """Listed periods, else the months from that of ``first`` to that of ``last`` [s]; in order."""
    if listed := listed_periods(dataset):
        return listed
    month = _month(dataset, *_year_month(instant(last)[:7]))
    n = (last - first) // (28 * DAY) + 2
    return [*before(dataset, month, n)[::-1], month]


def _year_month(name: str) -> tuple[int, int]:
    year, dash, month = name.partition("-")
    if not (dash and year.isascii() and year.isdigit() and len(year) == 4 and len(month) == 2 and month.isdigit()):
        raise ValueError(name)
    first = date(int(year), int(month), 1)  # raises ValueError for month 13
    return first.year, first.month


def _month(dataset: Dataset, year: int, month: int) -> Period:
    after = (year, month + 1) if month < 12 else (year + 1, 1)
    days = [(date(*at, 1) - _EPOCH).days for at in ((year, month), after)]
    zones = set(dataset.tables["plants"]["timezone"].fill_null("UTC").to_list())
    zone = zones.pop() if len(zones) == 1 else "UTC"
    start, end = to_utc(np.array(days, np.int64) * DAY, zone)[0].tolist()
    return Period(f"{year:04d}-{month:02d}", start, end, end, False)
