"""What is explained: a data set, a scenario, a stored run or forecast, what really happened; of one period or another.

A side is written ``PLACE[@STATE][@PERIOD]``. PLACE is a data set, a scenario file, a run (with ``@SCENARIO`` where it
holds several) or a forecast of a record; the states of a data set are ``plan``, ``actual`` and ``forecast``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple, cast

from tocfin.dataset import Dataset, Plan
from tocfin.dataset.plan import Period, Progress
from tocfin.dataset.text import instant
from tocfin.errors import DatasetError, Finding, UsageError
from tocfin.forecast.closing import UNCERTAINTY, declared
from tocfin.forecast.known import known
from tocfin.forecast.lived import STILL, without_luck
from tocfin.forecast.record import Stored, read_one
from tocfin.forecast.reported import as_planned, reported
from tocfin.forecast.spans import period_called
from tocfin.opening import read
from tocfin.scenarios.launch import reopened
from tocfin.scenarios.overrides import apply
from tocfin.scenarios.resolve import resolve
from tocfin.scenarios.spec import Scenario, load
from tocfin.scenarios.store import open_run
from tocfin.scenarios.uncertainty import Uncertainty
from tocfin.scenarios.world import World, prepared

STATES = ("plan", "actual", "forecast")


class Luck(NamedTuple):
    """What is uncertain of a side, the seed of its futures, and how many of them there are."""

    uncertainty: Uncertainty
    seed: int
    most: int


class Side(NamedTuple):
    """One side of a comparison, as a data set whose times are those that it comes to without luck.

    ``unseen`` are drivers that its data do not tell of, so that nothing can be said of their change. With ``luck`` it
    is many futures, which ``make`` makes a world of (default: the data set as it stands).
    """

    name: str
    dataset: Dataset
    unseen: frozenset[str] = frozenset()
    luck: Luck | None = None
    period: str | None = None
    make: Callable[[Uncertainty], World] | None = None

    def world(self, uncertainty: Uncertainty) -> World:
        """The plant of this side where so much is uncertain."""
        return plainly(self.dataset, uncertainty) if self.make is None else self.make(uncertainty)

    @property
    def uncertainty(self) -> Uncertainty:
        """What is uncertain, nothing where it is one state."""
        return STILL if self.luck is None else self.luck.uncertainty


def opened(source: str) -> Side:
    """The side that ``source`` names; raises DatasetError with every finding, UsageError for what is none."""
    path, words = _parted(source)
    if path.suffix == ".toml" and path.is_file():
        scenario, findings = load(path)
        if scenario is None:
            raise DatasetError(findings)
        return of_scenario(scenario, read(scenario.base).require(), _period(source, words))
    if (path / "zarr.json").is_file():
        return _of_run(source, path, words)
    if path.suffix == ".json":
        if words:
            raise UsageError(f"{source}: a stored forecast is of one state and period; name the file alone")
        return _of_forecast(read_one(path))
    state = words.pop(0) if words and words[0] in STATES else None
    return of_dataset(read(path).require(), state, _period(source, words))


def of_dataset(dataset: Dataset, state: str | None = None, period: str | None = None) -> Side:
    """A data set as it stands, as it was planned, or as it really went and (``forecast``) may go on."""
    found = _within(dataset, period)
    name = f"{dataset.name}{f', {state}' if state else ''}{_called(period)}"
    if state is None or state == "plan":
        return Side(name, replace(as_planned(found) if state else found, name=name), period=period)
    now, unseen = reported(found)
    make = partial(_resolved, now)
    luck = None
    noise, _, _ = declared(dataset, None)
    if state == "forecast" and dataset.path is not None and (dataset.path / UNCERTAINTY).is_file():
        luck = Luck(noise, 0, MOST)
    return Side(name, replace(without_luck(make(STILL)).dataset, name=name), unseen, luck, period, make)


def of_scenario(scenario: Scenario, base: Dataset, period: str | None = None, luck: Luck | None = None) -> Side:
    """A scenario: its changes made, and the base's work re-timed in its order."""
    if period is not None:
        span = period_called(base, period)
        scenario = replace(scenario, clock=span.start, horizon_end=span.end, boundaries=(span.start, span.end))
    applied = apply(scenario, base)
    dataset = applied.dataset.require()

    def make(uncertainty: Uncertainty) -> World:
        return prepared(
            scenario.name,
            dataset,
            resolve(uncertainty, dataset)[0],
            activity_work=applied.activity_work,
            start_policy=scenario.start_policy,
            base=base if scenario.overrides or scenario.additions else None,
        )

    name = f"{scenario.name}{_called(period)}"
    return Side(name, replace(without_luck(make(STILL)).dataset, name=name), luck=luck, period=period, make=make)


