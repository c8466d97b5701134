"""``scenario.toml``: a base data set, a few overrides, what is uncertain, and how many futures to draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from tocfin.catalogue import BY_NAME, POLICIES
from tocfin.dataset.findings import nearest, quoted
from tocfin.dataset.page import Page, cell
from tocfin.dataset.plan import Progress, read_progress
from tocfin.errors import Finding
from tocfin.kpi import KPIS
from tocfin.scenarios.moves import addable, scalable, shift
from tocfin.scenarios.selection import Where, conditions, selectable
from tocfin.scenarios.stopping import CAP, DEFAULTS, STATISTICS
from tocfin.scenarios.uncertainty import Uncertainty, read_uncertainty

Verb = Literal["set", "scale", "add", "remove"]
StartPolicy = Literal["as planned", "as soon as possible"]

KEYS = (
    "name", "base", "policy", "start_policy", "override", "add", "horizon", "uncertainty", "off", "draws",
    "as_of", "unconfirmed",
)  # fmt: skip
VERBS: tuple[Verb, ...] = ("set", "scale", "add", "remove")
START_POLICIES: tuple[StartPolicy, ...] = ("as planned", "as soon as possible")
DEFAULT_SEED = 1
MOST_REPLICATIONS, LARGEST_SEED = 2**30, 2**64 - 1


@dataclass(frozen=True)
class Override:
    """Rows of ``table`` chosen by ``where`` (empty: all), and what is done to them.

    ``cells`` maps columns to texts (set), factors (scale), or amounts (add: numbers, or seconds and days for times
    and dates); ``remove`` has none. ``place`` is how findings call it: ``override[2]``, counted from 1.
    """

    place: str
    table: str
    where: Where
    verb: Verb
    cells: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Addition:
    """One new row: ``cells`` are texts as a CSV file would hold them."""

    place: str
    table: str
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Draws:
    """How many futures: exactly ``replications``, or until every tolerance holds, at most ``cap``.

    ``tolerances`` hold (relative, absolute) half-widths by statistic of `tocfin.scenarios.stopping`; they are about
    ``kpis``, or about those that the report shows where there are none.
    """

    seed: int = DEFAULT_SEED
    replications: int | None = None
    tolerances: Mapping[str, tuple[float, float]] = field(
        default_factory=lambda: {name: (relative, 0.0) for name, relative in DEFAULTS.items()}
    )
    cap: int = CAP
    kpis: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scenario:
    """An alternative that a planner compares: a base and a few changes. Instants are seconds UTC; None: the base's."""

    name: str
    file: Path
    base: Path
    overrides: tuple[Override, ...] = ()
    additions: tuple[Addition, ...] = ()
    clock: int | None = None
    horizon_end: int | None = None
    boundaries: tuple[int, ...] | None = None
    uncertainty: Uncertainty = field(default_factory=Uncertainty)
    start_policy: StartPolicy = "as planned"
    draws: Draws = field(default_factory=Draws)
    policy: str | None = None
    progress: Progress | None = None


def load(path: str | Path) -> tuple[Scenario | None, list[Finding]]:
    """The scenario in a TOML file, and everything that is wrong with it; None where that includes an error.

    Whether its overrides fit the base data set is found out by `tocfin.scenarios.overrides.apply`.
    """
    file = Path(path)
    page = Page(file.name)
    content = page.content(file)
    if content is None:
        return None, page.findings
    page.keys(content, KEYS)
    clock, end, boundaries = _horizon(page, page.section(content, "horizon"))
    page.needed(content, "name", "", '"overtime at the drum"')
    scenario = Scenario(
        name=page.text(content, "name") or file.stem,
        file=file,
        base=_base(page, content, file.parent),
        overrides=_overrides(page, content),
        additions=_additions(page, content),
        clock=clock,
        horizon_end=end,
        boundaries=boundaries,
        uncertainty=read_uncertainty(page, content, file.parent),
        start_policy=_start_policy(page, content),
        draws=_draws(page, page.section(content, "draws")),
        policy=page.word(content, "policy", "", POLICIES),
        progress=read_progress(page, content, "") if {"as_of", "unconfirmed"} & set(content) else None,
    )
    faulty = any(finding.grade == "error" for finding in page.findings)
    return (None if faulty else scenario), page.findings


