"""How many openings lie behind an instant: many compared at once, where a loop would end after nobody knows how many.

An activity's lanes lie in one to six openings of its calendar. A processor that guesses where such a loop ends guesses
wrong most of the time, three loops an activity, which took as long as all that is computed for its lanes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.np import arrayobj

from tocfin.kernels.compile import emitted, inlined, instead_of

#: So many are compared at once; a column of openings has as many behind its last one.
AT_ONCE = 16
ALL = np.uint64(AT_ONCE)


def some_passed(column: Any, at: Any, bound: Any) -> Any:
    """How many of ``column[at : at + AT_ONCE]`` (int32), up to the first greater one, are at most ``bound``."""
    return np.uint64(np.append(column[at : at + ALL] <= bound, False).argmin())


@emitted
def _some_passed(typing_context: Any, column: Any, at: Any, bound: Any) -> Any:
    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        lane, size = ir.IntType(32), ir.IntType(64)
        whole = ir.VectorType(lane, AT_ONCE)
        data = arrayobj.make_array(column)(context, builder, arguments[0]).data
        place = builder.bitcast(builder.gep(data, [arguments[1]]), whole.as_pointer())
        bounds: Any = ir.Constant(whole, ir.Undefined)
        for k in range(AT_ONCE):
            bounds = builder.insert_element(bounds, arguments[2], ir.Constant(lane, k))
        greater = builder.icmp_signed(">", builder.load(place, align=4), bounds)
        bits = builder.zext(builder.bitcast(greater, ir.IntType(AT_ONCE)), size)
        stopped = builder.or_(bits, ir.Constant(size, 1 << AT_ONCE))
        return builder.cttz(stopped, ir.Constant(ir.IntType(1), 1))

    return types.uint64(column, types.uint64, types.int32), emit


@instead_of(some_passed)
def _compiled(column: Any, at: Any, bound: Any) -> Any:
    def counted(column: Any, at: Any, bound: Any) -> Any:
        return _some_passed(column, at, bound)

    return counted


@inlined
def first_beyond(column: Any, at: Any, bound: Any) -> Any:
    """The first row from ``at`` (uint64) on in which ``column`` is greater than ``bound`` (int32); there is one."""
    found = some_passed(column, at, bound)
    at += found
    while found == ALL:
        found = some_passed(column, at, bound)
        at += found
    return at
