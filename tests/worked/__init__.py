"""Worked on paper: small plants with the answers to every ruling that changes a number, as data."""

from __future__ import annotations

from worked import golden, hours, living, mini1, money, supplied, whose
from worked.case import Answer, Case

__all__ = ["CASES", "Answer", "Case"]

CASES: tuple[Case, ...] = (
    mini1.MINI1, *money.CASES, *supplied.CASES, *hours.CASES, *whose.CASES, *living.CASES, *golden.CASES,
)  # fmt: skip
