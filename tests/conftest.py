"""Being here puts tests/ on the import path, so that every folder of tests finds the shared helpers.

Hypothesis draws the same examples in every run (``user``) unless HYPOTHESIS_PROFILE=ci asks for new ones; it never
judges by the clock.
"""

import os
import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings

# Tables of tests are small: handing them to more threads costs a quarter more. Before polars is imported.
os.environ.setdefault("POLARS_MAX_THREADS", "1")
settings.register_profile("user", derandomize=True, deadline=None)
settings.register_profile("ci", deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "user"))


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal in which no table is folded, wherever the tests run."""
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def heeding() -> Iterator[None]:
    """Python's own answer to Ctrl-C, also where the tests were started in the background, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
