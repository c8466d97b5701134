"""What a scenario does to the tables, and whose fault it is when that breaks a rule."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from toml_files import applied, plant, sound

from tocfin.catalogue import BY_NAME
from tocfin.dataset.text import spelled
from tocfin.errors import DatasetError, Finding
from tocfin.scenarios.moves import addable, scalable
from tocfin.scenarios.overrides import apply
from tocfin.scenarios.spec import Addition, Override, Scenario

BASE = plant()
FILLED = [name for name, frame in BASE.tables.items() if frame.height]


def override(table: str, where: str, verb: str) -> str:
    return f"[[override]]\ntable = '{table}'\nwhere = {{ {where} }}\n{verb}\n"


def cells(folder: Path, text: str, table: str, column: str) -> list[object]:
    found = applied(folder, text).dataset
    assert found.ok, [str(finding) for finding in found.findings]
    return found.tables[table][column].to_list()


def errors(folder: Path, text: str) -> list[str]:
    found = applied(folder, text).dataset
    assert not found.ok
    return [str(finding) for finding in found.findings if finding.grade == "error"]


def test_the_plant_of_these_tests_is_sound() -> None:
    again = apply(Scenario("x", Path("x.toml"), Path(), (Override("", "jobs", {}, "scale", {"revenue": 1}),)), BASE)
    assert not again.dataset.findings, [str(finding) for finding in again.dataset.findings]


def test_set_scale_and_add_change_the_chosen_rows_only(tmp_path: Path) -> None:
    assert cells(tmp_path, override("jobs", "job = 'J1'", "set = { revenue = 5 }"), "jobs", "revenue") == [5, 1999.99]
    assert cells(tmp_path, override("jobs", "job = 'J*'", "scale = { revenue = 2 }"), "jobs", "revenue") == [
        2000,
        3999.98,
    ]
    assert cells(tmp_path, override("jobs", "job = 'J2'", "add = { revenue = -2000 }"), "jobs", "revenue")[1] < 0
    assert cells(tmp_path, override("jobs", "", "scale = { priority = 1.5 }"), "jobs", "priority") == [4, None]
    assert cells(tmp_path, override("jobs", "job = 'J1'", "set = { customer = '' }"), "jobs", "customer") == [
        None,
        None,
    ]


def test_times_and_dates_are_moved_by_amounts(tmp_path: Path) -> None:
    before = BASE.tables["jobs"]["need_date"].to_list()
    assert cells(tmp_path, override("jobs", "", "add = { need_date = '+2h' }"), "jobs", "need_date") == [
        time + 7200 for time in before
    ]
    day = BASE.tables["calendars"]["valid_from"][0]
    assert cells(tmp_path, override("calendars", "", "add = { valid_from = '-1w' }"), "calendars", "valid_from") == [
        day - 7
    ]


def test_later_overrides_see_what_earlier_ones_did(tmp_path: Path) -> None:
    text = override("jobs", "job = 'J1'", "set = { need_date = 2026-06-03T12:00:00, customer = 'New' }")
    text += override("jobs", "customer = 'New'", "add = { need_date = '+90m' }")
    text += override("jobs", "customer = 'New'", "scale = { revenue = 3 }")
    assert cells(tmp_path, text, "jobs", "need_date")[0] == 1_780_493_400
    assert cells(tmp_path, text, "jobs", "revenue")[0] == 3000


@pytest.mark.parametrize(
    ("where", "chosen"),
    [
        ("resource = 'CNC-?'", ["A12", "A22"]),
        ("resource = ['SAW', 'CNC-2']", ["A11", "A21", "A22"]),
        ("department = 'Mil*', job = 'J2'", ["A22"]),
        ("product = 'BOLT'", ["A11", "A12"]),
        ("drum = true", ["A12"]),
        ("customer = ''", ["A21", "A22"]),
        ("start = '2026-06-02*'", ["A21", "A22"]),
        ("start = 2026-06-01T10:00:00+02:00", ["A11"]),
        ("operation = 'O.1'", None),
        ("resource = 'cnc*'", None),
        ("batch = '*'", None),
    ],
)
def test_rows_are_chosen_by_their_own_columns_and_by_what_they_belong_to(
    tmp_path: Path, where: str, chosen: list[str] | None
) -> None:
    found = applied(tmp_path, override("activities", where, "set = { batch = 'B' }")).dataset
    table = found.tables["activities"]
    assert table.filter(pl.col("batch") == "B")["activity"].to_list() == (chosen or [])
    assert found.ok == (chosen is not None)


def test_an_override_that_matches_nothing_names_the_condition(tmp_path: Path) -> None:
    assert errors(tmp_path, override("resources", "resource = 'CNC-11', drum = true", "remove = true")) == [
        "other.toml: override[1].where.resource: 'CNC-11' matches no row of resources; did you mean 'CNC-1'?"
    ]
    assert errors(tmp_path, override("resources", "resource = 'SAW', drum = true", "remove = true")) == [
        "other.toml: override[1].where: no row of resources meets all of its conditions"
    ]
    (only,) = errors(tmp_path, override("jobs", "", "scale = { material_cost = 2 }"))
    assert only.startswith("other.toml: override[1].scale.material_cost: changes nothing")


def test_removing_a_job_removes_what_hangs_on_it_and_says_so(tmp_path: Path) -> None:
    found = applied(tmp_path, override("jobs", "job = 'J1'", "remove = true"))
    tables = found.dataset.tables
    assert found.dataset.ok
    assert {name: tables[name].height for name in FILLED if tables[name].height < BASE.tables[name].height} == {
        "jobs": 1, "manufacturing_orders": 1, "operations": 2, "activities": 2, "material_requirements": 0,
        "precedences": 0,
    }  # fmt: skip
    assert tables["jobs"]["row"].to_list() == [3]
    (info,) = (finding for finding in found.dataset.findings if finding.rule == "removed-with")
    assert (info.grade, info.count) == ("warning", 8)
    assert "2 of activities" in info.message


def test_a_row_is_added_and_counts_as_touched(tmp_path: Path) -> None:
    text = "[[add]]\ntable = 'resources'\ncells = { resource = 'CNC-3', plant = 'P1', resource_type = 'Machine', "
    found = applied(tmp_path, text + "drum = true, standard_hourly_cost = 40, overtime_hourly_cost = 60 }")
    assert found.dataset.ok
    assert found.dataset.tables["resources"]["resource"].to_list() == ["CNC-1", "CNC-2", "SAW", "CNC-3"]
    assert found.dataset.tables["resources"]["row"].to_list() == [2, 3, 4, 5]
    assert {name: rows.tolist() for name, rows in found.touched.items()} == {"resources": [False] * 3 + [True]}


def test_work_is_scaled_beside_the_planned_times(tmp_path: Path) -> None:
    text = override("activities", "resource = 'CNC*'", "scale = { work = 1.5 }")
    found = applied(tmp_path, text + override("activities", "job = 'J2'", "scale = { work = 2 }"))
    assert found.activity_work.tolist() == [1.0, 1.5, 2.0, 3.0]
    assert found.touched == {}
    assert found.dataset.tables["activities"].equals(BASE.tables["activities"])


NEW_JOB = "[[add]]\ntable = 'jobs'\ncells = { job = 'J3' }"
BREAKING = [
    (override("jobs", "", "set = { revenue = '12,5' }"), ".set.revenue", "jobs:2: revenue: '12,5' is not a number"),
    (
        override("jobs", "", "add = { shipping_cost = -1 }"),
        ".add.shipping_cost",
        "jobs:2: shipping_cost: '-1.0' is below",
    ),
    (override("jobs", "job = 'J2'", "set = { job = 'J1' }"), ".set.job", "jobs:3: job: job 'J1' is already the key"),
    (override("jobs", "job = 'J2'", "set = { plant = 'P2' }"), ".set.plant", "jobs:3: plant: 'P2' is not in plants"),
    (
        override("resources", "resource = 'SAW'", "remove = true"),
        "",
        "activities:2: resource: 'SAW' is not in resources",
    ),
    (
        override("activities", "activity = 'A11'", "add = { end = '-3h' }"),
        ".add.end",
        "activities:2: end: 2026-06-01T07",
    ),
    (
        override("operations", "sequence = 2", "scale = { scrap_rate = 100 }"),
        ".scale.scrap_rate",
        "operations:3: scrap_",
    ),
    (NEW_JOB, "", "jobs:4: need_date: is empty"),
]


@pytest.mark.parametrize(("text", "cell", "what"), BREAKING)
def test_a_rule_that_a_change_breaks_names_the_change(tmp_path: Path, text: str, cell: str, what: str) -> None:
    found = errors(tmp_path, text)
    start = f"other.toml: {'add' if text == NEW_JOB else 'override'}[1]{cell}: after this change {what}"
    assert any(line.startswith(start) for line in found), found


def test_a_cycle_names_the_link_that_was_added(tmp_path: Path) -> None:
    text = "[[add]]\ntable = 'precedences'\ncells = { predecessor = 'O22', successor = 'O12' }"
    (only,) = errors(tmp_path, text)
    assert only.startswith("other.toml: add[1]")
    assert "wait for each other" in only


def test_many_rows_that_one_change_breaks_are_one_finding(tmp_path: Path) -> None:
    (only,) = errors(tmp_path, override("activities", "", "set = { status = 'Done' }"))
    assert only.endswith("(and 3 more like it)")


def test_findings_of_the_base_stay_what_they_were(tmp_path: Path) -> None:
    odd = Finding("warning", "odd", "jobs", 2, "job", "looks odd", file="jobs.csv")
    base = plant()
    tables = {**base.tables, "jobs": base.tables["jobs"].with_columns(pl.lit(0.0).alias("revenue"))}
    found = apply(sound(tmp_path, ""), type(base)("plant", None, base.plan, tables, (odd,)))
    assert found.dataset.findings == (odd,)


def test_a_base_with_errors_is_refused(tmp_path: Path) -> None:
    base = plant()
    fault = Finding("error", "odd", "jobs", 2, "job", "is wrong")
    with pytest.raises(DatasetError):
        apply(sound(tmp_path, ""), type(base)("plant", None, base.plan, base.tables, (fault,)))


def test_horizon_and_policy_replace_those_of_the_plan(tmp_path: Path) -> None:
    found = applied(tmp_path, "policy = 'reconciled'\n[horizon]\nhorizon_end = 2026-06-15T00:00:00Z\n").dataset
    assert found.plan is not None
    assert (found.plan.policy, found.plan.horizon_end, found.plan.clock) == ("reconciled", 1_781_481_600, 1_780_272_000)
    assert found.name == "other"
    (only,) = errors(tmp_path, "[horizon]\nhorizon_end = 2026-05-15T00:00:00Z\n")
    assert only.startswith("other.toml: horizon: ends before it begins")


neutral = settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def changes_of_nothing(draw: st.DrawFn) -> list[Override]:
    """Overrides by 1, by 0, and cells that are set to what they say already."""
    steps = []
    for number in range(draw(st.integers(1, 3))):
        table = draw(st.sampled_from(FILLED))
        frame, row = BASE.tables[table], draw(st.integers(0, BASE.tables[table].height - 1))
        verb = draw(st.sampled_from(("set", "scale", "add")))
        kinds = {"scale": scalable(table), "add": addable(table)}.get(
            verb, {c.name: c.kind for c in BY_NAME[table].columns}
        )
        full = [name for name in kinds if name in frame.columns and frame[name][row] is not None]
        if not full:
            continue
        column = draw(st.sampled_from(full))
        text = frame.select(spelled(pl.col(column), BY_NAME[table].column(column).kind).cast(pl.String))[column][row]
        where = (
            {frame.columns[1]: (frame[frame.columns[1]][row],), column: (frame[column][row],)} if verb == "set" else {}
        )
        if verb == "set" and BY_NAME[table].column(column).kind in ("time", "date", "clock"):
            where[column] = (text,)
        amount = {"scale": 1, "add": 0}.get(verb, text)
        steps.append(Override(f"override[{number + 1}]", table, where, verb, {column: amount}))
    return steps


@neutral
@given(changes_of_nothing())
def test_scaling_by_one_adding_nothing_and_setting_to_itself_change_nothing(steps: list[Override]) -> None:
    found = apply(Scenario("x", Path("x.toml"), Path(), tuple(steps)), BASE)
    assert not found.dataset.findings
    assert found.dataset.plan == BASE.plan
    for name, frame in BASE.tables.items():
        assert found.dataset.tables[name].equals(frame), name
    assert found.activity_work.tolist() == [1.0] * 4


@neutral
@given(st.floats(0.0, 1e6), st.floats(1e-3, 1e3))
def test_numbers_survive_being_text_on_the_way(revenue: float, factor: float) -> None:
    steps = (
        Override("override[1]", "jobs", {}, "set", {"revenue": repr(revenue)}),
        Override("override[2]", "jobs", {}, "scale", {"revenue": factor}),
    )
    found = apply(Scenario("x", Path("x.toml"), Path(), steps), BASE)
    assert found.dataset.tables["jobs"]["revenue"].to_list() == [revenue * factor] * 2


def test_an_added_row_is_what_a_file_would_hold(tmp_path: Path) -> None:
    addition = Addition("add[1]", "inventories", {"warehouse": "W1", "item": "BOLT", "on_hand_qty": "3"})
    found = apply(Scenario("x", Path("x.toml"), Path(), (), (addition,)), BASE)
    assert found.dataset.tables["inventories"]["on_hand_qty"].to_list() == [0.1, 3.0]
