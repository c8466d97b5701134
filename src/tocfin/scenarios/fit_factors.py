"""Common factors in a history: who shares luck with whom, and for how long.

Candidates are one factor of each resource and one of each plant, each by day, week or month of the planned start (the
spans of the simulation). At most one of each kind is kept: that whose restricted likelihood is highest, if it gains
at least 3.5 (p about 0.004). A factor that lasts for the whole replication has one realisation in one history: it
cannot be told from the mean and is never fitted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.errors import Finding
from tocfin.scenarios.fit_components import Codes, Floats, components, dense, size
from tocfin.scenarios.fit_history import note
from tocfin.scenarios.uncertainty import Factor

KINDS = ("resource", "plant")
LENGTHS = ("day", "week", "month")
#: A factor needs this many realisations that two or more activities share.
LEAST_SPANS = 30
GAIN = 3.5
#: Largest system that is solved; a longer history should be given in parts.
LARGEST_SYSTEM = 2_500
DAY = 86_400


@dataclass(frozen=True)
class Sharing:
    """A candidate: its factor, and the realisation that each row of the work meets."""

    factor: Factor
    level: Codes
    log_ratio: float = -1.5  # of its variance over the own one, as far as it is known

    def of(self, rows: NDArray[np.bool_]) -> Codes:
        """Realisations of some rows, counted from 0."""
        return dense(self.level[rows])


def span_of(start: NDArray[np.int64], length: str) -> NDArray[np.int64]:
    """Index of the span that holds each instant (UTC), as `tocfin.scenarios.luck` counts them."""
    day = start // DAY
    if length == "month":
        return (day * DAY).astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
    return (day + 3) // 7 if length == "week" else day


def candidates(work: pl.DataFrame, findings: list[Finding]) -> dict[str, list[Sharing]]:
    """Factors by kind that were met often enough; findings say what was not, and how often it would have to be."""
    start = work["start"].to_numpy()
    found: dict[str, list[Sharing]] = {}
    for kind in KINDS:
        thin = []
        if kind == "plant" and _alone(work):
            message = "no plant has two resources, so that a plant's luck cannot be told from its resource's"
            findings.append(note("too-thin", "factor per plant", None, message))
            continue
        owner = dense(work[kind].rank("dense").to_numpy().astype(np.int64))
        for length in LENGTHS:
            level = dense(owner * 2**32 + span_of(start, length) + 2**31)
            shared = int(np.count_nonzero(np.bincount(level) > 1))
            if shared >= LEAST_SPANS:
                found.setdefault(kind, []).append(Sharing(Factor(f"{kind} {length}", length, kind), level))
            else:
                thin.append(f"{length} ({shared})")
        if thin:
            message = (
                f"too few realisations that activities share, of {', '.join(thin)}: {LEAST_SPANS} are needed to tell"
                " how strong a factor is; give a longer history"
            )
            findings.append(note("too-thin", f"factor per {kind}", None, message, len(thin)))
    return found


def _alone(work: pl.DataFrame) -> bool:
    most = work.group_by("plant").agg(pl.col("resource").n_unique())["resource"].max()
    return not isinstance(most, int) or most < 2


def selected(
    y: Floats, group: Codes, offered: Mapping[str, list[Sharing]], findings: list[Finding]
) -> tuple[Sharing, ...]:
    """At most one factor of each kind, that which explains ``y`` about the means of ``group`` best."""
    known: dict[tuple[str, ...], tuple[float, tuple[Sharing, ...]]] = {}

    def fitted(chosen: tuple[Sharing, ...]) -> tuple[float, tuple[Sharing, ...]]:
        names = tuple(one.factor.name for one in chosen)
        if names not in known and not _fits(group, chosen, findings):
            known[names] = -np.inf, chosen
        elif names not in known:
            found = components(y, group, [one.level for one in chosen], [one.log_ratio for one in chosen])
            nearer = tuple(replace(one, log_ratio=float(at)) for one, at in zip(chosen, found.log_ratio, strict=True))
            known[names] = found.likelihood - GAIN * len(chosen), nearer
        return known[names]

    best: tuple[Sharing, ...] = ()
    while True:
        here = fitted(best)
        there = max((fitted(choice) for choice in _neighbours(here[1], offered)), key=lambda one: one[0], default=here)
        if there[0] <= here[0]:
            return here[1]
        best = there[1]


def _neighbours(chosen: tuple[Sharing, ...], offered: Mapping[str, list[Sharing]]) -> Iterator[tuple[Sharing, ...]]:
    """Every choice that adds one factor, or takes another span instead of one."""
    for kind, sharings in offered.items():
        others = [one for one in chosen if one.factor.per != kind]
        for sharing in sharings:
            yield tuple(sorted([*others, sharing], key=lambda one: KINDS.index(str(one.factor.per))))


def _fits(group: Codes, chosen: tuple[Sharing, ...], findings: list[Finding]) -> bool:
    if size(group, [one.level for one in chosen]) <= LARGEST_SYSTEM:
        return True
    names = " and ".join(f"'{one.factor.name}'" for one in chosen)
    message = f"{names} have too many realisations to be fitted together; give a shorter history to try them"
    findings.append(note("too-long", "factor", None, message))
    return False
