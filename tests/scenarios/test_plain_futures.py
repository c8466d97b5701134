"""Futures are the same, to the bit, whether kernels are compiled or plain Python."""

import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest

from tocfin.bench.plant import shop
from tocfin.bench.worlds import world
from tocfin.scenarios.together import block_sums


def digest(activities: int, calendars: bool) -> str:
    """Of all sums of a block of futures of an ordinary plan."""
    one = world(shop(activities, calendars=calendars))
    assert one.ordinary is not None
    (sums,) = block_sums([one], 5, 128, 61)
    return hashlib.sha256(b"".join(np.ascontiguousarray(column).tobytes() for column in sums)).hexdigest()


@pytest.mark.parametrize("calendars", [True, False])
def test_a_block_of_futures_in_plain_python_has_the_bits_of_the_compiled_one(calendars: bool) -> None:
    code = f"import test_plain_futures; print(test_plain_futures.digest(200, {calendars}))"
    places = [os.path.dirname(__file__), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": os.pathsep.join(places)}
    run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == digest(200, calendars)
