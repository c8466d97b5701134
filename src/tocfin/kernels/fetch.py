"""A word to the processor about memory that is needed soon: a hint, which changes no result.

Rows of a block are visited in the order of time, which is no order of memory: without a hint, each waits for its lines.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from llvmlite import ir
from numba.core import types
from numba.np import arrayobj

from tocfin.kernels.compile import emitted, instead_of

#: So many rows before it is needed a row is asked for.
AHEAD = 12
LANES, LINE = 64, 64  # of a row, of each of two in an array of pairs; [bytes] that memory moves at once
BYTE, WORD, SIZE = ir.IntType(8).as_pointer(), ir.IntType(32), ir.IntType(64)
#: For writing too, to be kept in all caches, data.
KIND = [ir.Constant(WORD, n) for n in (1, 3, 1)]


def fetch_row(array: Any, row: Any) -> None:
    """Ask for row ``row`` (uint64, inside ``array``) of (rows, 64) or (rows, 2, 64); plain Python needs no hint."""


def _ask(context: Any, builder: Any, signature: Any, arguments: Any, lines: int) -> Any:
    found = arrayobj.make_array(signature.args[0])(context, builder, arguments[0])
    offset = builder.mul(arguments[1], builder.extract_value(found.strides, 0))
    kind = ir.FunctionType(ir.VoidType(), [BYTE, WORD, WORD, WORD])
    ask = builder.module.declare_intrinsic("llvm.prefetch", [BYTE], kind)
    for line in range(0, lines * LINE, LINE):
        at = builder.gep(builder.bitcast(found.data, BYTE), [builder.add(offset, ir.Constant(SIZE, line))])
        builder.call(ask, [at, *KIND])
    return context.get_dummy_value()


@emitted
def _fetch_row(typing_context: Any, array: Any, row: Any) -> Any:
    lanes = LANES * (array.ndim - 1)
    return types.void(array, types.uint64), partial(_ask, lines=lanes * array.dtype.bitwidth // 8 // LINE)


@instead_of(fetch_row)
def _compiled(array: Any, row: Any) -> Any:
    def asked(array: Any, row: Any) -> None:
        _fetch_row(array, row)

    return asked


def fetch_line(array: Any, row: Any) -> None:
    """Ask for the first line of row ``row`` (uint64, inside ``array``) of a table of small rows, or of lanes."""


@emitted
def _fetch_line(typing_context: Any, array: Any, row: Any) -> Any:
    return types.void(array, types.uint64), partial(_ask, lines=1)


@instead_of(fetch_line)
def _compiled_line(array: Any, row: Any) -> Any:
    def asked(array: Any, row: Any) -> None:
        _fetch_line(array, row)

    return asked
