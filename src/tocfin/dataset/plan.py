"""plan.toml: the horizon, the currency, the policy and what else holds for the whole plan (schema.md, R21)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal, NamedTuple

from tocfin.catalogue import BASIS, BY_NAME, FLAGS, LARGEST, PLAN_KEYS, POLICIES, UNCONFIRMED
from tocfin.dataset.findings import nearest
from tocfin.dataset.page import Page
from tocfin.dataset.text import instant
from tocfin.errors import Finding

Unconfirmed = Literal["not_done", "as_planned"]

#: Totals that are no column: work hours of activities, stock at the cost of its items.
DERIVED = {"activities": ("hours",), "inventories": ("value",)}
#: Between the name of a total and the column by which it is split, as in ``value_by_warehouse``.
BY = "_by_"
_BESIDE = {"inventories": ("warehouse", "item", "plant", "item_type", "family")}
#: What a sum may differ by: sources print two decimals.
CONTROL_TOLERANCE = 0.005


class Progress(NamedTuple):
    """That the plan is being worked on: its state counts as of an instant [s] (None: the clock), and how."""

    as_of: int | None = None
    unconfirmed: Unconfirmed = "not_done"


class Period(NamedTuple):
    """An accounting period; what is recorded after ``cut_off`` no longer changes it when it is ``closed``."""

    name: str
    start: int
    end: int
    cut_off: int
    closed: bool


@dataclass(frozen=True)
class Plan:
    """What plan.toml says. Instants are seconds since 1970 in UTC; the horizon is [clock, horizon_end).

    ``exchange_rates`` says what one unit of a currency is worth in the reporting currency (itself included: 1).
    ``flags`` holds only what [policy] overrides. ``control_totals`` are by table and total; a total that is split
    (``value_by_warehouse``) has a mapping of its own. ``control_tolerance`` is what a sum may differ by. ``basis`` says
    what costs are made of. ``progress`` is there where futures start from the state of the work, and not from the plan.
    ``recognition`` says how long shipment comes after completion, and the invoice after shipment [h].
    ``periods`` are those of the table, in order of time; boundaries, where there are any, win over them.
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
    control_totals: Mapping[str, Mapping[str, float | Mapping[str, float]]] = field(default_factory=dict)
    control_tolerance: float = CONTROL_TOLERANCE
    basis: Mapping[str, str] = field(default_factory=dict)
    progress: Progress | None = None
    recognition: Mapping[str, float] = field(default_factory=dict)
    periods: tuple[Period, ...] = ()

    @property
    def now(self) -> int:
        """The instant that counts as now [s]: that of the progress, else the clock."""
        said = self.progress
        return self.clock if said is None or said.as_of is None else said.as_of

    @property
    def edges(self) -> tuple[int, ...]:
        """Where KPIs are cut into periods [s]: the boundaries, else the table of periods, else the horizon."""
        table = sorted({edge for period in self.periods for edge in (period.start, period.end)})
        return self.boundaries or tuple(table) or (self.clock, self.horizon_end)

    @property
    def buckets(self) -> tuple[Period, ...]:
        """The parts between the edges; one that is no period of the table is named by its instants, and open."""
        known = {} if self.boundaries else {(period.start, period.end): period for period in self.periods}
        return tuple(
            known.get(span, Period("/".join(map(instant, span)), *span, span[1], False))
            for span in pairwise(self.edges)
        )


def build(content: Mapping[str, Any], file: str, name: str) -> tuple[Plan | None, list[Finding]]:
    """The plan in ``content`` (the tables of plan.toml) and its faults; no plan when the horizon is unusable."""
    page = Page(file, "plan")
    for key in content:
        if key not in PLAN_KEYS:
            inside = next((f"; it belongs to [{table}]" for table, keys in PLAN_KEYS.items() if key in keys), "")
            _unknown(page, str(key), str(key), PLAN_KEYS, inside)
    sections = {table: _section(page, content, table) for table in PLAN_KEYS}
    head = sections["plan"]
    clock, end = (_instant(page, head, key) for key in ("clock", "horizon_end"))
    currency = page.text(head, "currency")
    if "currency" not in head:
        page.fault("missing-key", "currency", 'is missing; [plan] needs it, e.g. "USD"')
    if clock is not None and end is not None and end <= clock:
        page.fault("out-of-range", "horizon_end", "is not after clock; the horizon is [clock, horizon_end)")
        end = None
    rates = _numbers(page, sections["exchange_rates"], "exchange_rates", above=True)
    if currency is not None and rates.setdefault(currency, 1.0) != 1.0:
        page.fault("out-of-range", f"exchange_rates.{currency}", "the reporting currency is worth 1 of itself")
    flags = {flag: page.word(sections["policy"], flag, "policy", words) for flag, words in FLAGS.items()}
    basis = {key: page.word(sections["basis"], key, "basis", words) for key, words in BASIS.items()}
    tolerance = page.number(sections["control_totals"], "tolerance", "control_totals")
    plan = Plan(
        name=page.text(head, "name") or name,
        clock=clock or 0,
        horizon_end=end or 0,
        currency=currency or "",
        policy=page.word(head, "policy", "", POLICIES) or POLICIES[0],
        flags={flag: word for flag, word in flags.items() if word is not None},
        boundaries=_boundaries(page, sections["periods"]),
        exchange_rates=rates,
        reschedule=_numbers(page, sections["reschedule"], "reschedule"),
        control_totals=_control_totals(page, sections["control_totals"]),
        control_tolerance=CONTROL_TOLERANCE if tolerance is None else float(tolerance),
        basis={key: word for key, word in basis.items() if word is not None},
        progress=read_progress(page, sections["progress"], "progress") if "progress" in content else None,
        recognition=_numbers(page, sections["recognition"], "recognition"),
    )
    return (None if clock is None or end is None or currency is None else plan), page.findings


