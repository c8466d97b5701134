"""What stored forecasts came to: the truth of periods that are over, and what a forecast learns from its own record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from tocfin.dataset import Dataset
from tocfin.dataset.plan import Period
from tocfin.errors import Finding
from tocfin.forecast.backtest import Backtest
from tocfin.forecast.backtest import Line as Scores
from tocfin.forecast.calibrate import LEAST, Past, calibrated, spread
from tocfin.forecast.closing import Forecast, forecast
from tocfin.forecast.lines import Line, line
from tocfin.forecast.record import Stored, stored
from tocfin.forecast.scopes import WHOLE, shown
from tocfin.forecast.scores import Values, Verdict, judged
from tocfin.forecast.spans import last_known, period_called
from tocfin.forecast.told import at_completion, scope_of
from tocfin.kpi import KPIS
from tocfin.model.groups import Scope

Key = tuple[str, Scope]

#: KPIs that are scored where none is named.
SCORED = ("throughput", "operating_expense", "net_profit")
#: Forecasts made so many days earlier or later in their period are of one kind.
ALIKE = 2


def truths(dataset: Dataset, period: Period, policy: str | None) -> dict[Key, float]:
    """What every figure of a period that is over came to, as ``dataset`` knows it now."""
    window = (period.start, period.end)
    lines = forecast(dataset, period=period.name, as_of=period.end, policy=policy, replications=1).lines
    return {
        (one.kpi, one.scope): float(one.values[0])
        for one in lines
        if one.window == window
        and one.recognition == "completion"
        and one.reason is None
        and one.values[0] == one.values[0]
    }


def of_record(record: Path, dataset: Dataset, kpis: Sequence[str]) -> Backtest:
    """Scores of the stored forecasts of ``dataset`` whose period is over, by KPI, scope and day.

    The last forecast of each day of a period counts. Baselines are the plan and the run rate that stood beside them.
    """
    found: dict[tuple[Key, int], dict[str, Verdict]] = {}
    now = last_known(dataset)
    units: dict[Key, str] = {}
    periods: dict[str, dict[Key, float]] = {}
    for one in stored(record, dataset.name):
        period = period_called(dataset, one.document["period"]["period"])
        day = _day(one, period)
        if period.end > now or not day >= 0 or _instant(one.document["as_of"]) >= period.end:
            continue
        came = periods.setdefault(period.name, truths(dataset, period, one.card["asked"]["policy"]))
        values = one.values()
        for number, said in enumerate(one.document["lines"]):
            key = (said["kpi"], scope_of(said))
            if said["kpi"] in kpis and key in came and whole_period(said, one) and said["mean"] is not None:
                units[key] = said["unit"]
                verdict = _verdict(values[:, number].to_numpy(), came[key], said, period.name, day)
                found.setdefault((key, day), {})[period.name] = verdict
    lines = tuple(
        Scores(_named(key), key[1].plant, units[key], day, tuple(by_period.values()), ())
        for (key, day), by_period in sorted(found.items(), key=lambda item: (_named(item[0][0]), item[0][1]))
    )
    return Backtest(dataset.name, "as stored", False, False, 0, 0, lines)


def _named(key: Key) -> str:
    return key[0] if key[1] == WHOLE else f"{key[0]}, {shown(key[1])}"


def _verdict(values: Values, truth: float, said: Mapping[str, Any], period: str, day: int) -> Verdict:
    budget = next((goal for goal in said["targets"] if goal["version"] == "budget"), None)
    missed = None
    if budget is not None and budget["p_miss"] is not None:
        polarity = KPIS[said["kpi"]].polarity if said["kpi"] in KPIS else 1
        missed = polarity * (budget["target"] - truth) > budget["tolerance"]
    beside = {"plan": said["plan"], "run rate": said["run_rate"]}
    naive = {name: abs(value - truth) for name, value in beside.items() if value is not None}
    return judged(values, truth, series=said["kpi"], period=period, day=day, baselines=naive, missed=missed,
                  p_miss=None if budget is None else budget["p_miss"])  # fmt: skip


def learned(made: Forecast, record: Path, dataset: Dataset) -> Forecast:
    """``made`` with every band as wide as the record of forecasts made at the same time of earlier periods asks for.

    Figures with fewer than nine such forecasts stay as they are, which is told.
    """
    pasts = _pasts(made, record, dataset)
    lines, thin = [], 0
    for one in made.lines:
        values = None
        if (
            one.window == (made.period.start, made.period.end)
            and one.values.size > 1
            and one.recognition == "completion"
        ):
            values = calibrated(one.values, pasts.get((one.kpi, one.scope), []))
            thin += values is None
        lines.append(one if values is None else _rebuilt(one, values))
    if not thin:
        return replace(made, lines=tuple(lines))
    most = max((len(past) for past in pasts.values()), default=0)
    message = (
        f"{thin} figures are not calibrated: the record holds {most} forecasts of closed periods made at that time, "
        f"and {LEAST} are needed"
    )
    finding = Finding("warning", "thin-record", str(record), None, None, message, count=thin)
    return replace(made, lines=tuple(lines), findings=(*made.findings, finding))


def _pasts(made: Forecast, record: Path, dataset: Dataset) -> dict[Key, list[Past]]:
    left = round(made.days_left)
    found: dict[Key, list[Past]] = {}
    if not record.is_dir():
        return found
    last = {one.document["period"]["period"]: one for one in stored(record, dataset.name) if _alike(one, left)}
    for name, one in last.items():
        period = period_called(dataset, name)
        if period.end > made.as_of:
            continue
        came = truths(dataset, period, one.card["asked"]["policy"])
        values = one.values()
        for number, said in enumerate(one.document["lines"]):
            key = (said["kpi"], scope_of(said))
            if key in came and whole_period(said, one) and said["mean"] is not None:
                found.setdefault(key, []).append(Past(*spread(values[:, number].to_numpy()), came[key]))
    return found


def _rebuilt(one: Line, values: Values) -> Line:
    targets = [asdict(goal) for goal in one.goals]
    return line(
        one.kpi, one.scope, one.window, one.unit, values, targets, closed=False, plan=one.plan, actual=one.actual,
        run_rate=one.run_rate, reason=one.reason,
    )  # fmt: skip


def _alike(one: Stored, left: int) -> bool:
    """Whether a stored forecast was made as many days before its close, and not after it."""
    days = one.document["days_left"]
    return bool(days > 0 and abs(days - left) <= ALIKE)


def whole_period(said: Mapping[str, Any], one: Stored) -> bool:
    """Whether a told line of a stored forecast is about the whole period, its jobs counting at completion."""
    period = one.document["period"]
    return bool((said["start"], said["end"]) == (period["start"], period["end"])) and at_completion(said)


def _day(one: Stored, period: Period) -> int:
    return round((_instant(one.document["as_of"]) - period.start) / 86_400)


def _instant(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())
