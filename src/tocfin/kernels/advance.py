"""Durations drawn and activities timed, a few at a time: what is drawn is read before it leaves the cache."""

from __future__ import annotations

from typing import Any

import numpy as np

from tocfin.kernels.compile import inlined, lean
from tocfin.kernels.draw import DURATION
from tocfin.kernels.lane_add import LANES
from tocfin.kernels.march import march
from tocfin.kernels.noise import MIXED_AT_ONCE, mixed
from tocfin.kernels.quantiles import LOGNORMAL, quantiles, scaled, standard_lognormals

#: Members that are drawn and timed together.
AT_ONCE = 64


@inlined
def _one_lognormal(distributions: Any, drawn: Any, e: Any, n: Any) -> Any:
    """Whether elements ``e : e + n`` have one distribution, which is lognormal."""
    d = drawn.distribution[e]
    same = distributions.kind[d] == LOGNORMAL
    for k in range(1, n):
        same = same and drawn.distribution[e + k] == d
    return same


@inlined
def _values(distributions: Any, d: Any, standard: bool, z: Any, at: Any, row: Any, out_value: Any) -> None:
    """Row ``row`` of ``out_value`` from LANES normal numbers, or from ``standard`` ones of the distribution."""
    mine = z[at : at + LANES]
    if standard:
        scaled(distributions.location[d], distributions.scale[d], mine, out_value[row])
    else:
        quantiles(distributions, d, mine, out_value[row])


@inlined
def draw_some(
    distributions: Any,
    drawn: Any,
    e: Any,
    at: Any,
    last: Any,
    seed: Any,
    first: Any,
    factor_z: Any,
    scratch: Any,
    out_value: Any,
) -> Any:
    """Work of members ``at : last`` relative to the plan, 1 where none is drawn; the next element."""
    bits, z = scratch
    i = at
    while i < last:
        n = min(MIXED_AT_ONCE, drawn.target.size - e)
        standard = False
        if n:
            mixed(drawn, e, n, seed, first, DURATION, factor_z, LANES, bits, z)
            standard = _one_lognormal(distributions, drawn, e, n)
            if standard:  # what is usual: one long loop
                standard_lognormals(distributions.shape[drawn.distribution[e]], z[: n * LANES])
        final, k = i + MIXED_AT_ONCE, 0
        while i < min(final, last):
            if k < n and drawn.target[e + k] == i:
                _values(distributions, drawn.distribution[e + k], standard, z, k * LANES, i - at, out_value)
                k += 1
            else:
                for s in range(LANES):
                    out_value[i - at, s] = 1.0
            i += 1
        e += k
    return e


@lean
def draw_members(
    distributions: Any, drawn: Any, seed: Any, first: Any, factor_z: Any, scratch: Any, out_value: Any
) -> None:
    """Work of all members relative to the plan: ``out_value`` (members, lanes); ``scratch`` as in ``advance``."""
    draw_some(distributions, drawn, 0, 0, out_value.shape[0], seed, first, factor_z, scratch, out_value)


@lean
def advance(
    distributions: Any,
    drawn: Any,
    seed: Any,
    first: Any,
    factor_z: Any,
    scratch: Any,
    route: Any,
    hours: Any,
    potential: Any,
    noise: Any,
    state: Any,
) -> bool:
    """Draw and time all members of a block of 64 replications from ``first`` on; False where 32 bits do not hold it.

    ``drawn`` has its elements in the order of the members, which are their targets; ``factor_z`` (factors, lanes) is
    of ``factor_normals``, the rest as in ``march``; values of ``noise`` are overwritten. ``scratch`` (uint32, float32)
    has the lanes of ``MIXED_AT_ONCE`` elements.
    """
    value = noise[0]
    n = route.member.shape[0]
    e: Any = np.int64(0)
    for at in range(0, n, AT_ONCE):
        last = min(at + AT_ONCE, n)
        e = draw_some(distributions, drawn, e, at, last, seed, first, factor_z, scratch, value)
        if not march(route, hours, potential, (at, last, at), noise, state):
            return False
    return True
