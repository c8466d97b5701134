"""Where the real data lies that some tests run against; none of it is part of the project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def shared_data(*parts: str) -> Path:
    """The folder (or a place in it) named by TOCFIN_DATA, else ../shared/data; skips the test where there is none."""
    given = os.environ.get("TOCFIN_DATA")
    folder = Path(given) if given else Path(__file__).resolve().parents[2] / "shared" / "data"
    place = folder.joinpath(*parts)
    if not place.exists():
        pytest.skip(f"{'/'.join(parts) or 'shared data'} is not on this machine (set TOCFIN_DATA)")
    return place
