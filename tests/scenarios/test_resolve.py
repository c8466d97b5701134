"""Declarations against a data set: which rule holds for which row, and with which factors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from toml_files import plant, sound

from tocfin.dataset import Dataset
from tocfin.kernels.quantiles import BINOMIAL, CONSTANT, EXPONENTIAL, LOGNORMAL
from tocfin.scenarios.overrides import apply
from tocfin.scenarios.resolve import Assigned, Resolved, resolve
from tocfin.scenarios.uncertainty import SHIFTS, SPANS

FACTORS = """
[[uncertainty.factor]]
name = "week"
span = "week"
per = "resource"
[[uncertainty.factor]]
name = "plant"
span = "month"
"""


def constant(quantity: str, selector: str, value: float, more: str = "") -> str:
    return f"[[uncertainty.{quantity}]]\n{selector}\ndistribution = 'constant'\nvalue = {value}\n{more}\n"


def resolved(folder: Path, text: str) -> Resolved:
    found, findings = resolve(sound(folder, text).uncertainty, plant())
    assert not findings, [str(finding) for finding in findings]
    return found


def values(found: Resolved, assigned: Assigned) -> list[float | None]:
    """The constant that is drawn for each element; None where it stays as planned."""
    return [None if row < 0 else float(found.distributions.location[row]) for row in assigned.distribution.tolist()]


LOGNORMAL_DURATION = "[[uncertainty.duration]]\nall = true\ndistribution = 'lognormal'\ncv = 0.2\n"
OFF = "off = ['breakdowns', 'scrap']\n"


def test_nothing_declared_leaves_everything_as_planned(tmp_path: Path) -> None:
    found = resolved(tmp_path, OFF)
    for assigned in (part for part in found if isinstance(part, Assigned)):
        assert (assigned.distribution == -1).all()
        assert not assigned.own.any()
        assert assigned.first.tolist() == [0] * (assigned.distribution.size + 1)
    assert np.isnan(found.resource_mtbf).all()
    assert found.job_cancelled.tolist() == [0, 0]
    assert found.job_present.tolist() == [1, 1]
    assert found.factor_name == ()


def test_the_last_rule_that_chooses_a_row_holds(tmp_path: Path) -> None:
    text = constant("duration", "all = true", 2) + constant("duration", "resource = 'CNC*'", 3)
    found = resolved(tmp_path, OFF + text + constant("duration", "operation = 'O22'", 4))
    assert values(found, found.duration) == [2, 3, 2, 4]
    assert found.duration.rule.tolist() == [0, 1, 0, 2]
    assert found.duration.own.tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("quantity", "selector", "expected"),
    [
        ("duration", "product = 'BOLT'", [7, 7, None, None]),
        ("duration", "department = 'Milling'", [None, 7, None, 7]),
        ("duration", "plant = 'P1'\nresource_type = 'Machine'\ndrum = true", [None, 7, None, None]),
        ("scrap", "resource = 'CNC-2'", [None, None, None, 7]),
        ("scrap", "job = 'J1'", [7, 7, None, None]),
        ("release", "customer = 'A*'", [7, None]),
        ("material", "supplier = 'Forge'", [7]),
        ("material", "job = 'J1'\nitem = 'BAR'", [7]),
        ("absence", "resource = '?AW'", [None, None, 7]),
        ("price", "item = 'BOLT'", [7, None, None]),
        ("price", "plant = 'P1'", [7, 7, 7]),
        ("material_cost", "supplier = 'Forge'", [None, 7, None]),
        ("material_cost", "item_type = 'Fin*'", [7, None, None]),
    ],
)
def test_rows_are_chosen_by_selectors(
    tmp_path: Path, quantity: str, selector: str, expected: list[float | None]
) -> None:
    value = 7 if quantity not in ("scrap", "absence") else 0.7
    found = resolved(tmp_path, "off = ['breakdowns']\n" + constant(quantity, selector, value))
    column = None if quantity != "scrap" else 0.02
    planned = [column if at % 2 else None for at in range(len(expected))]
    wanted = [other if one is None else value for one, other in zip(expected, planned, strict=True)]
    assert values(found, getattr(found, quantity)) == wanted


def test_factors_are_drawn_per_value_or_once_for_all(tmp_path: Path) -> None:
    found = resolved(tmp_path, OFF + FACTORS + LOGNORMAL_DURATION + "factors = { week = 0.6, plant = 0.5 }\n")
    assert found.factor_name == ("week/SAW", "week/CNC-1", "week/CNC-2", "plant")
    assert [SPANS[span] for span in found.factor_span] == ["week", "week", "week", "month"]
    assert found.factor_declared.tolist() == [0, 0, 0, 1]
    assert found.duration.first.tolist() == [0, 2, 4, 6, 8]
    assert found.duration.factor.tolist() == [0, 3, 1, 3, 0, 3, 2, 3]
    assert found.duration.loading.tolist() == [0.6, 0.5] * 4
    assert found.duration.own == pytest.approx(np.sqrt(1 - 0.61))
    assert found.distributions.kind.tolist() == [LOGNORMAL]


def test_columns_of_the_data_set_are_declarations_too(tmp_path: Path) -> None:
    found = resolved(tmp_path, "")
    assert found.resource_mtbf.tolist()[0] == 60
    assert found.resource_mttr.tolist()[0] == 4
    assert np.isnan(found.resource_mtbf[1:]).all()
    assert (found.repair.distribution >= 0).tolist() == [True, False, False]
    assert found.distributions.kind[found.repair.distribution[0]] == EXPONENTIAL
    assert values(found, found.scrap) == [None, 0.02, None, 0.02]
    assert found.distributions.kind[found.scrap.distribution[1]] == CONSTANT
    assert found.scrap.rule.tolist() == [-1] * 4


def test_rules_override_columns_and_fill_what_they_do_not_say(tmp_path: Path) -> None:
    text = "[[uncertainty.breakdowns]]\nresource = 'CNC-1'\nmtbf = 100\n"
    text += "[[uncertainty.breakdowns]]\nresource = 'SAW'\nmtbf = 10\nmttr = 2\n"
    text += "repair = { distribution = 'constant', value = 1 }\n"
    text += constant("scrap", "operation = 'O12'", 0.5, "rework = 0.8\nrework_work = 1.5\nrework_material = 0.25")
    found = resolved(tmp_path, text)
    assert found.resource_mtbf.tolist()[::2] == [100, 10]
    assert found.resource_mttr.tolist()[::2] == [4, 2]
    assert found.repair.rule.tolist() == [0, -1, 1]
    assert values(found, found.scrap) == [None, 0.5, None, 0.02]
    assert found.operation_rework.tolist() == [0, 0.8, 0, 0]
    assert found.operation_rework_work.tolist() == [1, 1.5, 1, 1]
    assert found.operation_rework_material.tolist() == [0, 0.25, 0, 0]


def test_a_shift_comes_on_top_of_what_holds_and_keeps_its_noise(tmp_path: Path) -> None:
    delay = FACTORS + constant("release", "job = 'J1'", 3, "shift = 2\nfactors = { plant = 0.5 }")
    one = resolved(tmp_path, OFF + delay)
    assert values(one, one.release) == [5, None]
    shifted = "[[uncertainty.release]]\nall = true\nshift = 24\n"
    more = resolved(tmp_path, OFF + delay + shifted + shifted)
    assert values(more, more.release) == [5 + 48, 48]
    for name in ("rule", "own", "first", "factor", "loading"):
        assert getattr(more.release, name).tolist() == getattr(one.release, name).tolist()
    none = resolved(tmp_path, OFF + delay + shifted.replace("24", "0"))
    assert values(none, none.release) == [5, None]
    last = resolved(tmp_path, OFF + delay + shifted + constant("release", "job = 'J1'", 1))
    assert values(last, last.release) == [1, 24]  # a later distribution takes the place of all before it


def counted(found: Resolved, row: int) -> list[float]:
    """The shares that the scrap of an operation can be."""
    d = found.scrap.distribution[row]
    assert found.distributions.kind[d] == BINOMIAL
    return found.distributions.level_value[found.distributions.first[d] : found.distributions.last[d]].tolist()


def test_bad_pieces_are_counted_of_the_operation_or_of_whom_it_belongs_to(tmp_path: Path) -> None:
    binomial = "[[uncertainty.scrap]]\noperation = 'O%s'\ndistribution = 'binomial'\n%s\n"
    given = plant()
    rows = dict(given.tables)
    rows["operations"] = rows["operations"].with_columns(
        quantity=pl.Series([None, 4.0, None, None]), scrap_rate=pl.Series([0.5, 0.02, 0.5, 0.1])
    )
    rows["jobs"] = rows["jobs"].with_columns(quantity=pl.Series([2.4, None]))
    rules = binomial % ("12", "") + binomial % ("11", "mean = 0.3") + binomial % ("22", "")
    found, findings = resolve(sound(tmp_path, rules).uncertainty, Dataset("plant", None, given.plan, rows, ()))
    assert counted(found, 1) == [0, 0.25, 0.5, 0.75, 1]  # its own quantity, at its own rate
    assert counted(found, 0) == [0, 0.5, 1]  # that of its job, in whole pieces
    none_bad = found.distributions.level[found.distributions.first[found.scrap.distribution[:2]]]
    assert none_bad == pytest.approx([0.7**2, 0.98**4])
    assert values(found, found.scrap)[2:] == [0.5, 0.1]  # no rule; and nobody says how many pieces
    (only,) = findings
    assert (only.grade, only.count) == ("warning", 1)
    assert str(only).startswith("other.toml: uncertainty.scrap[3]: 1 operation(s) have no quantity to count bad pieces")


def test_settings_reach_their_rows(tmp_path: Path) -> None:
    text = constant("absence", "department = 'Milling'", 0.1, "per = 'day'")
    text += "[[uncertainty.demand]]\njob = 'J2'\ncancelled = 0.25\n[[uncertainty.demand]]\njob = 'J1'\npresent = 0.5\n"
    found = resolved(tmp_path, text)
    assert [SHIFTS[span] for span in found.resource_absence_span] == ["day", "day", "shift"]
    assert found.job_cancelled.tolist() == [0, 0.25]
    assert found.job_present.tolist() == [0.5, 1]


def test_what_is_off_stays_as_planned_columns_too(tmp_path: Path) -> None:
    text = OFF + constant("scrap", "all = true", 0.5) + "[[uncertainty.breakdowns]]\nall = true\nmtbf = 5\nmttr = 1\n"
    found = resolved(tmp_path, text)
    assert found.rules == ()
    assert np.isnan(found.resource_mtbf).all()
    assert (found.scrap.distribution == -1).all()


def test_a_rule_that_chooses_nothing_is_a_warning(tmp_path: Path) -> None:
    scenario = sound(tmp_path, constant("duration", "resource = 'CNC-11'", 2))
    (only,) = resolve(scenario.uncertainty, plant())[1]
    assert only.grade == "warning"
    assert str(only) == (
        "other.toml: uncertainty.duration[1].resource: 'CNC-11' matches no row of activities; did you mean 'CNC-1'?"
    )


def test_breakdowns_without_hours_are_a_warning(tmp_path: Path) -> None:
    scenario = sound(tmp_path, "[[uncertainty.breakdowns]]\nresource = 'SAW'\n")
    (only,) = resolve(scenario.uncertainty, plant())[1]
    assert str(only).startswith("other.toml: uncertainty.breakdowns[1]: 1 resource(s) without both mtbf and mttr")


def test_columns_are_read_only(tmp_path: Path) -> None:
    found = resolved(tmp_path, "")
    with pytest.raises(ValueError, match="read-only"):
        found.duration.own[0] = 1
    with pytest.raises(ValueError, match="read-only"):
        found.resource_mtbf[0] = 1


def test_removing_a_job_leaves_the_others_as_they_were(tmp_path: Path) -> None:
    rule = LOGNORMAL_DURATION + "factors = { week = 0.6 }\n"
    scenario = sound(tmp_path, FACTORS + rule + "[[override]]\ntable = 'jobs'\nwhere = { job = 'J1' }\nremove = true\n")
    before = resolve(scenario.uncertainty, plant())[0]
    after = resolve(scenario.uncertainty, apply(scenario, plant()).dataset)[0]

    def named(found: Resolved) -> list[str]:
        return [found.factor_name[row] for row in found.duration.factor]

    assert named(after) == named(before)[2:]
    assert after.duration.own.tolist() == before.duration.own.tolist()[2:]
