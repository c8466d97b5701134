"""A forecast as plain data: what JSON prints, what is stored, and one record for each line and target."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from tocfin.dataset.text import instant
from tocfin.forecast.closing import Forecast
from tocfin.forecast.lines import Goal, Line
from tocfin.forecast.recognised import Recognition
from tocfin.model.groups import Scope
from tocfin.scenarios.estimates import Probability
from tocfin.targets import SCOPES


def document(found: Forecast) -> dict[str, Any]:
    """The JSON form, which is also what is stored."""
    period = found.period
    return {
        "schema": 1, "dataset": found.dataset, "policy": found.rules.name, "currency": found.currency,
        "period": {"period": period.name, "start": instant(period.start), "end": instant(period.end)},
        "as_of": instant(found.as_of), "days_left": found.days_left,
        "last_decision": None if found.last_decision is None else instant(found.last_decision),
        "replications": found.replications, "seed": found.seed, "uncertainty": found.uncertainty,
        "lines": [_line(line) for line in found.lines],
        "unreleased": [
            {"plant": one.plant, "periods": one.periods, "usual": _known(one.usual), "planned": _known(one.planned),
             "mean": None if one.values is None else _number(float(one.values.mean())), "reason": one.reason}
            for one in found.unreleased
        ],
        "adjustments": [
            {"kpi": one.kpi, **_scope(one.scope), "amount": one.amount, "reason": one.reason, "author": one.author,
             "at": instant(one.at)}
            for one in found.adjustments
        ],
        "bridge": {name: None if one is None else one._asdict() for name, one in found.bridge._asdict().items()},
        "recognition": _recognition(found.recognition),
        "cut_off": [
            {"job": one.job, "plant": one.plant, "expected_end": instant(one.expected_end), "inside": one.inside.value,
             "inside_low": one.inside.low, "inside_high": one.inside.high, "throughput": _known(one.throughput),
             "futures": one.inside.n, "inside_count": one.inside.count, "missing": list(one.missing)}
            for one in found.cut_off
        ],
        "cascade": [one._asdict() for one in found.gaps],
        "sources": [
            one._asdict() | {"posted_until": None if one.posted_until is None else instant(one.posted_until)}
            for one in found.sources
        ],
        "hindsight_possible": any(one.undated for one in found.sources),
        "unconfirmed": {
            "activities": found.unconfirmed.activities, "rule": found.unconfirmed.rule,
            "oldest": None if found.unconfirmed.oldest is None else instant(found.unconfirmed.oldest),
        },
        "findings": [finding.as_dict() for finding in found.findings],
    }  # fmt: skip


def _recognition(found: Recognition) -> dict[str, Any]:
    """How long each step takes, and what is recognised by the close, in mean and P10 to P90."""
    lags = {
        event: None if lag is None else {"median_hours": lag.median, "jobs": lag.jobs, "declared": lag.jobs is None}
        for event, lag in found.lags.items()
    }
    sides: dict[str, dict[str, float | None]] = {}
    for name, (jobs, revenue) in found.sides.items():
        low, high = (float(one) for one in np.quantile(revenue, (0.1, 0.9)))
        about = {"revenue": float(revenue.mean()), "revenue_P10": low, "revenue_P90": high}
        sides[name] = {"jobs": float(jobs.mean()), **{key: _number(value) for key, value in about.items()}}
    return {"lags": lags, "by_the_close": sides}


def _line(line: Line) -> dict[str, Any]:
    return {
        "kpi": line.kpi, **_scope(line.scope), "start": instant(line.window[0]), "end": instant(line.window[1]),
        "unit": line.unit, "plan": line.plan, "actual": line.actual, **_numbers(line), "run_rate": line.run_rate,
        "targets": [_goal(goal) for goal in line.goals], "reason": line.reason,
        "recognition": line.recognition,
    }  # fmt: skip


def _numbers(line: Line) -> dict[str, float | None]:
    quantiles = {f"P{round(100 * share)}": _number(one.value) for share, one in line.quantiles.items()}
    ends = {"mean": line.mean.value, "mean_low": line.mean.low, "mean_high": line.mean.high}
    tail = None if line.cvar is None else _number(line.cvar.value)
    return quantiles | {name: _number(value) for name, value in ends.items()} | {"cvar": tail}


def _goal(goal: Goal) -> dict[str, Any]:
    return {
        "version": goal.version, "target": goal.target, "tolerance": goal.tolerance, "variance": goal.variance,
        **_chance(goal.p_miss), "status": goal.status, "owner": goal.owner, "backup_owner": goal.backup_owner,
        "parent": goal.parent, "recognition": goal.recognition,
    }  # fmt: skip


def _chance(one: Probability | None) -> dict[str, float | None]:
    """P(miss), its 95 % interval, and in how many futures of how many it is missed."""
    ends = (None,) * 5 if one is None else (one.value, one.low, one.high, one.count, one.n)
    return dict(zip(("p_miss", "p_miss_low", "p_miss_high", "misses", "futures"), ends, strict=True))


def _scope(scope: Any) -> dict[str, str | None]:
    return dict(zip(SCOPES, scope, strict=True))


def records(said: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One record for each line and target version of a told forecast."""
    head = {"dataset": said["dataset"], "period": said["period"]["period"], "as_of": said["as_of"]}
    return [head | line | goal for line in said["lines"] for goal in line["targets"] or [{}]]


def is_missed(said: Mapping[str, Any]) -> bool:
    """True when a budget target of a told forecast is missed, or expected to be."""
    return any(
        goal["version"] == "budget" and goal["status"] in ("missed", "certain_miss")
        for line in said["lines"]
        for goal in line["targets"]
    )


def scope_of(line: Mapping[str, Any]) -> Scope:
    """Whose figure a told line is."""
    return Scope(*(line[name] for name in SCOPES))


def whole(said: Mapping[str, Any], scope: Scope) -> list[dict[str, Any]]:
    """Lines of a scope over the whole period, as jobs count at completion."""
    window = said["period"]["start"], said["period"]["end"]
    return [
        line
        for line in said["lines"]
        if scope_of(line) == scope and (line["start"], line["end"]) == window and at_completion(line)
    ]


def at_completion(line: Mapping[str, Any]) -> bool:
    """Whether jobs count in a told line once they are completed."""
    return bool(line.get("recognition", "completion") == "completion")


def _known(value: float | None) -> float | None:
    return None if value is None else _number(value)


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
