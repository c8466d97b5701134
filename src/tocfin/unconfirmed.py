"""Work that should have begun or ended and is not confirmed: how much of it, since when, and what it is worth (R31)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tocfin.dataset.plan import Unconfirmed
from tocfin.dataset.text import instant
from tocfin.errors import Finding
from tocfin.measure import Figure, measure
from tocfin.model.progress import Progress, progress

RULES: tuple[Unconfirmed, ...] = ("not_done", "as_planned")
#: The KPIs that say what the two rules differ by.
MONEY = ("throughput", "net_profit")


@dataclass(frozen=True)
class Doubt:
    """Unconfirmed work as of an instant; ``money`` has the KPIs of ``MONEY`` by rule, without any luck.

    ``rows`` are those of the table of activities, ``oldest`` the earliest planned instant that passed without a
    confirmation (None where nothing is unconfirmed), ``unused`` how many confirmations were recorded later.
    """

    as_of: int
    rule: Unconfirmed
    rows: tuple[int, ...]
    oldest: int | None
    unused: int
    money: Mapping[Unconfirmed, Mapping[str, Figure]]

    @property
    def count(self) -> int:
        """Rows of the schedule that are not confirmed."""
        return len(self.rows)


def doubt(found: Progress) -> Doubt:
    """What is not confirmed in ``found``, and what follows from either rule."""
    at = found.standing
    money: dict[Unconfirmed, dict[str, Figure]] = {}
    for rule in RULES if at.missing.size else ():
        other = found if rule == at.unconfirmed else progress(found.dataset, at.as_of, rule)
        figures = measure(other.moved()).figures
        money[rule] = {name: figures[name] for name in MONEY}
    return Doubt(
        as_of=at.as_of,
        rule=at.unconfirmed,
        rows=tuple(found.frames["activities"]["row"].gather(at.missing).to_list()),
        oldest=int(at.missing_since.min()) if at.missing.size else None,
        unused=int(at.unused.size) + found.later,
        money=money,
    )


def findings(one: Doubt) -> list[Finding]:
    """What a reader of any number made from this state should know."""
    told = []
    if one.oldest is not None:
        worth = "; ".join(f"{rule}: {_worded(figures)}" for rule, figures in one.money.items())
        message = (
            f"{one.count:,} activities should have begun or ended by {instant(one.as_of)} and are not confirmed, the"
            f" oldest since {instant(one.oldest)}; they are taken as {one.rule} ({worth}): confirm them, or set"
            " unconfirmed"
        )
        told.append(Finding("warning", "unconfirmed-work", "activities", None, "status", message, count=one.count))
    if one.unused:
        message = f"{one.unused:,} confirmations were recorded after {instant(one.as_of)} and are not used"
        told.append(Finding("warning", "late-confirmation", "activities", None, "recorded_at", message))
    return told


def _worded(figures: Mapping[str, Figure]) -> str:
    return ", ".join(
        f"{name.replace('_', ' ')} " + (one.status if one.value is None else f"{one.value:,.2f} {one.unit}")
        for name, one in figures.items()
    )
