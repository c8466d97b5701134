"""Plans of data sets: small ones whose best plan is known, money that ties out, and every rule that can be broken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import tocfin
from tables import PLAN, tables
from tocfin.dataset import Dataset
from tocfin.errors import UsageError
from tocfin.measure import measure
from tocfin.reschedule.clock import Clock
from tocfin.reschedule.handover import handed_over
from tocfin.reschedule.impact import jobs
from tocfin.reschedule.improve import PRESENT, RIGHT_SHIFT, improve
from tocfin.reschedule.money import BESIDE, price
from tocfin.reschedule.plan_check import breaches
from tocfin.reschedule.problem import Zones, build_problem
from tocfin.reschedule.source import assumed

DAY = 86_400
MONDAY = 1_780_272_000  # 2026-06-01T00:00:00Z, the clock
HOUR = 3_600


def at(day: int, hour: float) -> int:
    return MONDAY + day * DAY + int(hour * HOUR)


def plant(**changed: Any) -> Dataset:
    """One machine, 8 to 16 on weekdays; three jobs of 8, 4 and 4 hours in the order A, B, C; B and C are late."""
    work = {"A": (at(0, 8), at(0, 16)), "B": (at(1, 8), at(1, 12)), "C": (at(1, 12), at(1, 16))}
    content: dict[str, Any] = {
        "plants": [{"daily_operating_expense": 0.0}],
        "resources": [{"calendar": "day"}, {"resource": "R2", "calendar": "day", "drum": False}],
        "calendars": [{"calendar": "day"}],
        "jobs": [
            {"job": "A", "late_penalty_per_day": 10.0, "need_date": at(4, 16)},
            {"job": "B", "late_penalty_per_day": 2400.0, "need_date": at(0, 12)},
            {"job": "C", "late_penalty_per_day": 480.0, "need_date": at(0, 16)},
        ],
        "manufacturing_orders": [{"manufacturing_order": f"M{job}", "job": job} for job in work],
        "operations": [{"operation": f"O{job}", "manufacturing_order": f"M{job}"} for job in work],
        "activities": [
            {"activity": f"W{job}", "operation": f"O{job}", "start": start, "end": end}
            for job, (start, end) in work.items()
        ],
    }
    return Dataset("plant", None, PLAN, tables(**(content | changed)), ())


def run(found: Dataset, zones: Zones | None = None, **asked: Any) -> Any:
    return improve(build_problem(found, zones), Clock(0, work=300), **asked)


def test_the_best_sequence_is_found_and_its_gain_is_the_penalty_saved() -> None:
    """B then C then A: B ends in time, C too, A at Tuesday 16:00, long before it is needed."""
    found = run(plant())
    best, present = found.best, found.named(PRESENT)
    ends = dict(best.activities["activity", "end"].iter_rows())
    assert ends == {"WB": at(0, 12), "WC": at(0, 16), "WA": at(1, 16)}
    assert best.price.objective - present.price.objective == pytest.approx(2400.0 + 480.0)
    assert best.price.parts["late_penalty"] == (0.0, 0.0)
    assert found.named(RIGHT_SHIFT).price.objective == present.price.objective


def test_no_sequence_of_the_small_plant_is_worth_more() -> None:
    whole = plant()
    times = {"A": 8, "B": 4, "C": 4}
    values = []
    for sequence in permutations("ABC"):
        hours, ends = 0, {}
        for job in sequence:
            begins = at(hours // 8, 8 + hours % 8)
            hours += times[job]
            ends[f"W{job}"] = (begins, at((hours - 1) // 8, 9 + (hours - 1) % 8))
        table = whole.tables["activities"].with_columns(
            start=pl.col("activity").replace_strict({key: pair[0] for key, pair in ends.items()}),
            end=pl.col("activity").replace_strict({key: pair[1] for key, pair in ends.items()}),
        )
        values.append(price(whole, table, "net-profit").objective)
    assert run(whole).best.price.objective == pytest.approx(max(values))


def test_an_alternative_is_taken_where_it_pays() -> None:
    other = [{"operation": "OB", "resource": "R2", "setup_hours": 0.0, "run_hours": 4.0}]
    best = run(plant(alternatives=other)).best
    where = dict(best.activities["activity", "resource"].iter_rows())
    assert where["WB"] == "R2" or best.price.parts["late_penalty"] == (0.0, 0.0)
    assert not best.breaches


def test_what_is_frozen_or_pinned_stays() -> None:
    def starts(zones: Zones) -> dict[str, int]:
        return dict(run(plant(), zones).best.activities["activity", "start"].iter_rows())

    assert starts(Zones(frozen_until=at(0, 9)))["WA"] == at(0, 8)
    assert starts(Zones(pinned=("C",)))["WC"] == at(1, 12)
    assert starts(Zones(resources=("R2",))) == {"WA": at(0, 8), "WB": at(1, 8), "WC": at(1, 12)}
    with pytest.raises(UsageError, match="'Z' is not a job"):
        run(plant(), Zones(pinned=("Z",)))


def test_a_firm_job_does_not_leave_the_period() -> None:
    """Two jobs for one last Friday; the dear one takes it, but not from one that is firm unless that may be put off."""
    work = [{"activity": f"W{job}", "operation": f"O{job}", "start": at(day, 8), "end": at(day, 16)}
            for job, day in (("A", 4), ("B", 7))]  # fmt: skip
    open_days = [{"resource": "R1", "start": at(day, 8), "end": at(day, 16)} for day in (4, 7)]

    def best(zones: Zones, **commitment: str) -> dict[str, int]:
        rows = [
            {"job": "A", "need_date": at(20, 0), **commitment},
            {"job": "B", "need_date": at(4, 16), "late_penalty_per_day": 100.0},
        ]
        orders = [{"manufacturing_order": f"M{job}", "job": job} for job in "AB"]
        operations = [{"operation": f"O{job}", "manufacturing_order": f"M{job}"} for job in "AB"]
        found = plant(resources=[{}], calendars=[], capacity_intervals=open_days, activities=work, jobs=rows,
                      manufacturing_orders=orders, operations=operations)  # fmt: skip
        return dict(run(found, zones).best.activities["activity", "start"].iter_rows())

    swapped = {"WA": at(7, 8), "WB": at(4, 8)}
    assert best(Zones()) == swapped
    assert best(Zones(), commitment="Firm") == {"WA": at(4, 8), "WB": at(7, 8)}
    assert best(Zones(may_defer=("A",)), commitment="Firm") == swapped


def test_what_moves_cost_is_part_of_the_objective() -> None:
    """Moving three loads at 2,000 costs more than the 2,880 of penalties that it saves."""
    dear = replace(plant(), plan=replace(PLAN, reschedule={"move_cost": 2_000.0}))
    assert run(dear).best.price.objective == run(dear).named(PRESENT).price.objective


def test_equal_work_gives_equal_plans() -> None:
    tables = [run(plant()).best.activities for _ in range(5)]
    assert all(table.equals(tables[0]) for table in tables)


CORRUPTIONS: dict[str, Callable[[dict[str, Any]], None]] = {
    "history": lambda rows: rows["WF"].update(start=at(0, 8.5), end=at(0, 9.5)),
    "clock": lambda rows: rows["WA"].update(start=MONDAY - 16 * HOUR, end=MONDAY - 8 * HOUR),
    "release": lambda rows: rows["WD"].update(start=at(1, 8), end=at(1, 9)),
    "alternative": lambda rows: rows["WB"].update(resource="R3"),
    "precedence": lambda rows: rows["WE"].update(start=at(1, 10), end=at(1, 11)),
    "together": lambda rows: rows["WG2"].update(start=at(4, 10), end=at(4, 11)),
    "work": lambda rows: rows["WB"].update(end=at(1, 11)),
    "calendar": lambda rows: rows["WC"].update(start=at(1, 17), end=at(2, 12)),
    "overlap": lambda rows: rows["WC"].update(start=at(1, 8), end=at(1, 12)),
    "rows": lambda rows: rows["WC"].update(status="Planned"),
}


def full() -> Dataset:
    """The small plant with started work, a release, a sequence and a batch."""
    base = plant()
    rows = [*("ABC"), "D", "F", "G", "H"]
    return plant(
        resources=[{"calendar": "day"}, *({"resource": f"R{i}", "calendar": "day"} for i in (2, 3, 4))],
        jobs=[
            *({k: v for k, v in row.items() if v is not None and k != "row"} for row in base.tables["jobs"].to_dicts()),
            {"job": "D", "release_date": at(2, 8)},
            *({"job": job} for job in "FGH"),
        ],
        manufacturing_orders=[{"manufacturing_order": f"M{job}", "job": job} for job in rows],
        operations=[
            *({"operation": f"O{job}", "manufacturing_order": f"M{job}"} for job in rows),
            {"operation": "OE", "manufacturing_order": "MD", "sequence": 20},
        ],
        activities=[
            *base.tables["activities"].select("activity", "operation", "resource", "start", "end").to_dicts(),
            {"activity": "WD", "operation": "OD", "resource": "R2", "start": at(2, 8), "end": at(2, 9)},
            {"activity": "WE", "operation": "OE", "resource": "R3", "start": at(2, 9), "end": at(2, 10)},
            {"activity": "WF", "operation": "OF", "resource": "R4", "start": at(0, 8), "end": at(0, 9),
             "status": "Started"},
            {"activity": "WG1", "operation": "OG", "resource": "R2", "start": at(3, 8), "end": at(3, 9), "batch": "b"},
            {"activity": "WG2", "operation": "OH", "resource": "R2", "start": at(3, 8), "end": at(3, 9), "batch": "b"},
        ],
    )  # fmt: skip


@pytest.mark.parametrize("rule", CORRUPTIONS)
def test_a_plan_that_cannot_be_is_rejected_by_the_rule_that_it_breaks(rule: str) -> None:
    whole = full()
    table = whole.tables["activities"]
    assert not list(breaches(whole, table))
    rows = {row["activity"]: row for row in table.to_dicts()}
    CORRUPTIONS[rule](rows)
    broken = pl.DataFrame(list(rows.values()), schema=table.schema)
    assert rule in {sentence.partition(":")[0] for sentence in breaches(whole, broken)}


def test_a_row_that_is_gone_is_told() -> None:
    whole = plant()
    assert next(iter(breaches(whole, whole.tables["activities"][1:]))).startswith("rows:")


def test_a_plan_that_overlaps_becomes_one_that_can_be_carried_out() -> None:
    base = plant().tables["activities"]
    crowd = base.select("activity", "operation", start=pl.lit(at(0, 8)), end=pl.lit(at(0, 12))).to_dicts()
    found = run(plant(activities=crowd))
    assert found.named(PRESENT).breaches[0].startswith("overlap:")
    assert not found.named(RIGHT_SHIFT).breaches
    assert sorted(found.best.activities["start"]) == [at(0, 8), at(0, 12), at(1, 8)]


def test_no_room_is_said_and_nothing_is_made_up() -> None:
    """Work of a day and hours that end before it can be done again."""
    open_once = [{"resource": "R1", "start": at(0, 8), "end": at(0, 16)}]
    late = [{"activity": "WA", "operation": "OA", "start": at(0, 8), "end": at(0, 16), "resource": "R1"},
            {"activity": "WB", "operation": "OB", "start": at(0, 8), "end": at(0, 16), "resource": "R1"}]  # fmt: skip
    with pytest.raises(UsageError, match="too little room"):
        run(plant(resources=[{}], calendars=[], capacity_intervals=open_once, activities=late))


def test_a_plan_that_is_handed_over_reads_back_with_the_same_money(tmp_path: Path) -> None:
    whole = plant()
    best = run(whole).best
    place = handed_over(assumed(whole), best, tmp_path / "better")
    again = tocfin.read(place / "plan").require()
    assert measure(again, policy="reconciled").figures["net_profit"].value == pytest.approx(best.price.net_profit[0])
    listed = pl.read_csv(place / "changes.csv")
    assert set(listed["job"]) == {"A", "B", "C"}
    assert listed.filter(pl.col("job") == "B")["to_start"].item() == "2026-06-01T08:00:00"
    with pytest.raises(UsageError, match="never overwritten"):
        handed_over(assumed(whole), best, place)


def test_the_bridge_adds_up_to_the_change_of_net_profit() -> None:
    found = run(full())
    best, present = found.best.price, found.named(PRESENT).price
    for period in range(2):
        terms = [part[period] - present.parts[name][period] for name, part in best.parts.items()
                 if name not in BESIDE]  # fmt: skip
        assert sum(terms) == pytest.approx(best.net_profit[period] - present.net_profit[period])


def test_jobs_that_the_plan_touches_are_listed_with_their_money() -> None:
    whole = plant()
    best = run(whole).best
    listed = {row["job"]: row for row in jobs(whole, whole.tables["activities"], best.activities)}
    assert listed["B"]["what"] == "on time again"
    assert listed["B"]["throughput_this"] == pytest.approx(2400.0)
    assert listed["A"]["what"] == "moved"
    assert listed["A"]["throughput_this"] == 0.0
