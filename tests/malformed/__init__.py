"""Data sets that must be refused, each with the right place: one valid data set and one change to it per case."""

from __future__ import annotations

from malformed import cellwise, containers, plans, relations, structure
from malformed.case import Case, Fault

__all__ = ["CASES", "Case", "Fault"]

CASES: tuple[Case, ...] = (*structure.CASES, *cellwise.CASES, *relations.CASES, *plans.CASES, *containers.CASES)
