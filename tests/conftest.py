"""Being here puts tests/ on the import path, so that every folder of tests finds the shared helpers.

Hypothesis draws the same examples in every run (``user``) unless HYPOTHESIS_PROFILE=ci asks for new ones; it never
judges by the clock.
"""

import os

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
