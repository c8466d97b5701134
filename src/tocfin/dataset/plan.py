"""plan.toml: the horizon, the currency, the policy and what else holds for the whole plan (schema.md, R21)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from tocfin.catalogue import BY_NAME, FLAGS, LARGEST, PLAN_KEYS, POLICIES
from tocfin.dataset.findings import nearest, quoted
from tocfin.errors import Finding

LONGEST_PLAN = 1 << 20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)", re.ASCII)


@dataclass(frozen=True)
class Plan:
    """What plan.toml says. Instants are seconds since 1970 in UTC; the horizon is [clock, horizon_end).

    ``exchange_rates`` says what one unit of a currency is worth in the reporting currency (itself included: 1).
    ``flags`` holds only what [policy] overrides.
    """

    name: str
    clock: int
    horizon_end: int
    currency: str
    policy: str = "published"
    flags: Mapping[str, str] = field(default_factory=dict)
    boundaries: tuple[int, ...] = ()
    exchange_rates: Mapping[str, float] = field(default_factory=dict)
    reschedule: Mapping[str, float] = field(default_factory=dict)
    control_totals: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


def parsed(data: bytes, file: str) -> tuple[dict[str, Any] | None, list[Finding]]:
    """The TOML document in ``data``, or None and the finding that says why there is none."""
    try:
        if len(data) > LONGEST_PLAN:
            raise ValueError("it is larger than 1 MiB")
        return tomllib.loads(data.decode("utf-8-sig")), []
    except UnicodeDecodeError:
        reason = "it is not UTF-8 text; save it as UTF-8"
    except RecursionError:
        reason = "its brackets are nested too deeply"
    except ValueError as error:
        reason = str(error)
    return None, [Finding("error", "unreadable", "plan", None, None, f"cannot be read as TOML: {reason}", file=file)]


def build(content: Mapping[str, Any], file: str, name: str) -> tuple[Plan | None, list[Finding]]:
    """The plan in ``content`` (the tables of plan.toml) and its faults; no plan when the horizon is unusable."""
    reading = _Reading(file)
    for key in content:
        if key not in PLAN_KEYS:
            inside = next((f"; it belongs to [{table}]" for table, keys in PLAN_KEYS.items() if key in keys), "")
            reading.unknown(str(key), str(key), PLAN_KEYS, inside)
    sections = {table: reading.section(content, table) for table in PLAN_KEYS}
    head = sections["plan"]
    clock = reading.instant(head, "clock")
    end = reading.instant(head, "horizon_end")
    currency = reading.text(head, "currency")
    if clock is not None and end is not None and end <= clock:
        reading.fault("out-of-range", "horizon_end", "is not after clock; the horizon is [clock, horizon_end)")
        end = None
    rates = reading.numbers(sections["exchange_rates"], "exchange_rates", above_zero=True)
    if currency is not None and rates.setdefault(currency, 1.0) != 1.0:
        reading.fault("out-of-range", f"exchange_rates.{currency}", "the reporting currency is worth 1 of itself")
    plan = Plan(
        name=reading.text(head, "name", default=name) or name,
        clock=clock or 0,
        horizon_end=end or 0,
        currency=currency or "",
        policy=reading.word(head, "policy", "policy", POLICIES) or POLICIES[0],
        flags=reading.flags(sections["policy"]),
        boundaries=reading.boundaries(sections["periods"]),
        exchange_rates=rates,
        reschedule=reading.numbers(sections["reschedule"], "reschedule"),
        control_totals=reading.control_totals(sections["control_totals"]),
    )
    return (None if clock is None or end is None or currency is None else plan), reading.findings


class _Reading:
    """Takes values out of the document and notes what is wrong with them."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.findings: list[Finding] = []

    def fault(self, rule: str, key: str, message: str) -> None:
        self.findings.append(Finding("error", rule, "plan", None, key, message, file=self.file))

    def unknown(self, key: str, place: str, known: Any, hint: str = "") -> None:
        self.fault("unknown-key", place, f"is not a key of plan.toml{hint or nearest(key, tuple(known))}")

    def section(self, content: Mapping[str, Any], table: str) -> Mapping[str, Any]:
        found = content.get(table, {})
        if not isinstance(found, Mapping):
            self.fault("wrong-type", table, f"is a value; it should be a table: [{table}]")
            return {}
        known = PLAN_KEYS[table]
        for key in found:
            if known and key not in known:
                self.unknown(str(key), str(key) if table == "plan" else f"{table}.{key}", known)
        return found

    def instant(self, head: Mapping[str, Any], key: str) -> int | None:
        if key not in head:
            self.fault("missing-key", key, "is missing; [plan] needs it, e.g. 2026-06-01T00:00:00Z")
            return None
        return self.seconds(head[key], key)

    def seconds(self, value: Any, place: str) -> int | None:
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

    def text(self, head: Mapping[str, Any], key: str, default: str | None = None) -> str | None:
        value = head.get(key, default)
        if value is None:
            self.fault("missing-key", key, 'is missing; [plan] needs it, e.g. "USD"')
        elif not isinstance(value, str) or not value:
            self.fault("wrong-type", key, f"{quoted(value)} is not a text; write it in quotes")
        elif not value.isprintable():
            self.fault("control-character", key, f"{quoted(value)} holds control characters; remove them")
        else:
            return value
        return default

    def word(self, section: Mapping[str, Any], key: str, place: str, words: tuple[str, ...]) -> str | None:
        value = section.get(key)
        if value is None or value in words:
            return value
        hint = nearest(str(value), words)
        self.fault("unknown-word", place, f"{quoted(value)} is not one of {', '.join(words)}{hint}")
        return None

    def flags(self, section: Mapping[str, Any]) -> dict[str, str]:
        chosen = {flag: self.word(section, flag, f"policy.{flag}", words) for flag, words in FLAGS.items()}
        return {flag: word for flag, word in chosen.items() if word is not None}

    def boundaries(self, section: Mapping[str, Any]) -> tuple[int, ...]:
        given = section.get("boundaries", [])
        if not isinstance(given, list | tuple):
            self.fault("wrong-type", "periods.boundaries", "is not a list of times")
            return ()
        read = [self.seconds(value, "periods.boundaries") for value in given]
        found = tuple(second for second in read if second is not None)
        if any(late <= early for early, late in pairwise(found)):
            self.fault("out-of-range", "periods.boundaries", "do not increase; each must be after the one before")
            return ()
        return found if len(found) == len(read) else ()

    def numbers(self, section: Mapping[str, Any], place: str, *, above_zero: bool = False) -> dict[str, float]:
        known = PLAN_KEYS[place]
        read = {
            key: self.number(value, f"{place}.{key}", low=0.0, above_zero=above_zero)
            for key, value in section.items()
            if not known or key in known
        }
        return {key: value for key, value in read.items() if value is not None}

    def number(
        self, value: Any, place: str, *, low: float | None = None, above_zero: bool = False, whole: bool = False
    ) -> float | None:
        wanted = int if whole else int | float
        if isinstance(value, bool) or not isinstance(value, wanted):
            self.fault("not-a-number", place, f"{quoted(value)} is not a {'whole ' if whole else ''}number")
        elif not abs(value) <= LARGEST:
            self.fault("out-of-range", place, f"{quoted(value)} is not a finite number of at most 1e15")
        elif above_zero and value <= 0:
            self.fault("out-of-range", place, f"{quoted(value)} is not above 0")
        elif low is not None and value < low:
            self.fault("out-of-range", place, f"{quoted(value)} is below {low:g}")
        else:
            return float(value)
        return None

    def control_totals(self, section: Mapping[str, Any]) -> dict[str, dict[str, float]]:
        totals: dict[str, dict[str, float]] = {}
        for table, given in section.items():
            place = f"control_totals.{table}"
            if table not in BY_NAME:
                self.unknown(
                    str(table), place, BY_NAME, f": no table has that name{nearest(str(table), tuple(BY_NAME))}"
                )
                continue
            if not isinstance(given, Mapping):
                self.fault("wrong-type", place, f"is a value; it should be a table: [{place}]")
                continue
            known = ("rows", *(c.name for c in BY_NAME[table].columns if c.kind in ("number", "integer")))
            for key, value in given.items():
                if key not in known:
                    self.unknown(str(key), f"{place}.{key}", known)
                elif (total := self.number(value, f"{place}.{key}", whole=key == "rows")) is not None:
                    totals.setdefault(table, {})[key] = total
        return totals


def from_pairs(pairs: list[tuple[int, str, Any]]) -> tuple[dict[str, Any], dict[str, int], list[tuple[int, str]]]:
    """The document that (row, key, value) lines of a sheet stand for, the row of each key, and repeated keys.

    Keys are dotted; those of [plan] go without its name. ``periods.boundaries`` is comma separated.
    """
    content: dict[str, Any] = {}
    rows: dict[str, int] = {}
    repeated: list[tuple[int, str]] = []
    for row, key, value in pairs:
        if key in rows:
            repeated.append((row, key))
            continue
        rows[key] = row
        path = key.split(".") if "." in key else ["plan", key]
        if key == "periods.boundaries":
            value = [part.strip() for part in value.split(",")] if isinstance(value, str) else [value]
        section = content
        for part in path[:-1]:
            inner = section.setdefault(part, {})
            section = inner if isinstance(inner, dict) else section
        section[path[-1]] = value
    return content, rows, repeated