def _base(page: Page, content: Mapping[str, Any], folder: Path) -> Path:
    """The base data set: a folder or a workbook, its path relative to the scenario file."""
    page.needed(content, "base", "", '"plant"')
    named = page.text(content, "base")
    if named is None:
        return folder
    found = folder / named
    try:
        there = found.is_dir() or (found.is_file() and found.suffix.lower() == ".xlsx")
    except OSError:
        there = False
    if not there:
        message = (
            f"{quoted(named)} is neither a folder of tables nor an .xlsx workbook (looked for from the file's folder)"
        )
        page.fault("no-such-file", "base", message)
    return found


def _start_policy(page: Page, content: Mapping[str, Any]) -> StartPolicy:
    word = page.word(content, "start_policy", "", START_POLICIES)
    return next((known for known in START_POLICIES if known == word), START_POLICIES[0])


def _overrides(page: Page, content: Mapping[str, Any]) -> tuple[Override, ...]:
    rows = page.rows(content, "override", "override")
    found = [_override(page, row, place) for place, row in rows]
    return tuple(override for override in found if override is not None)


def _override(page: Page, row: Mapping[str, Any], place: str) -> Override | None:
    page.keys(row, ("table", "where", *VERBS), place)
    table = _table(page, row, place)
    verbs = [verb for verb in VERBS if verb in row]
    if len(verbs) != 1:
        page.fault("no-verb", place, f"needs exactly one of {', '.join(VERBS)}; it has {' and '.join(verbs) or 'none'}")
    if table is None or len(verbs) != 1:
        return None
    verb, where = verbs[0], row.get("where")
    if not isinstance(where, Mapping):
        message = 'is missing or no table; write where = { column = "value" }, or where = {} for every row'
        page.fault("missing-key", f"{place}.where", message)
        return None
    wanted = conditions(page, where, f"{place}.where", selectable(table))
    return Override(place, table, wanted, verb, _verb_cells(page, row[verb], f"{place}.{verb}", table, verb))


def _table(page: Page, row: Mapping[str, Any], place: str) -> str | None:
    page.needed(row, "table", place, '"resources"')
    name = row.get("table")
    if name is None or (isinstance(name, str) and name in BY_NAME):
        return name
    hint = nearest(str(name), tuple(BY_NAME))
    page.fault("unknown-table", f"{place}.table", f"{quoted(name)} is not a table of a data set{hint}")
    return None


def _verb_cells(page: Page, given: Any, place: str, table: str, verb: Verb) -> dict[str, Any]:
    if verb == "remove":
        if given is not True:
            page.fault("not-a-boolean", place, "is said with remove = true, or not at all")
        return {}
    if not isinstance(given, Mapping) or not given:
        page.fault("wrong-type", place, f"is no table; write {verb} = {{ column = value }}")
        return {}
    kinds = {"set": {c.name: c.kind for c in BY_NAME[table].columns}, "scale": scalable(table), "add": addable(table)}
    for column in given:
        if column in kinds["set"] and column not in kinds[verb]:
            what = "numbers are scaled" if verb == "scale" else "numbers, times and dates are added to"
            page.fault("wrong-type", f"{place}.{column}", f"is no such column: only {what}; use set")
    page.keys(given, (*kinds["set"], *kinds[verb]), place)
    if verb == "set":
        return _cells(page, given, place, table)
    found: dict[str, Any] = {}
    for column in (name for name in given if name in kinds[verb]):
        if kinds[verb][column] in ("number", "integer"):
            found[column] = page.number(given, column, place, low=0.0 if verb == "scale" else None)
        else:
            found[column] = shift(page, given[column], f"{place}.{column}", kinds[verb][column])
    return {column: value for column, value in found.items() if value is not None}


