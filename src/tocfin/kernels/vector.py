"""Lanes side by side: sixteen replications of a quantity as one value, which a kernel adds, compares and chooses from.

A loop over lanes leaves it to the compiler to find vectors. It has to ask first, each time, whether the arrays of the
loop overlap, and to be ready for any length of them; where loops are short, that takes longer than the loop. Here it is
told: a part of ``WIDE`` lanes is loaded, computed with and stored. In plain Python such a part is an array of NumPy, on
which the same words mean the same.

Operators ``+``, ``-``, ``*``, ``/``, ``&``, ``|`` and comparisons take parts and single numbers of the same kind; whole
numbers wrap. ``+=`` is left out: it would change an array of NumPy, which another name may have too.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.core.imputils import lower_builtin
from numba.extending import models, register_model, type_callable
from numba.np import arrayobj

#: Lanes of a part: one vector of 512 bits of whole seconds.
WIDE = 16


def load(lanes: Any, at: Any) -> Any:
    """The part of ``lanes`` (one-dimensional, without gaps) that begins at ``at``."""
    return np.array(lanes[at : at + WIDE])


def store(lanes: Any, at: Any, part: Any) -> None:
    """Put ``part`` where ``load`` would take it from."""
    lanes[at : at + WIDE] = part


def alike(value: Any) -> Any:
    """A part with the int32 or float64 ``value`` in every lane."""
    return np.full(WIDE, value)


def lesser(a: Any, b: Any) -> Any:
    """The lesser of two in each lane; one of them may be a single number."""
    return np.where(b < a, b, a)


def greater(a: Any, b: Any) -> Any:
    """The greater of two in each lane; one of them may be a single number."""
    return np.where(b > a, b, a)


def chosen(mask: Any, a: Any, b: Any) -> Any:
    """``a`` where a comparison holds and ``b`` where it does not; each may be a single number."""
    return np.where(mask, a, b)


def least_of(part: Any) -> Any:
    """The least lane of whole numbers."""
    return part.min()


def greatest_of(part: Any) -> Any:
    """The greatest lane of whole numbers."""
    return part.max()


def total_of(a: Any, b: Any, c: Any, d: Any) -> Any:
    """Sum of four parts of real numbers: eight lanes side by side, then these by halves, so always the same."""
    sums = np.concatenate([a, b, c, d]).reshape(-1, WIDE // 2)
    eight = sums[0]
    for more in sums[1:]:
        eight = eight + more
    while eight.size > 1:
        eight = eight[::2] + eight[1::2]
    return eight[0]


def count_of(mask: Any) -> Any:
    """In how many lanes a comparison holds."""
    return np.int64(np.count_nonzero(mask))


def first_of(mask: Any) -> Any:
    """The first lane in which a comparison holds (uint64), WIDE where it holds in none."""
    return np.uint64(np.append(mask, True).argmax())


def any_of(mask: Any) -> Any:
    """Whether a comparison holds in any lane."""
    return mask.any()


def seconds_of(part: Any) -> Any:
    """Real numbers of less than 31 bits as whole ones, rounded half to even."""
    return np.rint(part).astype(np.int32)


def real(part: Any) -> Any:
    """Whole numbers as real ones."""
    return part.astype(np.float64)


def over(part: Any, by: Any) -> Any:
    """``part / by``: whole numbers of less than 32 bits (not -0), or infinite ones, by a whole one of less than 17."""
    return part / by


class Lanes(types.Type):
    """A part of ``WIDE`` lanes of one kind, as the compiler knows it."""

    def __init__(self, of: Any) -> None:
        self.of = of
        super().__init__(name=f"Lanes({of})")


register_model(Lanes)(lambda manager, lanes: models.PrimitiveModel(manager, lanes, _vector(lanes.of)))

_WORD, _INDEX = ir.IntType(32), ir.IntType(64)
_KINDS = {types.int32: _WORD, types.float64: ir.DoubleType(), types.boolean: ir.IntType(1)}
_WHOLE, _REAL, _BITS = (Lanes(of) for of in _KINDS)
#: Which of two are parts, where one of them may be a number.
_EITHER = ((Lanes, Lanes), (Lanes, types.Number), (types.Number, Lanes))
#: (builder, kind, part, part) -> part.
Emit = Callable[[Any, Any, Any, Any], Any]


def _vector(of: Any) -> ir.VectorType:
    return ir.VectorType(_KINDS[of], WIDE)


def _some(builder: Any, part: Any, lanes: Sequence[int]) -> Any:
    """Lanes of a part by their numbers."""
    numbers = ir.Constant(ir.VectorType(_WORD, len(lanes)), list(lanes))
    return builder.shuffle_vector(part, ir.Constant(part.type, ir.Undefined), numbers)


def _as_part(context: Any, builder: Any, of: Any, given: Any, value: Any) -> Any:
    """``value``, which is ``given`` as a part or as a number, as a part of ``of``."""
    if isinstance(given, Lanes):
        return value
    number = context.cast(builder, value, given, of)
    first = builder.insert_element(ir.Constant(_vector(of), ir.Undefined), number, ir.Constant(_WORD, 0))
    return _some(builder, first, [0] * WIDE)


def _kind(*given: Any) -> Lanes | None:
    """The kind of the parts among what is given, None where there is none, or where one does not fit."""
    kinds = {one for one in given if isinstance(one, Lanes)}
    fits = all(isinstance(one, (Lanes, types.Number)) for one in given)
    return kinds.pop() if fits and len(kinds) == 1 else None


def _defined(function: Callable[..., Any], typed: Callable[..., Any], emit: Callable[..., Any], *taken: Any) -> None:
    """Where kernels call ``function``, its result is of the type that ``typed`` says, if any, and made by ``emit``."""
    type_callable(function)(lambda context: typed)
    for arguments in taken:
        lower_builtin(function, *arguments)(emit)


def _of_two(function: Callable[..., Any], emit: Emit, *, compares: bool = False) -> None:
    """A function of two parts, or of a part and a number, lane by lane."""

    def typed(a: Any, b: Any) -> Any:
        kind = _kind(a, b)
        return _BITS if compares and kind else kind

    def lowered(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind = _kind(*signature.args)
        assert kind is not None
        parts = [_as_part(context, builder, kind.of, *one) for one in zip(signature.args, arguments, strict=True)]
        return emit(builder, kind.of, *parts)

    _defined(function, typed, lowered, *_EITHER)


def _arithmetic(whole: str, real: str) -> Emit:
    return lambda builder, of, a, b: getattr(builder, real if of == types.float64 else whole)(a, b)


def _compared(sign: str) -> Emit:
    def emit(builder: Any, of: Any, a: Any, b: Any) -> Any:
        return (builder.fcmp_ordered if of == types.float64 else builder.icmp_signed)(sign, a, b)

    return emit


def _better(sign: str) -> Emit:
    compare = _compared(sign)
    return lambda builder, of, a, b: builder.select(compare(builder, of, b, a), b, a)


_of_two(operator.add, _arithmetic("add", "fadd"))
_of_two(operator.sub, _arithmetic("sub", "fsub"))
_of_two(operator.mul, _arithmetic("mul", "fmul"))
_of_two(operator.truediv, lambda builder, of, a, b: builder.fdiv(a, b))
_of_two(operator.and_, lambda builder, of, a, b: builder.and_(a, b))
_of_two(operator.or_, lambda builder, of, a, b: builder.or_(a, b))
_of_two(lesser, _better("<"))
_of_two(greater, _better(">"))
_of_two(operator.lt, _compared("<"), compares=True)
_of_two(operator.le, _compared("<="), compares=True)
_of_two(operator.gt, _compared(">"), compares=True)
_of_two(operator.ge, _compared(">="), compares=True)
_of_two(operator.eq, _compared("=="), compares=True)


def _is_line(array: Any) -> bool:
    return isinstance(array, types.Array) and array.ndim == 1 and array.dtype in (types.int32, types.float64)


def _place(context: Any, builder: Any, lanes: Any, array: Any, kind: Any, at: Any) -> tuple[Any, int]:
    """Pointer to the part of an array that begins at ``at``, and of how many bytes it is a multiple."""
    data = arrayobj.make_array(lanes)(context, builder, array).data
    index = context.cast(builder, at, kind, types.int64)
    place = builder.bitcast(builder.gep(data, [index]), _vector(lanes.dtype).as_pointer())
    return place, lanes.dtype.bitwidth // 8


def _load(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    lanes, kind = signature.args
    place, align = _place(context, builder, lanes, arguments[0], kind, arguments[1])
    return builder.load(place, align=align)


def _store(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    lanes, kind, _ = signature.args
    place, align = _place(context, builder, lanes, arguments[0], kind, arguments[1])
    builder.store(arguments[2], place, align=align)
    return context.get_dummy_value()


def _alike(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    return _as_part(context, builder, signature.return_type.of, signature.args[0], arguments[0])


def _chosen_kind(mask: Any, a: Any, b: Any) -> Lanes | None:
    if mask != _BITS:
        return None
    return Lanes(a) if a == b and a in _KINDS else _kind(a, b)


def _chosen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    of = signature.return_type.of
    a, b = (_as_part(context, builder, of, *one) for one in zip(signature.args[1:], arguments[1:], strict=True))
    return builder.select(arguments[0], a, b)


def _intrinsic(builder: Any, name: str, result: Any, arguments: Sequence[Any]) -> Any:
    """A call of what the compiler knows by ``name``, of parts."""
    kind = ir.FunctionType(result, [argument.type for argument in arguments])
    known = builder.module.globals.get(name)
    return builder.call(known or ir.Function(builder.module, kind, name), arguments)


def _extreme(name: str) -> Callable[..., Any]:
    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _intrinsic(builder, f"llvm.vector.reduce.{name}.v{WIDE}i32", _WORD, arguments)

    return emit


def _total_of(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    half = WIDE // 2
    found, *others = [_some(builder, part, range(at, at + half)) for part in arguments for at in (0, half)]
    for other in others:
        found = builder.fadd(found, other)
    lanes = [builder.extract_element(found, ir.Constant(_WORD, n)) for n in range(half)]
    while len(lanes) > 1:
        lanes = [builder.fadd(a, b) for a, b in zip(lanes[::2], lanes[1::2], strict=True)]
    return lanes[0]


def _bits(builder: Any, mask: Any) -> Any:
    return builder.bitcast(mask, ir.IntType(WIDE))


def _count_of(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    return builder.zext(builder.ctpop(_bits(builder, arguments[0])), _INDEX)


def _first_of(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    bits = builder.or_(builder.zext(_bits(builder, arguments[0]), _INDEX), ir.Constant(_INDEX, 1 << WIDE))
    return builder.cttz(bits, ir.Constant(ir.IntType(1), 1))


def _any_of(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    return builder.icmp_unsigned("!=", _bits(builder, arguments[0]), ir.Constant(ir.IntType(WIDE), 0))


def _seconds_of(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    return _intrinsic(builder, f"llvm.lrint.v{WIDE}i32.v{WIDE}f64", _vector(types.int32), arguments)


def _over(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    """A product with 1 / ``by`` and what it is off by, which is exact, times the same: a fifth of a division.

    It has the bits of one: it is within 2^-104 of the quotient, which is never nearer than 2^-71 of itself to the
    middle of two numbers of 53 bits (Markstein 1990; all whole numbers from 0 to 2^31 were tried by 3,600 and 86,400).
    """

    def fused(*parts: Any) -> Any:
        return _intrinsic(builder, f"llvm.fma.v{WIDE}f64", parts[0].type, parts)

    part = arguments[0]
    number = context.cast(builder, arguments[1], signature.args[1], types.float64)
    less = builder.fneg(_as_part(context, builder, types.float64, types.float64, number))
    one = ir.Constant(ir.DoubleType(), 1.0)
    inverse = _as_part(context, builder, types.float64, types.float64, builder.fdiv(one, number))
    near = builder.fmul(part, inverse)
    off = fused(near, less, part)
    return builder.select(builder.fcmp_ordered("ord", off, off), fused(off, inverse, near), near)


def _real(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    return builder.sitofp(arguments[0], _vector(types.float64))


_defined(
    load,
    lambda lanes, at: Lanes(lanes.dtype) if _is_line(lanes) and isinstance(at, types.Integer) else None,
    _load,
    (types.Array, types.Integer),
)
_defined(
    store,
    lambda lanes, at, part: types.void if _is_line(lanes) and part == Lanes(lanes.dtype) else None,
    _store,
    (types.Array, types.Integer, Lanes),
)
_defined(
    alike,
    lambda value: Lanes(value) if value in (types.int32, types.float64) else None,
    _alike,
    (types.Number,),
)
_defined(chosen, _chosen_kind, _chosen, *((Lanes, *two) for two in (*_EITHER, (types.Number, types.Number))))
_defined(least_of, lambda part: types.int32 if part == _WHOLE else None, _extreme("smin"), (Lanes,))
_defined(greatest_of, lambda part: types.int32 if part == _WHOLE else None, _extreme("smax"), (Lanes,))
_defined(
    total_of,
    lambda a, b, c, d: types.float64 if {a, b, c, d} == {_REAL} else None,
    _total_of,
    (Lanes, Lanes, Lanes, Lanes),
)
_defined(count_of, lambda mask: types.int64 if mask == _BITS else None, _count_of, (Lanes,))
_defined(first_of, lambda mask: types.uint64 if mask == _BITS else None, _first_of, (Lanes,))
_defined(any_of, lambda mask: types.boolean if mask == _BITS else None, _any_of, (Lanes,))
_defined(seconds_of, lambda part: _WHOLE if part == _REAL else None, _seconds_of, (Lanes,))
_defined(
    over,
    lambda part, by: _REAL if part == _REAL and isinstance(by, types.Number) else None,
    _over,
    (Lanes, types.Number),
)
_defined(real, lambda part: _REAL if part == _WHOLE else None, _real, (Lanes,))
