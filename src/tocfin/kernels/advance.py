"""Durations drawn and activities timed, a few at a time: what is drawn is read before it leaves the cache."""

from __future__ import annotations

from typing import Any

import numpy as np

from tocfin.kernels.compile import inlined, lean
from tocfin.kernels.draw import DURATION
from tocfin.kernels.lane_add import LANES
from tocfin.kernels.march import march
from tocfin.kernels.noise import mixed
from tocfin.kernels.quantiles import quantiles

#: Members that are drawn and timed together.
AT_ONCE = 256


@inlined
def _draw_members(
    distributions: Any,
    drawn: Any,
    e: Any,
    at: Any,
    last: Any,
    seed: Any,
    first: Any,
    factor_z: Any,
    z: Any,
    out_value: Any,
) -> Any:
    """Work of members ``at : last`` relative to the plan, 1 where none is drawn; the next element."""
    for i in range(at, last):
        if e < drawn.target.size and drawn.target[e] == i:
            mixed(drawn, e, seed, first, DURATION, factor_z, z)
            quantiles(distributions, drawn.distribution[e], z, out_value[i - at])
            e += 1
        else:
            for s in range(LANES):
                out_value[i - at, s] = 1.0
    return e


@lean
def draw_members(distributions: Any, drawn: Any, seed: Any, first: Any, factor_z: Any, z: Any, out_value: Any) -> None:
    """Work of all members relative to the plan: ``out_value`` (members, lanes); ``z`` (lanes) is scratch."""
    _draw_members(distributions, drawn, 0, 0, out_value.shape[0], seed, first, factor_z, z, out_value)


@lean
def advance(
    distributions: Any,
    drawn: Any,
    seed: Any,
    first: Any,
    factor_z: Any,
    z: Any,
    route: Any,
    hours: Any,
    potential: Any,
    noise: Any,
    state: Any,
) -> bool:
    """Draw and time all members of a block of 64 replications from ``first`` on; False where 32 bits do not hold it.

    ``drawn`` has its elements in the order of the members, which are their targets; ``factor_z`` (factors, lanes) is
    of ``factor_normals``, the rest as in ``march``; values of ``noise`` are overwritten, ``z`` (lanes) is scratch.
    """
    value = noise[0]
    n = route.member_row.size
    e: Any = np.int64(0)
    for at in range(0, n, AT_ONCE):
        last = min(at + AT_ONCE, n)
        e = _draw_members(distributions, drawn, e, at, last, seed, first, factor_z, z, value)
        if not march(route, hours, potential, (at, last, at), noise, state):
            return False
    return True
