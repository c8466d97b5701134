"""a × b + c with one rounding: one instruction on any processor of the last ten years, and the same bits on all."""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
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


def held(constants: Any) -> Any:
    """A tuple of float32 that the compiler does not know: a loop keeps them at hand instead of fetching each anew.

    There are more constants in a polynomial or two than registers. Told what they are, the compiler took three
    instructions for each in each step, and the steps behind had no room to begin.
    """
    return constants


@emitted
def _held(typing_context: Any, constants: Any) -> Any:
    word = ir.IntType(32)

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        found = arguments[0]
        for at in range(constants.count):
            bits = builder.bitcast(builder.extract_value(found, at), word)
            unknown = builder.asm(ir.FunctionType(word, [word]), "", "=r,0", [bits], False)
            found = builder.insert_value(found, builder.bitcast(unknown, ir.FloatType()), at)
        return found

    return constants(constants), emit


@instead_of(held)
def _compiled_held(constants: Any) -> Any:
    def kept(constants: Any) -> Any:
        return _held(constants)

    return kept
