"""From the options of ``tocfin reschedule`` to its page; a file of its own because a command is short."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import cast

from tocfin.cli.talk import Talk
from tocfin.dataset import Dataset, Plan
from tocfin.examples.alternatives import shipped_source
from tocfin.report.forms import Page
from tocfin.report.rescheduled import page, with_plans
from tocfin.reschedule.clock import Clock
from tocfin.reschedule.handover import handed_over
from tocfin.reschedule.problem import Zones
from tocfin.reschedule.propose import proposed
from tocfin.reschedule.risk import risk_of
from tocfin.reschedule.source import Source


def demonstrated(shown: Page, dataset: Dataset, replications: int, work: int) -> Page:
    """``shown`` with a better plan for the week in which a machine is down, the same on every machine."""
    found = proposed(shipped_source(dataset, "machine_down"), Clock(0, work=work), replications=replications)
    return with_plans(shown, found.proof, cast(Plan, dataset.plan).currency)


def rescheduled(
    source: Source,
    talk: Talk,
    begun: float,
    *,
    objective: str,
    seconds: float,
    work: int | None,
    seed: int,
    threads: int | None,
    freeze: int | None,
    slushy: int | None,
    only_resources: tuple[str, ...],
    pin: tuple[str, ...],
    may_defer: tuple[str, ...],
    risk: str,
    replications: int | None,
) -> tuple[Page, Callable[[Path], Path]]:
    """The page, and a function that writes the proposal into a folder."""
    plan = cast(Plan, source.dataset.plan)
    frozen, soft = (None if zone is None else plan.clock + zone for zone in (freeze, slushy))
    asked = {} if replications is None else {"replications": replications}
    found = proposed(
        source,
        Clock(seconds, work=work, begun=begun),
        Zones(frozen, pin, only_resources, may_defer, soft),
        objective=objective,
        risk=risk_of(risk),
        seed=seed,
        threads=threads or 2,
        heard=lambda at, money: talk.detail(f"{at:8.2f} s  {money:,.0f}"),
        **asked,
    )
    took = round(found.found.seconds, 3)
    shown = page(found.proof, plan.currency, objective=objective, seconds=took, why=found.why)
    return shown, lambda out: handed_over(source, found.best, out, found.proof)
