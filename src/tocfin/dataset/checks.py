"""What the tables say together: rules that no single cell, key or reference can break alone."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING

from tocfin.dataset import doubts, faults, overlaps, periods
from tocfin.dataset.listing import Tables, listed, unknown_to
from tocfin.errors import Finding

if TYPE_CHECKING:
    from tocfin.dataset.plan import Plan


def check(tables: Tables, plan: Plan | None, known: Sequence[Finding] = ()) -> list[Finding]:
    """Every finding that needs more than one cell, errors first.

    ``tables`` are the typed frames of a data set; a cell that was faulty is null there. ``known`` are the
    findings made so far: a cell that has one already is not called empty as well. Rules that need the plan
    (currencies) are left out when it is None. Never raises for the content of the tables.
    ``file`` and ``cell`` of the findings are empty: only the reader knows what the tables were read from.
    """
    errors = tuple(finding for finding in known if finding.grade == "error")
    every = chain(faults.find(tables, plan), periods.find(tables), doubts.find(tables, plan), overlaps.find(tables))
    return [finding for one in every for finding in listed(unknown_to(errors, one))]
