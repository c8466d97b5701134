"""The same comparison as ``bench_kpi.py`` under pytest-benchmark, at a million activities."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
from coded import columns
from floor import assert_read, columns_read, read_by_table, read_nested, read_once, sums
from peers_duckdb import DuckDB
from peers_kpi import Tables, assert_equal, tables
from peers_polars import Polars

from tocfin.examples import big_plant
from tocfin.kernels.block import sum_terms
from tocfin.workers import spread

ACTIVITIES = 1_000_000


class Case(NamedTuple):
    built: tuple[Any, Any, Any, Any]
    tables: Tables
    terms: np.ndarray


@pytest.fixture(scope="module")
def case() -> Case:
    coded = big_plant(ACTIVITIES)
    built = columns(coded)
    return Case(built, tables(coded, *built[:3]), sum_terms(*built))


def timed(benchmark: Any, program: Callable[[], Any], rounds: int) -> Any:
    answer = benchmark.pedantic(program, rounds=rounds, warmup_rounds=1)
    benchmark.extra_info["ns per activity"] = benchmark.stats.stats.median / ACTIVITIES * 1e9
    return answer


@pytest.mark.parametrize("loops", [read_nested, read_by_table], ids=["nested", "by table"])
def test_reading_every_column_once(benchmark: Any, case: Case, loops: Callable[..., Any]) -> None:
    given = columns_read(case.built[0], case.built[1], case.built[3])
    assert_read(sums(given), timed(benchmark, lambda: read_once(given, loops), 5))


@pytest.mark.parametrize("threads", [1, None], ids=["one thread", "all threads"])
def test_kernel_gives_the_same_bits_on_any_number_of_threads(benchmark: Any, case: Case, threads: int | None) -> None:
    terms = timed(benchmark, lambda: sum_terms(*case.built, spread(threads)), 5)
    assert np.array_equal(terms, case.terms, equal_nan=True)


@pytest.mark.parametrize("peer", [Polars, DuckDB])
def test_peer_computes_the_same_terms(benchmark: Any, case: Case, peer: Callable[[Tables], Any]) -> None:
    assert_equal(timed(benchmark, peer(case.tables), 3), case.terms)
