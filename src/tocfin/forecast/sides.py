"""What is explained: a data set, a scenario of one, or what really happened; two of them must be comparable."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, cast

from tocfin.dataset import Dataset, Plan
from tocfin.dataset.text import instant
from tocfin.errors import DatasetError, Finding, UsageError
from tocfin.forecast.reported import as_planned, as_reported, without_luck
from tocfin.opening import read
from tocfin.scenarios.overrides import apply
from tocfin.scenarios.resolve import resolve
from tocfin.scenarios.spec import Scenario, load
from tocfin.scenarios.uncertainty import Uncertainty
from tocfin.scenarios.world import prepared


class Side(NamedTuple):
    """One side of a comparison, as a data set whose times are those that it comes to without luck.

    ``unseen`` are drivers that its data do not tell of, so that nothing can be said of their change.
    """

    name: str
    dataset: Dataset
    unseen: frozenset[str] = frozenset()


def opened(source: str) -> Side:
    """The data set or scenario file at ``source``; ``DATASET@plan`` is it without reports, and
    ``DATASET@actual`` (or ``@forecast``) what these make of it, the rest re-timed from there.

    Raises DatasetError with every finding, UsageError for what is neither.
    """
    path = Path(source)
    if path.suffix == ".toml" and path.is_file():
        scenario, findings = load(path)
        if scenario is None:
            raise DatasetError(findings)
        return of_scenario(scenario, read(scenario.base).require())
    if path.is_dir() or path.is_file():
        if (path / "zarr.json").is_file():
            raise UsageError(f"{source} is a run; name the scenario file that it was made of, or use `tocfin compare`")
        return Side(path.name, read(path).require())
    place, at, state = source.rpartition("@")
    if at and state in ("plan", "actual", "forecast") and Path(place).exists():
        side = opened(place)
        if state == "plan":
            return Side(f"{side.name}, plan", as_planned(side.dataset))
        return Side(f"{side.name}, {state}", *as_reported(side.dataset))
    raise UsageError(f"{source} is neither a data set nor a scenario file")


def of_scenario(scenario: Scenario, base: Dataset) -> Side:
    """A scenario as a plan: its changes made, and the base's work re-timed in its order (no luck)."""
    applied = apply(scenario, base)
    dataset = applied.dataset.require()
    still, _ = resolve(Uncertainty(), dataset)
    world = prepared(
        scenario.name,
        dataset,
        still,
        activity_work=applied.activity_work,
        start_policy=scenario.start_policy,
        base=base if scenario.overrides or scenario.additions else None,
    )
    return Side(scenario.name, replace(without_luck(world, dataset), name=scenario.name))


def require_alike(a: Side, b: Side) -> None:
    """Raise DatasetError with everything that keeps two sides from being compared."""
    found = list(_unlike(a, b))
    if found:
        raise DatasetError(found)


def _unlike(a: Side, b: Side) -> Iterator[Finding]:
    first, second = (cast(Plan, side.dataset.plan) for side in (a, b))

    def fault(rule: str, column: str, message: str) -> Finding:
        return Finding("error", rule, "plan", None, column, message, file=f"{b.name}: plan.toml")

    if first.currency != second.currency:
        message = (
            f"is {second.currency} and that of {a.name} {first.currency}; amounts in two currencies do not compare"
        )
        yield fault("other-currency", "currency", message)
    for column in ("clock", "horizon_end"):
        here, there = getattr(first, column), getattr(second, column)
        if here != there:
            message = (
                f"is {instant(there)} and that of {a.name} {instant(here)}; compare the same horizon on both sides"
            )
            yield fault("other-horizon", column, message)
