"""From a data set and its futures to plans that are proven: search and proof share one wall clock."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from tocfin.errors import UsageError
from tocfin.kernels.draw import GROUP
from tocfin.reschedule.candidates import pool
from tocfin.reschedule.clock import Clock
from tocfin.reschedule.conflicts import conflict
from tocfin.reschedule.futures import Lab, world_of
from tocfin.reschedule.improve import PRESENT, RIGHT_SHIFT, Candidate, Improved
from tocfin.reschedule.money import price
from tocfin.reschedule.problem import Problem, Zones, build_problem
from tocfin.reschedule.prove import REPLICATIONS, Proof, proved
from tocfin.reschedule.risk import Risk
from tocfin.reschedule.source import Source
from tocfin.reschedule.why import Why, told
from tocfin.scenarios.run import simulate

#: Plans that are simulated beside those of the bursts: present, right-shift, the search's two.
OTHERS = 4
#: Seconds that a trial takes at most to be made again.
LONG = 2.0
#: Share of a wall clock that is left for explaining and writing, beside so many times what building the problem took.
EXPLAINING, BUILDS = 0.05, 3


@dataclass(frozen=True)
class Proposal:
    """What was found, what was proven of it, and why the first plan is as it is."""

    source: Source
    problem: Problem
    found: Improved
    proof: Proof
    why: Why

    @property
    def best(self) -> Candidate:
        """The plan that is proposed first."""
        return self.proof.best.candidate


def proposed(
    source: Source,
    clock: Clock,
    zones: Zones | None = None,
    *,
    objective: str = "net-profit",
    risk: Risk | None = None,
    replications: int = REPLICATIONS,
    seed: int = 1,
    threads: int = 2,
    heard: Callable[[float, float], None] = lambda seconds, money: None,
) -> Proposal:
    """Plans for the data set of ``source``, searched, proven and put in order; see `improve` and `proved`.

    A wall clock is shared: what simulating costs is measured first and set aside, half of all at most. Where that is
    too little for ``replications`` fewer futures are made, 64 at least. Ctrl-C ends the search: what it has found is
    proven in 64 futures, and what takes long to explain is left out; a second one raises KeyboardInterrupt. Where no
    plan is possible a UsageError names a smallest set of jobs, resources and dates that cannot all be kept.
    """
    begun, each = monotonic(), 0.0
    problem = build_problem(source.dataset, zones)
    after = EXPLAINING * clock.seconds + BUILDS * (monotonic() - begun)
    if clock.work is None:
        each = _cost(source, objective, replications, threads)
        clock.keep(after + (1 + OTHERS) * each)
    with clock.interruptible():
        lab = Lab(source, objective, threads=threads)
        try:
            found = pool(
                problem, lab, clock, objective=objective, seed=seed, threads=threads, told=heard,
                reserve=lambda plans: clock.keep(after + plans * each),
            )  # fmt: skip
        except UsageError as error:
            if (cannot := conflict(problem, clock)) is None:
                raise
            raise UsageError(cannot.told) from error
        clock.keep(after)
        whole = clock.work is not None and not clock.interrupted
        plans = found.candidates if whole else _affordable(found, clock.left, each)
        proof = proved(
            source, plans, objective=objective, risk=risk, replications=replications, threads=threads, clock=clock
        )
        clock.keep(0.0)
        return Proposal(source, problem, found, proof, told(problem, proof, clock))


def _affordable(found: Improved, left: float, each: float) -> list[Candidate]:
    """Those that there is time to prove: present plan, right-shift, the best on paper, then what was found last."""
    must = {PRESENT, RIGHT_SHIFT, found.best.name}
    first = [one for one in found.candidates if one.name in must]
    rest = [one for one in reversed(found.candidates) if one.name not in must]
    return [*first, *rest[: max(int(left / max(each, 1e-9)) - len(first), 0)]]


def _cost(source: Source, objective: str, replications: int, threads: int) -> float:
    """Seconds that the proof of one plan will take, by what 64 futures of the present plan take."""
    table = source.dataset.tables["activities"]
    present = Candidate(PRESENT, table, price(source.dataset, table, objective), ())
    took = math.inf
    for _ in range(2):  # the first time something may be compiled or loaded
        begun = monotonic()
        world = world_of(source, present)
        made = monotonic()
        simulate([world], source.seed, GROUP, threads=1)
        took = min(took, made - begun + (monotonic() - made) * replications / GROUP / threads)
        if monotonic() - begun > LONG:
            break
    return took
