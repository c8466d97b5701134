"""A first profile for an export: headers and content recognised, what could not be placed listed, nothing guessed.

The columns of a shipped profile say what they may be called; the profile that places most columns is extended.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tocfin.dataset.imports import sniff
from tocfin.dataset.imports.drafted import Draft, Fitted, Place, written
from tocfin.dataset.imports.formats import Field
from tocfin.dataset.imports.lists import Listed, lists_of, plain
from tocfin.dataset.imports.profiles import load, profile_names
from tocfin.dataset.imports.run import ADAPTERS
from tocfin.dataset.imports.sources import fields_of
from tocfin.errors import UsageError

__all__ = ["Draft", "Place", "draft"]


def draft(source: Path) -> Draft:
    """A profile for the files at ``source`` that extends the shipped one which places most of its columns.

    Raises UsageError where nothing can be read, or no shipped profile knows any of its columns.
    """
    profiles = {name: load(name, ADAPTERS) for name in profile_names()}
    known = {
        plain(t) for content in profiles.values() for one in _fields(content).values() for f in one for t in f.titles
    }
    lists = lists_of(source, known)
    if not lists:
        raise UsageError(f"{source}: holds no list with a header that can be read (CSV, Excel, Parquet or JSON)")
    fitted = {name: _fitted(_fields(content), content, lists) for name, content in profiles.items()}
    best = max(fitted, key=lambda name: (_worth(fitted[name], profiles[name]), name == "orderlist"))
    if not any(fitted[best].values()):
        raise UsageError(f"{source}: no shipped profile knows a column of it; write a profile by hand")
    spared = {name for name, spec in profiles[best]["sources"].items() if spec.get("optional") or "model" in spec}
    return written(best, _fields(profiles[best]), spared, fitted[best], lists, source)


def _fields(content: Mapping[str, Any]) -> dict[str, list[Field]]:
    return {name: fields_of(content, name) for name in content["sources"]}


def _fitted(fields: Mapping[str, list[Field]], content: Mapping[str, Any], lists: Sequence[Listed]) -> Fitted:
    """Each list to the source whose columns it has most of, the needed ones first."""
    found: dict[str, tuple[Listed, dict[str, str]]] = {}
    offers = []
    for place, one in enumerate(lists):
        for name, wanted in fields.items():
            model = content["sources"][name].get("model", "")
            if bool(one.model) != bool(model) or (model and model != one.model):
                continue
            titles = _titles(wanted, one)
            needed = sum(f.need != "?" for f in wanted)
            met = sum(f.need != "?" and f.name in titles for f in wanted)
            if titles and (met == needed or met >= 2):
                named = plain(name) in plain(one.file) or plain(one.file.partition(".")[0]) in plain(name)
                offers.append((met == needed, len(titles), named, -place, name, one, titles))
    for *_, name, one, titles in sorted(offers, key=lambda offer: offer[:4], reverse=True):
        if name not in found and all(one is not taken for taken, _ in found.values()):
            found[name] = one, titles
    return found


def _titles(wanted: Sequence[Field], one: Listed) -> dict[str, str]:
    by_name = {plain(title): title for title in reversed(one.header)}
    titles: dict[str, str] = {}
    for column in wanted:
        for title in (*column.titles, column.name):
            at = by_name.get(plain(title))
            if at is not None and at not in titles.values() and _fits(column, one, at):
                titles[column.name] = at
                break
    return titles


def _fits(column: Field, one: Listed, title: str) -> bool:
    """Whether the content can be of that kind at all: words under a title of numbers are something else."""
    cells = one.texts(title)
    if not cells or column.values or column.units:
        return True
    match column.kind:
        case "number" | "integer":
            return any(sign.isdigit() for cell in cells for sign in cell)
        case "time" | "date":
            return all(any(sign.isdigit() for sign in cell) for cell in cells)
        case "boolean":
            return sniff.flags_of(cells) is not None
        case _:
            return True


def _worth(fitted: Fitted, content: Mapping[str, Any]) -> tuple[int, int]:
    """Sources whose needed columns are all there, then how many columns are placed."""
    whole = sum(
        all(one.name in fitted[name][1] for one in wanted if one.need != "?")
        for name, wanted in _fields(content).items()
        if name in fitted
    )
    needed = sum(not spec.get("optional") for spec in content["sources"].values())
    return int(whole >= needed), sum(len(titles) for _, titles in fitted.values())
