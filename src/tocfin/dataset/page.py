"""A page of TOML (plan, scenario, finance file): values are taken out by kind, and what is wrong with them is noted."""

from __future__ import annotations

import re
import stat
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from tocfin.catalogue import LARGEST
from tocfin.dataset.findings import nearest, quoted
from tocfin.errors import Finding, Grade

LONGEST_PAGE = 1 << 20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)", re.ASCII)


def parsed(data: bytes, file: str, table: str = "plan") -> tuple[dict[str, Any] | None, list[Finding]]:
    """The TOML document in ``data``, or None and the finding that says why there is none."""
    try:
        if len(data) > LONGEST_PAGE:
            raise ValueError("it is larger than 1 MiB")
        return tomllib.loads(data.decode("utf-8-sig")), []
    except UnicodeDecodeError:
        reason = "it is not UTF-8 text; save it as UTF-8"
    except RecursionError:
        reason = "its brackets are nested too deeply"
    except ValueError as error:
        reason = str(error)
    return None, [Finding("error", "unreadable", table, None, None, f"cannot be read as TOML: {reason}", file=file)]


def not_a_file(path: Path) -> str | None:
    """Why ``path`` cannot be read as a file; None when it can."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            return "is a folder; a file is expected"
        if not stat.S_ISREG(mode):
            return "is not an ordinary file"
        with path.open("rb"):
            return None
    except OSError as error:
        return f"cannot be read: {reason(error)}"


def reason(error: OSError) -> str:
    """Why the system refused, in its own words."""
    return error.strerror or type(error).__name__


@dataclass
class Page:
    """A page that is being read: ``file`` is how its findings call it, ``table`` what they are about."""

    file: str
    table: str = "scenario"
    findings: list[Finding] = field(default_factory=list)

    def fault(self, rule: str, place: str, message: str, grade: Grade = "error", count: int = 1) -> None:
        """Note one finding at a key of the file, such as ``override[2].where.resource``."""
        self.findings.append(Finding(grade, rule, self.table, None, place, message, file=self.file, count=count))

    def content(self, path: Path) -> dict[str, Any] | None:
        """The TOML document at ``path``; None, with a finding, where there is none."""
        problem = "its name holds a NUL character" if "\0" in str(path) else not_a_file(path)
        if problem is not None:
            self.findings.append(Finding("error", "unreadable", self.table, None, None, problem, file=self.file))
            return None
        with path.open("rb") as file:
            content, findings = parsed(file.read(LONGEST_PAGE + 1), self.file)
        self.findings.extend(findings)
        return content

    def keys(self, section: Mapping[str, Any], known: Iterable[str], place: str = "") -> None:
        """Note every key of ``section`` that is not ``known``."""
        names = tuple(known)
        for key in section:
            if key not in names:
                hint = nearest(key, names) or f"; the keys here are {', '.join(names)}"
                self.fault("unknown-key", f"{place}.{key}" if place else key, f"is not known here{hint}")

    def section(self, content: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        """The table under ``key``, empty where there is none."""
        found = content.get(key, {})
        if isinstance(found, Mapping):
            return found
        self.fault("wrong-type", key, f"is a value; it should be a table: [{key}]")
        return {}

    def rows(self, content: Mapping[str, Any], key: str, place: str) -> list[tuple[str, Mapping[str, Any]]]:
        """The rows of an array of tables, each with its place; they are counted from 1."""
        found = content.get(key, [])
        if not isinstance(found, list) or not all(isinstance(row, Mapping) for row in found):
            self.fault("wrong-type", place, f"is not a list of tables; write [[{place}]] above each row")
            return []
        return [(f"{place}[{number}]", row) for number, row in enumerate(found, 1)]

    def number(
        self,
        section: Mapping[str, Any],
        key: str,
        place: str,
        *,
        low: float | None = 0.0,
        high: float | None = None,
        above: bool = False,
        whole: bool = False,
    ) -> float | None:
        """A number between ``low`` (excluded where ``above``) and ``high``; None where it is missing or wrong."""
        if key not in section:
            return None
        value, at = section[key], f"{place}.{key}" if place else key
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
            self.fault("not-a-number", at, f"{quoted(value)} is not a {'whole ' if whole else ''}number")
        elif not whole and not abs(value) <= LARGEST:
            self.fault("out-of-range", at, f"{quoted(value)} is not a finite number of at most 1e15")
        elif low is not None and (value <= low if above else value < low):
            self.fault("out-of-range", at, f"{quoted(value)} is {'not above' if above else 'below'} {low:g}")
        elif high is not None and value > high:
            self.fault("out-of-range", at, f"{quoted(value)} is above {high:,g}")
        else:
            return value
        return None

    def needed(self, section: Mapping[str, Any], key: str, place: str, example: str) -> bool:
        """Whether ``key`` is there; a finding where it is not."""
        if key in section:
            return True
        self.fault("missing-key", f"{place}.{key}" if place else key, f"is missing; write e.g. {key} = {example}")
        return False

    def text(self, section: Mapping[str, Any], key: str, place: str = "") -> str | None:
        """A text that can be printed; None where it is missing or wrong."""
        value, at = section.get(key), f"{place}.{key}" if place else key
        if value is None:
            return None
        if not isinstance(value, str) or not value:
            self.fault("wrong-type", at, f"{quoted(value)} is not a text; write it in quotes")
        elif not value.isprintable():
            self.fault("control-character", at, f"{quoted(value)} holds control characters; remove them")
        else:
            return value
        return None

    def word(self, section: Mapping[str, Any], key: str, place: str, words: Sequence[str]) -> str | None:
        """One of ``words``; None where it is missing or another."""
        value, at = section.get(key), f"{place}.{key}" if place else key
        if value is None or value in words:
            return value
        hint = nearest(str(value), words)
        self.fault("unknown-word", at, f"{quoted(value)} is not one of {', '.join(words)}{hint}")
        return None

    def words(self, section: Mapping[str, Any], key: str, place: str, words: Sequence[str]) -> tuple[str, ...]:
        """A list of some of ``words``."""
        given = section.get(key, [])
        if not isinstance(given, list):
            at = f"{place}.{key}" if place else key
            self.fault("wrong-type", at, f"{quoted(given)} is not a list; write it in brackets")
            return ()
        named = {f"{key}[{number}]": value for number, value in enumerate(given, 1)}
        found = [self.word(named, name, place, words) for name in named]
        return tuple(word for word in found if word is not None)

    def flag(self, section: Mapping[str, Any], key: str, place: str, *, default: bool) -> bool:
        """true or false."""
        value = section.get(key, default)
        if isinstance(value, bool):
            return value
        self.fault("not-a-boolean", f"{place}.{key}", f"{quoted(value)} is neither true nor false")
        return default

    def instant(self, value: Any, place: str) -> int | None:
        """A time with an offset as seconds UTC."""
        if isinstance(value, str) and _TIME.fullmatch(value):
            try:
                value = datetime.fromisoformat(value.replace("Z", "+00:00"))
            except ValueError:
                self.fault("not-a-time", place, f"{quoted(value)} is not a real date and time")
                return None
        if not isinstance(value, datetime):
            self.fault("not-a-time", place, f"{quoted(value)} is not a time; write e.g. 2026-06-01T00:00:00Z")
        elif value.utcoffset() is None:
            self.fault("not-a-time", place, f"{quoted(value)} has no offset from UTC; end it with Z or e.g. +02:00")
        elif value.microsecond:
            self.fault("not-a-time", place, f"{quoted(value)} is not a whole second")
        else:
            return (value - _EPOCH) // timedelta(seconds=1)
        return None


def cell(value: Any) -> str | None:
    """A TOML value as the cell of a CSV file; None for a list or a table, which no cell holds."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, date):
        return value.isoformat()
    return value.isoformat("minutes" if not value.second else "seconds") if isinstance(value, time) else None
