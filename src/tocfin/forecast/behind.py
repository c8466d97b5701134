"""The jobs behind what a report says of a plan: those behind a step of a bridge, those that an alternative changes,
those that may be late and who must do what about them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tocfin.kpi import SLOT
from tocfin.measure import sums
from tocfin.model.columns import NEVER, Floats
from tocfin.model.groups import grouping
from tocfin.scenarios.estimates import Probability, probability
from tocfin.scenarios.run import Ensemble
from tocfin.scenarios.world import World
from tocfin.scorecard import TargetLine

#: A job whose chance to be on time is below this is at risk.
AT_RISK = 0.8
HOUR = 3_600
#: Terms that futures tell of by job: one earns, one costs.
TOLD = ("revenue", "late_penalty")
#: Money of a job below this is none: half of what a bridge counts in.
LEAST = 5e-5


@dataclass(frozen=True)
class Behind:
    """What jobs add to the steps of a bridge: ``amounts`` (jobs, terms) [money], signed as the steps are.

    ``rest`` (terms) is of no job, or of jobs that futures do not tell of one by one. Jobs without any are left out.
    """

    terms: tuple[str, ...]
    jobs: tuple[str, ...]
    amounts: Floats
    rest: Floats


@dataclass(frozen=True, slots=True)
class ChangedJob:
    """A job in an alternative less in the base: what became of it, P(on time), P(in the horizon), hours later, money.

    ``change`` is *added*, *dropped*, *later* or *earlier*, else *money*; ``money`` is revenue less late penalty.
    """

    job: str
    change: str
    on_time: float
    inside: float
    hours: float
    money: float


@dataclass(frozen=True, slots=True)
class RiskyJob:
    """A job that may be late: P(on time), P(ends in the horizon), expected late penalty and its revenue [money].

    ``need`` and ``expected`` are instants [s], ``step`` and ``resource`` what has to be done next and where, ``begins``
    when that is planned; ``owner`` answers for the targets of its plant, or of all plants.
    """

    job: str
    plant: str
    need: int
    expected: int
    on_time: Probability
    inside: Probability
    penalty: float | None
    revenue: float | None
    step: str | None
    resource: str | None
    begins: int | None
    owner: str | None


def behind_outlook(found: Ensemble, planned: Floats, mean: Floats) -> Behind:
    """The jobs behind the bridge from the plan of the first scenario to its futures: of revenue and of late penalty.

    ``planned`` and ``mean`` (terms) are the two ends of the bridge.
    """
    world = found.worlds[0]
    horizon = world.model.horizon
    before = sums(world.model, grouping(world.model, "job"), horizon._replace(edges=horizon.edges[:0]))[0]
    names = world.model.keys["job"].to_list()
    plan = {job: before[j, [SLOT[term] for term in TOLD]] for j, job in enumerate(names)}
    return _behind(plan, _told(found, 0), planned, mean)


def behind_scenario(found: Ensemble, w: int, base: Floats, mean: Floats) -> Behind:
    """The jobs behind the bridge from the futures of the first scenario to those of ``w``, likewise."""
    return _behind(_told(found, 0), _told(found, w), base, mean)


def _told(found: Ensemble, w: int) -> dict[str, Floats]:
    """Terms TOLD of each job, on average over the futures."""
    table = np.stack([found.job_earned[w].sum(axis=1), found.job_penalty[w].sum(axis=1)], axis=1) / found.replications
    return dict(zip(found.worlds[w].model.keys["job"].to_list(), table, strict=True))


def _behind(before: Mapping[str, Floats], after: Mapping[str, Floats], first: Floats, last: Floats) -> Behind:
    """Jobs with most money first; terms and jobs without any are left out, what is not supplied is of no job."""
    jobs, nothing = list(dict.fromkeys([*before, *after])), np.zeros(len(TOLD))
    sign = np.array([1.0, -1.0])
    gaps = [sign * (after.get(job, nothing) - before.get(job, nothing)) for job in jobs]
    amounts = np.array(gaps).reshape(len(jobs), len(TOLD))
    at = [SLOT[term] for term in TOLD]
    whole = sign * (last[at] - first[at])
    kept = np.isfinite(amounts).all(axis=0) & np.isfinite(whole)
    kept[kept] = (np.abs(amounts[:, kept]) > LEAST).any(axis=0)
    amounts, whole = amounts[:, kept], whole[kept]
    size = np.abs(amounts).sum(axis=1)
    order = [int(j) for j in np.lexsort((np.arange(size.size), -size)) if size[j] > LEAST]
    terms = tuple(term for term, keep in zip(TOLD, kept.tolist(), strict=True) if keep)
    shown = amounts[order]
    return Behind(terms, tuple(jobs[j] for j in order), shown, whole - shown.sum(axis=0))


def changed_jobs(found: Ensemble, w: int) -> tuple[ChangedJob, ...]:
    """Jobs of scenario ``w`` whose chances or ends differ from the base's, those with most money first."""
    sides = [_job_means(found, at) for at in (0, w)]
    changed = []
    for job in [*sides[0], *(job for job in sides[1] if job not in sides[0])]:
        before, after = (side.get(job) for side in sides)
        zero = np.zeros(4)
        gap = (zero if after is None else after) - (zero if before is None else before)
        if np.abs(gap).max() > 0:
            hours = 0.0 if before is None or after is None else float(gap[2])
            word = "added" if before is None else "dropped" if after is None else _moved(hours)
            changed.append(ChangedJob(job, word, float(gap[0]), float(gap[1]), hours, float(gap[3])))
    return tuple(sorted(changed, key=lambda one: (-abs(one.money), -abs(one.on_time), one.job)))


