"""The exact twin against what others have worked out, and its own manners."""

from __future__ import annotations

import csv
import json
import tomllib
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from cells import Dataset, write
from reference import FLAGS, KPIS, IllegalError, Value, agrees, evaluate, policy_flags
from shared_data import shared_data
from strategies import datasets
from worked.case import plan, tables, work

WORK = work(J="R @1T08 @1T12")


def folder(place: Path) -> Dataset:
    """A dataset folder as text cells."""
    found = {}
    for path in place.glob("*.csv"):
        with path.open(newline="", encoding="utf-8") as file:
            found[path.stem] = [{key: cell or None for key, cell in row.items()} for row in csv.DictReader(file)]
    return tomllib.loads((place / "plan.toml").read_text(encoding="utf-8")), found


def test_mini1_gives_its_expected_results_for_both_policies_and_by_plant() -> None:
    place = shared_data("mini1")
    expected = json.loads((place / "expected.json").read_text(encoding="utf-8"))
    wrong: list[Any] = []
    for policy, answers in expected["policies"].items():
        found = evaluate(*folder(place), policy=policy)
        assert set(answers) == set(KPIS)
        wrong += [(policy, kpi) for kpi, value in answers.items() if not agrees(found[kpi], value, "ok")]
    for policy, plants in expected["by_plant"].items():
        groups = evaluate(*folder(place), policy=policy, by="plant")
        for key, answers in plants.items():
            wrong += [
                (policy, key, kpi)
                for kpi, value in answers.items()
                if not agrees(groups[key][kpi], value, "undefined" if value is None else "ok")
            ]
    assert wrong == []


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(dataset=datasets())
def test_a_drawn_dataset_is_legal_and_survives_its_files(
    tmp_path_factory: pytest.TempPathFactory, dataset: Dataset
) -> None:
    drawn_plan, drawn = dataset
    assert set(evaluate(drawn_plan, drawn)) >= set(KPIS)
    assert folder(write(tmp_path_factory.mktemp("drawn"), drawn_plan, drawn)) == dataset


def test_without_a_policy_the_published_formulas_count_and_single_flags_win_over_any_policy() -> None:
    assert policy_flags(plan()) == {name: words[0] for name, words in FLAGS.items()}
    own = plan(policy={"item_cost": "truly_variable"})
    assert policy_flags(own)["item_cost"] == "truly_variable"
    assert policy_flags(own, "published")["item_cost"] == "truly_variable"
    assert policy_flags(own, "reconciled")["job_material"] == "issued"


ILLEGAL = {
    "two online-type intervals overlap": tables(
        resources="resource\n R",
        capacity_intervals="resource, start, end, interval_type\n R, @1T08, @1T12, Online\n R, @1T11, @1T13, Overtime",
    ),
    "an own interval overlaps a shift of the calendar": tables(
        resources="resource, calendar\n R, C",
        calendars="calendar, days, start_time, end_time, interval_type\n C, Mon, 08:00, 12:00, Online",
        capacity_intervals="resource, start, end, interval_type\n R, @1T11, @1T13, Online",
    ),
    "shifts of equal priority overlap": tables(
        resources="resource, calendar\n R, C",
        calendars="""
            calendar, days, start_time, end_time, interval_type, priority
            C, Mon, 08:00, 12:00, Online, 1
            C, Mon-Fri, 11:00, 13:00, Overtime, 1""",
    ),
    "an activity ends before it starts": tables(resources="resource\n R", jobs="job\n J", **work(J="R @1T12 @1T08")),
    "a local time exists twice": tables(
        plants="plant, timezone\n P, Europe/Berlin", jobs="job, need_date\n J, 2026-10-25T02:30"
    ),
    "a local time does not exist": tables(
        plants="plant, timezone\n P, Europe/Berlin", jobs="job, need_date\n J, 2026-03-29T02:30"
    ),
    "a job without a plant where there are two": tables(plants="plant\n P\n Q", jobs="job, plant\n J,"),
    "a currency without a rate": tables(plants="plant, currency\n P, EUR"),
    "material from stock without an item": tables(
        resources="resource\n R",
        jobs="job\n J",
        **WORK,
        material_requirements="operation, item, required_qty\n J-O, , 1",
    ),
    "bought for the job without a cost": tables(
        resources="resource\n R",
        jobs="job\n J",
        **WORK,
        material_requirements="operation, requirement_type, required_qty\n J-O, BuyDirect, 1",
    ),
}


@pytest.mark.parametrize("rows", ILLEGAL.values(), ids=ILLEGAL.keys())
def test_no_number_is_computed_from_a_dataset_that_would_make_it_a_guess(rows: dict[str, Any]) -> None:
    with pytest.raises(IllegalError):
        evaluate(plan(), rows)


def test_an_answer_agrees_within_a_billionth_of_what_went_into_it() -> None:
    exact = Value(Fraction(1), "ok", scale=Fraction(10**6))
    assert agrees(exact, 1.0009, "ok")
    assert not agrees(exact, 1.0011, "ok")
    assert not agrees(exact, None, "undefined")
    assert not agrees(Value(None, "not_supplied"), 0.0, "ok")
    assert agrees(Value(None, "undefined"), None, "undefined")


def test_a_ratio_over_amounts_that_cancel_is_marked_because_rounding_may_make_it_anything() -> None:
    rows = tables(
        plants="plant, daily_operating_expense, invested_capital\n P, 5, 100\n Q, 0, -100",
        resources="resource\n R",
        capacity_intervals="resource, start, end, interval_type\n R, @1T08, @1T12, Online",
    )
    found = evaluate(plan(), rows)["return_on_investment"]
    assert (found.status, found.cancelled) == ("undefined", True)
    assert not evaluate(plan(), rows)["productivity"].cancelled
