"""What drawing alone costs: nanoseconds per number on one thread, a block of lanes at a time.

The floor of a simulation is one lognormal number per activity and replication: words, uniform, normal, exponential,
and a multiplication into a sum. Run it as ``python benchmarks/bench_draw.py [--json FILE]``.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tocfin.kernels import draw, quantiles
from tocfin.kernels.compile import kernel
from tocfin.kernels.fused import held
from tocfin.kernels.lanes import EXP, single_exp

LANES = (64, 256, 512)
DRAWS = 1 << 17
ROUNDS = 9
SEED, CV, WORK = np.uint64(1), 0.3, 3_600.0
DECLARED = {
    "normal": (quantiles.NORMAL, (1.0, CV)),
    "exponential": (quantiles.EXPONENTIAL, (1.0,)),
    "uniform": (quantiles.UNIFORM, (0.5, 1.5)),
    "triangular": (quantiles.TRIANGULAR, (0.5, 1.0, 1.5)),
    "pert": (quantiles.PERT, (0.5, 1.0, 1.5)),
    "gamma": (quantiles.GAMMA, (1.0, CV)),
    "empirical": (quantiles.EMPIRICAL, (0.05, 0.25, 0.5, 0.75, 0.95, 0.7, 0.9, 1.0, 1.1, 1.5)),
}


@kernel
def drawn_bits(n: int, out: Any) -> None:
    for u in range(n):
        draw.uniform_bits(SEED, 0, draw.DURATION, np.uint64(u), out)


@kernel
def drawn_uniforms(n: int, out: Any) -> None:
    for u in range(n):
        draw.uniforms(SEED, 0, draw.DURATION, np.uint64(u), out)


@kernel
def drawn_normals(n: int, out: Any) -> None:
    for u in range(n):
        draw.normals(SEED, 0, draw.DURATION, np.uint64(u), out)


@kernel
def drawn_work(n: int, sigma: float, z: Any, out_sum: Any) -> None:
    """Sum of ``n`` lognormal durations per replication: the floor."""
    sigma, shift = np.float32(sigma), np.float32(0.5 * sigma * sigma)
    terms = held(EXP)
    for u in range(n):
        draw.normals(SEED, 0, draw.DURATION, np.uint64(u), z)
        for s in range(z.size):
            out_sum[s] += WORK * np.float64(single_exp(np.float32(sigma * z[s] - shift), terms))


@kernel
def applied(n: int, columns: Any, d: int, z: Any, out: Any) -> None:
    for _ in range(n):
        quantiles.quantiles(columns, d, z, out)


def nanoseconds(work: Callable[[], object], numbers: int) -> float:
    """Best of a few rounds, per number."""
    work()
    best = math.inf
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best / numbers * 1e9


def measured(lanes: int) -> dict[str, float]:
    """Nanoseconds per number for a block of ``lanes`` replications."""
    n = DRAWS // lanes
    sigma = quantiles.log_sigma(CV)
    u, z, total, words = np.empty(lanes), np.empty(lanes, np.float32), np.zeros(lanes), np.empty(lanes, np.uint32)
    found = {
        "bits": nanoseconds(lambda: drawn_bits(n, words), DRAWS),
        "uniform": nanoseconds(lambda: drawn_uniforms(n, u), DRAWS),
        "normal": nanoseconds(lambda: drawn_normals(n, z), DRAWS),
        "lognormal work, summed (the floor)": nanoseconds(lambda: drawn_work(n, sigma, z, total), DRAWS),
    }
    mean = total.sum() / (ROUNDS + 1) / DRAWS / WORK
    assert abs(mean - 1) < 4 * CV / math.sqrt(DRAWS), "the mean of the durations drawn is not the mean declared"
    columns = quantiles.distribution_columns(list(DECLARED.values()))
    out = np.empty(lanes)
    for d, name in enumerate(DECLARED):
        found[f"{name} from z"] = nanoseconds(lambda d=d: applied(n, columns, d, z, out), DRAWS)
    numpy = np.random.Generator(np.random.SFC64(1))
    found["NumPy lognormal"] = nanoseconds(lambda: numpy.lognormal(0.0, sigma, DRAWS), DRAWS)
    return found


def main() -> None:
    """Print the table; write it as JSON where asked to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    figures = {lanes: measured(lanes) for lanes in LANES}
    print(f"{'ns per number, by lanes of a block':40}" + "".join(f"{lanes:8}" for lanes in LANES))
    for name in figures[LANES[0]]:
        print(f"{name:40}" + "".join(f"{figures[lanes][name]:8.2f}" for lanes in LANES))
    print(json.dumps({"unit": "ns", "lanes": figures}))
    if arguments.json:
        arguments.json.write_text(json.dumps({"unit": "ns", "lanes": figures}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
