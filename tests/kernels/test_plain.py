"""Compiled kernels and the same functions run by Python give the same bits."""

import os
import subprocess
import sys

import numpy as np

from tocfin.kernels import draw, quantiles

DECLARED = [
    (quantiles.LOGNORMAL, (2.0, 0.5)),
    (quantiles.NORMAL, (2.0, 0.9)),
    (quantiles.EXPONENTIAL, (2.0,)),
    (quantiles.TRIANGULAR, (1.0, 2.0, 4.0)),
    (quantiles.PERT, (1.0, 2.0, 4.0)),
    (quantiles.GAMMA, (2.0, 3.0)),
    (quantiles.BINOMIAL, (0.2, 9)),
]


def small_case() -> str:
    """Draws and quantiles of one group, in hexadecimal."""
    z, x = np.empty(64, np.float32), np.empty((len(DECLARED), 64))
    draw.normals(np.uint64(99), 128, draw.PRICE, np.uint64(1 << 63), z)
    columns = quantiles.distribution_columns(DECLARED)
    for d in range(len(DECLARED)):
        quantiles.quantiles(columns, d, z, x[d])
    return (z.tobytes() + x.tobytes()).hex()


def test_compiled_and_plain_kernels_give_the_same_bits():
    def printed(plain: str) -> str:
        code = "import test_plain; print(test_plain.small_case())"
        places = [os.path.dirname(__file__), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = os.environ | {"NUMBA_DISABLE_JIT": plain, "PYTHONPATH": os.pathsep.join(places)}
        command = [sys.executable, "-W", "error", "-c", code]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()

    assert printed("1") == printed("0") == small_case()
