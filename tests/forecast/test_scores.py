"""Scores of forecasts: worked by hand, and against plain sums."""

from itertools import product
from math import isnan

import numpy as np
import pytest

from tocfin.forecast.calibrate import LEAST, Past, calibrated
from tocfin.forecast.scores import calibration, crps, judged, score


def plain_crps(values: list[float], truth: float) -> float:
    n = len(values)
    return sum(abs(x - truth) for x in values) / n - sum(abs(x - y) for x, y in product(values, values)) / 2 / n / n


def test_crps_of_one_value_is_the_absolute_error() -> None:
    assert crps(np.array([7.0]), 4.0) == 3.0


def test_crps_equals_the_plain_double_sum_whatever_the_order() -> None:
    values = [3.0, -1.0, 4.0, 1.0, -5.0, 9.0, 2.0]
    for truth in (-8.0, 1.0, 2.5, 20.0):
        assert crps(np.array(values), truth) == pytest.approx(plain_crps(values, truth), abs=1e-12)


def test_a_wider_forecast_around_the_same_middle_scores_worse_when_it_was_right() -> None:
    values = np.linspace(-1.0, 1.0, 101)
    assert crps(values, 0.0) < crps(10 * values, 0.0)


def test_verdicts_add_up_to_coverage_bias_and_baselines() -> None:
    values = np.linspace(0.0, 10.0, 1001)
    verdicts = [judged(values, truth, baselines={"last period": 9.0}) for truth in (0.5, 5.0, 8.0, 9.5)]
    found = score(verdicts)
    assert (found.n, found.coverage.count) == (4, 2)  # the band is 1 to 9
    assert found.bias == pytest.approx(5.0 - 5.75)
    assert found.baselines == {"last period": 9.0}
    assert found.beaten
    assert isnan(score([]).crps)


def test_calibration_counts_by_fifths_of_what_was_said() -> None:
    values = np.zeros(3)
    said = [0.0, 0.1, 0.1, 0.5, 0.9, 1.0]
    came = [False, False, True, True, True, True]
    fifths = calibration([judged(values, 0.0, p_miss=p, missed=m) for p, m in zip(said, came, strict=True)])
    assert [one.missed.n for one in fifths] == [3, 0, 1, 0, 2]
    assert [one.missed.count for one in fifths] == [1, 0, 1, 0, 2]
    assert fifths[4].said == pytest.approx(0.95)


def test_a_forecast_that_was_always_too_sure_becomes_as_wide_as_its_errors() -> None:
    values = np.linspace(90.0, 110.0, 2001)  # the band is 92 to 108
    record = [Past(0.0, 1.0, error) for error in np.linspace(-3.0, 3.0, 19)]
    found = calibrated(values, record)
    assert found is not None
    low, middle, high = np.quantile(found, [0.1, 0.5, 0.9])
    assert middle == pytest.approx(100.0, abs=0.1)
    assert (low, high) == (pytest.approx(100 - 8 * 8 / 3, abs=0.1), pytest.approx(100 + 8 * 8 / 3, abs=0.1))


def test_a_forecast_that_was_always_too_high_is_moved() -> None:
    record = [Past(100.0, 10.0, 80.0 + at) for at in range(9)]
    found = calibrated(np.linspace(0.0, 20.0, 101), record)
    assert found is not None
    assert np.quantile(found, 0.5) == pytest.approx(10 - 8 * 1.6, abs=0.1)


def test_a_record_that_is_too_thin_teaches_nothing() -> None:
    record = [Past(100.0, 10.0, 80.0)] * (LEAST - 1)
    assert calibrated(np.linspace(0.0, 20.0, 101), record) is None
    assert calibrated(np.full(10, 5.0), record * 2) is None  # certain: no band to widen