def plainly(dataset: Dataset, uncertainty: Uncertainty) -> World:
    """The world of a plan as it stands, whatever is reported of it."""
    plan = cast(Plan, dataset.plan)
    return _resolved(replace(dataset, plan=replace(plan, progress=None)), uncertainty)


#: Futures over which the mean of a side is explained, at most.
MOST = 64


def _of_run(source: str, path: Path, words: list[str]) -> Side:
    """A scenario of a stored run, in the futures of the run."""
    run = open_run(path)
    names = run.dims.scenario
    chosen = words.pop(0) if words and words[0] in names else names[0]
    if chosen == names[0] and len(names) > 1 and not source.rpartition("@")[1]:
        raise UsageError(f"{source} holds {', '.join(names)}; name one, as {source}@{names[0]}")
    launch = reopened(run)
    scenario = launch.scenarios[names.index(chosen)]
    luck = Luck(scenario.uncertainty, run.manifest.seed, min(MOST, run.dims.replications))
    side = of_scenario(scenario, read(scenario.base).require(), _period(source, words), luck)
    return side._replace(name=f"{path.name}, {side.name}")


def _of_forecast(stored: Stored) -> Side:
    """A forecast of a record, made again from the tables that it was made of."""
    said = stored.document
    if not (stored.inputs / "plan.toml").is_file():
        raise UsageError(f"{stored.inputs} is gone: the tables that {stored.file.name} was made of")
    dataset = read(stored.inputs).require()
    start, end, as_of = (_seconds(text) for text in (said["period"]["start"], said["period"]["end"], said["as_of"]))
    progress = Progress(as_of=as_of, unconfirmed=said["unconfirmed"]["rule"])
    seen = known(dataset, as_of).dataset
    now = _over(seen, Period(said["period"]["period"], start, end, end, False))
    now = replace(now, plan=replace(cast(Plan, now.plan), progress=progress))
    told, unseen = reported(now)
    make = partial(_resolved, told)
    noise, _, _ = declared(dataset, None)
    count = min(MOST, int(said["replications"]))
    luck = Luck(noise, int(said["seed"]), count) if count > 1 else None
    period = said["period"]["period"]
    name = f"{said['dataset']}, {period} as of {said['as_of']}"
    return Side(name, replace(without_luck(make(STILL)).dataset, name=name), unseen, luck, period, make)


def _resolved(dataset: Dataset, uncertainty: Uncertainty) -> World:
    return prepared(dataset.name, dataset, resolve(uncertainty, dataset)[0])


def _parted(source: str) -> tuple[Path, list[str]]:
    """The place that is there, and the words behind it."""
    place, words = source, list[str]()
    while not Path(place).exists():
        place, at, word = place.rpartition("@")
        if not (at and place and word):
            raise UsageError(f"{source} is neither a data set, a scenario file, a run nor a stored forecast")
        words.insert(0, word)
    return Path(place), words


def _period(source: str, words: Sequence[str]) -> str | None:
    if len(words) > 1:
        raise UsageError(f"{source}: '@{words[0]}' is no state ({', '.join(STATES)}) nor a scenario of it")
    return words[0] if words else None


def _called(period: str | None) -> str:
    return "" if period is None else f", {period}"


def _within(dataset: Dataset, period: str | None) -> Dataset:
    return dataset if period is None else _over(dataset, period_called(dataset, period))


def _over(dataset: Dataset, period: Period) -> Dataset:
    """``dataset`` measured over a period."""
    plan = cast(Plan, dataset.plan)
    span = (period.start, period.end)
    return replace(dataset, plan=replace(plan, clock=span[0], horizon_end=span[1], boundaries=span))


def _seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


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
    for column in ("clock", "horizon_end") if a.period is b.period is None else ():
        here, there = getattr(first, column), getattr(second, column)
        if here != there:
            message = (
                f"is {instant(there)} and that of {a.name} {instant(here)}; compare the same horizon on both sides, or"
                " name the period of each (PLACE@2026-05)"
            )
            yield fault("other-horizon", column, message)


def window(side: Side) -> tuple[int, int]:
    """The horizon over which a side is measured."""
    plan = cast(Plan, side.dataset.plan)
    return plan.clock, plan.horizon_end