def read_progress(page: Page, section: Mapping[str, Any], place: str) -> Progress:
    """``as_of`` and ``unconfirmed`` of a section of a page."""
    as_of = page.instant(section["as_of"], f"{place}.as_of" if place else "as_of") if "as_of" in section else None
    word = page.word(section, "unconfirmed", place, UNCONFIRMED)
    return Progress(as_of, "as_planned" if word == "as_planned" else "not_done")


def _unknown(page: Page, key: str, place: str, known: Iterable[str], hint: str = "") -> None:
    page.fault("unknown-key", place, f"is not a key of plan.toml{hint or nearest(key, tuple(known))}")


def _section(page: Page, content: Mapping[str, Any], table: str) -> Mapping[str, Any]:
    found = page.section(content, table)
    known = PLAN_KEYS[table]
    for key in found:
        if known and key not in known:
            _unknown(page, str(key), str(key) if table == "plan" else f"{table}.{key}", known)
    return found


def _instant(page: Page, head: Mapping[str, Any], key: str) -> int | None:
    if key in head:
        return page.instant(head[key], key)
    page.fault("missing-key", key, "is missing; [plan] needs it, e.g. 2026-06-01T00:00:00Z")
    return None


def _boundaries(page: Page, section: Mapping[str, Any]) -> tuple[int, ...]:
    given = section.get("boundaries", [])
    if not isinstance(given, list | tuple):
        page.fault("wrong-type", "periods.boundaries", "is not a list of times")
        return ()
    read = [page.instant(value, "periods.boundaries") for value in given]
    found = tuple(second for second in read if second is not None)
    if any(late <= early for early, late in pairwise(found)):
        page.fault("out-of-range", "periods.boundaries", "do not increase; each must be after the one before")
        return ()
    return found if len(found) == len(read) else ()


def _numbers(page: Page, section: Mapping[str, Any], place: str, *, above: bool = False) -> dict[str, float]:
    known = PLAN_KEYS[place]
    read = {key: page.number(section, key, place, above=above) for key in section if not known or key in known}
    return {key: float(value) for key, value in read.items() if value is not None}


def _control_totals(page: Page, section: Mapping[str, Any]) -> dict[str, dict[str, float | Mapping[str, float]]]:
    totals: dict[str, dict[str, float | Mapping[str, float]]] = {}
    for table, given in section.items():
        place = f"control_totals.{table}"
        if table == "tolerance":
            continue
        if table not in BY_NAME:
            hint = f": no table has that name{nearest(str(table), tuple(BY_NAME))}"
            _unknown(page, str(table), place, BY_NAME, hint)
        elif not isinstance(given, Mapping):
            page.fault("wrong-type", place, f"is a value; it should be a table: [{place}]")
        else:
            found = {str(key): _control_total(page, given, str(key), table) for key in given}
            totals[table] = {key: total for key, total in found.items() if total is not None}
    return {table: found for table, found in totals.items() if found}


def _control_total(page: Page, given: Mapping[str, Any], key: str, table: str) -> float | Mapping[str, float] | None:
    """One total of a table: a number, or for a total that is split a table of numbers."""
    place = f"control_totals.{table}"
    name, by, column = key.partition(BY)
    if name not in totals_of(table) or (by and column not in splits_of(table)):
        _unknown(page, key, f"{place}.{key}", totals_of(table))
        return None
    if not by:
        number = page.number(given, key, place, low=None, high=LARGEST, whole=key == "rows")
        return None if number is None else float(number)
    split = page.section(given, key)
    parts = {part: page.number(split, part, f"{place}.{key}", low=None) for part in split}
    return {part: float(number) for part, number in parts.items() if number is not None}


def totals_of(table: str) -> tuple[str, ...]:
    """The totals that may be stated of a table, those that are split excepted."""
    numbers = (column.name for column in BY_NAME[table].columns if column.kind in ("number", "integer"))
    return ("rows", *numbers, *DERIVED.get(table, ()))


def splits_of(table: str) -> tuple[str, ...]:
    """The columns by which a total of a table may be split."""
    own = (column.name for column in BY_NAME[table].columns if column.kind in ("text", "choice"))
    return tuple(dict.fromkeys((*own, *_BESIDE.get(table, ()))))


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
