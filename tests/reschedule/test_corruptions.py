"""The judge of plans: it accepts what is produced, and names the rule that a corrupted plan was built to break."""

from __future__ import annotations

import csv
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from itertools import count, islice
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import reference
from odd_plants import DAY, HOUR, opening, rich_plant, worked
from tables import PLAN
from tocfin.dataset.write import write
from tocfin.reschedule.clock import Clock
from tocfin.reschedule.improve import RIGHT_SHIFT, Improved, improve
from tocfin.reschedule.money import next_end
from tocfin.reschedule.plan_check import breaches
from tocfin.reschedule.problem import Problem, Zones, build_problem
from tocfin.reschedule.promises import broken, promised
from tocfin.reschedule.stays import staying

ZONES = {
    "": Zones(),
    "frozen": Zones(frozen_until=PLAN.clock + DAY),
    "pinned": Zones(pinned=("J0", "J3", "U")),
    "only-resources": Zones(resources=("grind", "saw", "paint", "oven", "twin", "crew")),
}
SEEDS = range(3)
Rows = dict[int, dict[str, Any]]


class Plan:
    """A plan as rows that a corruption changes, with what a corruption has to know of it."""

    def __init__(self, problem: Problem, table: pl.DataFrame, rng: np.random.Generator) -> None:
        self.table, self.rng = table, rng
        self.rows: Rows = {row["row"]: row for row in table.to_dicts()}
        self.stays = staying(problem.dataset, problem.zones)
        self.order = dict(problem.dataset.tables["operations"].select("operation", "sequence").iter_rows())
        self.cancelled = [key for key, row in self.rows.items() if row["operation"] == "OC"]
        self.free = [key for key in self.rows if key not in self.stays and key not in self.cancelled]

    def pick(self, keep: Callable[[dict[str, Any]], bool], among: list[int] | None = None) -> dict[str, Any]:
        """One of the free rows (or of ``among``) that fulfil ``keep``; LookupError where there is none."""
        some = [self.rows[key] for key in (self.free if among is None else among) if keep(self.rows[key])]
        if not some:
            raise LookupError
        return some[int(self.rng.integers(len(some)))]

    def named(self, activity: str) -> dict[str, Any]:
        """The free row of an activity; LookupError where it stays."""
        return self.pick(lambda row: bool(row["activity"] == activity))

    def move(self, row: dict[str, Any], start: int) -> None:
        """To ``start``, with the same work."""
        work = sum(_seconds(row["start"], row["end"]))
        row["start"] = opening(start)
        row["end"] = worked(row["start"], work)


def _seconds(start: int, end: int) -> Iterator[int]:
    """Working seconds of each weekday between; Saturdays' potential overtime is left out of these plans."""
    while start < end:
        start = opening(start)
        close = PLAN.clock + (start - PLAN.clock) // DAY * DAY + 18 * HOUR
        if start < end:
            yield min(close, end) - start
        start = close


def missing(plan: Plan) -> None:
    del plan.rows[plan.pick(lambda row: True)["row"]]


def doubled(plan: Plan) -> None:
    plan.rows[10_000] = dict(plan.pick(lambda row: True))


def split(plan: Plan) -> None:
    row = plan.pick(lambda row: True)
    middle = (row["start"] + row["end"]) // 2
    plan.rows[10_000] = row | {"row": 10_000, "start": middle}
    row["end"] = middle


def altered(plan: Plan) -> None:
    plan.pick(lambda row: row["status"] is None)["status"] = "Finished"


def stayed(rule: str) -> Callable[[Plan], None]:
    def moved(plan: Plan) -> None:
        row = plan.pick(lambda row: True, [key for key, why in plan.stays.items() if why == rule])
        row.update(start=row["start"] + DAY, end=row["end"] + DAY)

    return moved


def cancelled(plan: Plan) -> None:
    row = plan.rows[plan.cancelled[0]]
    row.update(start=row["start"] + DAY, end=row["end"] + DAY)


def too_soon(plan: Plan) -> None:
    row = plan.pick(lambda row: row["batch"] is None)
    row.update(start=row["start"] - 14 * DAY, end=row["end"] - 14 * DAY)


def unreleased(plan: Plan) -> None:
    row = plan.named("AR")
    plan.move(row, PLAN.clock + int(plan.rng.integers(6, 15)) * HOUR)


