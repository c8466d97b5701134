"""a × b + c with one rounding: one instruction on any processor of the last ten years, and the same bits on all."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba.core import types

from tocfin.kernels.compile import emitted, instead_of

#: Bits of a double behind those that a single keeps, and the middle between two singles.
REST, TIE = np.int64(0x1FFFFFFF), np.int64(0x10000000)


def multiply_add(a: Any, b: Any, c: Any) -> Any:
    """a × b + c of float32, rounded once, as IEEE 754 has it; this body is what plain Python runs.

    The product of two singles is exact as a double. Rounded to a double, the sum may fall on the middle between two
    singles without being there: then it is moved to the side that it came from.
    """
    product, addend = np.float64(a) * np.float64(b), np.float64(c)
    near = product + addend
    back = near - product
    error = (product - (near - back)) + (addend - back)
    if error != 0.0 and (np.float64(near).view(np.int64) & REST) == TIE:
        near = np.nextafter(near, np.copysign(np.inf, error))
    return np.float32(near)


@emitted
def _multiply_add(typing_context: Any, a: Any, b: Any, c: Any) -> Any:
    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.fma(*arguments)

    return types.float32(types.float32, types.float32, types.float32), emit


@instead_of(multiply_add)
def _compiled(a: Any, b: Any, c: Any) -> Any:
    def fused(a: Any, b: Any, c: Any) -> Any:
        return _multiply_add(a, b, c)

    return fused
