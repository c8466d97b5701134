"""What a period will come to, from history alone: work that is open now, and work that is usually released by then.

For plans that nobody can simulate, because they hold no sequence or lie in the past. Each piece of work has a start, an
end and a value that counts at its end. Open work ends as past work of its group did that was open at the same age;
pieces that started on the same day share their luck, because a shop is early or late with a day's orders, not with each
on its own. Work not yet released adds what past periods released after the same day and still completed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Instants = NDArray[np.int64]

DAY = 86_400
#: Fewer past periods than these say nothing of what is usual.
LEAST_PERIODS = 3
MOST_PERIODS = 12
#: Fewer past days with work that has ended say nothing of how long open work takes.
LEAST_COHORTS = 8
#: Small and large work are told apart from so many pieces of each on.
LEAST_PIECES = 40
#: Leads are told apart up to this many days.
LONGEST = 400
#: Lead times of small and large work differ when their distributions are this far apart.
APART = 0.15


class Work(NamedTuple):
    """Pieces of work; ``end`` is the largest integer where a piece has not ended."""

    start: Instants  # [s]
    end: Instants  # [s]
    value: Values  # what it is worth, once it has ended
    planned: Values  # what it was worth before that was known
    size: Values  # its quantity; NaN where nobody says


class Span(NamedTuple):
    """A period: [start, end) [s]."""

    start: int
    end: int


class Outlook(NamedTuple):
    """A forecast of one sum: what is there, and per replication what open work and work not yet released will add."""

    actual: float
    open: Values
    unreleased: Values

    @property
    def total(self) -> Values:
        """The period's sum in every replication."""
        return self.actual + self.open + self.unreleased


class Insufficient(NamedTuple):
    """There is too little history, and why."""

    reason: str


