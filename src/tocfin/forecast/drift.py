"""Which assumptions of the plan are breaking: since when, how fast, what it costs, and the corrected value."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np

from tocfin.dataset import Dataset, Plan
from tocfin.errors import UsageError
from tocfin.forecast.cusum import LEAST, alarm, spread
from tocfin.forecast.observed import ASSUMPTIONS, DAY, Series, observed
from tocfin.forecast.worth import gains_of
from tocfin.measure import rules_of
from tocfin.scenarios.spec import Override, Verb

#: Unit of a series -> what is never told as a drift, however regular: 2 %, half a point of yield, a quarter of an hour.
LEAST_TOLERANCE = {"x": 0.02, "1": 0.005, "h": 0.25, "h/d": 0.25}


@dataclass(frozen=True)
class Drift:
    """One assumption. ``verdict``: holds, drifting, insufficient data, or not observed.

    ``tolerance`` is one standard deviation of a single observation, or LEAST_TOLERANCE where that is more: the shift
    that is told after about 10 of them.
    ``level`` is the mean since it broke, ``per_day`` the slope since then. Money is net profit with the corrected
    assumption less that of the plan: per day of the horizon, and by the close; None where nothing can be corrected.
    """

    assumption: str
    of: str
    verdict: str
    note: str = ""
    unit: str = ""
    points: int = 0
    assumed: float | None = None
    tolerance: float | None = None
    level: float | None = None
    since: int | None = None
    told_at: int | None = None
    per_day: float | None = None
    money_per_day: float | None = None
    by_the_close: float | None = None
    override: Override | None = None


def drift(dataset: Dataset, *, as_of: int | None = None, policy: str | None = None) -> list[Drift]:
    """Every assumption with what came of it; broken ones first, those that cost most ahead.

    Two-sided CUSUM per series (k = 0.5, h = 5) on what was known by ``as_of``. Raises DatasetError for a data set
    with errors.
    """
    plan = cast(Plan, dataset.plan)
    series = observed(dataset, as_of)
    found = [_corrected(one, judged(one)) for one in series]
    gains = gains_of(dataset, [one.override for one in found], rules_of(plan, policy))
    days = max(plan.horizon_end - plan.clock, 1) / DAY
    found = [_priced(one, gain, days) for one, gain in zip(found, gains, strict=True)]
    silent = [
        Drift(name, "", "not observed", f"needs {source}")
        for name, source in ASSUMPTIONS.items()
        if name not in {one.name for one in series}
    ]
    order = {"drifting": 0, "holds": 1, "insufficient data": 2, "not observed": 3}
    return sorted([*found, *silent], key=lambda one: (order[one.verdict], -abs(one.by_the_close or 0.0)))


def judged(series: Series) -> Drift:
    """Whether one assumption still holds."""
    values, n = series.values, series.values.size
    plain = Drift(series.name, series.of, "insufficient data", unit=series.unit, points=n, assumed=series.assumed)
    if n < LEAST:
        return replace(plain, note=f"{n} of the {LEAST} points that are needed")
    tolerance = max(spread(values), LEAST_TOLERANCE[series.unit])
    plain = replace(plain, verdict="holds", tolerance=tolerance)
    told = alarm((values - series.assumed) / tolerance)
    if told is None:
        return plain
    since, at = told.since, told.at
    level, days = float(values[since:].mean()), (series.at[since:] - series.at[since]) / DAY
    slope = float(np.polyfit(days, values[since:], 1)[0]) if np.ptp(days) > 0 else None
    return replace(
        plain, verdict="drifting", level=level, since=int(series.at[since]), told_at=int(series.at[at]), per_day=slope
    )


def _corrected(series: Series, found: Drift) -> Drift:
    """The override that puts a broken assumption right."""
    if found.verdict != "drifting" or series.where is None or found.level is None:
        return found
    where = {name: value if isinstance(value, tuple) else (value,) for name, value in series.where.items()}
    verb: Verb = "scale" if series.scale else "set"
    cell: Any = found.level / series.assumed if series.scale and series.assumed else f"{1 - found.level:.6g}"
    return replace(found, override=Override("override[1]", series.table, where, verb, {series.column: cell}))


def _priced(found: Drift, gain: float | None, days: float) -> Drift:
    if found.override is None:
        return found
    if gain is None:
        return replace(found, note="its money shows in simulated futures only")
    if np.isnan(gain):
        return replace(found, note="net profit is not supplied")
    return replace(found, money_per_day=gain / days, by_the_close=gain)


def corrected_toml(dataset: Dataset, found: list[Drift], folder: Path) -> str:
    """A scenario file that puts every broken assumption right; raises UsageError where there is none to correct."""
    broken = [one for one in found if one.override is not None]
    if not broken:
        raise UsageError("no assumption that can be corrected is breaking, so there is nothing to write")
    if dataset.path is None:
        raise UsageError("the data set was not read from a file, so no scenario file can name it")
    lines = ['name = "corrected assumptions"', f"base = {_text(_relative(Path(dataset.path), folder))}"]
    for one in broken:
        override = cast(Override, one.override)
        lines += ["", f"# {one.assumption} of {_plain(one.of)}: {one.level:.4g} instead of {one.assumed:.4g}"]
        lines += ["[[override]]", f"table = {_text(override.table)}"]
        where = ", ".join(f"{name} = {_cell(values)}" for name, values in override.where.items())
        cells = ", ".join(f"{name} = {_cell(value)}" for name, value in override.cells.items())
        lines += [f"where = {{ {where} }}", f"{override.verb} = {{ {cells} }}"]
    return "\n".join(lines) + "\n"


def _relative(path: Path, folder: Path) -> str:
    try:
        return str(path.resolve().relative_to(folder.resolve()))
    except ValueError:
        return str(path.resolve())


def _cell(value: Any) -> str:
    if isinstance(value, tuple):
        return _cell(value[0]) if len(value) == 1 else "[" + ", ".join(map(_cell, value)) + "]"
    return repr(float(f"{value:.6g}")) if isinstance(value, float) else _text(str(value))


def _text(text: str) -> str:
    """A basic string of TOML 1.0."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08X}" for c in escaped) + '"'


def _plain(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)
