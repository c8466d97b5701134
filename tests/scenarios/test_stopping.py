"""The stopping rule against closed forms (A6), and what it says about why it stopped."""

import math
from statistics import NormalDist

import numpy as np
import pytest

from tocfin.errors import UsageError
from tocfin.scenarios.stopping import Sample, Tolerance, defaults, judge, looks

RUNS = 1000
NORMAL = NormalDist()
#: cv 0.30 stops well inside a look; 0.231 has a true half width of just the mean's tolerance at 2,048 replications.
SPREADS = (0.30, 0.231)


@pytest.mark.parametrize("cv", SPREADS)
@pytest.mark.parametrize("name", ["mean", "P10", "P90"])
def test_the_tolerance_is_met_as_often_as_promised(name: str, cv: float) -> None:
    sigma = math.sqrt(math.log(1 + cv * cv))
    truth = 1.0 if name == "mean" else math.exp(sigma * NORMAL.inv_cdf(int(name[1:]) / 100) - sigma**2 / 2)
    (tolerance,) = (one for one in defaults(["T"]) if one.statistic == name)
    rng = np.random.default_rng(11)
    within = 0
    for _ in range(RUNS):
        futures = np.empty(0)
        for n in looks():
            drawn = np.exp(sigma * rng.standard_normal(n - futures.size) - sigma**2 / 2)
            futures = np.concatenate((futures, drawn))
            verdict = judge([Sample("T", +1, futures)], [tolerance])
            if verdict.stop:
                break
        within += abs(verdict.looks[0].estimate.value - truth) <= tolerance.relative * truth
    assert within / RUNS >= 0.93


def test_looks_double_up_to_the_cap() -> None:
    assert list(looks(5000)) == [1024, 2048, 4096, 5000]
    assert list(looks(100)) == [100]
    assert list(looks(1024)) == [1024]


def test_every_scenario_and_every_statistic_has_to_be_met() -> None:
    rng = np.random.default_rng(12)
    calm, wild = (100 + spread * rng.standard_normal(1024) for spread in (1, 90))
    samples = [Sample("net_profit", +1, calm, "base"), Sample("net_profit", +1, wild, "rush")]
    verdict = judge(samples, defaults(["net_profit"]))
    assert not verdict.stop
    assert verdict.why == ""
    assert {look.scenario for look in verdict.wanting} == {"rush"}
    alone = judge(samples[:1], defaults(["net_profit"]))
    assert alone.stop
    assert alone.why == "all 3 tolerances met at 1,024 replications"


def test_at_the_cap_the_first_tolerance_not_met_is_named() -> None:
    wild = 100 + 90 * np.random.default_rng(13).standard_normal(2048)
    verdict = judge([Sample("net_profit", +1, wild, "rush")], defaults(["net_profit"]), cap=2048)
    assert verdict.stop
    assert verdict.why.startswith(
        "cap of 2,048 replications reached with 3 of 3 tolerances not met: net_profit mean of"
    )


def test_an_absolute_tolerance_ends_what_a_relative_one_never_would() -> None:
    around_zero = np.random.default_rng(14).standard_normal(4096)
    sample = [Sample("net_profit", +1, around_zero)]
    assert not judge(sample, [Tolerance("net_profit", "mean", 0.01)]).stop
    assert judge(sample, [Tolerance("net_profit", "mean", 0.01, absolute=0.05)]).stop


def test_a_kpi_without_values_holds_nothing_up_and_is_named() -> None:
    samples = [Sample("a", +1, np.ones(1024)), Sample("b", +1, np.full(1024, np.nan))]
    verdict = judge(samples, defaults(["a", "b"]))
    assert verdict.stop
    assert verdict.why == "all 3 tolerances met at 1,024 replications; without a value: b"
    assert judge(samples[1:], defaults(["b"])).why.endswith("no KPI that was to be judged has a value")


def test_a_refused_interval_meets_no_tolerance() -> None:
    sample = [Sample("a", +1, np.ones(20))]
    assert not judge(sample, [Tolerance("a", "P10", 0.02)]).stop


def test_tails_and_targets_can_be_held_to_a_tolerance() -> None:
    futures = 100 + np.random.default_rng(15).standard_normal(1024)
    tolerances = [Tolerance("a", "CVaR5", 0.01), Tolerance("a", "P(target)", absolute=0.05)]
    assert judge([Sample("a", +1, futures, target=100.0)], tolerances).stop
    with pytest.raises(UsageError, match="no target"):
        judge([Sample("a", +1, futures)], tolerances)


def test_impossible_tolerances_are_refused() -> None:
    with pytest.raises(UsageError, match="median"):
        Tolerance("a", "median", 0.01)
    for wrong in (0.0, -1.0, math.nan, math.inf):
        with pytest.raises(UsageError, match="more than 0"):
            Tolerance("a", "mean", wrong)
    with pytest.raises(UsageError, match="not evaluated"):
        judge([Sample("a", +1, np.ones(1024))], defaults(["b"]))
