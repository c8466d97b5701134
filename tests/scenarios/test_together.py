"""Worlds that differ in their luck alone share what hangs on the same of it, to the bit of each alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tocfin.examples import example_dataset, write_scenarios
from tocfin.kernels.block import frame_of, one_after_another, sum_terms
from tocfin.scenarios.futures import Draws, Sums, family
from tocfin.scenarios.quiet import uncertain, without_factor, without_quantity, without_resource
from tocfin.scenarios.resolve import resolve
from tocfin.scenarios.spec import load
from tocfin.scenarios.together import block_sums
from tocfin.scenarios.world import World, prepared

SEED, FIRST, COUNT = 7, 64, 5


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The example plant under all its luck; its batches need the general kernels."""
    folder: Path = tmp_path_factory.mktemp("example")
    (folder / "plant").mkdir()
    scenario, _ = load(write_scenarios(folder / "scenarios", folder / "plant")[0])
    assert scenario is not None
    dataset = example_dataset()
    found = prepared("base", dataset, resolve(scenario.uncertainty, dataset)[0], start_policy=scenario.start_policy)
    assert found.ordinary is None
    return found


def test_worlds_with_less_luck_have_the_bits_of_each_alone(example: World) -> None:
    quiet = [without_quantity(example, name) for name in uncertain(example)]
    quiet += [without_resource(example, 3), without_factor(example, 0)]
    assert {family(one) for one in quiet} == {family(example)}
    some = [example, *quiet]
    for one, found in zip(some, block_sums(some, SEED, FIRST, COUNT), strict=True):
        (alone,) = block_sums([one], SEED, FIRST, COUNT)
        for name in Sums._fields:
            np.testing.assert_array_equal(getattr(found, name), getattr(alone, name), err_msg=name)


def test_only_what_takes_another_time_is_timed_again(example: World, monkeypatch: pytest.MonkeyPatch) -> None:
    timed, original = [], Draws.times

    def times(draws: Draws, *arguments: Any) -> Any:
        timed.append(draws.world.name)
        return original(draws, *arguments)

    monkeypatch.setattr(Draws, "times", times)
    off = ("price", "duration", "material_cost", "material")
    block_sums([example, *(replace(without_quantity(example, name), name=name) for name in off)], SEED, FIRST, 1)
    assert timed == ["base", "duration", "material"]


def test_another_plan_is_no_relative(example: World) -> None:
    faster = replace(example, activity_work=0.5 * example.activity_work)
    assert family(faster) != family(example)
    kept, changed = block_sums([example, faster], SEED, FIRST, 1)
    assert (kept.resource_busy != changed.resource_busy).any()


def test_a_frame_made_once_changes_no_bit(example: World) -> None:
    model = example.model
    given = (model.enterprise, model.schedule, model.horizon, example.groups)
    framed = sum_terms(*given, one_after_another, frame_of(*given))
    np.testing.assert_array_equal(framed, sum_terms(*given))