def _moved(hours: float) -> str:
    return "later" if hours > 0 else "earlier" if hours < 0 else "money"


def _job_means(found: Ensemble, w: int) -> dict[str, Floats]:
    """Of each job that is in any future: P(on time), P(in the horizon), mean end [h], revenue less penalty."""
    n = found.replications
    money = np.nan_to_num(found.job_earned[w].sum(axis=1) - found.job_penalty[w].sum(axis=1))
    columns = (found.job_on_time[w], found.job_inside[w], found.job_end[w] / HOUR, money)
    table = np.stack(columns, axis=1) / n
    names = found.worlds[w].model.keys["job"].to_list()
    return {names[j]: table[j] for j in np.flatnonzero(found.job_present[w]).tolist()}


def at_risk(found: Ensemble, targets: Sequence[TargetLine]) -> tuple[RiskyJob, ...]:
    """Jobs of the base that are on time in fewer than AT_RISK of their futures, those with most revenue first."""
    world = found.worlds[0]
    jobs, plants = (world.model.keys[name].to_list() for name in ("job", "plant"))
    enterprise, owners = world.model.enterprise, _owners(targets)
    present = found.job_present[0]
    share = np.divide(found.job_on_time[0], present, out=np.ones(present.size), where=present > 0)
    risky = []
    for j, next_step in _next_steps(world, np.flatnonzero(share < AT_RISK).tolist()):
        n, plant = int(present[j]), plants[enterprise.job_plant[j]]
        penalty = float(found.job_penalty[0][j].sum()) / found.replications
        risky.append(
            RiskyJob(
                jobs[j], plant, int(enterprise.job_need[j]),
                world.model.horizon.clock + round(float(found.job_end[0][j]) / n),
                probability(int(found.job_on_time[0][j]), n), probability(int(found.job_inside[0][j]), n),
                _known(penalty), _known(float(enterprise.job_revenue[j])), *next_step, owners.get(plant, owners[None]),
            )
        )  # fmt: skip
    return tuple(sorted(risky, key=lambda one: (-(one.revenue or 0.0), one.job)))


def _next_steps(world: World, rows: Sequence[int]) -> Iterator[tuple[int, tuple[str | None, str | None, int | None]]]:
    """Of each job: operation, resource and planned start of the first of its work that is not over."""
    schedule, standing = world.model.schedule, world.standing
    over = schedule.activity_end <= world.model.horizon.clock if standing is None else standing.done
    operations, resources = (world.model.keys[name].to_list() for name in ("operation", "resource"))
    left = np.flatnonzero(~over)
    left = left[np.lexsort((schedule.activity_start[left], world.activity_job[left]))]
    owner, first = np.unique(world.activity_job[left], return_index=True)
    place = dict(zip(owner.tolist(), left[first].tolist(), strict=True))
    for j in rows:
        a = place.get(j)
        if a is None:
            yield j, (None, None, None)
        else:
            resource = resources[schedule.activity_resource[a]]
            yield j, (operations[world.activity_operation[a]], resource, int(schedule.activity_start[a]))


def _owners(targets: Sequence[TargetLine]) -> dict[str | None, str | None]:
    """Who answers for a plant; under None, who answers for all: the first target of each that names somebody."""
    found: dict[str | None, str | None] = {}
    for line in targets:
        plant = line.scope.get("plant")
        if line.owner and line.scope.keys() <= {"plant"}:
            found.setdefault(plant, line.owner)
    return {None: None} | found


def _known(value: float) -> float | None:
    return None if np.isnan(value) or value == NEVER else value
