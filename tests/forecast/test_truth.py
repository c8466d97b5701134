"""Forecasts are honest where the truth is known: a small part of benchmarks/bench_forecast_truth.py."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from tocfin.forecast.scores import score


def test_the_band_holds_where_the_truth_is_known() -> None:
    file = Path(__file__).parents[2] / "benchmarks" / "bench_forecast_truth.py"
    spec = importlib.util.spec_from_file_location("bench_forecast_truth", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found = list(module.verdicts(3, 12, replications=192))
    whole = score(found)
    assert whole.n == 36
    assert whole.honest, whole.coverage
    assert abs(whole.bias) < 0.02 * sum(one.truth for one in found) / len(found)
    likely = [one for one in found if one.p_miss is not None and one.p_miss > 0.9]
    seldom = [one for one in found if one.p_miss is not None and one.p_miss < 0.1]
    assert sum(bool(one.missed) for one in likely) >= 0.8 * len(likely) > 0
    assert sum(bool(one.missed) for one in seldom) <= 0.2 * len(seldom) > 0
