"""A drafted profile as TOML: titles, formats and units of an export, and in comments what a person has to settle."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from tocfin.dataset.findings import quoted
from tocfin.dataset.imports import sniff
from tocfin.dataset.imports.formats import CLOCK_HOURS, Field
from tocfin.dataset.imports.lists import Listed

#: What a bracket behind a title, or a word in it, says about the unit of hours.
UNITS = {"h": "h", "hr": "h", "hrs": "h", "std": "h", "hours": "h", "stunden": "h", "hour": "h", "stunde": "h"}
UNITS |= {"min": "min", "mins": "min", "minutes": "min", "minuten": "min", "minute": "min"}
UNITS |= {
    "s": "s",
    "sec": "s",
    "sek": "s",
    "seconds": "s",
    "sekunden": "s",
    "d": "d",
    "days": "d",
    "tag": "d",
    "tage": "d",
}
UNITS |= {"1/100 h": "h/100", "h/100": "h/100", "hh": "h/100", "h:mm": CLOCK_HOURS, "hh:mm": CLOCK_HOURS}


#: Per source of a profile: which list it is, and the title of each of its columns there.
Fitted = Mapping[str, tuple[Listed, dict[str, str]]]


_CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2})?|\d{6}|[01]\d[0-5]\d|2[0-3][0-5]\d")


class Place(NamedTuple):
    """A column of the export: where it stands, and the column of the profile that it is (None: not placed)."""

    file: str
    title: str
    role: str | None


@dataclass
class Draft:
    """A drafted profile: its TOML text, where every column of the export went, and what a person has to say."""

    extends: str
    text: str
    places: tuple[Place, ...]
    questions: tuple[str, ...]

    @property
    def share(self) -> float:
        """How many of the columns were placed."""
        return sum(place.role is not None for place in self.places) / max(len(self.places), 1)


def written(
    name: str, fields: Mapping[str, list[Field]], spared: Collection[str], fitted: Fitted, lists: Sequence[Listed],
    source: Path,
) -> Draft:  # fmt: skip
    """The draft that extends profile ``name``; sources that are ``spared`` may be missing."""
    questions: list[str] = []
    body: list[str] = []
    titles: dict[str, list[str]] = {}
    for of, (one, found) in fitted.items():
        for role, title in found.items():
            if title not in titles.setdefault(role, []):
                titles[role].append(title)
        body += _source(of, one, found, fields[of], source, questions)
    for of, wanted in fields.items():
        if of in fitted or of not in spared:
            there = fitted[of][1] if of in fitted else {}
            lost = [column.name for column in wanted if column.need != "?" and column.name not in there]
            questions += [f"{of}: no column was found for {', '.join(lost)}"] if lost else []
    places = _places(fitted, lists)
    head = [f"extends = {_quoted(name)}", "", "[columns]"]
    head += [f"{role} = {_listed(found)}" for role, found in titles.items()]
    comments = [f"# Drafted from {quoted(source.name)[1:-1]}; check it, and mend what stands below."]
    comments += [f"# open: {question}" for question in questions]
    comments += [f"# not placed: {place.file}: {quoted(place.title)}" for place in places if place.role is None]
    return Draft(name, "\n".join([*comments, *head, *body]) + "\n", tuple(places), tuple(questions))


def _places(fitted: Fitted, lists: Sequence[Listed]) -> list[Place]:
    roles = {(id(one), title): role for one, found in fitted.values() for role, title in found.items()}
    beside = {
        (id(one), next_to)
        for one, found in fitted.values()
        for title in found.values()
        if (next_to := one.beside(title)) is not None and (_is_unit(one, next_to) or _is_clock(one, title, next_to))
    }
    return [
        Place(one.model or one.sheet or one.file, title, roles.get((id(one), title)) or _beside(beside, one, title))
        for one in lists
        for title in one.header
    ]


def _beside(beside: set[tuple[int, str]], one: Listed, title: str) -> str | None:
    return "(beside)" if (id(one), title) in beside else None


def _is_unit(one: Listed, title: str) -> bool:
    """A column of unit words, which says what the numbers before it are in."""
    cells = one.texts(title)
    return bool(cells) and all(cell.casefold() in UNITS for cell in cells)


def _is_clock(one: Listed, title: str, beside: str) -> bool:
    """A column of times of day behind a column of days."""
    clocks = [str(cell) for cell in one.columns[beside] if cell not in (None, "")]
    days = [str(cell) for cell in one.columns[title] if cell not in (None, "")]
    return bool(clocks) and all(_CLOCK.fullmatch(cell) for cell in clocks) and not any(":" in cell for cell in days)


def _source(
    of: str, one: Listed, found: Mapping[str, str], fields: Sequence[Field], source: Path, questions: list[str]
) -> list[str]:
    """The tables of one source: its file, how it is written, and the columns with a unit."""
    if one.model or not one.form:
        return []
    lines = ["", f"[sources.{of}]"] + ([f"file = {_quoted(one.file)}"] if source.is_dir() else [])
    placed = [(column, found[column.name]) for column in fields if column.name in found]
    form = one.form | ({"sheet": one.sheet} if one.sheet else {})
    numbers = [cell for column, title in placed if column.kind in ("number", "integer") for cell in one.texts(title)]
    form |= _numbers(of, numbers, questions)
    if times := sniff.times_of(_moments(one, title) for column, title in placed if column.kind == "time"):
        form["times"] = times
    if times == [sniff.OPEN]:
        questions.append(f'{of}: days and months cannot be told apart; write times = ["%d/%m/%Y"] or ["%m/%d/%Y"]')
    form |= _words(one, found, fields)
    lines += ["", f"[sources.{of}.format]", *(f"{key} = {_toml(value)}" for key, value in form.items())]
    for column, title in placed:
        lines += _column(of, column, one, title, questions)
    return lines


def _moments(one: Listed, title: str) -> list[str]:
    """The texts of a column of times, with the time of day where that is in the column beside it."""
    beside = one.beside(title)
    if beside is None or not _is_clock(one, title, beside):
        return one.texts(title)
    pairs = zip(one.columns[title], one.columns[beside], strict=True)
    return [f"{day} {clock}".strip() for day, clock in pairs if isinstance(day, str) and day.strip()]


def _numbers(of: str, cells: list[str], questions: list[str]) -> dict[str, Any]:
    bare = [re.sub(r"(?<=[\d.,-])\s*[^\W\d_]+\.?$", "", cell) for cell in cells if re.search(r"\d", cell)]
    marks = sniff.marks_of(cell for cell in bare if ":" not in cell)
    if marks is None:
        questions.append(f"{of}: its numbers are not all written alike; say decimal and thousands")
        return {"decimal": sniff.OPEN}
    if marks[0] == sniff.OPEN:
        questions.append(f'{of}: "." or "," may stand before decimals or between thousands; say decimal and thousands')
        return {"decimal": sniff.OPEN}
    said: dict[str, Any] = {"decimal": marks[0]} | ({"thousands": marks[1]} if marks[1] else {})
    return said | ({"trailing_minus": True} if marks[2] else {})


def _words(one: Listed, found: Mapping[str, str], fields: Sequence[Field]) -> dict[str, Any]:
    true: list[str] = []
    false: list[str] = []
    empty: list[str] = []
    for column in fields:
        if column.name not in found:
            continue
        cells = [cell.strip() for cell in one.columns[found[column.name]] if isinstance(cell, str)]
        if column.kind == "boolean" and (flags := sniff.flags_of(cells)) is not None:
            true, false = [*true, *flags[0]], [*false, *(word for word in flags[1] if word)]
        elif column.kind in ("number", "integer", "time", "date"):
            empty += sniff.nothing_words(cells)
    said = {"true": true, "false": false, "empty": empty}
    return {key: list(dict.fromkeys(words)) for key, words in said.items() if words}


def _column(of: str, column: Field, one: Listed, title: str, questions: list[str]) -> list[str]:
    """What must be said of one column beside its title: the unit of its hours, what an empty flag means."""
    place = ["", f"[sources.{of}.columns.{column.name}]", f'kind = "{column.kind}{column.need}"']
    cells = [cell.strip() for cell in one.columns[title] if isinstance(cell, str)]
    beside = one.beside(title) or ""
    if column.kind == "time" and beside and _is_clock(one, title, beside):
        return [*place, f"clock = {_quoted(beside)}"]
    if column.kind == "boolean" and "" in cells and any(cells):
        return [*place, 'blank = "false"']
    if column.unit != "h":
        return []
    words = sorted({match[1] for cell in cells if (match := re.search(r"\d\s*([^\W\d_]+)\.?$", cell))})
    if not words and beside and _is_unit(one, beside):
        place.append(f"unit_from = {_quoted(beside)}")
        words = sorted(set(one.texts(beside)))
    if words:
        units = {word: UNITS.get(word.casefold(), sniff.OPEN) for word in words}
        if sniff.OPEN in units.values():
            questions.append(f"{of}: {quoted(title)} has units that nobody knows: {', '.join(words)}")
        return [
            *place,
            f"units = {{ {', '.join(f'{_quoted(word)} = {_quoted(unit)}' for word, unit in units.items())} }}",
        ]
    unit = CLOCK_HOURS if any(":" in cell for cell in cells) else _unit_told(title)
    if unit == sniff.OPEN:
        questions.append(f"{of}: the unit of {quoted(title)} is not told; write h, min, s, d, h/100 or h:mm")
    return [*place, f"unit = {_quoted(unit)}"]


def _unit_told(title: str) -> str:
    bracket = re.search(r"[\[(]([^\])]*)[\])]\s*$", title)
    if bracket and bracket[1].casefold().strip() in UNITS:
        return UNITS[bracket[1].casefold().strip()]
    words = re.split(r"[^\w]+|_", title.casefold())
    return next((UNITS[word] for word in words if word in UNITS and len(word) > 1), sniff.OPEN)


def _toml(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return str(value).lower() if isinstance(value, bool | int) else _quoted(value)


def _listed(titles: Sequence[str]) -> str:
    return _quoted(titles[0]) if len(titles) == 1 else _toml(list(titles))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
