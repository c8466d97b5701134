"""Assumptions that break: how soon it is told, how seldom in vain, what it costs, and the corrected file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from small_business import HOUR, small_business

from tables import PLAN
from tocfin.dataset import Dataset
from tocfin.errors import UsageError
from tocfin.forecast.cusum import alarm, sums
from tocfin.forecast.drift import Drift, corrected_toml, drift, judged
from tocfin.forecast.observed import ASSUMPTIONS, Series
from tocfin.forecast.sides import of_scenario, opened
from tocfin.scenarios.spec import load


def run_lengths(shift: float, runs: int, longest: int) -> np.ndarray:
    rng = np.random.Generator(np.random.PCG64(11))
    told = [alarm(rng.standard_normal(longest) + shift) for _ in range(runs)]
    return np.array([longest if one is None else one.at + 1 for one in told])


def test_what_holds_runs_on_and_what_is_off_by_one_sigma_is_told_soon() -> None:
    """370 points at least until a false alarm, 12 at most until a true one; the textbook has 465 and 10.4."""
    assert run_lengths(0.0, 250, 4_000).mean() >= 370
    assert run_lengths(1.0, 2_000, 120).mean() <= 12


def test_sums_and_alarms_as_worked_by_hand() -> None:
    values = np.array([0.0, 2.0, 2.0, -1.0, 2.5, 2.5, 2.0])
    above, below = sums(values)
    assert above.tolist() == [0.0, 1.5, 3.0, 1.5, 3.5, 5.5, 7.0]
    assert below.tolist() == [0.0, 0.0, 0.0, 0.5, 0.0, 0.0, 0.0]
    assert alarm(values) == (1, 1, 5)
    assert alarm(-values) == (-1, 1, 5)
    assert alarm(np.array([100.0, 0.0, 0.0, 0.0])) is None  # one freak is no drift


def series(values: list[float], assumed: float = 1.0) -> Series:
    at = np.arange(len(values), dtype=np.int64) * 86_400
    return Series("run hours", "saw", "x", assumed, at, np.array(values))


def test_the_verdict_says_since_when_and_how_much() -> None:
    found = judged(series([1.0, 1.02, 0.98, 1.01, 0.99, 1.0, *[1.2, 1.22, 1.18, 1.21, 1.19, 1.2]]))
    assert (found.verdict, found.since, found.level) == ("drifting", 6 * 86_400, pytest.approx(1.2))
    assert judged(series([1.0, 1.01, 0.99] * 4)).verdict == "holds"
    few = judged(series([2.0] * 7))
    assert (few.verdict, few.note, few.level) == ("insufficient data", "7 of the 8 points that are needed", None)


def slower(factor: float, jobs: int = 20) -> Dataset:
    """A plant in which what is finished on the mill took ``factor`` times as long as planned; half is finished."""
    dataset = small_business(jobs=jobs).dataset
    clock = PLAN.clock + 30 * HOUR
    longer = pl.when(pl.col("resource") == "mill").then(factor).otherwise(1.0)
    lasted = ((pl.col("end") - pl.col("start")) * longer).round().cast(pl.Int64)
    over = pl.col("end") <= clock
    activities = dataset.tables["activities"].with_columns(
        actual_start=pl.when(over).then("start"),
        actual_end=pl.when(over).then(pl.min_horizontal(pl.col("start") + lasted, pl.lit(clock))),
        status=pl.when(over).then(pl.lit("Finished")).otherwise(pl.lit("Planned")),
    )
    plan = replace(PLAN, clock=clock, horizon_end=PLAN.clock + 120 * HOUR)
    return replace(dataset, path=Path("plant"), plan=plan, tables={**dataset.tables, "activities": activities})


def test_a_slow_machine_is_found_priced_and_corrected(tmp_path: Path) -> None:
    dataset = slower(1.5)
    found = drift(dataset)
    broken = {(one.assumption, one.of): one for one in found if one.verdict == "drifting"}
    mill = broken["run hours", "mill"]
    assert mill.level == pytest.approx(1.5, abs=0.05)
    assert mill.by_the_close is not None
    assert mill.by_the_close < 0
    assert mill.money_per_day == pytest.approx(mill.by_the_close / 3.75)
    assert not {key for key in broken if key[0] in ("run hours", "labour efficiency")} - {("run hours", "mill")}
    (tmp_path / "plant").mkdir()
    file = tmp_path / "corrected.toml"
    file.write_text(corrected_toml(replace(dataset, path=tmp_path / "plant"), found, tmp_path), "utf-8")
    scenario, findings = load(file)
    assert scenario is not None, findings
    later = of_scenario(scenario, dataset).dataset.tables["activities"]
    assert later["end"].max() > dataset.tables["activities"]["end"].max()  # type: ignore[operator]


def test_what_nothing_tells_of_is_not_observed_and_never_0() -> None:
    found = {one.assumption: one for one in drift(slower(1.0)) if one.verdict == "not observed"}
    assert set(found) == set(ASSUMPTIONS) - {"run hours", "labour efficiency", "adherence"}
    assert all(one.level is None and one.by_the_close is None for one in found.values())


def test_without_anything_broken_there_is_nothing_to_write() -> None:
    with pytest.raises(UsageError, match="nothing to write"):
        corrected_toml(slower(1.0), [Drift("yield", "", "not observed")], Path())


def test_what_is_not_there_is_no_side_of_a_bridge(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="neither a data set, a scenario file"):
        opened(str(tmp_path / "corrected.toml"))
