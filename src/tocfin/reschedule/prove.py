"""Proof: candidates, the present plan and right-shift in the same futures, and the order in which they are proposed.

The rule: of the plans that can be carried out and keep within the limits of the planner's risk, the greatest expected
difference to the reference comes first. The reference is the present plan, or right-shift where the present plan
cannot be carried out. It is among the plans, so that one that is worse than it under noise is never proposed first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tocfin.kpi import KPIS
from tocfin.reschedule.clock import Clock
from tocfin.reschedule.futures import MONEY, SHOWN, measured, simulated
from tocfin.reschedule.improve import PRESENT, RIGHT_SHIFT, Candidate
from tocfin.reschedule.risk import TAIL, Risk
from tocfin.reschedule.source import Source
from tocfin.scenarios.estimates import Estimate, Values, cvar
from tocfin.scenarios.paired import Difference, difference

REPLICATIONS = 1_024


@dataclass(frozen=True)
class Proven:
    """One candidate in many futures: ``values`` by name ("value" is the objective), (replications) each.

    ``against`` are differences to the reference, alternative minus reference, and ``loss`` the mean of the worst 5 % of
    the differences of the objective (a negative number is a loss). ``refused`` says why it is not proposed; empty
    where it may be.
    """

    candidate: Candidate
    values: dict[str, Values]
    against: dict[str, Difference]
    loss: Estimate
    refused: str

    @property
    def gain(self) -> Estimate:
        """The expected difference of the objective to the reference."""
        return self.against["value"].mean


@dataclass(frozen=True)
class Proof:
    """Candidates in the order in which they are proposed; ``wanted`` replications, ``seed`` and whose luck it was."""

    proven: tuple[Proven, ...]
    reference: str
    measure: str
    risk: Risk
    says: str
    seed: int
    wanted: int

    @property
    def replications(self) -> int:
        """Futures that each plan was simulated in."""
        return int(self.proven[0].values["value"].size)

    @property
    def best(self) -> Proven:
        """What is proposed first."""
        return self.proven[0]

    def named(self, name: str) -> Proven:
        """The candidate called ``name``."""
        return next(one for one in self.proven if one.candidate.name == name)


def proved(
    source: Source,
    candidates: Sequence[Candidate],
    *,
    objective: str = MONEY,
    risk: Risk | None = None,
    replications: int = REPLICATIONS,
    seed: int | None = None,
    threads: int | None = None,
    clock: Clock | None = None,
    told: Callable[[int, int], None] = lambda done, wanted: None,
) -> Proof:
    """Simulate ``candidates`` of the data set together and put them in the order of the rule.

    Ends with ``clock`` after a whole number of 64 futures, at least 64; with a budget of work all are made. Equal
    arguments give equal bits for any number of threads. A plan cannot be re-timed where its calendar ends: such
    futures go on in elapsed time.
    """
    seed = source.seed if seed is None else seed
    found = simulated(source, candidates, objective, seed, replications, threads=threads, clock=clock, told=told)
    pairs = list(zip(candidates, found, strict=True))
    return ranked(pairs, measured(objective), risk or Risk(), source.says, seed, replications)


def ranked(
    pairs: Sequence[tuple[Candidate, dict[str, Values]]], measure: str, risk: Risk, says: str, seed: int, wanted: int
) -> Proof:
    """Put candidates with their futures in the order of the rule (see above)."""
    by_name = {one.name: (one, values) for one, values in pairs}
    present = by_name.get(PRESENT)
    reference = PRESENT if present is not None and not present[0].breaches else RIGHT_SHIFT
    if reference not in by_name:
        reference = next(one.name for one, _ in pairs if not one.breaches)
    base = by_name[reference][1]
    proven = [_against(one, values, base, risk, one.name == reference) for one, values in pairs]
    proven.sort(key=_place)
    return Proof(tuple(proven), reference, measure, risk, says, seed, wanted)


def _place(one: Proven) -> tuple[bool, bool, float, float]:
    """Feasible before not, allowed before refused, then by the mean; of equal means the better one on paper."""
    gain = one.gain.value
    return (
        bool(one.candidate.breaches),
        bool(one.refused),
        np.inf if np.isnan(gain) else -gain,
        -one.candidate.price.objective,
    )


def _against(
    candidate: Candidate, values: dict[str, Values], base: dict[str, Values], risk: Risk, same: bool
) -> Proven:
    polarity = {"value": 1} | {name: KPIS[name].polarity for name in SHOWN}
    against = {name: difference(values[name], base[name], polarity[name]) for name in values}
    loss = cvar(values["value"] - base["value"], TAIL, 1)
    why = "cannot be carried out" if candidate.breaches else "" if same else risk.refuses(against["value"], loss)
    return Proven(candidate, values, against, loss, why)
