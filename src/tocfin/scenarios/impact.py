"""Which jobs an alternative moves, makes late, adds or drops, and the money of each: from the sums of a stored run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tocfin.dataset.findings import nearest
from tocfin.errors import UsageError
from tocfin.scenarios.ensemble import DAY, HOUR
from tocfin.scenarios.estimates import Estimate, Values, mean, unknown
from tocfin.scenarios.stored import Run

#: What can become of a job, the first that holds.
CHANGES = ("added", "dropped", "late", "less late", "moved")
_SUMS = ("job_present", "job_on_time", "job_inside", "job_end", "job_late", "job_penalty", "job_earned")

Sums = Mapping[str, Values]


@dataclass(frozen=True)
class Impact:
    """One job in an alternative against the base; all figures are alternative minus base, expected over all futures.

    ``change``: *added* or *dropped* where only one of the two ever has it, else *late* or *less late* where its
    expected lateness differs, else *moved*. ``hours`` (None for added and dropped) is how much later it ends,
    ``late_days`` how much more late it is, ``on_time`` and ``inside`` (None likewise) the differences of these
    probabilities. ``earned`` is revenue inside the horizon, ``penalty`` the late penalty, and ``money`` the first
    less the second, with an interval from the means of the run's blocks (refused under ten blocks). Money that a job
    would need but that is not supplied is NaN.
    """

    scenario: str
    job: str
    change: str
    hours: float | None
    late_days: float
    on_time: float | None
    inside: float | None
    earned: float
    penalty: float
    money: Estimate


def stored(run: Run) -> bool:
    """Whether a run holds money by job; one of an earlier tocfin does not."""
    return not set(_SUMS) - {extra.name for extra in run.dims.extras}


def impacts(run: Run, base: str) -> list[Impact]:
    """Jobs that differ between each scenario and ``base``, those with most money first.

    Raises UsageError for an unknown base, and for a run of an earlier tocfin that does not hold money by job.
    """
    if base not in run.dims.scenario:
        near = nearest(base, run.dims.scenario)
        raise UsageError(f"scenario '{base}' is not in this run{near}; there are {', '.join(run.dims.scenario)}")
    if not stored(run):
        raise UsageError(f"{run.path} was made by an earlier tocfin and holds no money by job; simulate it again")
    counts = np.array([run.dims.held(block) for block in run.committed()], np.float64)
    sums = {name: np.nan_to_num(run.read(name), nan=0.0) for name in _SUMS if name not in ("job_penalty", "job_earned")}
    sums |= {name: _money(run, name) for name in ("job_penalty", "job_earned")}
    at = run.dims.scenario.index(base)
    theirs = {name: values[at] for name, values in sums.items()}
    found = []
    for other, name in enumerate(run.dims.scenario):
        if other != at:
            ours = {key: values[other] for key, values in sums.items()}
            found += _against(name, run.dims.job, ours, theirs, counts)
    place = {name: number for number, name in enumerate(run.dims.scenario)}
    return sorted(found, key=lambda one: (place[one.scenario], -abs(np.nan_to_num(one.money.value)), one.job))


def _money(run: Run, name: str) -> Values:
    """Sums by block; 0 only where the scenario does not have the job at all."""
    absent = np.isnan(run.read("job_present"))
    money: Values = np.where(absent, 0.0, run.read(name))
    return money


def _against(scenario: str, jobs: Sequence[str], ours: Sums, theirs: Sums, counts: Values) -> list[Impact]:
    """Jobs of one scenario that differ from the base."""
    n = counts.sum()
    change = {name: ours[name] - theirs[name] for name in _SUMS}
    total = {name: by_block.sum(axis=-1) for name, by_block in change.items()}
    here, there = (side["job_present"].sum(axis=-1) for side in (ours, theirs))
    differs = np.any([((one != 0) & ~np.isnan(one)).any(axis=-1) for one in change.values()], axis=0)
    found = []
    for j in np.flatnonzero(differs).tolist():
        hours, on_time, inside = (
            float(ours[name][j].sum() / here[j] - theirs[name][j].sum() / there[j]) if here[j] and there[j] else None
            for name in ("job_end", "job_on_time", "job_inside")
        )
        late, earned, penalty = (float(total[name][j] / n) for name in ("job_late", "job_earned", "job_penalty"))
        money = _interval(change["job_earned"][j] - change["job_penalty"][j], counts)
        word = _changed(here[j] > 0, there[j] > 0, late)
        hours = None if hours is None else hours / HOUR
        found.append(Impact(scenario, jobs[j], word, hours, late / DAY, on_time, inside, earned, penalty, money))
    return found


def _changed(here: bool, there: bool, late: float) -> str:
    """The first of CHANGES that holds."""
    holds = (not there, not here, late > 0, late < 0, True)
    return next(name for name, true in zip(CHANGES, holds, strict=True) if true)


def _interval(by_block: Values, counts: Values) -> Estimate:
    """The expected difference, with Student's interval over the means of blocks that are full."""
    value = float(by_block.sum() / counts.sum())
    if np.isnan(value):
        return unknown(int(counts.sum()))
    full = counts == counts[0]
    spread = mean(by_block[full] / counts[full])
    reach = (spread.high - spread.low) / 2
    return Estimate(value, value - reach, value + reach, int(counts.sum()))
