"""A profile: the TOML file that says how one kind of export becomes a data set."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, cast

from tocfin.catalogue import BY_NAME
from tocfin.dataset.findings import nearest, quoted
from tocfin.dataset.imports.formats import field_of, format_of
from tocfin.dataset.imports.shapes import MEASURES, SHAPE
from tocfin.dataset.imports.verbs import ProfileError, only
from tocfin.dataset.page import parsed
from tocfin.errors import UsageError

SHIPPED = Path(__file__).parent.parent / "profiles"

_SECTIONS = ("extends", "profile", "plan", "columns", "format", "sources", "derived", "tables", "totals", "findings")
_PROFILE = ("title", "adapter", "timezone", "job")
_PLAN = ("name", "currency", "policy", "clock", "horizon_end")
_SOURCE = ("file", "model", "columns", "format", "optional")
_TABLE = (*SHAPE, "fallback", "weekly_hours")
_TOTAL = ("name", "unit", "source", "imported")
_FINDING = ("rule", "grade", "table", "column", "message", "rows", *SHAPE, *MEASURES)


def profile_names() -> tuple[str, ...]:
    """Names of the profiles that come with tocfin."""
    return tuple(sorted(path.stem for path in SHIPPED.glob("*.toml") if not path.stem.endswith(".finance")))


def example_finance(profile: str) -> Path:
    """The example finance file of a shipped profile (its figures are invented)."""
    return SHIPPED / f"{profile}.finance.toml"


def load(profile: str | Path, adapters: Collection[str]) -> dict[str, Any]:
    """The profile of that name or at that path, with what it extends, every key known; UsageError says what is not."""
    path = _located(profile)
    content = _content(path)
    chain = [path]
    while "extends" in content:
        base = str(content.pop("extends"))
        beside = path.parent / base
        path = beside if beside.is_file() else _located(base)
        if path in chain:
            raise UsageError(f"{path.name}: profiles extend each other in a circle")
        chain.append(path)
        content = merged(_content(path), content)
    try:
        _check(content, adapters)
    except ProfileError as fault:
        raise UsageError(f"{chain[0].name}: {fault}") from fault
    return content


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """``base`` with the entries of ``over``; tables are merged, anything else is replaced."""
    result = dict(base)
    for key, value in over.items():
        old = result.get(key)
        both = isinstance(old, Mapping) and isinstance(value, Mapping)
        result[key] = merged(cast(Mapping[str, Any], old), value) if both else value
    return result


def _located(profile: str | Path) -> Path:
    if str(profile) in profile_names():
        return SHIPPED / f"{profile}.toml"
    path = Path(profile)
    if path.is_file():
        return path
    hint = nearest(str(profile), profile_names())
    raise UsageError(f"{quoted(profile)} is neither a file nor one of {', '.join(profile_names())}{hint}")


def _content(path: Path) -> dict[str, Any]:
    try:
        content, findings = parsed(path.read_bytes(), path.name)
    except OSError as error:
        raise UsageError(f"{path.name}: cannot be read: {error.strerror}") from error
    if content is None:
        raise UsageError("; ".join(str(finding) for finding in findings))
    return content


def _check(content: Mapping[str, Any], adapters: Collection[str]) -> None:
    only(content, _SECTIONS, "profile")
    for section in ("profile", "plan", "columns", "format", "sources", "derived", "tables"):
        _table(content, section, section)
    only(content.get("profile", {}), _PROFILE, "profile")
    only(content.get("plan", {}), _PLAN, "plan")
    adapter = content.get("profile", {}).get("adapter")
    if adapter is not None and adapter not in adapters:
        known = nearest(str(adapter), tuple(adapters))
        raise ProfileError(f"profile.adapter: {quoted(adapter)} is not an adapter{known}")
    for name in content.get("sources", {}):
        source = _table(content["sources"], name, f"sources.{name}")
        only(source, _SOURCE, f"sources.{name}")
        for column, words in _table(source, "columns", f"sources.{name}.columns", needed=True).items():
            field_of(column, words, content.get("columns", {}), f"sources.{name}")
        format_of(content, source, f"sources.{name}")
    for name in content.get("derived", {}):
        _shape(_table(content["derived"], name, f"derived.{name}"), SHAPE, f"derived.{name}")
    for name in content.get("tables", {}):
        if name not in BY_NAME:
            raise ProfileError(f"tables: {quoted(name)} is not a table of a data set{nearest(name, tuple(BY_NAME))}")
        spec = _table(content["tables"], name, f"tables.{name}")
        _shape(spec, _TABLE, f"tables.{name}")
        for part in ("columns", "fallback"):
            only(_table(spec, part, f"tables.{name}.{part}"), BY_NAME[name].names, f"tables.{name}.{part}")
        for key, spared in spec.get("fallback", {}).items():
            if not isinstance(spared, Mapping) or set(spared) != {"value", "message"}:
                raise ProfileError(f"tables.{name}.fallback.{key}: needs a value and a message")
    _entries(content, "totals", _TOTAL, "name")
    _entries(content, "findings", _FINDING, "message")


def _entries(content: Mapping[str, Any], section: str, known: tuple[str, ...], needed: str) -> None:
    for spec in content.get(section, ()):
        if not isinstance(spec, Mapping) or needed not in spec:
            raise ProfileError(f"{section}: every entry is a [[{section}]] table with a {needed}")
        only(spec, known, section)


def _shape(spec: Mapping[str, Any], known: tuple[str, ...], place: str) -> None:
    only(spec, known, place)
    for part in ("add", "columns"):
        _table(spec, part, f"{place}.{part}")


def _table(section: Mapping[str, Any], key: str, place: str, *, needed: bool = False) -> Mapping[str, Any]:
    found = section.get(key, None if needed else {})
    if not isinstance(found, Mapping):
        raise ProfileError(f"{place}: {'is missing' if found is None else 'is a value; it should be a table'}")
    return found
