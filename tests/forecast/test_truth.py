"""Forecasts are honest where the truth is known: a small part of benchmarks/bench_forecast_truth.py."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tocfin.forecast.scores import score


@cache
def benchmark() -> Any:
    file = Path(__file__).parents[2] / "benchmarks" / "bench_forecast_truth.py"
    spec = importlib.util.spec_from_file_location("bench_forecast_truth", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_band_holds_where_the_truth_is_known() -> None:
    module = benchmark()
    pairs = list(module.verdicts(3, 12, replications=192))
    found = [verdict for verdict, _ in pairs]
    whole = score(found)
    assert whole.n == 36
    assert whole.honest, whole.coverage
    assert abs(whole.bias) < 0.02 * sum(one.truth for one in found) / len(found)
    chances = [chance for _, some in pairs for chance in some]
    assert len(chances) == 36 * module.TARGETS
    likely = [missed for said, missed in chances if said > 0.9]
    seldom = [missed for said, missed in chances if said < 0.1]
    assert sum(likely) >= 0.9 * len(likely) > 0
    assert sum(seldom) <= 0.1 * len(seldom) > 0


def test_fifths_count_plant_periods_and_not_targets() -> None:
    """Two forecasts, one of them with two targets of 0.3 that share their luck: the error is that of two, not three."""
    found = list(benchmark().fifths([[(0.3, True), (0.3, True)], [(0.3, False), (1.0, True)]]))
    low, n, said, missed, error = found[1]
    assert (low, n, said, missed) == (0.2, 3, pytest.approx(0.3), pytest.approx(2 / 3))
    assert error == pytest.approx((1.4**2 + 0.3**2) ** 0.5 / 3)
    assert found[4][1:4] == (1, 1.0, 1.0)
