"""A fit as the file that scenarios name: ``[uncertainty] file = "uncertainty.toml"``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tocfin.dataset.text import instant
from tocfin.scenarios.distributions import PARAMETERS, Distribution
from tocfin.scenarios.fit_found import Found, Shared
from tocfin.scenarios.uncertainty import QUANTITIES

DIGITS = 6


def uncertainty_toml(
    heading: Sequence[str], found: Sequence[Found], shared: Sequence[Shared], off: Sequence[str]
) -> str:
    """The text of the file; every comment line of ``heading`` stands above it."""
    lines = [f"# {_plain(line)}" for line in heading]
    if off:
        lines += ["", f"off = {_value(list(off))}"]
    for one in shared:
        factor = one.factor
        rows = {"name": factor.name, "span": factor.span, "per": factor.per}
        lines += ["", f"# {one.realisations:,} realisations", "[[uncertainty.factor]]", *_lines(rows)]
    for quantity in QUANTITIES:
        for rule in (one for one in found if one.quantity == quantity):
            lines += ["", *_comments(rule), f"[[uncertainty.{quantity}]]", *_lines(_keys(rule))]
    return "\n".join(lines) + "\n"


def period(span: tuple[int, int] | None) -> str:
    """``2026-06-01T00:00:00Z to 2026-06-08T00:00:00Z``."""
    return "no finished work" if span is None else f"{instant(span[0])} to {instant(span[1])}"


def _comments(rule: Found) -> Iterator[str]:
    figures = [
        f"{one.name} {one.value:.4g}" + (f" ± {one.error:.2g}" if one.error == one.error else "")
        for one in rule.figures
    ]
    yield f"# n = {rule.n:,}; {', '.join(_plain(figure) for figure in figures)} (standard errors)"
    fits = [f"{name} D = {fit.ks:.4f}, A2 = {fit.ad:.2f}" for name, fit in rule.goodness.items()]
    if fits:
        yield f"# goodness of fit: {'; '.join(fits)}"


def _keys(rule: Found) -> dict[str, Any]:
    keys: dict[str, Any] = dict(rule.where) or {"all": True}
    keys |= rule.settings
    if rule.distribution is not None:
        keys |= _distribution(rule.distribution)
    if rule.repair is not None:
        keys["repair"] = _distribution(rule.repair)
    if rule.factors:
        keys["factors"] = dict(rule.factors)
    return keys


def _distribution(one: Distribution) -> dict[str, Any]:
    if one.name == "quantiles":
        return {"distribution": one.name, "levels": list(one.levels), "values": list(one.values)}
    return {"distribution": one.name} | dict(zip(PARAMETERS[one.name], one.parameters, strict=True))


def _lines(keys: Mapping[str, Any]) -> Iterator[str]:
    return (f"{key} = {_value(value)}" for key, value in keys.items())


def _value(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case float():
            return repr(float(f"{value:.{DIGITS}g}"))
        case str():
            return _quoted(value)
        case Mapping():
            return "{ " + ", ".join(f"{_quoted(key)} = {_value(one)}" for key, one in value.items()) + " }"
        case _:
            return "[" + ", ".join(_value(one) for one in value) + "]"


def _quoted(text: str) -> str:
    """A basic string of TOML 1.0: everything but letters that print as they are is escaped."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08X}" for c in escaped) + '"'


def _plain(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)
