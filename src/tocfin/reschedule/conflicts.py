"""When no plan is possible: a smallest set of jobs, resources and dates that cannot all be kept.

Found by deletion: a job or a rule is left out where the rest cannot be planned without it either. What is left over is
minimal: without any one of them some sequence was found that fits. That nothing fits the whole set is what a number of
sequences say, every one of a few jobs and a sample of many.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import permutations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocfin.dataset.text import instant
from tocfin.kernels.search_loads import Loads, placed
from tocfin.reschedule.clock import Clock
from tocfin.reschedule.decisions import blank, present_times, sound
from tocfin.reschedule.problem import Problem

HOUR = 3_600
#: Sequences of jobs that are tried before a set is taken for impossible: all of a few jobs, a sample of more.
FEW, SHUFFLES = 5, 20
#: Jobs that are named in words.
MOST_JOBS = 12
LONG_AGO, NEVER = np.int64(-(2**61)), np.int64(2**62)


@dataclass(frozen=True)
class Rule:
    """One rule that a plan keeps: ``kind`` is release, waits, hours, fixed or units; of a job or resource (row)."""

    kind: str
    row: int
    told: str


@dataclass(frozen=True)
class Conflict:
    """Jobs and rules that cannot all be kept, in words; leave out any one of them and the rest can be planned."""

    jobs: tuple[str, ...]
    rules: tuple[Rule, ...]
    lines: tuple[str, ...]
    proven: bool = True

    @property
    def told(self) -> str:
        """All of it as text."""
        head = "no plan is possible: these cannot all be kept"
        head += "; without any one of them the others can be planned" if self.proven else ""
        return "\n".join([head, *(f"- {line}" for line in self.lines)])


def conflict(problem: Problem, clock: Clock | None = None) -> Conflict | None:
    """A smallest set of jobs and rules that no plan keeps; None where some plan keeps all.

    With a wall ``clock`` the jobs are those that were left when it was over, which may be more than the fewest.
    """
    look = _Look(problem)
    if look.fits(look.jobs):
        return None
    fewest = look.jobs

    def bad(some: Sequence[int]) -> bool:
        nonlocal fewest
        if clock is not None and clock.work is None and clock.left <= 0:
            raise TimeoutError
        if look.fits(some):
            return False
        fewest = sorted(some) if len(some) < len(fewest) else fewest
        return True

    try:
        jobs, proven = smallest(look.jobs, bad), True
    except TimeoutError:
        jobs, proven = fewest, False
    rules, gone = [], list[Rule]()
    for rule in look.rules(jobs):
        if look.fits(jobs, [*gone, rule]):
            rules.append(rule)
        else:
            gone.append(rule)
    names = tuple(problem.model.keys["job"][j] for j in jobs)
    shown = [look.work(j) for j in jobs[:MOST_JOBS]]
    more = len(jobs) - len(shown)
    if more > 0:
        shown.append(f"{more:,} more jobs" + ("" if proven else ", perhaps not all of them: there was no time to tell"))
    return Conflict(names, tuple(rules), (*shown, *(rule.told for rule in rules)), proven)


def smallest(whole: Sequence[int], bad: Callable[[Sequence[int]], bool]) -> list[int]:
    """A minimal bad part of a bad ``whole`` (QuickXplain, Junker, AAAI 2004): every member is needed for it."""

    def explain(kept: list[int], changed: bool, rest: list[int]) -> list[int]:
        if changed and bad(kept):
            return []
        if len(rest) == 1:
            return rest
        half = len(rest) // 2
        first, second = rest[:half], rest[half:]
        right = explain([*kept, *first], bool(first), second)
        return [*explain([*kept, *right], bool(right), first), *right]

    return sorted(explain([], False, list(whole)))


class _Look:
    """Parts of a problem, and whether they can be planned."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.decision = blank(problem, bought=True)
        self.owner = problem.load_job[self.decision.order]
        self.jobs = np.unique(self.owner).tolist()

    def fits(self, jobs: Sequence[int], without: Sequence[Rule] = ()) -> bool:
        """Whether some sequence of ``jobs`` alone fits, without some rules."""
        loads, unit_free = self._without(without)
        return any(self._placed(order, loads, unit_free) for order in self._orders(jobs))

    def _placed(self, order: NDArray[np.int32], loads: Loads, unit_free: NDArray[np.int64]) -> bool:
        times = present_times(replace(self.problem, loads=loads, unit_free=unit_free))
        times.load_end[~self.problem.load_fixed] = LONG_AGO  # what is left out is waited for by nobody
        return not placed(loads, self.decision._replace(order=order), unit_free, times)

    def _orders(self, jobs: Sequence[int]) -> Iterator[NDArray[np.int32]]:
        """Sequences to try: as planned, by what must end first, by release, by need; then job by job."""
        problem, order = self.problem, self.decision.order
        own = order[np.isin(self.owner, jobs)]
        rank, loads = problem.rank[own], problem.loads
        need = problem.worth.job_need[problem.load_job[own]]
        yield own
        for key in (loads.deadline[own], loads.release[own], need, problem.load_job[own]):
            yield sound(problem, own[np.lexsort((rank, key))])
        luck = np.random.default_rng(len(jobs))
        shuffled = (luck.permutation(jobs).tolist() for _ in range(SHUFFLES))
        for some in permutations(jobs) if len(jobs) <= FEW else shuffled:
            place = np.zeros(problem.worth.job_need.size, np.int64)
            place[list(some)] = np.arange(len(some))
            yield sound(problem, own[np.lexsort((rank, place[problem.load_job[own]]))])

    def _without(self, rules: Sequence[Rule]) -> tuple[Loads, NDArray[np.int64]]:
        problem, loads, unit_free = self.problem, self.problem.loads, self.problem.unit_free
        columns: dict[str, Any] = {
            name: getattr(loads, name).copy() for name in ("release", "deadline", "member_timed", "block_end")
        }
        units = loads.unit_first.copy()
        for rule in rules:
            of_job = problem.load_job == rule.row
            if rule.kind == "release":
                columns["release"][of_job] = problem.worth.clock
            elif rule.kind == "waits":
                columns["deadline"][of_job] = NEVER
            elif rule.kind == "hours":
                columns["member_timed"][loads.member_resource == rule.row] = 0
            elif rule.kind == "fixed":
                columns["block_end"][loads.block_first[rule.row] : loads.block_first[rule.row + 1]] = LONG_AGO
            else:
                units[rule.row + 1 :] -= loads.unit_first[rule.row + 1] - loads.unit_first[rule.row]
                unit_free = np.delete(
                    unit_free, np.arange(units[rule.row], units[rule.row] + _units(loads, rule.row)), axis=-1
                )
        return loads._replace(**columns, unit_first=units), unit_free

    def rules(self, jobs: Sequence[int]) -> list[Rule]:
        """What these jobs keep, the dates first."""
        problem, keys = self.problem, self.problem.model.keys
        own = self.decision.order[np.isin(self.owner, jobs)]
        found = []
        for j in jobs:
            name, loads = keys["job"][j], own[problem.load_job[own] == j]
            release = int(problem.loads.release[loads].max())
            if release > problem.worth.clock:
                found.append(Rule("release", j, f"job '{name}' is released at {instant(release)}"))
            deadline = int(problem.loads.deadline[loads].min())
            if deadline < NEVER:
                found.append(Rule("waits", j, self._waiting(name, int(loads[problem.loads.deadline[loads].argmin()]))))
        member = np.isin(np.repeat(np.arange(problem.load_fixed.size), np.diff(problem.loads.first_member)), own)
        for r in np.unique(problem.loads.member_resource[member]).tolist():
            found += self._of_resource(r)
        return found

    def _waiting(self, name: str, x: int) -> str:
        """Which fixed work waits for a load."""
        problem, loads = self.problem, self.problem.loads
        waits = np.repeat(np.arange(problem.load_fixed.size), np.diff(loads.before_first))
        behind = waits[(loads.before_load == x) & problem.load_fixed[waits]]
        first = int(behind[np.argmin(problem.worth.load_start[behind])])
        row = int(problem.member_row[loads.first_member[first]])
        activity, job = problem.model.keys["activity"][row], problem.model.keys["job"][int(problem.load_job[first])]
        start = instant(int(problem.worth.load_start[first]))
        return f"activity '{activity}' of job '{job}' stays at {start} (frozen, pinned or begun) and waits for '{name}'"

    def _of_resource(self, r: int) -> list[Rule]:
        loads, name = self.problem.loads, self.problem.model.keys["resource"][r]
        found = []
        low, high = int(loads.block_first[r]), int(loads.block_first[r + 1])
        if high > low:
            spans = f"{instant(int(loads.block_start[low]))} to {instant(int(loads.block_end[high - 1]))}"
            found.append(Rule("fixed", r, f"work on '{name}' that stays, {spans}"))
        some = slice(int(loads.segment_first[r]), int(loads.segment_first[r + 1]))
        if loads.segment_end[some].size:
            last = instant(int(loads.segment_end[some].max()))
            found.append(Rule("hours", r, f"resource '{name}' works in its calendar only, which ends at {last}"))
        if units := _units(loads, r):
            many = "one thing" if units == 1 else f"{units} things"
            found.append(Rule("units", r, f"resource '{name}' does {many} at a time"))
        return found

    def work(self, j: int) -> str:
        """What a job needs."""
        problem, loads = self.problem, self.problem.loads
        member = np.flatnonzero(
            np.isin(
                np.repeat(np.arange(problem.load_fixed.size), np.diff(loads.first_member)),
                self.decision.order[self.owner == j],
            )
        )
        names = problem.model.keys["resource"].gather(loads.member_resource[member]).to_list()
        hours = (loads.member_seconds[member] / HOUR).tolist()
        needs = [f"{long:,.2f} h on '{name}'" for long, name in zip(hours, names, strict=True)]
        more = f" and {len(needs) - 4} more" if len(needs) > 4 else ""
        return f"job '{problem.model.keys['job'][j]}' needs {', '.join(needs[:4])}{more}"


def _units(loads: Loads, r: int) -> int:
    return int(loads.unit_first[r + 1] - loads.unit_first[r])
