"""A word to the processor about memory that is needed soon: a hint, which changes no result.

Rows of a block are visited in the order of time, which is no order of memory: without a hint, each waits for its lines.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import types
from numba.np import arrayobj

from tocfin.kernels.compile import emitted, instead_of

#: So many rows before it is needed a row is asked for.
AHEAD = 12
LANES, LINE = 64, 64  # of a row; [bytes] that memory moves at once
BYTE, WORD, SIZE = ir.IntType(8).as_pointer(), ir.IntType(32), ir.IntType(64)
#: For writing too, to be kept in all caches, data.
KIND = [ir.Constant(WORD, n) for n in (1, 3, 1)]


def fetch_row(array: Any, row: Any) -> None:
    """Ask for row ``row`` (uint64, inside ``array``) of an array (rows, 64); plain Python needs no hint."""


@emitted
def _fetch_row(typing_context: Any, array: Any, row: Any) -> Any:
    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        found = arrayobj.make_array(signature.args[0])(context, builder, arguments[0])
        offset = builder.mul(arguments[1], builder.extract_value(found.strides, 0))
        ask = builder.module.declare_intrinsic(
            "llvm.prefetch", [BYTE], ir.FunctionType(ir.VoidType(), [BYTE, WORD, WORD, WORD])
        )
        for line in range(0, LANES * signature.args[0].dtype.bitwidth // 8, LINE):
            at = builder.gep(builder.bitcast(found.data, BYTE), [builder.add(offset, ir.Constant(SIZE, line))])
            builder.call(ask, [at, *KIND])
        return context.get_dummy_value()

    return types.void(array, types.uint64), emit


@instead_of(fetch_row)
def _compiled(array: Any, row: Any) -> Any:
    def asked(array: Any, row: Any) -> None:
        _fetch_row(array, row)

    return asked