def outlook(
    work: Work, span: Span, past: Sequence[Span], as_of: int, replications: int, seed: int
) -> Outlook | Insufficient:
    """Where ``span`` will end as of ``as_of``, from what had happened before it. ``past`` are earlier periods.

    A pure function of its arguments; nothing of ``work`` that happened at or after ``as_of`` is used, except that work
    was open then.
    """
    known = work.start < as_of
    ended = known & (work.end < as_of)
    luck = np.random.Generator(np.random.PCG64([seed, abs(as_of), abs(span.start)]))
    if not ended.any():
        return Insufficient("no work has ended yet")
    if np.isnan(work.value[known]).any():
        return Insufficient(f"{int(np.isnan(work.value[known]).sum()):,} pieces of work have no value: not supplied")
    actual = float(work.value[ended & (work.end >= span.start)].sum())
    later = usual(work, span, past, as_of)
    if isinstance(later, Insufficient):
        return later
    left = -(-(span.end - as_of) // DAY)
    total = np.zeros(replications)
    for member in _groups(work, ended):
        found = _open(work, known & member, ended & member, as_of, left, replications, luck)
        if isinstance(found, Insufficient):
            return found
        total += found
    return Outlook(actual, total * _yield(work, ended), luck.choice(later, replications))


def _yield(work: Work, ended: NDArray[np.bool_]) -> float:
    """What work was worth in the end relative to what was planned: scrap and late penalties."""
    planned = float(work.planned[ended].sum())
    return float(work.value[ended].sum()) / planned if planned > 0 else 1.0


def _groups(work: Work, ended: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
    """All work, or small and large work where their lead times differ by more than luck."""
    everything = np.ones(work.start.size, np.bool_)
    lead = ((work.end - work.start) // DAY)[ended]
    size = work.size[ended]
    if np.isnan(work.size).any() or lead.size < 2 * LEAST_PIECES:
        return [everything]
    best, edge = 0.0, None
    longest = np.unique(lead)
    for cut in np.unique(np.quantile(size, np.linspace(0.05, 0.95, 37), method="lower")):
        small = size <= cut
        n, m = int(small.sum()), int((~small).sum())
        if min(n, m) < LEAST_PIECES:
            continue
        one, other = (np.searchsorted(np.sort(part), longest, side="right") for part in (lead[small], lead[~small]))
        apart = float(np.abs(one / n - other / m).max())
        if apart >= APART and apart * (n * m / (n + m)) ** 0.5 > max(best, 2.0):
            best, edge = apart * (n * m / (n + m)) ** 0.5, cut
    return [everything] if edge is None else [work.size <= edge, work.size > edge]


def _open(
    work: Work,
    known: NDArray[np.bool_],
    ended: NDArray[np.bool_],
    as_of: int,
    left: int,
    replications: int,
    luck: np.random.Generator,
) -> Values | Insufficient:
    """Value per replication of open work that ends within ``left`` days."""
    age = (as_of - 1 - work.start) // DAY  # whole days: 0 for what started within the last one
    waiting = known & ~ended
    found = np.zeros(replications)
    if not waiting.any():
        return found
    shares = _shares(work, known, ended, age)
    if shares.shape[0] < LEAST_COHORTS:
        return Insufficient(f"{shares.shape[0]} days with work that has ended; at least {LEAST_COHORTS} are needed")
    last = shares.shape[1] - 1
    for old in np.unique(age[waiting]):
        value = float(work.planned[waiting & (age == old)].sum())
        now, then = shares[:, min(old, last)], shares[:, min(old + left, last)]
        still = np.maximum(1.0 - now, 0.0)
        if still.sum() <= 1e-9:  # older than anything that ever ended: nobody knows when it does
            continue
        like = luck.choice(still.size, replications, p=still / still.sum())
        found += value * (then[like] - now[like]) / still[like]
    return found


def _shares(work: Work, known: NDArray[np.bool_], ended: NDArray[np.bool_], age: Instants) -> Values:
    """Share of each past day's work (rows) that had ended by each age in days (columns).

    Only days count that are old enough for nearly all of their work to have ended.
    """
    lead = np.minimum(np.where(ended, (work.end - work.start) // DAY, 0), LONGEST)
    grown = int(np.quantile(lead[ended], 0.995)) + 1
    old = known & (age >= grown)
    if not old.any():
        return np.zeros((0, 1))
    days, row = np.unique(age[old], return_inverse=True)
    amounts = np.zeros((days.size, int(lead[old].max()) + 2))
    weight = np.where(work.planned > 0, work.planned, 0.0)[old]
    np.add.at(amounts, (row, np.where(ended[old], lead[old], amounts.shape[1] - 1)), weight)
    total = amounts.sum(axis=1)
    shares: Values = (amounts[total > 0, :-1].cumsum(axis=1).T / total[total > 0]).T
    return shares


def usual(work: Work, span: Span, past: Sequence[Span], as_of: int) -> Values | Insufficient:
    """What past periods released after the same day and still completed, at the level of today."""
    into = as_of - span.start
    began = int(work.start.min()) if work.start.size else as_of
    found = []
    level = _released(work, as_of)
    for one in sorted(past, reverse=True)[:MOST_PERIODS]:
        # the same time before the close, so that months of 30 and 31 days compare
        moment = max(one.start, one.end - (span.end - as_of)) if into > 0 else one.start
        if one.end > as_of or one.start - 28 * DAY < began:
            continue
        inside = (work.start >= moment) & (work.end < one.end)
        then = _released(work, moment)
        scale = level / then if then > 0 and level > 0 else 1.0
        found.append(float(work.value[inside].sum()) * scale)
    if len(found) < LEAST_PERIODS:
        return Insufficient(f"{len(found)} past periods with history; at least {LEAST_PERIODS} are needed")
    return np.array(found)


def _released(work: Work, moment: int) -> float:
    """What was released in the 28 days before ``moment``, at its planned value."""
    recent = (work.start < moment) & (work.start >= moment - 28 * DAY)
    return float(work.planned[recent].sum())
