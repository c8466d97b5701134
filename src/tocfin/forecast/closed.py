"""Closed periods are frozen: what was stored of their close stands, and later facts are corrections of the open one."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from tocfin.dataset import Dataset
from tocfin.dataset.plan import Period
from tocfin.forecast.closing import Adjustment
from tocfin.forecast.record import Stored, stored
from tocfin.forecast.scored import truths, whole_period
from tocfin.forecast.spans import listed_periods
from tocfin.forecast.told import scope_of
from tocfin.kpi import KPIS

AUTHOR = "tocfin"


def frozen(record: Path, dataset: Dataset, period: Period) -> Stored | None:
    """The stored close of a closed period: the first forecast that was made of it once it was over."""
    if not (period.closed and record.is_dir()):
        return None
    kept = [one for one in stored(record, dataset.name, period.name) if _over(one)]
    return min(kept, key=lambda one: str(one.card["created_at"])) if kept else None


def late_facts(record: Path, dataset: Dataset, period: Period, as_of: int, policy: str | None) -> list[Adjustment]:
    """What is known by now of closed periods beyond what was stored at their close, dated in the open ``period``."""
    found = []
    for one in listed_periods(dataset):
        close = frozen(record, dataset, one) if one.end <= period.start else None
        if close is None:
            continue
        now = truths(dataset, one, policy)
        for said in close.document["lines"]:
            key = (said["kpi"], scope_of(said))
            if said["mean"] is None or key not in now or not whole_period(said, close) or not _adds_up(said["kpi"]):
                continue
            amount = now[key] - said["mean"]
            if abs(amount) > 1e-9 * max(1.0, abs(said["mean"])):
                reason = f"later facts of closed period {one.name}, frozen as of {close.document['as_of']}"
                found.append(Adjustment(*key, amount, reason, AUTHOR, as_of))
    return found


def _adds_up(name: str) -> bool:
    """Whether amounts of a figure can be booked in another period: flows and terms, no ratio and no stock."""
    return name not in KPIS or KPIS[name].kind == "flow"


def _over(one: Stored) -> bool:
    ends = datetime.fromisoformat(one.document["period"]["end"])
    return datetime.fromisoformat(one.document["as_of"]) >= ends
