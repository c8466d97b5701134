"""Declared uncertainty against a data set: for every row, which distribution, which factors, and how strongly.

The rows are those of ``dataset.tables`` in their own order; ``price`` and ``material_cost`` are about pairs of an
item and a plant. Columns of the data set count as declarations that every rule overrides: resources with
``mean_time_between_failures`` and ``mean_time_to_repair`` fail, operations with a ``scrap_rate`` lose that share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.catalogue import Kind
from tocfin.dataset import Dataset
from tocfin.dataset.findings import quoted
from tocfin.dataset.page import Page
from tocfin.errors import Finding
from tocfin.kernels.quantiles import Distributions, distribution_columns
from tocfin.scenarios.distributions import Distribution
from tocfin.scenarios.lots import pieces
from tocfin.scenarios.selection import chosen, selectable, suppliers, unmatched, widened
from tocfin.scenarios.uncertainty import QUANTITIES, SHIFTS, SPANS, Rule, Uncertainty, selectors_of

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]

_BY_ITEM = ("price", "material_cost")
_REPAIR = Distribution("exponential", (1.0,))


class Assigned(NamedTuple):
    """What is drawn for each element of one quantity: z = own·z_own + Σ loading·z_factor, value = quantile at Φ(z)."""

    distribution: Ints  # (elements) row of the distributions; -1: as planned
    rule: Ints  # (elements) row of the rules; -1: none (as planned, or a column of the data set)
    own: Floats  # (elements) loading on the element's own noise; 0 where as planned
    first: NDArray[np.int64]  # (elements + 1) into factor and loading
    factor: Ints  # (loadings) row of the factors
    loading: Floats  # (loadings)


class Resolved(NamedTuple):
    """Every uncertain quantity of a data set as columns. Values of scrap and absence above 1 count as 1."""

    distributions: Distributions
    rules: tuple[Rule, ...]  # those that are switched on
    factor_name: tuple[str, ...]  # (factors) ``plant week``, or ``machine week/CNC-1`` where it is drawn per resource
    factor_span: NDArray[np.uint8]  # (factors) index into SPANS: replication, month, week, day
    factor_declared: Ints  # (factors) index into the declared factors
    duration: Assigned  # (activities) times the work
    scrap: Assigned  # (operations) share that is bad
    operation_rework: Floats  # (operations) share of the bad that is reworked; the rest is made again
    operation_rework_work: Floats  # (operations) work of reworking one unit, relative to making it
    operation_rework_material: Floats  # (operations) material of reworking one unit, relative to making it
    release: Assigned  # (jobs) [h] after the planned release
    material: Assigned  # (material_requirements) [h] after it was due
    repair: Assigned  # (resources) times resource_mttr
    resource_mtbf: Floats  # (resources) [h of work]; NaN: never fails
    resource_mttr: Floats  # (resources) [h]
    absence: Assigned  # (resources) share of a shift or day that is lost
    resource_absence_span: NDArray[np.uint8]  # (resources) index into SHIFTS: shift, day
    price: Assigned  # (items + 1, plants) row item·plants + plant; the last item is none; times the revenue
    material_cost: Assigned  # (items + 1, plants) likewise; times the cost of material
    job_cancelled: Floats  # (jobs) probability that it falls away
    job_present: Floats  # (jobs) probability that it comes; 1 where no rule says so


def resolve(uncertainty: Uncertainty, dataset: Dataset) -> tuple[Resolved, list[Finding]]:
    """Columns of ``uncertainty`` for ``dataset``, and a warning for every rule that chooses nothing.

    Where several rules choose a row the last one holds, with all it says. The result depends on keys and on the
    order of rules only, so that removing one job leaves the distributions and factors of the others alone.
    """
    return _Resolving(uncertainty, dataset).resolved()


class _Resolving:
    """Rules, distributions and factors as they are met."""

    def __init__(self, uncertainty: Uncertainty, dataset: Dataset) -> None:
        self.declared = {factor.name: (row, factor) for row, factor in enumerate(uncertainty.factors)}
        self.rules = [rule for rule in uncertainty.rules if rule.quantity not in uncertainty.off]
        self.off = uncertainty.off
        self.tables = dataset.tables
        self.page = Page("")
        self.distributions: dict[Distribution, int] = {}
        self.factors: dict[tuple[str, str | None], int] = {}

    def resolved(self) -> tuple[Resolved, list[Finding]]:
        breakdowns, scrapped = self._chosen("breakdowns"), self._chosen("scrap")
        absence, demand = self._chosen("absence"), self._chosen("demand")
        mtbf, mttr = self._failures(breakdowns)
        rates = self.tables["operations"]["scrap_rate"].fill_null(0.0).to_numpy()
        spans = self._setting(absence, "per", SHIFTS[0])
        columns: dict[str, Any] = {
            "duration": self._assigned("duration", self._chosen("duration")),
            "scrap": self._scrap(scrapped, rates * ("scrap" not in self.off)),
            "operation_rework": self._number(scrapped, "rework", 0.0),
            "operation_rework_work": self._number(scrapped, "rework_work", 1.0),
            "operation_rework_material": self._number(scrapped, "rework_material", 0.0),
            "release": self._delayed("release"),
            "material": self._delayed("material"),
            "repair": self._repair(breakdowns, mtbf),
            "resource_mtbf": mtbf,
            "resource_mttr": mttr,
            "absence": self._assigned("absence", absence),
            "resource_absence_span": np.array([SHIFTS.index(span) for span in spans], np.uint8),
            "price": self._assigned("price", self._chosen("price")),
            "material_cost": self._assigned("material_cost", self._chosen("material_cost")),
            "job_cancelled": self._number(demand, "cancelled", 0.0),
            "job_present": self._number(demand, "present", 1.0),
        }
        rows = [self.declared[name] for name, _ in self.factors]
        found = Resolved(
            distributions=distribution_columns(
                [one.declared for one in self.distributions], [one.shift for one in self.distributions]
            ),
            rules=tuple(self.rules),
            factor_name=tuple(name if key is None else f"{name}/{key}" for name, key in self.factors),
            factor_span=np.array([SPANS.index(factor.span) for _, factor in rows], np.uint8),
            factor_declared=np.array([row for row, _ in rows], np.int32),
            **columns,
        )
        for column in (part for one in found for part in (one if isinstance(one, Assigned) else (one,))):
            if isinstance(column, np.ndarray):
                column.flags.writeable = False
        return found, self.page.findings

    def _frame(self, quantity: str) -> tuple[pl.DataFrame, dict[str, Kind], str]:
        """The rows that a quantity is about, with the columns that choose among them."""
        if quantity in _BY_ITEM:
            return self._items_by_plant(), selectors_of(quantity), "items"
        table = QUANTITIES[quantity].table
        return widened(self.tables, table), selectable(table), table

    def _items_by_plant(self) -> pl.DataFrame:
        none = pl.DataFrame({"item": [None]}, schema={"item": pl.String})
        items = self.tables["items"].select("item", "item_type", "family")
        found = items.join(suppliers(self.tables), on="item", how="left", maintain_order="left")
        plants = self.tables["plants"].select("plant")
        return pl.concat([found, none], how="diagonal").join(plants, how="cross", maintain_order="left_right")

    def _chosen(self, quantity: str) -> Ints:
        """Row of the last rule that chooses each element; -1 for none."""
        return self._chosen_and_shifted(quantity)[0]

    def _chosen_and_shifted(self, quantity: str) -> tuple[Ints, Floats]:
        """Row of the last rule with a say of its own, -1 for none; and what it and the rules after it shift by."""
        frame, kinds, table = self._frame(quantity)
        found, shift = np.full(frame.height, -1, np.int32), np.zeros(frame.height)
        for row, rule in enumerate(self.rules):
            if rule.quantity == quantity:
                at = chosen(frame, rule.where, kinds).to_numpy()
                hours = rule.settings.get("shift", 0.0)
                if rule.distribution is None and "shift" in rule.settings:
                    shift[at] += hours
                else:
                    found[at], shift[at] = row, hours
                if not at.any():
                    where, message = unmatched(frame, rule.where, kinds, table)
                    self.page.file = rule.file
                    self.page.fault("selects-nothing", f"{rule.place}{where}", message, "warning")
        return found, shift

    def _assigned(self, quantity: str, rule: Ints, drawn: Sequence[Distribution | None] | None = None) -> Assigned:
        """Distribution (its own, or that in ``drawn``) and loadings of each element by the row of its rule."""
        frame = self._frame(quantity)[0]
        used = np.unique(rule[rule >= 0]).tolist()
        by_rule = np.full(len(self.rules) + 1, -1, np.int32)
        count = np.zeros(rule.size, np.int64)
        own = np.zeros(rule.size)
        for row in used:
            by_rule[row] = self._distribution(self.rules[row].distribution if drawn is None else drawn[row])
            count[rule == row] = len(self.rules[row].factors)
            own[rule == row] = self.rules[row].own
        first = np.concatenate([[0], np.cumsum(count)])
        factor, loading = np.full(first[-1], -1, np.int32), np.zeros(first[-1])
        for row in used:
            at = np.flatnonzero(rule == row)
            for k, (name, weight) in enumerate(self.rules[row].factors.items()):
                factor[first[at] + k] = self._factor(name, frame, at)
                loading[first[at] + k] = weight
        return Assigned(by_rule[rule], rule, own, first, factor, loading)

    def _distribution(self, one: Distribution | None) -> int:
        return -1 if one is None else self.distributions.setdefault(one, len(self.distributions))

    def _factor(self, name: str, frame: pl.DataFrame, at: NDArray[np.int64]) -> Any:
        """Row of the factor for each element ``at``: one for all, or one for each value of its ``per``."""
        per = self.declared[name][1].per
        if per is None:
            return self.factors.setdefault((name, None), len(self.factors))
        keys = frame[per].gather(at).fill_null("")
        rows = {
            key: self.factors.setdefault((name, key), len(self.factors)) for key in keys.unique(maintain_order=True)
        }
        return keys.replace_strict(rows, return_dtype=pl.Int32).to_numpy()

    def _setting(self, rule: Ints, key: str, default: Any) -> list[Any]:
        by_rule = [one.settings.get(key, default) for one in self.rules]
        return [default if row < 0 else by_rule[row] for row in rule.tolist()]

    def _number(self, rule: Ints, key: str, default: float) -> Floats:
        return np.array([float(one.settings.get(key, default)) for one in self.rules] + [default])[rule]

    def _failures(self, rule: Ints) -> tuple[Floats, Floats]:
        """Mean hours between failures and to repair: those of the rule, else of the resource; NaN: never fails."""
        resources = self.tables["resources"]
        names = ("mean_time_between_failures", "mean_time_to_repair")
        on = np.nan if "breakdowns" in self.off else 0.0
        own = [resources[name].cast(pl.Float64).fill_null(np.nan).to_numpy() + on for name in names]
        said = [self._number(rule, key, np.nan) for key in ("mtbf", "mttr")]
        mtbf, mttr = (np.where(np.isnan(one), other, one) for one, other in zip(said, own, strict=True))
        fails = (mtbf > 0) & (mttr > 0)
        half = np.isnan(mtbf) != np.isnan(mttr)
        for row in np.unique(rule).tolist():
            at = (rule == row) & (half | ((row >= 0) & ~fails[rule == row].any()))
            if at.any():
                keys = resources["resource"].filter(pl.Series(at))
                self.page.file = self.rules[row].file if row >= 0 else "resources"
                place = self.rules[row].place if row >= 0 else names[1]
                message = f"{keys.len():,} resource(s) without both mtbf and mttr never fail, {quoted(keys[0])} first"
                self.page.fault("never-fails", place, message, "warning", keys.len())
        return np.where(fails, mtbf, np.nan), np.where(fails, mttr, np.nan)

    def _repair(self, rule: Ints, mtbf: Floats) -> Assigned:
        """Repairs of everything that fails, exponential unless a rule says otherwise."""
        found = self._assigned("breakdowns", rule, [one.repair or _REPAIR for one in self.rules])
        fails = ~np.isnan(mtbf)
        return _with_columns(found, fails & (rule < 0), self._distribution(_REPAIR) if fails.any() else -1)

    def _delayed(self, quantity: str) -> Assigned:
        """Hours of delay; what is shifted keeps its noise, so that it stays comparable with what is not."""
        rule, shift = self._chosen_and_shifted(quantity)
        found = self._assigned(quantity, rule)
        drawn = [*self.distributions, _certain(0.0)]
        for row, hours in dict.fromkeys(zip(found.distribution.tolist(), shift.tolist(), strict=True)):
            if hours:
                at = (found.distribution == row) & (shift == hours)
                found.distribution[at] = self._distribution(replace(drawn[row], shift=hours))
        return found

    def _scrap(self, rule: Ints, planned: Floats) -> Assigned:
        """Shares that are bad; the planned scrap rate where no rule says otherwise."""
        counted = [one.distribution is not None and one.distribution.name == "binomial" for one in self.rules]
        drawn = [None if lot else one.distribution for one, lot in zip(self.rules, counted, strict=True)]
        found = self._assigned("scrap", rule, drawn)
        open_still = (rule < 0) & (planned > 0)
        rates, at = np.unique(planned[open_still], return_inverse=True)
        rows = np.array([self._distribution(_certain(rate)) for rate in rates.tolist()], np.int32)
        self._count(found, np.flatnonzero((rule >= 0) & np.array([*counted, False])[rule]), planned)
        return _with_columns(found, open_still, rows[at])

    def _count(self, found: Assigned, at: NDArray[np.int64], planned: Floats) -> None:
        """Give the elements ``at`` the bad pieces of their lots, at the planned rate where their rule names none.

        Where nobody says how many pieces there are the share is certain, with a warning.
        """
        said = [one.distribution.parameters if one.distribution else () for one in self.rules]
        rate = np.array([(*some, np.nan)[0] for some in said] + [np.nan])[found.rule[at]]
        rate = np.where(np.isnan(rate), planned[at], rate)
        lot = pieces(self.tables)[at]
        pairs, where = np.unique(np.stack([np.nan_to_num(lot), rate], axis=1), axis=0, return_inverse=True)
        rows = [
            self._distribution(Distribution("binomial", (share,), lot=int(n)) if n and share else _certain(share))
            for n, share in pairs.tolist()
        ]
        found.distribution[at] = np.array(rows, np.int32)[where.reshape(-1)]
        self._uncounted(found.rule[at], at, np.isnan(lot) & (rate > 0))

    def _uncounted(self, rule: Ints, at: NDArray[np.int64], without: NDArray[np.bool_]) -> None:
        keys = self.tables["operations"]["operation"]
        for row in np.unique(rule[without]).tolist():
            mine = at[without & (rule == row)]
            self.page.file = self.rules[row].file
            message = (
                f"{mine.size:,} operation(s) have no quantity to count bad pieces of, {quoted(keys[int(mine[0])])} "
                "first; they lose the mean share. Give them a quantity"
            )
            self.page.fault("no-quantity", self.rules[row].place, message, "warning", mine.size)


def _certain(share: float) -> Distribution:
    return Distribution("constant", (share,))


def _with_columns(found: Assigned, at: NDArray[np.bool_], distribution: Any) -> Assigned:
    """``found`` with the elements that columns of the data set speak of: noise of their own, no common factor."""
    found.distribution[at] = distribution
    found.own[at] = 1.0
    return found
