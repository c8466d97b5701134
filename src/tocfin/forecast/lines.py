"""One figure of a forecast: plan, actual to date, where it will end and how sure, beside its target and run rate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tocfin.kpi import KPIS, Kpi
from tocfin.model.groups import Scope
from tocfin.scenarios.estimates import Estimate, Probability, cvar, mean, probability, quantile
from tocfin.targets import SCOPES

Values = NDArray[np.float64]
#: Once it is over: met, within_tolerance, missed. Before: on_track, at_risk, missed (expected), certain_miss.
Status = Literal["met", "on_track", "within_tolerance", "at_risk", "missed", "certain_miss", "no_value"]

QUANTILES = (0.1, 0.5, 0.9)
TAIL = 0.1
#: Up to this P(miss) a target is on its way to be met; beyond the second it is expected to be missed.
ON_TRACK, EXPECTED = 0.2, 0.5


@dataclass(frozen=True)
class Goal:
    """A target of a line: what is expected to be missing or left, and how likely it is missed.

    ``variance`` is the expected value minus the target; ``p_miss`` is None once it is over. A target is missed when it
    is worse than the target, by the KPI's polarity, by more than its tolerance.
    """

    version: str
    target: float
    tolerance: float
    variance: float | None
    p_miss: Probability | None
    status: Status
    owner: str | None
    backup_owner: str | None
    parent: str | None
    recognition: str


@dataclass(frozen=True)
class Line:
    """One KPI or term of one scope in one window (the period, or a part of it that a target is about).

    ``plan`` is the value of the plan as it was made, ``actual`` what had happened by the instant of the forecast,
    ``run_rate`` that value carried on at its pace. None where there is no such value; ``reason`` says why where there
    is no forecast at all. ``recognition`` is the event at which jobs count. ``values`` has one per
    replication.
    """

    kpi: str
    scope: Scope
    window: tuple[int, int]
    unit: str
    polarity: int
    plan: float | None
    actual: float | None
    run_rate: float | None
    values: Values
    mean: Estimate
    quantiles: Mapping[float, Estimate]
    cvar: Estimate | None
    goals: tuple[Goal, ...]
    reason: str | None = None
    recognition: str = "completion"

    def covers(self, window: tuple[int, int]) -> bool:
        """Whether it is about just that window, jobs counting at completion."""
        return self.window == window and self.recognition == "completion"

    @property
    def budget(self) -> Goal | None:
        """The target that can be missed; other versions are for comparison."""
        return next((goal for goal in self.goals if goal.version == "budget"), None)


def line(
    kpi: str,
    scope: Scope,
    window: tuple[int, int],
    unit: str,
    values: Values,
    targets: Sequence[Mapping[str, Any]],
    *,
    closed: bool,
    plan: float | None,
    actual: float | None,
    run_rate: float | None,
    reason: str | None = None,
    recognition: str = "completion",
) -> Line:
    """A figure from its ``values`` in every replication (NaN where it has none there)."""
    polarity = KPIS[kpi].polarity if kpi in KPIS else 1
    there = values[~np.isnan(values)]
    if not there.size and reason is None:
        reason = "not supplied, or undefined in every future"
    return Line(
        kpi, scope, window, unit, polarity, plan, actual, run_rate, values, mean(values),
        dict(zip(QUANTILES, quantile(values, QUANTILES), strict=True)),
        cvar(values, TAIL, polarity) if there.size and polarity else None,
        tuple(goal(values, one, polarity, closed=closed) for one in targets), reason,
        recognition,
    )  # fmt: skip


def goal(values: Values, target: Mapping[str, Any], polarity: int, *, closed: bool) -> Goal:
    """A row of the table ``targets`` against the values of its figure."""
    wanted, tolerance = float(target["target"]), float(target["tolerance"] or 0.0)
    there = values[~np.isnan(values)]
    about = {
        "version": target["version"] or "budget", "target": wanted, "tolerance": tolerance, "owner": target["owner"],
        "backup_owner": target["backup_owner"], "parent": target["parent"],
        "recognition": target.get("recognition") or "completion",
    }  # fmt: skip
    if not there.size or not polarity:
        return Goal(**about, variance=None, p_miss=None, status="no_value")
    short = polarity * (wanted - there)
    missed = probability(int(np.count_nonzero(short > tolerance)), there.size, values.size - there.size)
    variance = mean(values).value - wanted
    status = _status(short, tolerance, missed, closed)
    return Goal(**about, variance=variance, p_miss=None if closed else missed, status=status)


def _status(short: Values, tolerance: float, missed: Probability, closed: bool) -> Status:
    if closed:
        worst = float(short.max())
        return "met" if worst <= 0 else "within_tolerance" if worst <= tolerance else "missed"
    if missed.count == missed.n:
        return "certain_miss"
    return "on_track" if missed.value <= ON_TRACK else "at_risk" if missed.value <= EXPECTED else "missed"


def carried_on(actual: float | None, kpi: Kpi | None, window: tuple[int, int], as_of: int) -> float | None:
    """The run rate: a flow at the pace of the time that is over, a ratio as it is; nothing before the start."""
    if actual is None or as_of <= window[0]:
        return None
    if kpi is not None and kpi.kind != "flow":
        return actual
    return actual * (window[1] - window[0]) / (min(as_of, window[1]) - window[0])


def scope_of(target: Mapping[str, Any]) -> Scope:
    """Whose target a row of the table is."""
    return Scope(**{name: target[name] for name in SCOPES})
