"""The same data give the same bits: on any number of threads, in any order of rows, in any form, compiled or not."""

from __future__ import annotations

import math
import os
import pkgutil
import random
import struct
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numba
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cells
import tocfin.kernels
from malformed import base
from strategies import datasets
from tocfin.dataset import Dataset, read
from tocfin.dataset.write import write
from tocfin.examples import example_dataset
from tocfin.kernels import block
from tocfin.measure import Group, Scorecard, measure

WAYS = (None, "plant", "period", "job", "resource", "product")
drawn = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))


def bits(dataset: Dataset, threads: int = 1, ways: Sequence[str | None] = WAYS) -> dict[object, bytes]:
    """Every figure and term of the whole and of all groups, to the last bit."""
    found: dict[object, bytes] = {}
    for by in ways:
        card = measure(dataset, by=by, threads=threads)
        for part in (card, card.other, *card.groups):
            assert part is not None
            for name, value in _numbers(part):
                key = (by, part.key, name) if isinstance(part, Group) else (part.policy.name, name)
                found[key] = b"none" if value is None or math.isnan(value) else struct.pack("<d", value)
    return found


def _numbers(part: Scorecard | Group) -> list[tuple[str, float | None]]:
    figures = [(f"{name} {figure.status}", figure.value) for name, figure in part.figures.items()]
    return [*figures, *part.terms.items()]


def frames(drawing: cells.Dataset) -> dict[str, Any]:
    """A drawn data set as frames of text."""
    plan, tables = drawing
    made: dict[str, Any] = {"plan": plan}
    for name, rows in tables.items():
        columns = cells.COLUMNS[name]
        made[name] = pl.DataFrame({c: [row.get(c) for row in rows] for c in columns}, dict.fromkeys(columns, pl.String))
    return made


def shuffled(tables: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """The same rows in another order, in every table."""
    rng = random.Random(seed)
    return {
        name: frame[rng.sample(range(frame.height), frame.height)] if isinstance(frame, pl.DataFrame) else frame
        for name, frame in tables.items()
    }


@pytest.fixture(scope="module")
def example() -> Dataset:
    return example_dataset()


@pytest.mark.parametrize("size", [3, 64, block.JOBS_PER_BLOCK])
def test_threads_change_no_bit_of_the_example(example: Dataset, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(block, "JOBS_PER_BLOCK", size)
    alone = bits(example)
    assert len(alone) > 10_000
    assert bits(example, threads=2) == alone
    assert bits(example, threads=5) == alone


@drawn
@given(drawing=datasets(), size=st.sampled_from([1, 2, 3]))
def test_threads_change_no_bit_of_a_drawn_data_set(drawing: cells.Dataset, size: int) -> None:
    dataset = read(frames(drawing))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(block, "JOBS_PER_BLOCK", size)
        assert bits(dataset, threads=2) == bits(dataset, threads=1)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_rows_changes_no_bit_of_the_example(
    example: Dataset, seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(block, "JOBS_PER_BLOCK", 50)
    assert example.plan is not None
    folder = write(shuffled(example.tables, seed), example.plan, tmp_path / "plant", form="parquet")
    assert bits(read(folder), threads=2) == bits(example)


@drawn
@given(drawing=datasets(), seed=st.integers(0, 2**32))
def test_the_order_of_rows_changes_no_bit_of_a_drawn_data_set(drawing: cells.Dataset, seed: int) -> None:
    given_frames = frames(drawing)
    assert bits(read(shuffled(given_frames, seed))) == bits(read(given_frames))


def test_the_form_of_the_tables_changes_no_bit(example: Dataset, tmp_path: Path) -> None:
    assert example.plan is not None
    expected = bits(example, ways=(None, "job", "resource"))
    forms: dict[str, Any] = {"csv": "csv", "parquet": "parquet", "book.xlsx": "xlsx"}
    for name, form in forms.items():
        path = write(example.tables, example.plan, tmp_path / name, form=form)
        assert bits(read(path), ways=(None, "job", "resource")) == expected, form


def test_plain_python_gives_the_bits_of_the_compiled_kernels(tmp_path: Path) -> None:
    folder = base.write(tmp_path / "plant")

    def cards(**environment: str) -> list[str]:
        script = (
            "import sys\nfrom click.testing import CliRunner\nfrom tocfin.cli import main\n"
            "for by in sys.argv[2:]:\n"
            "    words = ['kpi', sys.argv[1], '--format', 'json', '--by', by]\n"
            "    print(CliRunner().invoke(main, words).stdout.replace('\\n', ' '))\n"
        )
        run = [sys.executable, "-W", "ignore", "-c", script, str(folder), *(way for way in WAYS if way)]
        shown = subprocess.run(run, capture_output=True, text=True, env=os.environ | environment, check=True)
        return shown.stdout.splitlines()

    compiled = cards()
    assert len(compiled) == len(WAYS) - 1
    assert all('"groups"' in card and '"throughput"' in card for card in compiled)
    assert cards(NUMBA_DISABLE_JIT="1") == compiled


def compiled_kernels() -> dict[str, Any]:
    """Functions that were compiled on their own, by name; none where the compiler is off."""
    modules = [
        import_module(f"tocfin.kernels.{module.name}") for module in pkgutil.iter_modules(tocfin.kernels.__path__)
    ]
    return {
        f"{module.__name__}.{name}": function
        for module in modules
        for name, function in vars(module).items()
        if hasattr(function, "signatures") and function.__module__ == module.__name__
        if not function.targetoptions.get("forceinline")
    }


def test_a_kernel_is_compiled_once_whatever_it_measures(example: Dataset) -> None:
    bare: dict[str, Any] = {
        "plan": {"plan": {"clock": "2026-06-01T00:00:00Z", "horizon_end": "2026-06-02T00:00:00Z", "currency": "USD"}}
    }
    for name in base.CORE:
        header, *rows = base.records(name)
        first = rows[:1] if name == "plants" else []
        bare[name] = pl.DataFrame(first, dict.fromkeys(header, pl.String), orient="row")
    bare["plants"] = bare["plants"].with_columns(currency=pl.lit("USD"))
    for dataset in (example, read(bare)):
        for by in WAYS:
            for threads in (1, 2):
                assert measure(dataset, by=by, threads=threads).figures
    kernels = compiled_kernels()
    summing = tuple(f"tocfin.kernels.{module}." for module in ("block", "capacity", "orders", "terms", "work"))
    twice = {name: kernel.signatures for name, kernel in kernels.items() if len(kernel.signatures) > 1}
    assert [name for name in twice if name.startswith(summing)] == []
    used = [name for name, kernel in kernels.items() if kernel.signatures]
    assert "tocfin.kernels.block.sum_block" in used or numba.config.DISABLE_JIT