def _cells(page: Page, given: Mapping[str, Any], place: str, table: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for column in (name for name in given if name in BY_NAME[table].names):
        text = cell(given[column])
        if text is None:
            page.fault("wrong-type", f"{place}.{column}", "is a list or a table, which no cell can hold")
        else:
            found[column] = text
    return found


def _additions(page: Page, content: Mapping[str, Any]) -> tuple[Addition, ...]:
    found = []
    for place, row in page.rows(content, "add", "add"):
        page.keys(row, ("table", "cells"), place)
        table, given = _table(page, row, place), row.get("cells")
        if not isinstance(given, Mapping):
            page.fault("missing-key", f"{place}.cells", "is missing or no table; write cells = { column = value }")
        elif table is not None:
            page.keys(given, BY_NAME[table].names, f"{place}.cells")
            found.append(Addition(place, table, _cells(page, given, f"{place}.cells", table)))
    return tuple(found)


def _horizon(page: Page, given: Mapping[str, Any]) -> tuple[int | None, int | None, tuple[int, ...] | None]:
    page.keys(given, ("clock", "horizon_end", "boundaries"), "horizon")
    clock, end = (
        page.instant(given[key], f"horizon.{key}") if key in given else None for key in ("clock", "horizon_end")
    )
    if clock is not None and end is not None and end <= clock:
        page.fault("out-of-range", "horizon.horizon_end", "is not after clock; the horizon is [clock, horizon_end)")
    if "boundaries" not in given:
        return clock, end, None
    place, listed = "horizon.boundaries", given["boundaries"]
    if not isinstance(listed, list):
        page.fault("wrong-type", place, "is not a list of times")
        return clock, end, None
    read = [page.instant(value, f"{place}[{at}]") for at, value in enumerate(listed, 1)]
    found = tuple(second for second in read if second is not None)
    if any(late <= early for early, late in pairwise(found)):
        page.fault("out-of-range", place, "do not increase; each must be after the one before")
    return clock, end, found


def _draws(page: Page, given: Mapping[str, Any]) -> Draws:
    page.keys(given, ("seed", "replications", "tolerance", "cap", "kpis"), "draws")
    if "replications" in given and ("tolerance" in given or "cap" in given):
        page.fault("two-rules", "draws.replications", "is exact; leave out tolerance and cap, or leave this out")
    count = page.number(given, "replications", "draws", low=1, high=MOST_REPLICATIONS, whole=True)
    cap = page.number(given, "cap", "draws", low=1, high=MOST_REPLICATIONS, whole=True)
    seed = page.number(given, "seed", "draws", high=LARGEST_SEED, whole=True)
    tolerances = Draws().tolerances if count is None else {}
    if "tolerance" in given:
        tolerances = _tolerances(page, given["tolerance"])
    return Draws(
        seed=DEFAULT_SEED if seed is None else int(seed),
        replications=None if count is None else int(count),
        tolerances=tolerances,
        cap=CAP if cap is None else int(cap),
        kpis=page.words(given, "kpis", "draws", tuple(KPIS)),
    )


def _tolerances(page: Page, given: Any) -> dict[str, tuple[float, float]]:
    """``tolerance = { mean = 0.01, P10 = { absolute = 500 } }``: a bare number is relative."""
    place = "draws.tolerance"
    if not isinstance(given, Mapping):
        page.fault("wrong-type", place, "is no table; write tolerance = { mean = 0.01, P10 = 0.02 }")
        return {}
    page.keys(given, STATISTICS, place)
    found = {}
    for name in (name for name in given if name in STATISTICS):
        at = f"{place}.{name}"
        sizes = given[name] if isinstance(given[name], Mapping) else {"relative": given[name]}
        page.keys(sizes, ("relative", "absolute"), at)
        relative, absolute = (page.number(sizes, key, at, above=True) for key in ("relative", "absolute"))
        found[name] = (relative or 0.0, absolute or 0.0)
    return found