def elsewhere(plan: Plan) -> None:
    row = plan.pick(lambda row: row["resource"] in ("saw", "drill", "grind", "test", "paint"))
    others = [key for key in ("saw", "drill", "grind", "test", "paint", "oven") if key != row["resource"]]
    row["resource"] = others[int(plan.rng.integers(len(others)))]


def out_of_sequence(plan: Plan) -> None:
    row = plan.pick(
        lambda row: plan.order[row["operation"]] > 0 and row["operation"].startswith("O") and "." in row["operation"]
    )
    job, _, step = row["operation"].partition(".")
    before = next(r for r in plan.rows.values() if r["operation"] == f"{job}.{int(step) - 1}")
    plan.move(row, before["start"])


def within_lag(plan: Plan) -> None:
    first = next(row for row in plan.rows.values() if row["activity"] == "AL")
    plan.move(plan.named("AN"), first["end"] + int(plan.rng.integers(0, 3)) * HOUR)


def apart(plan: Plan) -> None:
    row = plan.pick(lambda row: row["batch"] == "b" or row["activity"] == "AW")
    plan.move(row, row["start"] + int(plan.rng.integers(1, 4)) * DAY)


def shorter(plan: Plan) -> None:
    row = plan.pick(lambda row: True)
    row["end"] -= 60 * int(plan.rng.integers(1, 25))


def unsupplied(plan: Plan) -> None:
    plan.move(plan.named("AS"), PLAN.clock + int(plan.rng.integers(6, 50)) * HOUR)


def not_made(plan: Plan) -> None:
    maker = plan.named("AK")
    plan.move(plan.named("AZ"), maker["end"] - int(plan.rng.integers(1, 7)) * HOUR)


def at_night(plan: Plan) -> None:
    row = plan.pick(
        lambda row: (row["start"] - PLAN.clock) % DAY == 6 * HOUR and (row["start"] - PLAN.clock) // DAY % 7 < 5
    )
    row["start"] -= 60 * int(plan.rng.integers(1, 240))


def at_once(plan: Plan) -> None:
    row = plan.pick(lambda row: row["resource"] not in ("oven", "crew", "twin"))
    same = [r for r in plan.rows.values() if r["resource"] == row["resource"] and r["row"] != row["row"]]
    if not same:
        raise LookupError
    plan.move(row, same[int(plan.rng.integers(len(same)))]["start"])


def three_of_two(plan: Plan) -> None:
    for name in ("AL", "AU", "AV"):
        plan.move(plan.named(name), PLAN.clock + 2 * DAY + 12 * HOUR)


def not_set_up(plan: Plan) -> None:
    some = sorted((row for row in plan.rows.values() if row["resource"] == "paint"), key=lambda row: row["start"])
    at = int(plan.rng.integers(1, 3))
    if some[at]["row"] in plan.stays:
        raise LookupError
    plan.move(some[at], some[at - 1]["end"])


def deferred(plan: Plan) -> None:
    row = plan.pick(lambda row: row["operation"].startswith("O0."))
    plan.move(row, PLAN.horizon_end + int(plan.rng.integers(1, 5)) * DAY)


#: How a plan is corrupted -> the rule that it then breaks, and the zones without which it does not.
CORRUPTIONS: dict[Callable[[Plan], None], tuple[str, str]] = {
    missing: ("rows", ""), doubled: ("rows", ""), split: ("rows", ""), altered: ("rows", ""),
    stayed("history"): ("history", ""), stayed("frozen"): ("frozen", "frozen"),
    stayed("pinned"): ("pinned", "pinned"), stayed("only-resources"): ("only-resources", "only-resources"),
    cancelled: ("cancelled", ""), too_soon: ("clock", ""), unreleased: ("release", ""), elsewhere: ("alternative", ""),
    out_of_sequence: ("precedence", ""), within_lag: ("precedence", ""), apart: ("together", ""),
    unsupplied: ("material", ""), not_made: ("material", ""),
    shorter: ("work", ""), at_night: ("calendar", ""), at_once: ("overlap", ""), three_of_two: ("overlap", ""),
    not_set_up: ("setup", ""), deferred: ("promised", ""),
}  # fmt: skip


@cache
def produced(seed: int, zone: str) -> tuple[Problem, Improved]:
    problem = build_problem(rich_plant(seed), ZONES[zone])
    return problem, improve(problem, Clock(0, work=60), seed=seed)


