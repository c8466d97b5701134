"""Declarations of uncertainty: distributions by name, selectors, common factors, and what is impossible in them."""

from __future__ import annotations

from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest
from toml_files import HEAD, read, sound, told

from tocfin.kernels.quantiles import distribution_columns, quantiles
from tocfin.scenarios.distributions import PARAMETERS, Distribution
from tocfin.scenarios.uncertainty import QUANTITIES, Factor, Rule

WEEK = '[[uncertainty.factor]]\nname = "week"\nspan = "week"\nper = "resource"\nowner = "maintenance"\n'
PLANT = '[[uncertainty.factor]]\nname = "plant"\n'


def rule(quantity: str, text: str) -> str:
    return f"[[uncertainty.{quantity}]]\n{text}\n"


ALL = "all = true\n"
CONSTANT = 'distribution = "constant"\nvalue = 1\n'
LOGNORMAL = 'distribution = "lognormal"\ncv = 0.2\n'
BINOMIAL = 'distribution = "binomial"\n'


def test_a_rule_is_read_as_it_says(tmp_path: Path) -> None:
    text = (
        WEEK
        + PLANT
        + rule("duration", 'resource = ["CNC*", "SAW"]\nfactors = { week = 0.6, plant = -0.5 }\n' + LOGNORMAL)
    )
    found = sound(tmp_path, text).uncertainty
    assert found.factors == (Factor("week", "week", "resource", "maintenance"), Factor("plant"))
    (only,) = found.rules
    assert only == Rule(
        "duration", "other.toml", "uncertainty.duration[1]", {"resource": ("CNC*", "SAW")},
        Distribution("lognormal", (1.0, 0.2)), {"week": 0.6, "plant": -0.5},
    )  # fmt: skip
    assert only.own == pytest.approx(np.sqrt(1 - 0.36 - 0.25))


