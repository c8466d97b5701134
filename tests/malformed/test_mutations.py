"""Whatever bytes a data set is made of, the command computes finite numbers or refuses; it never breaks down."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import pytest

from malformed.mutants import complaint, form_of, verdicts, written

VARIANTS, PROCESSES, CHUNK = 2_000, 50, 100
AT_ONCE = 2


def test_no_mutated_data_set_breaks_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLARS_MAX_THREADS", "1")  # for the workers: their tables have a few rows
    chunks = [range(first, first + CHUNK) for first in range(0, VARIANTS, CHUNK)]
    with ProcessPoolExecutor(AT_ONCE, multiprocessing.get_context("spawn")) as pool:
        found = [verdict for chunk in pool.map(verdicts, chunks) for verdict in chunk]
    assert [(number, said) for number, _, said in found if said is not None] == []
    ended = Counter((form_of(number), code) for number, code, _ in found)
    assert sum(ended.values()) == VARIANTS
    assert min(ended[form, code] for form in ("csv", "parquet", "xlsx") for code in (0, 2)) >= 1


def test_no_mutated_data_set_breaks_a_process(tmp_path: Path) -> None:
    def ended(number: int) -> str | None:
        path = written(number, tmp_path)
        words = ["-c", "from tocfin.cli import main; main()", "kpi", str(path), "--format", "json", "--threads", "1"]
        environment = os.environ | {"POLARS_MAX_THREADS": "1"}
        run = subprocess.run([sys.executable, *words], capture_output=True, env=environment, check=False, timeout=120)
        return complaint(run.returncode, run.stdout.decode(), run.stderr.decode())

    numbers = range(VARIANTS, VARIANTS + PROCESSES)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        said = dict(zip(numbers, pool.map(ended, numbers), strict=True))
    assert {number: words for number, words in said.items() if words is not None} == {}