@pytest.mark.parametrize("zone", ZONES)
def test_every_plan_that_is_produced_is_accepted_with_rules_that_stay_alike(zone: str) -> None:
    for seed in SEEDS:
        problem, found = produced(seed, zone)
        assert len(found.candidates) >= 3
        assert not [breach for one in found.candidates for breach in one.breaches]
        live = set(problem.frames["activities"].filter(~pl.col("cancelled"))["row"].to_list())
        assert problem.fixed_rows() == frozenset(staying(problem.dataset, problem.zones)) & live


def test_a_thousand_corruptions_are_rejected_by_the_rule_that_each_was_built_to_break() -> None:
    told: Counter[str] = Counter()
    named = 0
    for number, (corrupt, (rule, zone)) in islice(corruptions(), 1_000):
        problem, found = produced(number % len(SEEDS), zone)
        table = corrupted(corrupt, problem, found, number)
        said = {sentence.partition(":")[0] for sentence in judged(problem, found, table)}
        assert said, f"{corrupt} was accepted"
        assert rule in said, (rule, corrupt, said)
        told[rule] += 1
        named += 1
    assert named == 1_000
    assert min(told.values()) >= 30
    assert set(told) == {rule for rule, _ in CORRUPTIONS.values()}


def corruptions() -> Iterator[tuple[int, tuple[Callable[[Plan], None], tuple[str, str]]]]:
    """Each in turn, without those that a plan gives no occasion for."""
    for number in count():
        corrupt, (rule, zone) = list(CORRUPTIONS.items())[number % len(CORRUPTIONS)]
        problem, found = produced(number % len(SEEDS), zone)
        if corrupted(corrupt, problem, found, number) is not None:
            yield number, (corrupt, (rule, zone))


def corrupted(corrupt: Callable[[Plan], None], problem: Problem, found: Improved, number: int) -> Any:
    rng = np.random.default_rng(number)
    sound = [one for one in found.candidates if not one.breaches]
    table = sound[number // len(CORRUPTIONS) % len(sound)].activities
    plan = Plan(problem, table, rng)
    try:
        corrupt(plan)
    except LookupError:
        return None
    out = pl.DataFrame(list(plan.rows.values()), schema=table.schema)
    return None if out.equals(table) else out


def judged(problem: Problem, found: Improved, table: pl.DataFrame) -> Iterator[str]:
    yield from breaches(problem.dataset, table, problem.zones)
    kept, names = promised(problem, found.named(RIGHT_SHIFT).activities)
    if set(table["row"]) <= set(problem.dataset.tables["activities"]["row"]):
        yield from broken(kept, table, names)


def test_the_judge_knows_neither_kernels_nor_search() -> None:
    code = (
        "import sys, tocfin.reschedule.plan_check\n"
        "known = sorted(name for name in sys.modules if name.startswith('tocfin.kernels') or "
        "(name.startswith('tocfin.reschedule.') and name.split('.')[2] not in ('plan_check', 'stays')) or "
        "name == 'numba')\n"
        "sys.exit(', '.join(known))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stderr.strip() == ""


def test_money_of_produced_plans_is_that_of_the_exact_reference(tmp_path: Path) -> None:
    """Both periods, from the files that a plan is handed over as."""
    for number, one in enumerate(produced(1, "")[1].candidates):
        problem = produced(1, "")[0]
        place = tmp_path / str(number)
        after = next_end(PLAN)
        wide = replace(PLAN, horizon_end=after, boundaries=(PLAN.clock, PLAN.horizon_end, after))
        write({**problem.dataset.tables, "activities": one.activities}, wide, place)
        read = {file.stem: csv.DictReader(file.read_text().splitlines()) for file in place.glob("*.csv")}
        cells = {
            name: [{key: cell or None for key, cell in row.items()} for row in rows] for name, rows in read.items()
        }
        found = reference.evaluate(tomllib.loads((place / "plan.toml").read_text()), cells, "reconciled", by="period")
        groups = [value for key, value in sorted(found.items(), key=lambda pair: str(pair[0])) if key != "outside"]
        assert len(groups) == 2
        exact = [group["net_profit"].value for group in groups]
        assert one.price.net_profit == pytest.approx([float(value) for value in exact], rel=1e-12)
        for name in ("wip_carrying_cost", "finished_goods_carrying_cost"):
            amounts = [-float(group[name].value) for group in groups]
            assert one.price.parts[name] == pytest.approx(amounts, rel=1e-12)