NAMED = [
    ('distribution = "constant"\nvalue = 3', Distribution("constant", (3,)), 3, 3, 3),
    (LOGNORMAL, Distribution("lognormal", (1.0, 0.2)), None, float("inf"), 1),
    ('distribution = "lognormal"\nmean = 2\ncv = 0', Distribution("lognormal", (2, 0)), 2, 2, 2),
    ('distribution = "normal"\ncv = 0.1', Distribution("normal", (1.0, 0.1)), None, float("inf"), 1),
    ('distribution = "gamma"\nmean = 4\ncv = 0.5', Distribution("gamma", (4, 0.5)), None, float("inf"), 4),
    ('distribution = "exponential"\nmean = 4', Distribution("exponential", (4,)), None, float("inf"), 4),
    ('distribution = "triangular"\nmin = 1\nmode = 2\nmax = 6', Distribution("triangular", (1, 2, 6)), None, 6, 3),
    ('distribution = "pert"\nmin = 1\nmode = 2\nmax = 6', Distribution("pert", (1, 2, 6)), None, 6, 2.5),
    ('distribution = "pert"\nmin = 2\nmode = 2\nmax = 2', Distribution("pert", (2, 2, 2)), 2, 2, 2),
    ('distribution = "uniform"\nmin = 1\nmax = 2', Distribution("uniform", (1, 2)), None, 2, 1.5),
    ('distribution = "quantiles"\nlevels = [0, 1]\nvalues = [1, 3]',
     Distribution("quantiles", levels=(0.0, 1.0), values=(1.0, 3.0)), None, 3, 2),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected", "certain", "largest", "mean"), NAMED)
def test_a_distribution_has_the_parameters_people_know(
    tmp_path: Path, text: str, expected: Distribution, certain: float | None, largest: float, mean: float
) -> None:
    (only,) = sound(tmp_path, rule("duration", ALL + text)).uncertainty.rules
    found = only.distribution
    assert found == expected
    assert (found.certain, found.largest) == (certain, largest)
    level = (np.arange(64) + 0.5) / 64
    z = np.array([_normal(u) for u in level])
    values = np.empty(64)
    quantiles(distribution_columns([found.declared]), 0, z, values)
    assert values.mean() == pytest.approx(mean, rel=0.03)


def _normal(level: float) -> float:
    return NormalDist().inv_cdf(level)


def test_every_distribution_is_among_these_tests() -> None:
    assert {expected.name for _, expected, *_ in NAMED} == set(PARAMETERS) - {"binomial"}


def test_pieces_are_counted_with_a_probability_of_their_own_or_the_planned_one(tmp_path: Path) -> None:
    for text, expected in ((BINOMIAL + "mean = 0.25", (0.25,)), (BINOMIAL, ())):
        (only,) = sound(tmp_path, rule("scrap", ALL + text)).uncertainty.rules
        assert only.distribution == Distribution("binomial", expected)
    assert (Distribution("binomial", (0.25,)).certain, Distribution("binomial", (0.25,)).largest) == (None, 1.0)
    assert [Distribution("binomial", (p,)).certain for p in (0.0, 1.0)] == [0.0, 1.0]
    values = np.empty(3)
    quantiles(distribution_columns([Distribution("binomial", (0.25,), lot=2).declared]), 0, np.array([0, 1, 3]), values)
    assert values.tolist() == [0.0, 0.5, 1.0]  # none with 9/16, one with 6/16, both with 1/16


def test_a_shift_is_added_to_a_distribution_or_to_what_was_said_before(tmp_path: Path) -> None:
    drawn = 'distribution = "exponential"\nmean = 4\n'
    (first, second) = sound(tmp_path, rule("release", ALL + drawn + "shift = 2") + rule("release", ALL + "shift = 24")
                            ).uncertainty.rules  # fmt: skip
    assert (first.distribution, dict(first.settings)) == (Distribution("exponential", (4,)), {"shift": 2})
    assert (second.distribution, dict(second.settings)) == (None, {"shift": 24})


FAULTS = [
    ("duration", 'distribution = "lognorml"\ncv = 0.1', "[1].distribution: 'lognorml' is not one of"),
    ("duration", "cv = 0.1", "[1].distribution: is missing"),
    ("duration", 'distribution = "lognormal"', "[1].cv: is missing"),
    ("duration", 'distribution = "lognormal"\ncv = -0.1', "[1].cv: '-0.1' is below 0"),
    ("duration", 'distribution = "lognormal"\ncv = 11', "[1].cv: '11' is above 10"),
    ("duration", 'distribution = "lognormal"\ncv = 0.1\nmean = 0', "[1].mean: '0' is not above 0"),
    ("duration", 'distribution = "lognormal"\ncv = 0.1\nmin = 0', "[1].min: is no parameter of lognormal"),
    ("duration", 'distribution = "gamma"\ncv = "big"', "[1].cv: 'big' is not a number"),
    ("duration", 'distribution = "pert"\nmin = 1\nmode = 3\nmax = 2', "[1].mode: 3 is not between min and max"),
    ("duration", 'distribution = "triangular"\nmin = 3\nmode = 2\nmax = 1', "[1].min: 3 is above max 1"),
    ("duration", 'distribution = "uniform"\nmin = 3\nmax = 1', "[1].min: 3 is above max 1"),
    ("duration", 'distribution = "constant"\nvalue = -1', "[1].value: '-1' is below 0"),
    ("duration", 'distribution = "quantiles"\nlevels = [0, 1]\nvalues = [1]', "[1].levels: has 2 levels and 1 values"),
    ("duration", 'distribution = "quantiles"\nlevels = [1, 0]\nvalues = [1, 2]', "[1].levels: do not increase"),
    ("duration", 'distribution = "quantiles"\nlevels = [0, 1]\nvalues = [2, 1]', "[1].values: decrease"),
    ("duration", 'distribution = "quantiles"\nlevels = [0, 2]\nvalues = [1, 2]', "[1].levels[2]: '2' is above 1"),
    ("duration", 'distribution = "quantiles"\nlevels = 3\nvalues = [1, 2]', "[1].levels: '3' is not a list"),
    ("release", LOGNORMAL, "[1].mean: is missing"),
    ("scrap", 'distribution = "uniform"\nmin = 0\nmax = 1.5', "[1]: 1.5 is above 1"),
    ("scrap", 'distribution = "lognormal"\nmean = 2\ncv = 1', "[1]: 2 is above 1"),
    ("scrap", 'distribution = "constant"\nvalue = 0.1\nrework = 1.2', "[1].rework: '1.2' is above 1"),
    ("scrap", 'distribution = "constant"\nvalue = 0.1\nrework_work = -1', "[1].rework_work: '-1' is below 0"),
    ("scrap", BINOMIAL + "mean = 1.5", "[1]: 1.5 is above 1"),
    ("scrap", BINOMIAL + "mean = 0", "[1].mean: '0' is not above 0"),
    ("scrap", BINOMIAL + "cv = 0.5", "[1].cv: is no parameter of binomial, which has mean"),
    ("duration", BINOMIAL, "[1].distribution: 'binomial' is not one of constant"),
    ("absence", BINOMIAL, "[1].distribution: 'binomial' is not one of constant"),
    ("breakdowns", 'repair = { distribution = "binomial" }', "[1].repair.distribution: 'binomial' is not one of"),
    ("duration", LOGNORMAL + "shift = 1", "[1].shift: is not known here"),
    ("material", CONSTANT + "shift = -1", "[1].shift: '-1' is below 0"),
    ("material", "shift = 'late'", "[1].shift: 'late' is not a number"),
    ("material", "shift = 1\ncv = 0.2", "[1].cv: is about a distribution; name one, or keep shift alone"),
    ("release", "shift = 1\nfactors = { plant = 0.5 }", "[1].factors: is about a distribution; name one"),
    ("absence", 'distribution = "constant"\nvalue = 0.1\nper = "week"', "[1].per: 'week' is not one of shift, day"),
    ("breakdowns", "mtbf = 0", "[1].mtbf: '0' is not above 0"),
    ("breakdowns", "cv = 1", "[1].cv: is not known here"),
    ("breakdowns", "repair = 3", "[1].repair: is no table"),
    ("breakdowns", 'repair = { distribution = "lognormal" }', "[1].repair.cv: is missing"),
    ("demand", "cancelled = 1.5", "[1].cancelled: '1.5' is above 1"),
    ("demand", "", "[1]: says exactly one of cancelled"),
    ("demand", "cancelled = 0.5\npresent = 0.5", "[1]: says exactly one of cancelled"),
    ("duration", LOGNORMAL + "factors = { weak = 0.5 }", "[1].factors.weak: is no [[uncertainty.factor]]"),
    ("duration", LOGNORMAL + "factors = { week = 0.8, plant = 0.7 }", "[1].factors: have squares that sum to more"),
    ("duration", LOGNORMAL + "factors = { week = 1.5 }", "[1].factors.week: '1.5' is above 1"),
    ("duration", LOGNORMAL + "factors = 0.5", "[1].factors: is no table"),
    ("release", CONSTANT + "factors = { week = 0.5 }", "[1].factors.week: is drawn per resource, which"),
    ("duration", LOGNORMAL + "resourc = 'x'", "[1].resourc: is not known here; did you mean 'resource'?"),
    ("duration", LOGNORMAL + "resource = 'x'", "[1]: says all = true and chooses rows"),
    ("duration", LOGNORMAL + "enabled = 1", "[1].enabled: '1' is neither true nor false"),
]  # fmt: skip


@pytest.mark.parametrize(("quantity", "text", "start"), FAULTS)
def test_what_is_impossible_is_told_once_at_its_place(tmp_path: Path, quantity: str, text: str, start: str) -> None:
    scenario, findings = read(tmp_path, WEEK + PLANT + rule(quantity, ALL + text))
    assert [str(finding).startswith(f"other.toml: uncertainty.{quantity}{start}") for finding in findings] == [True], (
        findings
    )
    assert scenario is None


def test_a_rule_says_whom_it_chooses(tmp_path: Path) -> None:
    for quantity, text in (("duration", LOGNORMAL), ("demand", "cancelled = 0.1"), ("price", LOGNORMAL)):
        (only,) = told(tmp_path, rule(quantity, text))
        assert only.startswith(f"other.toml: uncertainty.{quantity}[1]: chooses nothing; say all = true")


def test_factors_have_names_of_their_own_and_known_spans(tmp_path: Path) -> None:
    assert "is already the name of another factor" in told(tmp_path, PLANT + PLANT)[0]
    assert "uncertainty.factor[1].name: is missing" in told(tmp_path, "[[uncertainty.factor]]\nspan = 'day'")[0]
    assert "'year' is not one of replication, month, week, day" in told(tmp_path, PLANT + "span = 'year'")[0]
    assert "uncertainty.factor[1].per: 'color' is not one of" in told(tmp_path, PLANT + "per = 'color'")[0]


def test_what_is_switched_off_is_checked_but_not_there(tmp_path: Path) -> None:
    text = rule("duration", ALL + LOGNORMAL + "enabled = false")
    assert not sound(tmp_path, text).uncertainty.rules
    assert told(tmp_path, text.replace("0.2", "-0.2"))
    assert sound(tmp_path, "off = ['duration']\n" + rule("duration", ALL + LOGNORMAL)).uncertainty.off == {"duration"}


def test_uncertainty_comes_from_another_file_and_own_rules_come_later(tmp_path: Path) -> None:
    shared = HEAD + "off = ['scrap']\n" + PLANT + rule("duration", ALL + LOGNORMAL)
    (tmp_path / "shared.toml").write_text(shared, encoding="utf-8")
    assert len(sound(tmp_path, "uncertainty = 'shared.toml'").uncertainty.rules) == 1
    own = rule("duration", 'resource = "SAW"\nfactors = { plant = 1 }\n' + LOGNORMAL)
    found = sound(tmp_path, "off = ['price']\n[uncertainty]\nfile = 'shared.toml'\n" + own).uncertainty
    assert [one.file for one in found.rules] == ["shared.toml", "other.toml"]
    assert found.off == {"scrap", "price"}


def test_a_named_file_has_to_hold_uncertainty_itself(tmp_path: Path) -> None:
    (tmp_path / "plain.toml").write_text(HEAD, encoding="utf-8")
    (tmp_path / "chain.toml").write_text("uncertainty = 'plain.toml'", encoding="utf-8")
    (tmp_path / "odd.toml").write_text("uncertainty = 3", encoding="utf-8")
    (tmp_path / "wrong.toml").write_text(rule("duration", ALL), encoding="utf-8")
    assert "none.toml: cannot be read" in told(tmp_path, "uncertainty = 'none.toml'")[0]
    assert "has no [uncertainty]" in told(tmp_path, "uncertainty = 'plain.toml'")[0]
    assert "takes its uncertainty from another file" in told(tmp_path, "uncertainty = 'chain.toml'")[0]
    assert told(tmp_path, "uncertainty = 'odd.toml'")[0].startswith("odd.toml: uncertainty: is a value")
    assert told(tmp_path, "uncertainty = 'wrong.toml'")[0].startswith(
        "wrong.toml: uncertainty.duration[1].distribution"
    )
    assert "other.toml: uncertainty: is a value" in told(tmp_path, "uncertainty = 3")[0]


def test_unknown_quantities_are_told(tmp_path: Path) -> None:
    assert (
        "uncertainty.durations: is not known here; did you mean 'duration'?"
        in told(tmp_path, rule("durations", ALL))[0]
    )
    assert set(QUANTITIES) == {
        "duration", "breakdowns", "scrap", "release", "material", "absence", "price", "material_cost", "demand",
    }  # fmt: skip
