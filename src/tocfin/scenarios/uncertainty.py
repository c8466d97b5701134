"""What is uncertain, as a scenario file declares it: rules by selector, and the common factors they load on.

Each row of ``[[uncertainty.<quantity>]]`` says for which rows of the data set (``resource = "CNC*"``, or
``all = true``) which distribution holds; where two rules choose the same, the later one wins. A rule's ``factors``
are correlations of its noise with named common factors; the rest of the noise is everyone's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import fsum, sqrt
from pathlib import Path
from typing import Any

from tocfin.dataset.findings import nearest, quoted
from tocfin.dataset.page import Page
from tocfin.scenarios.distributions import KEYS, Distribution, distribution
from tocfin.scenarios.selection import Where, conditions, selectable

SPANS = ("replication", "month", "week", "day")
SHIFTS = ("shift", "day")


@dataclass(frozen=True)
class Quantity:
    """One kind of uncertainty: the table whose rows it is about, and the keys of a rule beside its distribution.

    ``mean`` is taken where the distribution does not say it (1: the values are relative to the plan); ``most`` is
    the largest value there can be. ``columns`` add to, or replace, the columns of the table as selectors.
    """

    title: str
    table: str
    drawn: bool = True
    mean: float | None = None
    most: float | None = None
    keys: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()


_BY_ITEM = ("item", "item_type", "family", "plant", "supplier")
#: Every quantity that can be uncertain, by the name it has in ``[[uncertainty.<name>]]`` and in ``off``.
QUANTITIES: dict[str, Quantity] = {
    "duration": Quantity("how long work takes, relative to the plan", "activities", mean=1.0),
    "breakdowns": Quantity("failures, by hours of work", "resources", drawn=False, keys=("mtbf", "mttr", "repair")),
    "scrap": Quantity(
        "share of an operation that is bad", "operations", most=1.0, keys=("rework", "rework_work", "rework_material")
    ),
    "release": Quantity("hours by which a job is released late", "jobs", keys=("shift",)),
    "material": Quantity("hours by which material comes late", "material_requirements", keys=("shift",)),
    "absence": Quantity("share of a shift or day that is lost", "resources", most=1.0, keys=("per",)),
    "price": Quantity("revenue, relative to the plan", "items", mean=1.0, columns=_BY_ITEM),
    "material_cost": Quantity("cost of material, relative to the plan", "items", mean=1.0, columns=_BY_ITEM),
    "demand": Quantity("probability of a job", "jobs", drawn=False, keys=("cancelled", "present")),
}
_RULE_KEYS = ("all", "factors", "enabled")


@dataclass(frozen=True)
class Factor:
    """A common factor: standard normal, drawn anew for each ``span`` and each value of ``per`` (None: one for all).

    ``per = "resource"`` makes one factor of each resource, so that a bad week is one resource's own.
    """

    name: str
    span: str = "replication"
    per: str | None = None
    owner: str | None = None


@dataclass(frozen=True)
class Rule:
    """One declaration: for the rows chosen by ``where`` (empty: all), this distribution, with these loadings.

    ``settings`` holds what else the rule says (``mtbf``, ``rework``, ``per``, ``shift`` …); a rule with a ``shift``
    and no distribution delays what the rules before it say. ``repair`` is the distribution of repair hours. ``file``
    and ``place`` are where findings about it point to.
    """

    quantity: str
    file: str
    place: str
    where: Where = field(default_factory=dict)
    distribution: Distribution | None = None
    factors: Mapping[str, float] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    repair: Distribution | None = None

    @property
    def own(self) -> float:
        """Loading on the noise that nobody shares: what the factors leave of a variance of 1."""
        return sqrt(max(0.0, 1.0 - fsum(loading * loading for loading in self.factors.values())))


@dataclass(frozen=True)
class Uncertainty:
    """Everything a scenario declares; ``off`` are quantities that are switched off, their columns too."""

    factors: tuple[Factor, ...] = ()
    rules: tuple[Rule, ...] = ()
    off: frozenset[str] = frozenset()


def read_uncertainty(page: Page, content: Mapping[str, Any], folder: Path) -> Uncertainty:
    """``[uncertainty]`` and ``off`` of a scenario file, with those of the file that it names.

    ``uncertainty = "base.toml"`` takes all of another file; ``[uncertainty] file = "base.toml"`` does so too, and
    rules beside it come later and win.
    """
    off = page.words(content, "off", "", tuple(QUANTITIES))
    given = content.get("uncertainty", {})
    given = {"file": given} if isinstance(given, str) else page.section({"uncertainty": given}, "uncertainty")
    base = _base(page, given, folder) if "file" in given else Uncertainty()
    page.keys(given, ("file", "factor", *QUANTITIES), "uncertainty")
    factors = {factor.name: factor for factor in base.factors} | _factors(page, given)
    rules = [
        rule
        for quantity in QUANTITIES
        for place, row in page.rows(given, quantity, f"uncertainty.{quantity}")
        if (rule := _rule(page, row, place, quantity, factors)) is not None
    ]
    return Uncertainty(tuple(factors.values()), (*base.rules, *rules), base.off | frozenset(off))


def _base(page: Page, given: Mapping[str, Any], folder: Path) -> Uncertainty:
    """The uncertainty of the named file, which may be a scenario itself."""
    place = "uncertainty.file"
    named = page.text(given, "file", "uncertainty")
    if named is None:
        return Uncertainty()
    inner = Page(named)
    content = inner.content(folder / named)
    held = (content or {}).get("uncertainty")
    if isinstance(held, str) or (isinstance(held, Mapping) and "file" in held):
        page.fault("file-of-file", place, f"{quoted(named)} takes its uncertainty from another file; name that one")
        return Uncertainty()
    if content is not None and held is None:
        page.fault("missing-key", place, f"{quoted(named)} has no [uncertainty]")
    found = read_uncertainty(inner, content or {}, folder)
    page.findings.extend(inner.findings)
    return found


def _factors(page: Page, given: Mapping[str, Any]) -> dict[str, Factor]:
    found: dict[str, Factor] = {}
    selectors = {column for quantity in QUANTITIES for column in selectors_of(quantity)}
    for place, row in page.rows(given, "factor", "uncertainty.factor"):
        page.keys(row, ("name", "span", "per", "owner"), place)
        page.needed(row, "name", place, '"plant week"')
        name = page.text(row, "name", place)
        span = page.word(row, "span", place, SPANS) or SPANS[0]
        per = page.word(row, "per", place, sorted(selectors))
        if name is None:
            continue
        if name in found:
            page.fault("duplicate-key", f"{place}.name", f"{quoted(name)} is already the name of another factor")
        found[name] = Factor(name, span, per, page.text(row, "owner", place))
    return found


def selectors_of(quantity: str) -> dict[str, Any]:
    """Columns by which a rule of ``quantity`` can choose, with their kinds."""
    kind = QUANTITIES[quantity]
    if kind.columns:
        return dict.fromkeys(kind.columns, "text")
    taken = {*KEYS, *kind.keys, *_RULE_KEYS}
    return {column: of for column, of in selectable(kind.table).items() if column not in taken}


def _rule(page: Page, row: Mapping[str, Any], place: str, quantity: str, factors: Mapping[str, Factor]) -> Rule | None:
    """One row; None where it is switched off, or where a distribution is impossible."""
    kind, columns, before = QUANTITIES[quantity], selectors_of(quantity), len(page.findings)
    own = (*(KEYS if kind.drawn else ()), *kind.keys, *_RULE_KEYS)
    page.keys(row, (*columns, *own), place)
    where = conditions(page, {key: value for key, value in row.items() if key in columns}, place, columns)
    everything = page.flag(row, "all", place, default=False)
    if everything == bool(where) and len(page.findings) == before:
        message = (
            f"chooses nothing; say all = true, or e.g. {next(iter(columns))} = ..."
            if not where
            else ("says all = true and chooses rows; keep one of the two")
        )
        page.fault("no-selector", place, message)
    made = Rule(
        quantity,
        page.file,
        place,
        where,
        _drawn(page, row, place, quantity) if kind.drawn else None,
        _loadings(page, row, place, quantity, factors),
        _settings(page, row, place, quantity),
        _repair(page, row, place) if "repair" in row and quantity == "breakdowns" else None,
    )
    enabled = page.flag(row, "enabled", place, default=True)
    return made if enabled and len(page.findings) == before else None


def _drawn(page: Page, row: Mapping[str, Any], place: str, quantity: str) -> Distribution | None:
    kind = QUANTITIES[quantity]
    if "shift" in kind.keys and "shift" in row and "distribution" not in row:
        for key in (*KEYS, "factors"):
            if key in row:
                page.fault("unknown-key", f"{place}.{key}", "is about a distribution; name one, or keep shift alone")
        return None
    found = distribution(page, row, place, mean=kind.mean, counted=quantity == "scrap")
    if found is None or kind.most is None or not (found.parameters or found.values):
        return found
    average = found.parameters[0] if found.name == "binomial" or found.largest == float("inf") else found.largest
    if average > kind.most:
        page.fault("out-of-range", place, f"{average:g} is above {kind.most:g}: it is {kind.title}")
    return found


def _loadings(
    page: Page, row: Mapping[str, Any], place: str, quantity: str, factors: Mapping[str, Factor]
) -> dict[str, float]:
    given = row.get("factors", {})
    if not isinstance(given, Mapping):
        page.fault("wrong-type", f"{place}.factors", 'is no table; write e.g. factors = { "plant week" = 0.5 }')
        return {}
    found = {}
    for name in given:
        at = f"{place}.factors.{name}"
        if name not in factors:
            page.fault("unknown-factor", at, f"is no [[uncertainty.factor]]{nearest(name, tuple(factors))}")
            continue
        per = factors[name].per
        if per is not None and per not in _bearers(quantity):
            page.fault("unknown-factor", at, f"is drawn per {per}, which {quantity} does not have")
        loading = page.number(given, name, f"{place}.factors", low=-1.0, high=1.0)
        if loading is not None:
            found[name] = float(loading)
    if fsum(loading * loading for loading in found.values()) > 1.0 + 1e-12:
        message = "have squares that sum to more than 1, which is all the noise there is; lower them"
        page.fault("out-of-range", f"{place}.factors", message)
    return found


def _bearers(quantity: str) -> Mapping[str, Any]:
    """Columns of which one value belongs to each row of ``quantity``, so that a factor can be drawn per value."""
    return {column: kind for column, kind in selectors_of(quantity).items() if kind in ("text", "choice")}


def _settings(page: Page, row: Mapping[str, Any], place: str, quantity: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key in QUANTITIES[quantity].keys:
        if key == "per":
            found[key] = page.word(row, key, place, SHIFTS) or SHIFTS[0]
        elif key in ("rework", "cancelled", "present"):
            found[key] = page.number(row, key, place, high=1.0)
        elif key in ("mtbf", "mttr", "rework_work", "rework_material", "shift"):
            found[key] = page.number(row, key, place, above=key[0] == "m")
    if quantity == "demand" and ("cancelled" in row) == ("present" in row):
        message = "says exactly one of cancelled (a planned job falls away) and present (an added job comes)"
        page.fault("missing-key", place, message)
    return {key: value for key, value in found.items() if value is not None}


def _repair(page: Page, row: Mapping[str, Any], place: str) -> Distribution | None:
    """The distribution of repair hours: its mean is mttr, from the rule or the resource."""
    given = row["repair"]
    if not isinstance(given, Mapping):
        message = 'is no table; write e.g. repair = { distribution = "lognormal", cv = 0.8 }'
        page.fault("wrong-type", f"{place}.repair", message)
        return None
    page.keys(given, KEYS, f"{place}.repair")
    return distribution(page, given, f"{place}.repair", mean=1.0)
