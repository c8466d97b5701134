"""The words of a mapping: how a column of a table is made from the columns of the source.

An expression is the name of a column, a number or true/false, or a table with one verb::

    {const = "Finished"}                     {first = ["dated", "ListPrice"]}     the first that is not empty
    {text = "{WorkOrderID}/{Sequence:03}"}   {times = [a, b]}  {plus = [a, b]}  {minus = [a, b]}
    {lookup = "MakeFlag", values = {1 = "made"}, otherwise = {const = "bought"}}
    {when = {Qty = {above = 0}}, then = a, otherwise = b}
    {hours = ["start", "end"]}               elapsed hours
    {rank = ["start"], within = ["case"], ties = "same"}     1, 2, 3 ... in that order
    {digits = "operation"}                   the first whole number in a text
    {distinct = "due", within = ["order"]}   how many different values the rows of a group have
    {overlaps = ["start", "end"], within = ["resource"]}     true: starts before an earlier one has ended

A condition names columns and what they must be; all of one table must hold, a list of tables is "or"::

    {status = "open"}   {status = ["open", "quote"]}   {EndDate = {above = "DueDate"}}   {EndDate = {last_days = 14}}
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any

import polars as pl

from tocfin.dataset.findings import nearest, quoted

DAY = 86_400
_FIELD = re.compile(r"\{([^{}:]+)(?::0(\d+))?\}")


class ProfileError(Exception):
    """A profile says something that cannot be done; the text names the place in the profile."""


def only(spec: Mapping[str, Any], known: Sequence[str], place: str) -> None:
    """Refuses keys that mean nothing here."""
    for key in spec:
        if key not in known:
            raise ProfileError(f"{place}: {quoted(key)} is not known here{nearest(key, tuple(known))}")


def expression(spec: Any, place: str) -> pl.Expr:
    """The polars expression that ``spec`` stands for."""
    if isinstance(spec, str):
        return pl.col(spec)
    if isinstance(spec, bool | int | float):
        return pl.lit(spec)
    if not isinstance(spec, Mapping) or not spec:
        raise ProfileError(f"{place}: {quoted(spec)} is neither a column nor a verb")
    verb = next(iter(spec))
    if verb not in _VERBS:
        raise ProfileError(f"{place}: {quoted(verb)} is not a verb{nearest(verb, tuple(_VERBS))}")
    build, further = _VERBS[verb]
    only(spec, (verb, *further), place)
    return build(spec, f"{place}.{verb}")


def condition(spec: Any, place: str) -> pl.Expr:
    """The polars expression that is true where ``spec`` holds."""
    if isinstance(spec, list):
        return pl.any_horizontal(condition(one, place) for one in spec)
    if not isinstance(spec, Mapping) or not spec:
        raise ProfileError(f"{place}: a condition is a table such as {{status = 'open'}}")
    return pl.all_horizontal(_test(pl.col(name), wanted, f"{place}.{name}") for name, wanted in spec.items())


def _test(column: pl.Expr, wanted: Any, place: str) -> pl.Expr:
    if isinstance(wanted, list):
        return column.is_in(wanted)
    if not isinstance(wanted, Mapping):
        return column.eq(wanted)
    tests: dict[str, Callable[[Any], pl.Expr]] = {
        "above": lambda limit: column > expression(limit, place),
        "below": lambda limit: column < expression(limit, place),
        "same": lambda other: column == expression(other, place),
        "not": lambda value: ~_test(column, value, place),
        "missing": lambda yes: column.is_null() if yes else column.is_not_null(),
        "last_days": lambda days: column > column.max() - days * DAY,
    }
    only(wanted, tuple(tests), place)
    return pl.all_horizontal(tests[name](value) for name, value in wanted.items())


def _const(spec: Mapping[str, Any], place: str) -> pl.Expr:
    return pl.lit(spec["const"])


def _text(spec: Mapping[str, Any], place: str) -> pl.Expr:
    parts: list[pl.Expr] = []
    done = 0
    template = str(spec["text"])
    for found in _FIELD.finditer(template):
        parts.append(pl.lit(template[done : found.start()]))
        field = pl.col(found[1]).cast(pl.String)
        parts.append(field.str.zfill(int(found[2])) if found[2] else field)
        done = found.end()
    return pl.concat_str(*parts, pl.lit(template[done:]))


def _arithmetic(verb: str, join: Callable[[pl.Expr, pl.Expr], pl.Expr]) -> Callable[[Mapping[str, Any], str], pl.Expr]:
    def build(spec: Mapping[str, Any], place: str) -> pl.Expr:
        return reduce(join, [expression(one, place).cast(pl.Float64) for one in several(spec[verb], place)])

    return build


def _first(spec: Mapping[str, Any], place: str) -> pl.Expr:
    return pl.coalesce(expression(one, place) for one in several(spec["first"], place))


def _lookup(spec: Mapping[str, Any], place: str) -> pl.Expr:
    values = spec.get("values", {})
    found = expression(spec["lookup"], place).cast(pl.String)
    default = expression(spec["otherwise"], place) if "otherwise" in spec else None
    return found.replace_strict(list(values), list(values.values()), default=default)


def _when(spec: Mapping[str, Any], place: str) -> pl.Expr:
    chosen = pl.when(condition(spec["when"], place)).then(expression(spec.get("then", True), place))
    return chosen.otherwise(expression(spec["otherwise"], place)) if "otherwise" in spec else chosen


def _hours(spec: Mapping[str, Any], place: str) -> pl.Expr:
    start, end = (expression(one, place) for one in several(spec["hours"], place, 2))
    return (end - start) / 3600


def _rank(spec: Mapping[str, Any], place: str) -> pl.Expr:
    order = [pl.col(name) for name in several(spec["rank"], place)]
    within = several(spec.get("within", []), place)
    place_in_line = pl.struct(order).rank("dense" if spec.get("ties") == "same" else "ordinal").cast(pl.Int64)
    return place_in_line.over(within) if within else place_in_line


def _digits(spec: Mapping[str, Any], place: str) -> pl.Expr:
    return expression(spec["digits"], place).cast(pl.String).str.extract(r"([0-9]{1,18})").cast(pl.Int64)


def _distinct(spec: Mapping[str, Any], place: str) -> pl.Expr:
    return expression(spec["distinct"], place).drop_nulls().n_unique().over(several(spec["within"], place))


def _overlaps(spec: Mapping[str, Any], place: str) -> pl.Expr:
    start, end = several(spec["overlaps"], place, 2)
    return (pl.col(start) < ended_before(end, start, several(spec["within"], place))).fill_null(False)


def ended_before(end: str, start: str, within: Sequence[str]) -> pl.Expr:
    """Latest end of what started earlier (in the order of ``start``), null for the first."""
    return pl.col(end).cum_max().shift(1).over(within, order_by=start)


def several(spec: Any, place: str, count: int = 0) -> list[Any]:
    """``spec`` itself, refused unless it is a list (of ``count`` entries)."""
    if not isinstance(spec, list) or (count and len(spec) != count):
        raise ProfileError(f"{place}: {quoted(spec)} should be a list{f' of {count}' if count else ''}")
    return spec


_VERBS: dict[str, tuple[Callable[[Mapping[str, Any], str], pl.Expr], tuple[str, ...]]] = {
    "const": (_const, ()),
    "text": (_text, ()),
    "times": (_arithmetic("times", lambda a, b: a * b), ()),
    "plus": (_arithmetic("plus", lambda a, b: a + b), ()),
    "minus": (_arithmetic("minus", lambda a, b: a - b), ()),
    "first": (_first, ()),
    "lookup": (_lookup, ("values", "otherwise")),
    "when": (_when, ("then", "otherwise")),
    "hours": (_hours, ()),
    "rank": (_rank, ("within", "ties")),
    "digits": (_digits, ()),
    "distinct": (_distinct, ("within",)),
    "overlaps": (_overlaps, ("within",)),
}
